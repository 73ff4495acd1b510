"""docs/messages.md: every kind and its words, read aloud in three languages with sample facts."""

from collections.abc import Iterator
from pathlib import Path

from yizhengtong.foundation.notifications.kinds import PLACEHOLDER_TYPES, Channel, Kind, kinds, shipped
from yizhengtong.foundation.notifications.rendering import render, sample_facts
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.texts.catalogue import LANGUAGES

_HEAD = Path(__file__).with_name("page.template")


def messages_page() -> str:
    """Return the page: how messages work, the table of kinds, then each kind's words."""
    lines = [_HEAD.read_text(encoding="utf-8").rstrip("\n"), "", *_table()]
    for kind in kinds().values():
        lines += ["", f"### `{kind.code}`", "", *_words(kind)]
    return "\n".join(lines) + "\n"


def _table() -> Iterator[str]:
    yield "| kind | what | sent | quiet hours | hours | placeholders | source |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for kind in kinds().values():
        source = f"{kind.source.text} {kind.source.article} [{kind.source.certainty}]"
        sent = "always" if kind.is_due else "by choice"
        placeholders = ", ".join(f"{name}: {type_}" for name, type_ in kind.placeholders.items())
        cells = [f"`{kind.code}`", _name(kind), sent, kind.quiet, str(kind.hours), placeholders, source]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "| placeholder type | may stand in |"
    yield "| --- | --- |"
    for type_, parts in PLACEHOLDER_TYPES.items():
        yield f"| {type_} | {', '.join(sorted(parts))} |"


def _name(kind: Kind) -> str:
    return say(f"messages.kind_{kind.code}", "en") if kind.is_listed else "a code that confirms an address"


def _words(kind: Kind) -> Iterator[str]:
    for channel in Channel:
        for language in LANGUAGES:
            words = shipped().get((kind.code, channel, language))
            if words is None:
                continue
            read = render(words, kind, sample_facts(kind), language)
            text = read.text.replace("\n\n", " / ")
            yield f"- {channel}, {language}: {f'**{read.subject}** ' if read.subject else ''}{text}"
