"""Telling a journey: each step as it happens, with the article it rests on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Narrator:
    """Writes one line a step. `tell` takes a line of text."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._since = time.monotonic()
        self._is_silent = False

    def title(self, words: str) -> None:
        self._say(f"\n{words}")

    def step(self, who: str, what: str, source: str = "") -> None:
        """Tell a step; the time is that since the step before."""
        now = time.monotonic()
        milliseconds = (now - self._since) * 1000
        self._since = now
        self._say(f"  {milliseconds:5.0f} ms  {who:<12} {what}" + (f"  〔{source}〕" if source else ""))

    def line(self, words: str) -> None:
        self._say(f"                         {words}")

    @contextmanager
    def in_silence(self) -> Iterator[None]:
        """Leave out what was told before in the same words; the time counts for the step after it."""
        since, self._is_silent = self._since, True
        try:
            yield
        finally:
            self._since, self._is_silent = since, False

    def _say(self, line: str) -> None:
        if not self._is_silent:
            self._tell(line)


def cite(source: dict[str, str]) -> str:
    """Return a source as the API gives it, in short."""
    article = source["article"]
    return f"{source['text']} art. {article}" if article else source["text"]
