"""Comparing reports with persons and with what is registered: the worker's, after the answer has left.

A report becomes or confirms a registration, or it waits for the person's or an officer's word. It never shortens or
moves a stay that somebody else declared, and the one-place-a-day constraint is never met with a failure.
"""

from uuid import UUID

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Problem
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.names import folded, same_name
from yizhengtong.registry.residence.duties import duty_to_report
from yizhengtong.registry.residence.models import Registration, Report, ReportedBy, Reporter, ReporterKind
from yizhengtong.registry.residence.moving import move_within
from yizhengtong.registry.residence.queries import law_of_registration
from yizhengtong.registry.residence.services import declare_stay, end_stay, overlapping

About, State, Waits = Report.About, Report.State, Report.Waits


@use_case
def match_report(*, report_id: UUID) -> Report:
    """Compare a report that waits: find its person, then let it become or confirm a registration where nothing is in
    the way. Compared again whenever its person or its reporter becomes known; one that is settled stays as it is."""
    report = Report.objects.select_for_update(of=("self",)).select_related("reporter").get(pk=report_id)
    if report.state != State.RECEIVED or report.person_id is not None:
        return report
    if report.reporter.state != Reporter.State.VERIFIED:
        return _waits(report, Waits.UNVERIFIED)
    person = _person_named(report)
    if person is None:
        return _waits(report, Waits.UNKNOWN)
    report.person = person
    waits = _apply(report, person)
    report.waits_for = waits
    report.state = State.RECEIVED if waits else State.MATCHED
    report.save()
    record_act(
        "residence.match_report", by=SYSTEM, on=("report", report.pk), person_id=person.pk, fields=[report.state]
    )
    _tell(report)
    return report


def match_reports_of_number(number_id: UUID) -> None:
    """Compare what was reported of a number before anybody registered it."""
    index = PersonNumber.objects.filter(pk=number_id, kind=DocumentKind.RESIDENT_ID).values("number_index")
    for key in Report.objects.filter(person=None, number_index__in=index).order_by("id").values_list("pk", flat=True):
        match_report(report_id=key)


def match_reports_of_reporter(reporter_id: UUID) -> None:
    """Compare what a reporter reported before it was verified."""
    waiting = Report.objects.filter(reporter_id=reporter_id, person=None).order_by("id")
    for key in waiting.values_list("pk", flat=True):
        match_report(report_id=key)


def apply_report(report: Report, person: Person, stay: Registration | None, by: Principal) -> Registration:
    """Do what a report says: `stay` is what is registered for these days and gives way. Raises as the services do."""
    day, place = report.happened_on, {"region": report.region, "address": report.address}
    source = ReportedBy[ReporterKind(report.reporter_kind).name]
    if stay is None and report.about != About.START:
        raise Conflict("residence.nothing_to_end")
    if stay is not None and report.about == About.END:
        return end_stay(registration=stay, until=day, by=by, version=stay.version)
    if stay is not None and report.about == About.CHANGE:
        moved = move_within(registration=stay, moved_on=day, on=report.reported_on, by=by, version=stay.version,
                            reported_by=source, **place)  # fmt: skip
        return moved.registration
    if stay is not None and stay.until is None and stay.start < day:
        end_stay(registration=stay, until=day, by=by, version=stay.version)
    declared = declare_stay(person=person, start=day, reported_by=source, by=by,
                            declared_on=report.reported_on, reporter_id=report.reporter_id, **place)  # fmt: skip
    return declared.registration


def is_the_same(stay: Registration, report: Report) -> bool:
    """Whether a registration says already what a report of a stay says: that place, on that day."""
    return stay.region == report.region and folded(stay.address) == folded(report.address)


def _apply(report: Report, person: Person) -> Report.Waits:
    """Let a report become or confirm a registration, and say for what it waits otherwise."""
    found = _registered_then(report, person)
    if report.about == About.START:
        if found is not None and is_the_same(found, report):
            report.registration = found
            return Waits.NOTHING
        if found is not None:
            return Waits.OVERLAPS
    elif found is None or found.reporter_id != report.reporter_id or found.until is not None:
        return Waits.NOTHING_TO_END
    try:
        report.registration = apply_report(report, person, found if report.about != About.START else None, SYSTEM)
    except Problem as refused:
        at_home = refused.code == "residence.at_home"
        return Waits.AT_HOME if at_home else Waits.OVERLAPS if report.about == About.START else Waits.NOTHING_TO_END
    return Waits.NOTHING


def _registered_then(report: Report, person: Person) -> Registration | None:
    """Return what is registered for the days of a report: from its day on for a stay, on the day before else."""
    if report.about == About.START:
        return overlapping(Registration(person=person, start=report.happened_on))
    return Registration.objects.filter(person=person, is_current=True, until=None).first()


def _person_named(report: Report) -> Person | None:
    numbers = PersonNumber.objects.filter(
        kind=DocumentKind.RESIDENT_ID, number_index=report.number_index, is_current=True
    )
    found = numbers.select_related("person").first()
    return found.person if found is not None and same_name(found.person.name, report.name) else None


def _waits(report: Report, reason: Report.Waits) -> Report:
    if report.waits_for != reason:
        report.waits_for = reason
        report.save(update_fields=["waits_for"])
    return report


def _tell(report: Report) -> None:
    """条例 art. 8: what an employer reports the worker must be told; the person is told of every report."""
    duty = duty_to_report(report.reporter_kind, report.known_on, law_of_registration(report.region, report.reported_on))
    facts = {"by": report.reporter_kind, "about": report.about, "waits": bool(report.waits_for),
             "must_be_told": duty.tells_resident}  # fmt: skip
    publish("residence.reported", on=("report", report.pk), person_id=report.person_id, facts=facts)
