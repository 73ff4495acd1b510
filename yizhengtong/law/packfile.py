"""One pack file read: from text to typed entries with their places. What is wrong in it is collected, all of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from yizhengtong.kernel.findings import Source
from yizhengtong.law import nodes
from yizhengtong.law.annexes import (
    CalendarYear,
    DutyClause,
    EntitlementEntry,
    GeneralDuty,
    Grant,
    ServicePointEntry,
)
from yizhengtong.law.errors import ErrorList, Place
from yizhengtong.law.keys import KEYS
from yizhengtong.law.nodes import Document, Path
from yizhengtong.law.schema import Cited, Entry, EvidenceKind, Header, ItemEntry, SourceText
from yizhengtong.law.topics import Topic

Model = TypeVar("Model", bound=BaseModel)

_MODELS: Mapping[str, type[BaseModel]] = {
    "sources": SourceText,
    "parameters": Entry,
    "evidence": EvidenceKind,
    "items": ItemEntry,
    "years": CalendarYear,
    "points": ServicePointEntry,
    "clauses": DutyClause,
    "general": GeneralDuty,
    "entitlements": EntitlementEntry,
    "grants": Grant,
    "topics": Topic,
}
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "pack": ("sources", "parameters", "evidence", "items"),
    "calendar": ("sources", "years"),
    "service_points": ("sources", "points"),
    "duties": ("sources", "clauses", "general"),
    "entitlements": ("sources", "entitlements", "grants"),
    "readings": ("sources", "topics"),
}
_HEADER = frozenset({"kind", "region", "subject", "name", "note"})


@dataclass(frozen=True, slots=True)
class Located:
    """An entry of a file with its name there (a key, a code, or its place in a list) and where it stands."""

    name: str
    entry: Any
    place: Place


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """A dated value of a known key, typed."""

    key: str
    entry: Entry
    value: Any
    place: Place


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file of the packs. `path` is relative to the packs' folder, with slashes."""

    path: str
    text: str
    sha256: str
    header: Header
    sections: Mapping[str, tuple[Located, ...]]
    parameters: tuple[ParameterEntry, ...]
    sources: Mapping[str, SourceText] = field(repr=False)

    def __getitem__(self, section: str) -> tuple[Located, ...]:
        return self.sections.get(section, ())

    def source(self, cited: Cited) -> Source:
        return Source(self.sources[cited.text].text, cited.article, cited.words)

    def source_of(self, text: str, article: str) -> Source:
        """An article of a declared source, for entries that cite it by their place in it."""
        return Source(self.sources[text].text, article)


def read_pack_file(path: str, text: str, errors: ErrorList) -> PackFile | None:
    """Read one file. None, or entries missing, where something is wrong: `errors` then says what."""
    document = nodes.read(path, text, errors)
    if document is None:
        return None
    header = _header(document, errors)
    if header is None:
        return None
    sections = {name: tuple(_section(document, name, errors)) for name in _SECTIONS[header.kind]}
    _refuse_unknown_sections(document, header, errors)
    sources = {located.name: located.entry for located in sections["sources"]}
    located = (each for name, entries in sections.items() if name != "sources" for each in entries)
    for each in located:
        _check_sources(each, sources, errors)
    parameters = tuple(_parameters(sections.get("parameters", ()), errors))
    digest = sha256(text.encode()).hexdigest()
    return PackFile(path, text, digest, header, sections, parameters, sources)


def _header(document: Document, errors: ErrorList) -> Header | None:
    found = {name: document.values[name] for name in _HEADER & document.values.keys()}
    header = _model(document, (), Header, found, errors)
    if header is not None and document.file.rpartition("/")[2] != "readings.yaml":
        _check_region(document, header, errors)
    return header


def _check_region(document: Document, header: Header, errors: ErrorList) -> None:
    folder = document.file.rpartition("/")[0].rpartition("/")[2]
    if folder != header.region:
        errors.add(document.place(("region",)), "law.wrong_folder", region=header.region, folder=folder)


def _refuse_unknown_sections(document: Document, header: Header, errors: ErrorList) -> None:
    for name in document.values.keys() - _HEADER - set(_SECTIONS[header.kind]):
        errors.add(document.place((name,)), "law.unknown_section", kind=header.kind)


def _section(document: Document, name: str, errors: ErrorList) -> Iterator[Located]:
    content = document.values.get(name)
    if content is None:
        return
    if not isinstance(content, Mapping | tuple):
        errors.add(document.place((name,)), "law.wrong_value", why="a list or a mapping is meant")
        return
    for path, key, raw in _entries(name, content):
        model = _model(document, path, _MODELS[name], raw, errors)
        if model is not None:
            yield Located(key, model, document.place(path, key, _article(raw)))


def _entries(section: str, content: Any) -> Iterator[tuple[Path, str, Any]]:
    """Each entry with its path and name; a key of `parameters` holds a list of dated entries."""
    pairs = content.items() if isinstance(content, Mapping) else enumerate(content)
    for name, raw in pairs:
        if section == "parameters" and isinstance(raw, tuple):
            yield from (((section, name, index), str(name), each) for index, each in enumerate(raw))
        else:
            yield (section, name), str(name) if isinstance(content, Mapping) else f"{section}[{name}]", raw


def _article(raw: Any) -> str:
    source = raw.get("source") if isinstance(raw, Mapping) else None
    if not isinstance(source, Mapping):
        return ""
    article = f" art. {source['article']}" if source.get("article") else ""
    return f"{source.get('text', '')}{article}"


def _model(document: Document, path: Path, model: type[Model], raw: Any, errors: ErrorList) -> Model | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        for detail in error.errors():
            _tell(document, path, raw, detail, errors)
        return None


def _tell(document: Document, path: Path, raw: Any, detail: Any, errors: ErrorList) -> None:
    inner = (*path, *detail["loc"])
    place = document.place(inner, ".".join(str(part) for part in inner[1:] or inner), _article(raw))
    if detail["type"] == "missing":
        code = "law.missing_source" if detail["loc"][-1] == "source" else "law.missing_field"
    elif detail["type"] == "extra_forbidden":
        code = "law.unknown_field"
    elif "unknown row" in detail["msg"]:
        code = "law.unknown_row"
    else:
        code = "law.wrong_value"
    errors.add(place, code, why=detail["msg"])


def _check_sources(located: Located, sources: Mapping[str, SourceText], errors: ErrorList) -> None:
    for cited in _cited(located.entry):
        if cited.text not in sources:
            errors.add(located.place, "law.unknown_source", text=cited.text)


def _cited(entry: object) -> Iterator[Cited]:
    """Every source cited by an entry and by what it holds."""
    if isinstance(entry, Cited):
        yield entry
    elif isinstance(entry, BaseModel):
        for name in type(entry).model_fields:
            yield from _cited(getattr(entry, name))
    elif isinstance(entry, tuple):
        for each in entry:
            yield from _cited(each)


def _parameters(located: tuple[Located, ...], errors: ErrorList) -> Iterator[ParameterEntry]:
    for each in located:
        if each.name not in KEYS:
            errors.add(each.place, "law.unknown_key")
            continue
        typed = _typed(each, errors)
        if typed is not None:
            yield typed


def _typed(located: Located, errors: ErrorList) -> ParameterEntry | None:
    """The entry with its value typed. Nothing (null) is a value only where the law was not found (N)."""
    key, entry = KEYS[located.name], located.entry
    if entry.value is None:
        if entry.certainty != "N":
            errors.add(located.place, "law.value_missing")
            return None
        return ParameterEntry(located.name, entry, None, located.place)
    try:
        value = key.adapter.validate_python(entry.value)
    except ValidationError as error:
        for detail in error.errors():
            inner = ".".join(str(part) for part in detail["loc"])
            errors.add(located.place, "law.wrong_type", at=inner or "value", why=detail["msg"])
        return None
    if entry.unit != key.unit_of(value):
        errors.add(located.place, "law.wrong_unit", unit=entry.unit, meant=key.unit_of(value))
        return None
    return ParameterEntry(located.name, entry, value, located.place)
