"""A case in one line: number, item, state, clock in words and colour, what can be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.workdays import Calendar
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.possible import JUDGE, actions_for
from yizhengtong.rights.messages.words import item_words

SOON = 3
"""Working days from which a clock is shown as urgent: how it looks, not what the law says."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How much time a case has: words, and the tone they are shown in (empty, good, warn, bad)."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """A case of a list. It holds no name: that is opened with the case."""

    id: str
    number: str
    item: str
    state: str
    state_words: str
    office: str
    received_on: date
    due_on: date | None
    clock: Clock
    flags: Sequence[str]
    actions: Sequence[str]


def rows(
    cases: Sequence[Case], offices: Mapping[UUID, str], *, by: Principal, on: date, calendar: Calendar, reader: Reader
) -> list[Row]:
    """Return cases as lines, in their order."""
    return [
        Row(
            id=public_id("cas", case.pk),
            number=number_of(case),
            item=item_name(case.item, reader),
            state=case.state,
            state_words=reader.say(f"casework.state_{case.state}"),
            office=offices.get(case.office_id, ""),
            received_on=case.received_on,
            due_on=case.due_on,
            clock=clock_of_case(case, on, calendar, reader),
            flags=_flags(case, reader),
            actions=[
                reader.say("desk.queue.judge" if action == JUDGE else f"desk.act.{action}")
                for action in actions_for(case, by)
            ],
        )
        for case in cases
    ]


def number_of(case: Case) -> str:
    """Return the number by which people speak of a case: receipt, application, else its own last letters."""
    return case.receipt_number or case.application_number or public_id("cas", case.pk)[-8:].upper()


def item_name(item: str, reader: Reader) -> str:
    """Return what an item is called."""
    words = item_words(item)[base_of(reader.language)]
    return words[:1].upper() + words[1:]


def clock_of_case(case: Case, on: date, calendar: Calendar, reader: Reader) -> Clock:
    """Say how many working days are left, or by how many a case is late."""
    if case.decided_on is not None:
        is_late = case.due_on is not None and case.decided_on > case.due_on
        return Clock(
            reader.say("desk.clock.decided_late" if is_late else "desk.clock.decided"), "bad" if is_late else ""
        )
    if case.due_on is None:
        days = calendar.working_days_between(case.received_on, on)
        code = "desk.clock.not_running" if days else "desk.clock.just_received"
        return Clock(reader.say(code, days=days), "warn" if days > SOON else "")
    if case.due_on < on:
        late = calendar.working_days_between(case.due_on, on)
        return Clock(reader.say("desk.clock.late", days=late), "bad")
    left = calendar.working_days_between(on, case.due_on)
    code = "desk.clock.today" if case.due_on == on else "desk.clock.left"
    return Clock(reader.say(code, days=left), "warn" if left <= SOON else "good")


def _flags(case: Case, reader: Reader) -> list[str]:
    flags = {
        "desk.flag.supplement": case.awaits_supplement,
        "desk.flag.provisional": case.is_due_provisional,
        "desk.flag.asked_for_officer": "casework.declined_asked_for_officer" in (case.automatic_declined_because or ()),
        "desk.flag.declined": bool(case.automatic_declined_because),
    }
    return [reader.say(code) for code, holds in flags.items() if holds]
