"""Reading, computing and writing golden decisions.

A release has a folder: `packs/` holds the texts that took part, by path; each `*.json` one decision: the facts as a
decision freezes them, item, place, subject, the day whose law applied and the day looked on, the law's hash, and what
came out. Nothing else of the checkout is read when they are replayed, but the code that decides.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.casework.rules import decide
from yizhengtong.permitting.casework.services.judging import frozen

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Asked:
    """What is decided: everything a decision rests on but the texts of the law."""

    facts: Facts
    item: str
    place: str
    law_on: date
    looked_on: date


def releases() -> list[str]:
    """Return the releases that have golden decisions."""
    return sorted(path.name for path in FOLDER.iterdir() if (path / "packs").is_dir())


def library_of(release: str) -> Library:
    """Return the law of a release from its own copies of the texts alone."""
    root = FOLDER / release / "packs"
    return Library.from_texts(
        {each.relative_to(root).as_posix(): each.read_text("utf-8") for each in root.rglob("*.yaml")}
    )


def decisions_of(release: str) -> Mapping[str, dict[str, Any]]:
    """Return the stored decisions of a release by name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / release).glob("*.json"))}


def asked_by(stored: Mapping[str, Any]) -> Asked:
    """Return what a stored decision asked."""
    return Asked(
        facts=Facts.from_json(stored["facts"]),
        item=stored["item"],
        place=stored["place"],
        law_on=date.fromisoformat(stored["law_on"]),
        looked_on=date.fromisoformat(stored["looked_on"]),
    )


def decided(asked: Asked, library: Library) -> dict[str, Any]:
    """Decide, and return the decision as it is stored."""
    law = library.law(asked.place, _subject(asked), asked.law_on)
    outcome = decide(asked.facts, law, asked.item, asked.looked_on)
    return {
        "item": asked.item,
        "place": asked.place,
        "subject": law.subject,
        "law_on": asked.law_on.isoformat(),
        "looked_on": asked.looked_on.isoformat(),
        "law_hash": law.hash,
        "pack_hashes": dict(law.pack_hashes),
        "facts": asked.facts.to_json(),
        "granted": outcome.granted,
        "findings": json.loads(json.dumps([frozen(finding) for finding in outcome.findings])),
    }


def write(release: str, questions: Mapping[str, Asked], library: Library) -> None:
    """Write the decisions of a release and the texts they rest on. Raises FileExistsError: none is written twice."""
    folder = FOLDER / release
    folder.mkdir()
    for path, text in _texts(questions, library).items():
        copy = folder / "packs" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, "utf-8")
    for name, asked in questions.items():
        plain = json.dumps(decided(asked, library), ensure_ascii=False, indent=1, sort_keys=True)
        (folder / f"{name}.json").write_text(plain + "\n", "utf-8")


def _texts(questions: Mapping[str, Asked], library: Library) -> dict[str, str]:
    laws: list[Law] = [library.law(asked.place, _subject(asked), asked.law_on) for asked in questions.values()]
    return {path: library.texts[path] for law in laws for path, _ in law.pack_hashes}


def _subject(asked: Asked) -> str:
    return asked.item.partition(".")[0]
