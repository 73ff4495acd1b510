"""`python -m yizhengtong.law.document [--check]`: docs/law.md, the packs as a page for people."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from yizhengtong.law.packfile import Located, PackFile, ParameterEntry
from yizhengtong.law.reading import Library, load
from yizhengtong.law.search import plain
from yizhengtong.law.topics import Topic

_Write = Callable[[PackFile, Any], dict[str, object]]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "law.md"
_HEAD = """# The law

Generated from yizhengtong/law/packs by `python -m yizhengtong.law.document`; do not edit. Marks: **C** read in the
source, **I** inferred, **M** known but the text not seen, **N** not found. Every value holds from its day until the
next one. The nearest place decides (county, city, province, nation); a deviation is shown, and the reading better for
the applicant decides.
"""


def page(library: Library) -> str:
    """The whole page, ending in a newline."""
    return "\n".join(_parts(library)) + "\n"


def _parts(library: Library) -> Iterator[str]:
    yield _HEAD
    files = sorted(library.files.values(), key=lambda file: (file.path.count("/"), file.path))
    for file in files:
        if file.header.kind == "pack":
            yield from _pack(file)
    for title, section, write in (
        ("Rights, services and conveniences", "entitlements", _entitlement),
        ("Granted in", "grants", _grant),
        ("Service points", "points", _point),
        ("Duties", "clauses", _clause),
        ("Duties on all", "general", _general),
        ("Calendar", "years", _year),
    ):
        for file in files:
            if file[section]:
                yield from _table(f"{title}: {file.header.name}", file, section, write)
    yield "## D1–D28: where the texts disagree\n"
    for topic in library.topics:
        yield from _topic(topic)


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _pack(file: PackFile) -> Iterator[str]:
    yield f"## {file.header.name}\n\n`{file.path}` {file.header.note}\n"
    for located in file["sources"]:
        source = located.entry
        note = f" {source.note}" if source.note else ""
        yield f"- {source.text} {source.title} [{source.certainty}]{note}"
    yield ""
    if file.parameters:
        yield _row("parameter", "value", "unit", "article", "words", "from", "mark", "rows", "remarks")
        yield _row(*["---"] * 9)
        for parameter in file.parameters:
            yield _parameter(file, parameter)
        yield ""
    for located in file["items"]:
        yield from _item(file, located)


def _parameter(file: PackFile, parameter: ParameterEntry) -> str:
    entry, source = parameter.entry, file.source(parameter.entry.source)
    since = f"{entry.since} until {entry.until}" if entry.until else entry.since
    marks = ", ".join(f"{part} {mark}" for part, mark in entry.marks.items())
    deviation = f"**Deviation**: {entry.deviation.why}" if entry.deviation else ""
    remarks = " ".join(each for each in (deviation, f"({marks})" if marks else "", entry.note) if each)
    name = f"`{parameter.key}`"
    rows = ", ".join(entry.rows)
    return _row(
        name, plain(parameter.value), entry.unit, source, source.words, since, entry.certainty, rows, remarks.strip()
    )


def _item(file: PackFile, located: Located) -> Iterator[str]:
    item = located.entry
    yield f"### `{located.name}` {item.name.zh_hans} · {item.name.en} [{item.certainty}]\n"
    yield f"{file.source(item.source)}. Form: {item.form}. Fee: `{item.fee}`. Captured: {plain(item.captures)}."
    if item.grounds:
        yield f"Grounds: {plain(item.grounds)}."
    yield "\nConditions:\n"
    for condition in item.conditions:
        yield f"- `{condition.rule}`: {file.source(condition.source)} {condition.source.words} [{condition.certainty}]"
    yield "\nDocuments:\n"
    for document in item.documents:
        kinds = " / ".join(document.any_of)
        name = f"{document.name.zh_hans} ({document.name.en})"
        yield f"- {name}, {document.when}: {kinds}; {file.source(document.source)} [{document.certainty}]"
    yield "\nSteps: " + " → ".join(f"{step.step} ({step.role})" for step in item.steps) + "\n"


def _table(title: str, file: PackFile, section: str, write: _Write) -> Iterator[str]:
    yield f"## {title}\n\n`{file.path}` {file.header.note}".rstrip() + "\n"
    for located in file["sources"]:
        yield f"{located.entry.text} {located.entry.title} {located.entry.note}".rstrip() + "\n"
    rows = [write(file, located.entry) for located in file[section]]
    yield _row(*rows[0])
    yield _row(*["---"] * len(rows[0]))
    for row in rows:
        yield _row(*row.values())
    yield ""


def _entitlement(file: PackFile, entry: Any) -> dict[str, object]:
    return {
        "kind": f"{entry.kind} {entry.number}",
        "code": f"`{entry.code}`",
        "name": entry.name.zh_hans,
        "in English": entry.name.en,
        "only where one lives": plain(entry.place_bound),
        "article": file.source(entry.source),
        "mark": entry.certainty,
    }


def _grant(file: PackFile, entry: Any) -> dict[str, object]:
    source = file.source(entry.source)
    return {"code": f"`{entry.code}`", "article": source, "words": source.words, "mark": entry.certainty}


def _point(file: PackFile, entry: Any) -> dict[str, object]:  # noqa: ARG001
    return {
        "no.": entry.number,
        "name": entry.name,
        "kind": entry.kind,
        "address": entry.address,
        "telephone as printed": entry.phone,
        "telephone": f"{entry.phone_normalised} (area code {entry.area_code_certainty})",
        "district or zone": entry.region or f"{entry.zone} (functional zone)",
        "row": entry.row,
    }


def _clause(file: PackFile, entry: Any) -> dict[str, object]:
    agencies = "、".join(agency.name + ("(牵头)" if agency.lead else "") for agency in entry.agencies)
    more = "、各区县政府" if entry.with_district_governments else ""
    return {
        "clause": entry.clause,
        "agencies": agencies + more,
        "duty": "；".join((entry.duty, *entry.tasks)),
        "serves": plain(entry.serves) or ("co-ordinates all" if entry.coordinates else ""),
        "article": file.source(entry.source),
        "rows": ", ".join(entry.rows),
    }


def _general(file: PackFile, entry: Any) -> dict[str, object]:
    return {"duty": entry.duty, "article": file.source(entry.source), "rows": ", ".join(entry.rows)}


def _year(file: PackFile, entry: Any) -> dict[str, object]:
    days = "；".join(f"{off.name} {off.first:%m-%d}–{off.last:%m-%d}" for off in entry.days_off)
    return {
        "year": entry.year,
        "announced": plain(entry.announced),
        "days off": days,
        "worked": "、".join(f"{day:%m-%d}" for day in entry.worked),
        "notice": file.source(entry.source),
        "mark": entry.certainty,
    }


def _topic(topic: Topic) -> Iterator[str]:
    keys = ", ".join(f"`{key}`" for key in topic.keys)
    yield f"### {topic.id} {topic.topic} {keys}".rstrip() + "\n"
    for seen in topic.seen:
        rows = f" ({', '.join(seen.rows)})" if seen.rows else ""
        value = f" = {plain(seen.value)}" if seen.value is not None else ""
        yield f"- {seen.words}{value}: {seen.where}{rows} [{seen.certainty}]"
    chosen = topic.chosen
    yield f"\nHere: {chosen.words}. {chosen.why} [{chosen.certainty}]\n"


def main(arguments: list[str]) -> int:
    """Write docs/law.md; with --check only say whether it is as it would be written (exit 1 where not)."""
    text = page(load())
    if "--check" in arguments:
        is_current = PAGE.exists() and PAGE.read_text("utf-8") == text
        sys.stdout.write("docs/law.md is current\n" if is_current else "docs/law.md is stale: write it again\n")
        return 0 if is_current else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
