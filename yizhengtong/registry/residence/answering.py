"""The person's word on a report, and an officer's where they dispute it."""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound, Stale
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.registry.residence.duties import last_day
from yizhengtong.registry.residence.matching import apply_report
from yizhengtong.registry.residence.models import Registration, Report
from yizhengtong.registry.residence.services import note, overlapping

About, State, Waits = Report.About, Report.State, Report.Waits
LONGEST_WORDS = 500
_DISPUTED = "disputed"


@use_case
def confirm_report(*, report_id: UUID, acting: Person, version: int, on: date, by: Principal) -> Report:
    """Say that a report is right where it waits for one's word: what is registered for these days gives way to it.

    Raises NotFound for a stranger, Stale, Conflict `residence.report_settled`, `residence.nothing_to_end`, and what
    declaring, ending and moving raise.
    """
    report = _own(report_id, acting, version, on)
    if report.state != State.RECEIVED:
        raise Conflict("residence.report_settled")
    _merge(report, by)
    _save(report, "residence.confirm_report", by)
    return report


@use_case
def dispute_report(*, report_id: UUID, words: str, acting: Person, version: int, on: date, by: Principal) -> Report:
    """Say that a report is wrong: what it made of the registrations stays until an officer has answered.

    Raises NotFound, Stale, Conflict `residence.report_settled`, Invalid `residence.say_what_is_wrong`.
    """
    report = _own(report_id, acting, version, on)
    if report.state not in {State.RECEIVED, State.MATCHED}:
        raise Conflict("residence.report_settled")
    if not words.strip():
        raise Invalid("web.fields_wrong", errors=[FieldError("words", "residence.say_what_is_wrong")])
    due = last_day(law_of_personal_data(on), "rights.answer_within", on)
    report.state, report.waits_for, report.dispute_words = State.DISPUTED, Waits.NOTHING, words.strip()
    report.disputed_on, report.answer_due_on = on, due.day if due else None
    _save(report, "residence.dispute_report", by)
    publish("residence.report_disputed", on=("report", report.pk), person_id=report.person_id)
    return report


def reports_for_officer(by: Principal) -> QuerySet[Report]:
    """Return the reports of a registrar's area that are disputed or wait for a word, what they say unopened."""
    ensure_second_factor(by)
    ensure_role(by, Role.REGISTRAR)
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    waiting = Q(state=State.DISPUTED) | Q(state=State.RECEIVED, person__isnull=False)
    sealed = ("reporter_name", "name", "number", "address", "dispute_words", "decision_words")
    return Report.objects.filter(area, waiting).defer(*sealed).order_by("id")


def report_for_officer(report_id: UUID, on: date, by: Principal) -> Report:
    """Return a report of the registrar's area with what it says and what was answered; the read is recorded."""
    report = Report.objects.select_related("person", "registration").filter(pk=report_id, person__isnull=False).first()
    if report is None or report.person is None:
        raise NotFound("not_found")
    _ensure_registrar_of(report, by)
    ensure_may_open(report.person, by, on=on)
    record_read("residence.read_report", by=by, on=("report", report.pk), person_id=report.person_id,
                purpose="dispute", fields=["name", "address", "words"])  # fmt: skip
    return report


@use_case
def decide_report(*, report_id: UUID, is_right: bool, words: str, version: int, by: Principal) -> Report:
    """End a dispute, or speak where nobody does: a right report stands or is applied, a wrong one is undone.

    What it made of the registrations is undone with it, and stays in the history. Raises NotFound outside the area,
    Forbidden, Stale, Conflict `residence.report_settled`, Invalid `residence.say_why`.
    """
    report = Report.objects.select_for_update(of=("self",)).select_related("person", "registration").filter(
        pk=report_id, person__isnull=False
    ).first()  # fmt: skip
    if report is None:
        raise NotFound("not_found")
    _ensure_registrar_of(report, by)
    if report.version != version:
        raise Stale("web.stale_version")
    if report.state not in {State.DISPUTED, State.RECEIVED}:
        raise Conflict("residence.report_settled")
    if not words.strip():
        raise Invalid("web.fields_wrong", errors=[FieldError("words", "residence.say_why")])
    if is_right:
        _stand(report, by)
    else:
        _undo(report, by)
    report.decision_words, report.decided_by, report.decided_at = words.strip(), by.id, timezone.now()
    _save(report, "residence.decide_report", by)
    publish("residence.report_decided", on=("report", report.pk), person_id=report.person_id,
            facts={"is_right": is_right, "by": report.reporter_kind})  # fmt: skip
    return report


def _stand(report: Report, by: Principal) -> None:
    if report.registration_id is None:
        _merge(report, by)
    else:
        report.state = State.MATCHED


def _merge(report: Report, by: Principal) -> None:
    """Fold a report into what is registered: the stay in its way ends where the new one begins."""
    person = report.person
    if person is None:  # nobody is known yet whom it could be of
        raise NotFound("not_found")
    if report.about == About.START:
        stay = overlapping(Registration(person=person, start=report.happened_on))
    else:
        stay = Registration.objects.filter(person=person, is_current=True, until=None).first()
    report.registration = apply_report(report, person, stay, by)
    report.state, report.waits_for = State.MERGED, Waits.NOTHING


def _undo(report: Report, by: Principal) -> None:
    """Take back what a report made of the registrations: its stay no longer counts, the one it ended goes on."""
    stay = report.registration
    report.state, report.waits_for = State.DISMISSED, Waits.NOTHING
    if stay is None or stay.reporter_id != report.reporter_id:
        return  # it only confirmed what somebody else had declared
    if report.about == About.END:
        _reopen(stay)
    else:
        stay.is_current, stay.correction_reason, stay.version = False, _DISPUTED, stay.version + 1
        stay.save(update_fields=["is_current", "correction_reason", "version"])
        if report.about == About.CHANGE and stay.carries_on is not None:
            _reopen(Registration.objects.get(pk=stay.carries_on))
    note("residence.undo_report", "residence.changed", stay, by, {"reason": _DISPUTED})


def _reopen(stay: Registration) -> None:
    """Let a stay go on, up to the next one that was declared meanwhile."""
    after = Registration.objects.filter(person_id=stay.person_id, is_current=True, start__gte=stay.until)
    stay.until = after.exclude(pk=stay.pk).order_by("start").values_list("start", flat=True).first()
    stay.version += 1
    stay.save(update_fields=["until", "version"])


def _own(report_id: UUID, acting: Person, version: int, on: date) -> Report:
    found = Report.objects.select_for_update(of=("self",)).select_related("person")
    report = found.filter(pk=report_id, person__isnull=False).first()
    if report is None or report.person is None or not may_act_for(acting, report.person, on):
        raise NotFound("not_found")
    if report.version != version:
        raise Stale("web.stale_version")
    return report


def _ensure_registrar_of(report: Report, by: Principal) -> None:
    ensure_officer_of(report.office_path, by)
    ensure_role(by, Role.REGISTRAR)


def _save(report: Report, action: str, by: Principal) -> None:
    report.version += 1
    report.save()
    record_act(action, by=by, on=("report", report.pk), person_id=report.person_id, fields=[report.state])
