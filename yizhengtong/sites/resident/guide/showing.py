"""Guides in the words of their reader, each with what stands behind its "why?"."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.texts import base_of, knows
from yizhengtong.kernel.findings import Source
from yizhengtong.law.schema import Names
from yizhengtong.law.values import Certainty
from yizhengtong.permitting.casework.guiding.items import AskedCondition, AskedPaper, Guide, Section
from yizhengtong.permitting.casework.guiding.sayings import Saying, Told


@dataclass(frozen=True, slots=True)
class Why:
    """Where the law says so, how certain that is, and since when it holds."""

    source: Source
    certainty: Certainty
    since: date | None = None
    until: date | None = None
    is_partly_certain: bool = False
    words: str = ""

    @property
    def mark(self) -> str:
        """Code of the words for its certainty."""
        return f"guide.certainty_{self.certainty}"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with its parts, sentences that belong to it, its sources. `when`: on which condition it is asked."""

    words: str
    why: tuple[Why, ...]
    parts: tuple[str, ...] = ()
    lines: tuple["Line", ...] = ()
    when: str = ""

    @property
    def reasons(self) -> tuple[Why, ...]:
        """Its sources and those of the sentences that belong to it, each with the words it stands for."""
        return tuple(replace(why, words=why.words or self.words) for why in self.why) + tuple(
            why for line in self.lines for why in line.reasons
        )

    @property
    def doubt(self) -> str:
        """The mark to show beside the sentence: of the least certain of its sources; empty where all were read."""
        doubts = [why.certainty for why in self.why if why.certainty != "C"]
        if doubts:
            return f"guiding.doubt_{max(doubts, key='IMN'.index)}"
        return "guiding.doubt_partly" if any(why.is_partly_certain for why in self.why) else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, what is said under it, and all its sources behind one "why?"."""

    title: str
    lines: tuple[Line, ...]

    @property
    def reasons(self) -> tuple[Why, ...]:
        """The sources of all its lines."""
        return tuple(why for line in self.lines for why in line.reasons)


@dataclass(frozen=True, slots=True)
class Shown:
    """A guide as a page shows it. `glance`: the first sentence of the parts that everybody asks for."""

    title: str
    what_it_is: str
    what_it_is_not: str
    conditions: tuple[Line, ...] = ()
    papers: tuple[Line, ...] = ()
    steps: Part | None = None
    parts: tuple[Part, ...] = ()
    glance: tuple[tuple[str, Line], ...] = ()


def shown_guide(guide: Guide, reader: Reader) -> Shown:
    """Return a guide in the reader's words."""
    kind = guide.permit_kind
    parts = tuple(_part(each, reader) for each in guide.sections)
    steps = [Line(reader.say(f"guiding.step_{each.step}"), (Why(each.source, each.certainty),)) for each in guide.steps]
    return Shown(
        title_of(guide, reader),
        reader.say(f"guiding.is_{kind}"),
        reader.say(f"guiding.is_not_{kind}"),
        tuple(_condition(each, reader) for each in guide.conditions),
        tuple(_paper(each, reader) for each in guide.papers),
        Part(reader.say("guiding.steps"), tuple(steps)) if steps else None,
        parts,
        tuple(
            (part.title, part.lines[0])
            for section, part in zip(guide.sections, parts, strict=True)
            if section.title in _AT_A_GLANCE
        ),
    )


_AT_A_GLANCE = ("guide.section_time", "guide.section_fee", "guide.section_where")


_NUMBERED = re.compile(r"[\d、–-]+(\(\d+\))*|[一二三四五六七八九十]+")


def article_of(source: Source, reader: Reader) -> str:
    """Return where in a text it stands as it is read: 第2条; 附件1 and 二.1 as they are; empty where none is named."""
    if not _NUMBERED.fullmatch(source.article):
        return source.article
    return reader.say("guiding.article", article=source.article)


def title_of(guide: Guide, reader: Reader) -> str:
    """Return what a guide is of; the permit's name follows the region of its reader (S1-031)."""
    code = f"guiding.title_{guide.code.replace('.', '_')}"
    if knows(code) or guide.item is None:
        return reader.say(code)
    return named(guide.item.name, reader)


def named(names: Names, reader: Reader) -> str:
    """Return a name of the packs as the reader writes."""
    return names.in_language(base_of(reader.language))


def said(saying: Saying, reader: Reader) -> str:
    """Return a sentence in the reader's words."""
    return reader.say(saying.code, **saying.facts)


def line_of(told: Told, reader: Reader) -> Line:
    """Return what the law says of one thing; where texts differ, every one of them stands behind its why."""
    each = told.readings or (told,)
    return Line(
        said(told.says, reader),
        tuple(_why(one, said(one.says, reader) if told.readings else "") for one in each),
        tuple(said(part, reader) for part in told.parts),
    )


def _why(told: Told, words: str) -> Why:
    return Why(told.source, told.certainty, told.since, told.until, told.is_partly_certain, words)


def lines_of(told: Iterable[Told], reader: Reader) -> tuple[Line, ...]:
    """Return several sentences."""
    return tuple(line_of(each, reader) for each in told)


def _part(section: Section, reader: Reader) -> Part:
    return Part(reader.say(section.title), lines_of(section.told, reader))


def _condition(asked: AskedCondition, reader: Reader) -> Line:
    return Line(reader.say(asked.title), (Why(asked.source, asked.certainty),), lines=lines_of(asked.told, reader))


def _paper(asked: AskedPaper, reader: Reader) -> Line:
    return Line(
        named(asked.name, reader),
        (Why(asked.source, asked.certainty),),
        _once([said(kind, reader) for kind in asked.kinds]),
        when=said(asked.when, reader),
    )


def _once(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
