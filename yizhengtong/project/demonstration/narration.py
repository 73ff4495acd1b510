"""Telling a journey: each step as it happens, with the article it rests on."""

import time
from collections.abc import Callable


class Narrator:
    """Writes one line a step. `tell` takes a line of text."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._since = time.monotonic()

    def title(self, words: str) -> None:
        self._tell(f"\n{words}")

    def step(self, who: str, what: str, source: str = "") -> None:
        """Tell a step; the time is that since the step before."""
        now = time.monotonic()
        milliseconds = (now - self._since) * 1000
        self._since = now
        self._tell(f"  {milliseconds:5.0f} ms  {who:<12} {what}" + (f"  〔{source}〕" if source else ""))

    def line(self, words: str) -> None:
        self._tell(f"                         {words}")


def cite(source: dict[str, str]) -> str:
    """Return a source as the API gives it, in short."""
    article = source["article"]
    return f"{source['text']} art. {article}" if article else source["text"]
