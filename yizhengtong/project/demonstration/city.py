"""Making the city once: the law in force by two persons, offices, officers, who answers for the system's rules."""

import base64
import json
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.db import transaction

from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.services import appoint_officer, create_office
from yizhengtong.kernel.errors import Conflict, Forbidden
from yizhengtong.law.reading import pack_texts
from yizhengtong.law.services import confirm_edition, propose_edition
from yizhengtong.permitting.casework.answering import name_answering, office_of_code
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Answering
from yizhengtong.project.demonstration.officers import (
    ANSWERING,
    CITY,
    CITY_NAME,
    OFFICERS,
    PLACES,
    QINGYUAN,
    Officer,
)
from yizhengtong.project.demonstration.parties import PARTIES, register
from yizhengtong.project.demonstration.people import photo_jpeg
from yizhengtong.project.founding import make_offices

__all__ = ["CITY", "OFFICERS", "Demonstration", "make_city", "put_law_in_force"]

PASSWORD = "Jinan-demo-1!"  # noqa: S105 public on purpose: demonstration accounts are refused in production
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 likewise


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the journeys need to know of the city. Kept in the home folder, readable by its owner alone.

    `…_key`: secrets of relying parties, the first of the bank; `test_key` is answered from the sandbox alone.
    """

    relying_party_key: str
    photo_receipt: str
    school_key: str
    hotel_key: str
    app_key: str
    test_key: str


def make_city(on: date) -> Demonstration:
    """Make what is not there yet, and return what journeys need. Raises Forbidden in production mode.

    May be cut off anywhere and run again.
    """
    if settings.YZT_PRODUCTION:
        raise Forbidden("accounts.demonstration_refused")
    put_law_in_force()
    with transaction.atomic():
        _make_offices(on)
        _appoint_officers()
        _name_who_answers(on)
    path = Path(settings.CONFIGURATION.home) / "demonstration.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {each.name for each in fields(Demonstration)} - known.keys()  # a home of an earlier version has some
    if missing:
        made = {name: register(party) for name, party in PARTIES.items() if name in missing}
        receipt = {"photo_receipt": _file_photo_receipt(on)} if "photo_receipt" in missing else {}
        known |= made | receipt
        _write_privately(path, json.dumps(known))
    return Demonstration(**known)


def _make_offices(on: date) -> None:
    """Make the offices that are not there; a home of an earlier version has some of them."""
    if not Office.objects.filter(code=CITY).exists():
        make_offices(law=law_for("hmt.first_issue", CITY, on), city=CITY, name=CITY_NAME, by=SYSTEM)
    codes = {place.code for place in PLACES} | {place.above for place in PLACES}
    known = {office.code: office for office in Office.objects.filter(code__in=codes)}
    for place in PLACES:
        if place.code not in known:
            known[place.code] = create_office(
                code=place.code, name=place.name, region=place.region, parent=known.get(place.above), by=SYSTEM,
                kind=place.kind,
            )  # fmt: skip


def _appoint_officers() -> None:
    wanted = [officer.username for officer in OFFICERS]
    there = set(Account.objects.filter(username__in=wanted).values_list("username", flat=True))
    for officer in OFFICERS:
        if officer.username not in there:
            _appoint(officer)


def _name_who_answers(on: date) -> None:
    """Name who answers for the rules of the system in Qingyuan, where nobody does yet (D24)."""
    named = set(Answering.objects.filter(until=None).values_list("rule", flat=True))
    offices = {officer.username: officer.office for officer in OFFICERS}
    for rule, username in ANSWERING.items():
        if rule not in named:
            law = law_for("floating.conversion_permit", QINGYUAN, on)
            office = office_of_code(offices[username])
            name_answering(office=office, rule=rule, username=username, law=law, on=on, by=SYSTEM)


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)


def put_law_in_force() -> None:
    """Propose the packs as they lie in the checkout and confirm them, by two persons, unless they are in force."""
    first, second = (_lawyer(name) for name in ("demo-lawyer-1", "demo-lawyer-2"))
    try:
        edition = propose_edition(texts=pack_texts(), by=first)
    except Conflict:
        return
    confirm_edition(edition_hash=edition.hash, by=second)


def _lawyer(username: str) -> Principal:
    account, is_new = Account.objects.get_or_create(username=username, defaults={"is_demonstration": True})
    if is_new:
        account.set_unusable_password()
        account.save()
    return Principal(PrincipalKind.SYSTEM, account.pk)


def _appoint(officer: Officer) -> None:
    member = appoint_officer(
        username=officer.username,
        password=PASSWORD,
        name=officer.name,
        office=Office.objects.get(code=officer.office),
        roles=officer.roles,
        by=SYSTEM,
        is_demonstration=True,
    )
    TOTP.activate(member.account, TOTP_SECRET)


def _file_photo_receipt(on: date) -> str:
    """Lay a passed photo test where the file-fed look-up finds it."""
    folder = Path(settings.YZT_PHOTO_RECEIPTS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    receipt = "JN2026-0001"
    image = base64.b64encode(photo_jpeg()).decode()
    answer = {"receipt": receipt, "passed": True, "taken_on": on.isoformat(), "region": CITY, "image": image}
    (folder / f"{receipt}.json").write_text(json.dumps(answer))
    return receipt
