"""Reports of where others live: written as they were said, compared later by the worker.

Whoever reports gets the same answer whether the person is known or not: nothing about persons is read here, and the
web's role could not (条例 arts. 8–12; 个人信息保护法 art. 6).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.vault.indexes import keyed_digest
from yizhengtong.kernel import regions
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, identify, parse
from yizhengtong.registry.people.names import LONGEST_NAME
from yizhengtong.registry.people.services import number_index
from yizhengtong.registry.residence.duties import duty_to_report, is_late
from yizhengtong.registry.residence.models import LONGEST_ADDRESS, Report, Reporter
from yizhengtong.registry.residence.queries import law_of_registration
from yizhengtong.registry.residence.reporters import office_path_of

MOST_ROWS = 500
"""Rows of one list. What the platform takes at once, not a number of the law."""

MOST_OF_UNVERIFIED = 1000
"""Reports that a reporter may have whom nobody has verified: an account that anybody can open fills no table."""

_HMT_KINDS = frozenset({DocumentKind.HMT_PERMIT, DocumentKind.HRP, DocumentKind.HRP_NON_CHINESE,
                        DocumentKind.MTP_TAIWAN_FIVE_YEAR, DocumentKind.MTP_TAIWAN_ONE_TIME})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What a reporter says: `happened_on` is the first day of the stay, the first day it is over, or of the change.

    `known_on`: the day on which a property manager came to know, or an agent introduced; None: `happened_on`.
    """

    about: str
    name: str = field(repr=False)
    number: str = field(repr=False)
    region: str
    address: str = field(repr=False)
    happened_on: date
    known_on: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A report as it was taken. `is_repeated`: the same row was there already. `tells_resident`: the pack's art. 8."""

    report: Report
    is_repeated: bool
    is_due_provisional: bool
    tells_resident: bool


@use_case
def report_stay(*, reporter: Reporter, said: Said, on: date, by: Principal) -> Taken:
    """Take one report. The same one again is the same report; a late one is marked, nothing follows by itself.

    Raises Invalid `residence.report_invalid` with every wrong field, Conflict `residence.verify_first` for one more
    than a reporter may have who is not verified.
    """
    return _take(Reporter.objects.select_for_update(no_key=True).get(pk=reporter.pk), [said], on, by)[0]


@use_case
def report_stays(*, reporter: Reporter, rows: Sequence[Said], on: date, by: Principal) -> list[Taken]:
    """Take the rows of a list that were found right, each as by `report_stay`."""
    return _take(Reporter.objects.select_for_update(no_key=True).get(pk=reporter.pk), rows, on, by)


def wrong_fields(said: Said, on: date) -> list[FieldError]:
    """Return everything that is wrong with a report, before anything is written."""
    number_error, number = _number_read(said.number)
    wrong = {
        "about": "" if said.about in Report.About.values else "residence.unknown_about",
        "name": "" if 0 < len(said.name.strip()) <= LONGEST_NAME else "residence.report_name_wrong",
        "number": number_error,
        "region": _wrong_region(said.region),
        "address": "" if 0 < len(said.address.strip()) <= LONGEST_ADDRESS else "residence.report_address_wrong",
        "happened_on": _wrong_day(said.happened_on, on, number),
        "known_on": "residence.starts_in_future" if said.known_on and said.known_on > on else "",
    }
    return [FieldError(name, code, {"most": LONGEST_ADDRESS}) for name, code in wrong.items() if code]


def _take(reporter: Reporter, rows: Sequence[Said], on: date, by: Principal) -> list[Taken]:
    for said in rows:
        errors = wrong_fields(said, on)
        if errors:
            raise Invalid("residence.report_invalid", errors=errors)
    known = _known(reporter, (_fingerprint(said) for said in rows))
    _ensure_room(reporter, len(rows) - len(known))
    paths: dict[str, str] = {}
    taken = []
    for said in rows:
        path = paths.get(said.region) or paths.setdefault(said.region, office_path_of(said.region))
        report, is_provisional, tells = _made(reporter, said, path, on)
        old = known.get(bytes(report.fingerprint))
        if old is None:
            _write(report, by)
            known[bytes(report.fingerprint)] = report
        taken.append(Taken(old or report, old is not None, is_provisional, tells))
    return taken


def _ensure_room(reporter: Reporter, more: int) -> None:
    if reporter.state != Reporter.State.UNVERIFIED:
        return
    if Report.objects.filter(reporter=reporter).count() + more > MOST_OF_UNVERIFIED:
        raise Conflict("residence.verify_first", most=MOST_OF_UNVERIFIED)


def _known(reporter: Reporter, fingerprints: Iterable[bytes]) -> dict[bytes, Report]:
    found = Report.objects.filter(reporter=reporter, fingerprint__in=list(fingerprints))
    return {bytes(report.fingerprint): report for report in found}


def _made(reporter: Reporter, said: Said, office_path: str, on: date) -> tuple[Report, bool, bool]:
    known_on = said.known_on or said.happened_on
    duty = duty_to_report(reporter.kind, known_on, law_of_registration(said.region, on))
    number = parse(DocumentKind.RESIDENT_ID, said.number)
    report = Report(
        id=new_id(), reporter=reporter, reporter_kind=reporter.kind, reporter_name=reporter.name, about=said.about,
        name=said.name.strip(), number=number.text, number_index=number_index(number), region=said.region,
        address=said.address.strip(), happened_on=said.happened_on, known_on=known_on, reported_on=on,
        due_on=duty.due.day if duty.due else None, is_late=is_late(duty.due, on), fingerprint=_fingerprint(said),
        office_path=office_path,
    )  # fmt: skip
    return report, bool(duty.due and duty.due.provisional), duty.tells_resident


def _write(report: Report, by: Principal) -> None:
    report.save(force_insert=True)
    record_act("residence.report_stay", by=by, on=("report", report.pk), person_id=None, fields=[report.about])
    publish("residence.report_received", on=("report", report.pk), person_id=None)


def _fingerprint(said: Said) -> bytes:
    number = parse(DocumentKind.RESIDENT_ID, said.number)
    words = [said.about, number.core, said.region, said.address.strip(), said.happened_on.isoformat()]
    return keyed_digest("residence.report", json.dumps(words).encode())


def _number_read(text: str) -> tuple[str, DocumentNumber | None]:
    """Return what is wrong with an identity number, or what it says; a number of HMT residents is told apart (D14)."""
    try:
        return "", parse(DocumentKind.RESIDENT_ID, text)
    except Invalid as refused:
        code = refused.code
    try:
        is_hmt = identify(text).kind in _HMT_KINDS
    except Invalid:
        is_hmt = False
    return ("residence.not_under_these_rules" if is_hmt else code), None


def _wrong_region(code: str) -> str:
    return "" if regions.region(code) and not regions.children(code) else "residence.region_too_wide"


def _wrong_day(day: date, on: date, number: DocumentNumber | None) -> str:
    if day > on:
        return "residence.starts_in_future"
    born = number.birth_date if number else None
    return "residence.starts_before_birth" if born is not None and day < born else ""
