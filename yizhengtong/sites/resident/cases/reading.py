"""A case as its pages see it: state in words and colour, clock, steps with dates, opinions, notices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.parameter import ServicePoint
from yizhengtong.permitting.casework.models import Appointment, AppointmentState, Case, Notice
from yizhengtong.permitting.casework.queries import case_for_resident, opinions_of
from yizhengtong.permitting.casework.rules import may_be_approved_by_rules
from yizhengtong.permitting.casework.services.automatic import ASKED_FOR_OFFICER
from yizhengtong.permitting.casework.states import UNDECIDED, CaseState
from yizhengtong.permitting.casework.wording import worded_notice
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.resident.acting import own_person
from yizhengtong.sites.resident.apply.drafts import Draft, today
from yizhengtong.sites.resident.apply.mending import Mended, mended_words

COLOURS: Mapping[str, str] = {
    CaseState.RECEIVED: "",
    CaseState.ACCEPTED: "",
    CaseState.REVIEWED: "",
    CaseState.APPROVED: "good",
    CaseState.MADE: "good",
    CaseState.COMPLETED: "good",
    CaseState.REFUSED: "bad",
    CaseState.WITHDRAWN: "warn",
}
"""How a state looks; its words stand beside it always."""


@dataclass(frozen=True, slots=True)
class Event:
    """One step that was taken, or is promised: words, day, and whether it lies ahead."""

    words: str
    on: date | None
    is_ahead: bool = False


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A one-time notice with a page for each finding that can be mended."""

    kind: str
    title: str
    is_open: bool
    answered_on: date | None
    findings: tuple[Mended, ...]
    remedies: tuple[str, ...]


class CaseView:
    """One case and who reads it."""

    def __init__(self, request: HttpRequest, case: Case) -> None:
        self.case = case
        self.draft = Draft(case.application, reader_of(request), own_person(request), today())
        self.by = signed_in(request)

    @property
    def id(self) -> str:
        return public_id("cas", self.case.pk)

    @property
    def title(self) -> str:
        return self.draft.title

    @property
    def state(self) -> str:
        return self.draft.say(f"casework.state_{self.case.state}")

    @property
    def colour(self) -> str:
        return "warn" if self.case.awaits_supplement else COLOURS[self.case.state]

    @property
    def number(self) -> str:
        """What one names the case by: the receipt's number, else the application's, else our own."""
        return self.case.receipt_number or self.case.application_number or self.id

    @property
    def number_label(self) -> str:
        """Code of what that number is called."""
        return "cases.number_receipt" if self.case.receipt_number else "cases.number_application"

    @property
    def is_undecided(self) -> bool:
        return self.case.state in UNDECIDED

    @cached_property
    def days_left(self) -> int | None:
        """Working days until the promised day, below 0 when it has passed; None where no clock runs."""
        if self.case.due_on is None or not self.is_undecided:
            return None
        return self.draft.law.calendar.working_days_between(self.draft.on, self.case.due_on)

    @property
    def clock_words(self) -> str:
        left = self.days_left
        if left is None:
            return ""
        return self.draft.say("cases.days_over" if left < 0 else "cases.days_left", days=abs(left))

    @property
    def clock_colour(self) -> str:
        left = self.days_left
        return "bad" if left is not None and left < 0 else "good"

    @cached_property
    def appointment(self) -> Appointment | None:
        """The visit that is booked, or the one that took place."""
        visits = self.case.appointments.exclude(state=AppointmentState.CANCELLED)
        return visits.select_related("office").order_by("-starts_at").first()

    @property
    def has_booked(self) -> bool:
        return self.appointment is not None and self.appointment.state == AppointmentState.BOOKED

    @property
    def may_book(self) -> bool:
        return self.case.state == CaseState.RECEIVED and self.appointment is None

    @cached_property
    def point(self) -> ServicePoint | None:
        return next((each for each in self.draft.law.service_points if each.code == self.case.office.code), None)

    @cached_property
    def permit(self) -> Permit | None:
        return Permit.objects.filter(pk=self.case.permit_id).first() if self.case.permit_id else None

    @property
    def permit_id(self) -> str:
        return public_id("pmt", self.case.permit_id) if self.case.permit_id else ""

    @cached_property
    def may_ask_for_officer(self) -> bool:
        """Whether rules decide, or have decided, and nobody was asked for yet."""
        if self.is_undecided:
            asked = ASKED_FOR_OFFICER in (self.case.automatic_declined_because or ())
            return not asked and may_be_approved_by_rules(self.draft.item, self.draft.law)
        return self.case.post_check != "asked" and self._was_approved_by_rules

    @property
    def has_asked_for_officer(self) -> bool:
        declined = self.case.automatic_declined_because or ()
        return ASKED_FOR_OFFICER in declined or self.case.post_check == "asked"

    @cached_property
    def _was_approved_by_rules(self) -> bool:
        return any(each.action == "approve" and each.rule for each in opinions_of(self.case))

    def events(self) -> list[Event]:
        """Return the steps taken, with their days, then those that are promised."""
        rows = self.case.journal.order_by("at", "id").values_list("action", "on")
        taken = [Event(self.draft.say(f"cases.step_{action}"), on) for action, on in rows]
        return [*taken, *self._ahead()]

    def _ahead(self) -> list[Event]:
        if self.is_undecided:
            return [Event(self.draft.say("cases.step_ahead_decision"), self.case.due_on, is_ahead=True)]
        if self.case.state == CaseState.APPROVED:
            return [Event(self.draft.say("cases.step_ahead_card"), None, is_ahead=True)]
        if self.case.state == CaseState.MADE:
            return [Event(self.draft.say("cases.step_ahead_hand_over"), None, is_ahead=True)]
        return []

    def opinions(self) -> list[tuple[str, str, date]]:
        """Return each opinion: what, by whom in words, and when (S4-26)."""
        return [
            (
                self.draft.say(f"cases.step_{each.action}"),
                self.draft.say("casework.opinion_by_rule", rule=f"casework.rule_{each.rule}", office=each.office)
                if each.rule
                else self.draft.say("casework.opinion_by_officer", office=each.office),
                each.on,
            )
            for each in opinions_of(self.case)
        ]

    def notices(self) -> list[ShownNotice]:
        """Return what was asked for, or why it was refused: everything at once, each with the page that mends it."""
        found = list(self.case.notices.order_by("-id"))
        if found:
            record_read(
                "casework.read_notices", by=self.by, on=("case", self.case.pk), person_id=self.case.person_id,
                purpose="own data",
            )  # fmt: skip
        return [self._shown(notice) for notice in found]

    def _shown(self, notice: Notice) -> ShownNotice:
        worded = worded_notice(notice, self.draft.reader.language, self.draft.region)
        return ShownNotice(
            kind=worded.kind,
            title=worded.title,
            is_open=worded.kind == Notice.Kind.SUPPLEMENT and worded.answered_on is None,
            answered_on=worded.answered_on,
            findings=tuple(mended_words(each, self.draft) for each in worded.findings),
            remedies=worded.remedies,
        )

    def address(self, name: str = "case") -> str:
        """Return the address of a page of this case."""
        return reverse(name, args=[self.id])


def case_of(request: HttpRequest, case_id: str) -> CaseView:
    """Return a case of one's own or of somebody one may act for; the read is recorded. Raises NotFound."""
    case = case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
    record_read("casework.read", by=signed_in(request), on=("case", case.pk), person_id=case.person_id,
                purpose="own data")  # fmt: skip
    return CaseView(request, case)
