"""The law of Jinan straight from the packs, and packs with one text changed."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.kernel.findings import Source
from yizhengtong.law.law import Law
from yizhengtong.law.models import Edition, PackText
from yizhengtong.law.reading import Library, pack_texts
from yizhengtong.law.services import confirm_edition, propose_edition

TODAY = date(2026, 9, 18)
"""The Friday before 调休 on which tests happen."""

JINAN, LIXIA, SHIZHONG = "370100", "370102", "370103"
NATION_PACK, CITY_PACK, CALENDAR_PACK = "cn/hmt.yaml", "cn/370000/370100/hmt.yaml", "cn/calendar.yaml"
SOURCE = Source("国办发〔2018〕81号", "2")
PROPOSER = Principal(PrincipalKind.SYSTEM, UUID(int=0xA1))
CONFIRMER = Principal(PrincipalKind.SYSTEM, UUID(int=0xA2))


@cache
def library() -> Library:
    """Return the packs as they lie in the checkout, read once."""
    return Library.from_texts(pack_texts())


def law_of(place: str = LIXIA, on: date = TODAY) -> Law:
    """Return the law of the Hong Kong, Macao and Taiwan permit at a place on a day."""
    return library().law(place, "hmt", on)


def changed(path: str, old: str, new: str, texts: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return all pack texts with `old`, which must stand in the pack exactly once, replaced."""
    found = dict(library().texts if texts is None else texts)
    assert found[path].count(old) == 1, f"{old!r} stands {found[path].count(old)} times in {path}"
    return {**found, path: found[path].replace(old, new)}


def with_value(
    key: str, old: str, new: str, *, path: str = NATION_PACK, texts: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return all pack texts with the value of one parameter of a pack changed."""
    head = f"  {key}:\n    - value: "
    return changed(path, head + old, head + new, texts)


def announced_2027() -> dict[str, str]:
    """Return all pack texts with a notice for 2027: a made-up one that moves days, as notices do."""
    head, separator, year = library().texts[CALENDAR_PACK].partition("  - year: 2027\n    announced: false\n")
    assert separator
    year = year.replace("2027-01-01, last: 2027-01-01", "2027-01-01, last: 2027-01-05")
    text = f"{head}  - year: 2027\n    announced: true\n{year}    worked: [2027-01-09]\n"
    return {**library().texts, CALENDAR_PACK: text}


def lay_down_law() -> None:
    """Put the packs of the checkout in force by rows alone: what two persons do is proven in the law's own tests."""
    texts = library().texts
    members = {path: sha256(text.encode()).hexdigest() for path, text in texts.items()}
    PackText.objects.bulk_create(
        [PackText(hash=members[path], path=path, text=text) for path, text in texts.items()], ignore_conflicts=True
    )
    Edition.objects.create(
        hash=sha256("\n".join(f"{path} {members[path]}" for path in sorted(members)).encode()).hexdigest(),
        members=members,
        state=Edition.State.IN_FORCE,
        proposed_by=PROPOSER.id,
        confirmed_by=CONFIRMER.id,
    )


def put_in_force(texts: Mapping[str, str]) -> Edition:
    """Put other texts in force, by two persons."""
    edition = propose_edition(texts=texts, by=PROPOSER)
    return confirm_edition(edition_hash=edition.hash, by=CONFIRMER)
