"""What `pages` needs beside the cases of benchmarks.fill: an archive of decisions, counted figures, sessions.

`python -m benchmarks.fill_archive DECISIONS FILE` in its environment. Decisions are sealed as the platform seals them,
from the varied applicants of `decide`; FILE tells which pages to ask for, as whom.
"""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.conf import settings  # noqa: E402 Django first
from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.decide import ON, applicants  # noqa: E402
from benchmarks.prepare import open_session  # noqa: E402
from benchmarks.templates import save_templates  # noqa: E402
from yizhengtong.foundation.accounts.models import Account  # noqa: E402
from yizhengtong.foundation.vault.envelope import Place, seal  # noqa: E402
from yizhengtong.kernel.dates import legal_day  # noqa: E402
from yizhengtong.kernel.ids import new_id, public_id  # noqa: E402
from yizhengtong.law.queries import law_in_force  # noqa: E402
from yizhengtong.permitting.casework.rules import decide  # noqa: E402
from yizhengtong.permitting.casework.services.judging import frozen  # noqa: E402
from yizhengtong.permitting.oversight.counting import count_anew  # noqa: E402

_VARIED, _AT_ONCE = 64, 5_000
_ITEM, _SUBJECT, _PLACE = "hmt.first_issue", "hmt", "370102"
_DECIDED = """
    UPDATE casework_case SET decided_on = due_on - 5 + (hashtext(id::text) & 7)
    WHERE state IN ('approved', 'made', 'completed', 'refused') AND due_on IS NOT NULL
"""
_COLUMNS = (
    "id, case_id, facts, item, place, subject, law_on, looked_on, law_hash, pack_hashes, granted, findings, by, at"
)
_PAGES = (
    ("front", "nobody", "front-page", ()),
    ("guide", "nobody", "guide", (_ITEM,)),
    ("home", "resident", "resident-home", ()),
    ("case", "resident", "case", ("case",)),
    ("queue", "officer", "desk-home", ()),
    ("desk_case", "officer", "desk-case", ("case",)),
    ("figures", "head", "desk-figures", ()),
)
"""Kind of page, who reads it, the name of its address, its arguments."""


def main(decisions: int, path: Path) -> None:
    """Fill, count, and write what to ask for."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE casework_case DISABLE TRIGGER USER")
        cursor.execute(_DECIDED)
        cursor.execute("SELECT id FROM casework_case WHERE decided_on IS NOT NULL ORDER BY id LIMIT %s", [decisions])
        _archive(cursor, [key for (key,) in cursor.fetchall()])
        cursor.execute("VACUUM ANALYZE casework_case, casework_decision")
    begun = timezone.now()
    count_anew(on=legal_day(begun))
    seconds = (timezone.now() - begun).total_seconds()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE oversight_figure")
    path.write_text(json.dumps({"count_seconds": seconds, **_wanted()}))


def _archive(cursor: Any, cases: list[Any]) -> None:
    """Write one decision a case, the applicants of `decide` in turn, each sealed to its own row."""
    law = law_in_force(_PLACE, _SUBJECT, ON)
    facts = applicants(_VARIED)
    kept = [_frozen(each, law) for each in facts]
    hashes = [text_hash for _, text_hash in law.pack_hashes]
    for first in range(0, len(cases), _AT_ONCE):
        # Sealed before the copy begins: sealing may have to read the keys anew, on the same connection.
        rows = [
            _row(case, *kept[at % _VARIED], law.hash, hashes)
            for at, case in enumerate(cases[first : first + _AT_ONCE], first)
        ]
        with cursor.copy(f"COPY casework_decision ({_quoted()}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _row(case: Any, facts: bytes, findings: bytes, granted: bool, law_hash: str, hashes: list[str]) -> list[Any]:
    key = new_id()
    # A refusal must name a person. The trigger that guards the table only guards changes.
    return [key, case, _sealed(facts, "facts", key), _ITEM, _PLACE, _SUBJECT, ON, ON, law_hash, hashes, granted,
            _sealed(findings, "findings", key), new_id(), timezone.now()]  # fmt: skip


def _frozen(facts: Any, law: Any) -> tuple[bytes, bytes, bool]:
    outcome = decide(facts, law, _ITEM, ON)
    return _bytes(facts.to_json()), _bytes([frozen(each) for each in outcome.findings]), outcome.granted


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _sealed(content: bytes, column: str, key: Any) -> bytes:
    return seal(content, Place("casework_decision", column, str(key)))


def _quoted() -> str:
    return ", ".join(f'"{name}"' for name in _COLUMNS.split(", "))


def _wanted() -> dict[str, Any]:
    """Return the pages with the sessions of who reads them."""
    person, _, case = save_templates()
    account, _ = Account.objects.get_or_create(username="bench-reader", defaults={"is_demonstration": True})
    person.account, person.birth_date = account, date(1990, 4, 5)  # officers open an adult's case without more
    person.save(update_fields=["account", "birth_date"])
    case.state = "received"
    case.received_on = date.fromordinal(legal_day(timezone.now()).toordinal() - 1)
    case.save()
    sessions = {
        "resident": open_session(account),
        **{
            who: open_session(Account.objects.get(username=name), has_second_factor=True)
            for who, name in (("officer", "demo-city-reviewer"), ("head", "demo-supervisor"))
        },
    }
    pages = []
    for kind, who, name, arguments in _PAGES:
        filled = [public_id("cas", case.pk) if each == "case" else each for each in arguments]
        query = f"?place={_PLACE}" if kind == "guide" else ""
        pages.append({"kind": kind, "session": sessions.get(who, ""), "address": reverse(name, args=filled) + query})
    return {"pages": pages, "cookie": settings.SESSION_COOKIE_NAME}


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
