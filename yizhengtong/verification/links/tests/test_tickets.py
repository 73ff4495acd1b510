"""Questions about links: whose, by when, decided by whom, and what follows at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.utils import IntegrityError

from tests.support.city import City
from tests.support.law import TODAY
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound, Problem
from yizhengtong.registry.people.copies import parts_of
from yizhengtong.registry.people.models import PersonNumber
from yizhengtong.verification.links.deciding import decide_ticket
from yizhengtong.verification.links.forgetting import forget_links
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.queries import (
    in_question,
    links_of,
    ticket_for_head,
    tickets_for_head,
    tickets_of,
)
from yizhengtong.verification.links.services import unlink
from yizhengtong.verification.links.tests.conftest import HRP, Holder, at_window, permit_behind, reads_as
from yizhengtong.verification.links.tickets import report_wrong

pytestmark = pytest.mark.django_db


def decided(ticket: Ticket, by: Principal, decision: str, **more: Any) -> Ticket:
    reads_as(by)
    facts: dict[str, Any] = {"words": "已核对两证原件", "version": ticket.version, "on": TODAY}
    return decide_ticket(ticket_id=ticket.pk, decision=decision, by=by, **(facts | more))


def refusal(does: Any) -> str:
    with pytest.raises(Problem) as refused:
        does()
    return refused.value.errors[0].code if refused.value.errors else refused.value.code


@pytest.fixture
def squatted(wang: Holder, chan: Holder, town: City) -> Ticket:
    """陳大文 has his number linked; a clerk then sees another person with that number in hand."""
    chan.links()
    claim = at_window(wang.permit, chan.resident.number, town.clerk)
    assert claim.link is None
    assert claim.ticket is not None
    return claim.ticket


@pytest.mark.row("S1-094")
def test_a_link_that_its_holder_doubts_is_told_to_nobody(wang: Holder, settings: Any) -> None:
    settings.YZT_LINK_ANSWER_DAYS = 9
    wang.links()
    ticket = wang.doubts()
    assert permit_behind(wang.resident.number) is None
    assert in_question(HRP, ticket.travel_index)
    assert (ticket.due_on, ticket.office_path) == (TODAY + timedelta(days=9), wang.permit.office_path)
    assert refusal(wang.doubts) == "links.asked_already"
    assert tickets_of(wang.resident.person) == [ticket]


@pytest.mark.parametrize(
    ("decision", "remedy", "is_told"), [("stands", "kept", True), ("wrong", "unlinked", False)], ids=["stands", "wrong"]
)
def test_a_head_decides_and_it_follows_at_once(
    wang: Holder, head: Principal, decision: str, remedy: str, is_told: bool
) -> None:
    wang.links()
    ticket = decided(wang.doubts(), head, decision)
    assert (ticket.remedy, ticket.decided_by, ticket.decided_on) == (remedy, head.id, TODAY)
    assert (permit_behind(wang.resident.number) == wang.permit.pk) is is_told
    assert Event.objects.get(kind="links.decided").facts == {"remedy": remedy}
    assert refusal(lambda: decided(ticket, head, decision)) == "links.decided_already"


def test_an_officer_of_another_office_decides_nothing(wang: Holder, town: City) -> None:
    wang.links()
    ticket = wang.doubts()
    elsewhere = town.officer("elsewhere", Role.SUPERVISOR, office="370103")
    with pytest.raises(NotFound):
        decided(ticket, elsewhere, "wrong")
    with pytest.raises(NotFound):
        ticket_for_head(ticket_id=ticket.pk, by=elsewhere, on=TODAY)
    assert tickets_for_head(by=elsewhere, limit=9) == []
    with pytest.raises(Forbidden):
        decided(ticket, town.clerk, "wrong")
    with pytest.raises(NotFound):
        decide_ticket(ticket_id=ticket.pk, decision="wrong", words="x", version=1, on=TODAY, by=wang.resident.principal)
    assert Ticket.objects.get().state == "open"


def test_who_asked_or_linked_does_not_decide(wang: Holder, town: City) -> None:
    both = town.officer("both", Role.CLERK, Role.SUPERVISOR, office="370102")
    at_window(wang.permit, wang.resident.number, both)
    assert refusal(lambda: decided(wang.doubts(), both, "stands")) == "links.decides_own"
    other = town.officer("other", Role.SUPERVISOR, office="370102")
    decided(Ticket.objects.get(), other, "stands")
    mine = report_wrong(permit_id=wang.permit.pk, words="号码抄错", on=TODAY, by=other)
    assert refusal(lambda: decided(mine, other, "wrong")) == "links.decides_own"
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=mine.pk).update(
            state="decided", decision="wrong", remedy="unlinked", decided_by=other.id, decided_on=TODAY
        )


def test_an_officer_reports_a_wrong_link_in_the_area_only(wang: Holder, town: City) -> None:
    wang.links()
    elsewhere = town.officer("elsewhere", Role.CLERK, office="370103")
    with pytest.raises(NotFound):
        report_wrong(permit_id=wang.permit.pk, words="有误", on=TODAY, by=elsewhere)
    ticket = report_wrong(permit_id=wang.permit.pk, words="有误", on=TODAY, by=town.clerk)
    assert ticket.by_officer
    assert permit_behind(wang.resident.number) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"words": " "}, "links.say_what_was_found"),
        ({"words": "长" * 1001}, "links.too_long"),
        ({"decision": "claimant"}, "links.choose_a_decision"),
        ({"version": 7}, "web.stale_version"),
    ],
    ids=["nothing said", "too long", "of another kind", "stale"],
)
def test_a_decision_says_why_and_fits_the_question(
    wang: Holder, head: Principal, changes: dict[str, Any], code: str
) -> None:
    wang.links()
    ticket = wang.doubts()
    facts: dict[str, Any] = {"decision": "wrong", **changes}
    assert refusal(lambda: decided(ticket, head, **facts)) == code


def test_a_link_that_was_ended_meanwhile_does_not_stand(wang: Holder, head: Principal) -> None:
    wang.links()
    ticket = wang.doubts()
    unlink(person=wang.resident.person, acting=wang.resident.person, on=TODAY, by=wang.resident.principal)
    assert refusal(lambda: decided(ticket, head, "stands")) == "links.not_linked"
    assert decided(ticket, head, "wrong").remedy == "unlinked"


@pytest.mark.row("S1-094")
def test_two_persons_with_one_number_link_neither(squatted: Ticket, wang: Holder, chan: Holder, town: City) -> None:
    assert squatted.kind == "collision"
    assert not wang.living
    assert permit_behind(chan.resident.number) is None
    assert at_window(wang.permit, chan.resident.number, town.clerk).ticket == squatted
    assert Entry.objects.filter(action="links.ask").count() == 1


@pytest.mark.parametrize(
    ("decision", "is_whose"), [("claimant", "wang"), ("other", "chan"), ("neither", "")], ids=["first", "other", "none"]
)
def test_a_collision_is_decided_for_one_or_for_none(
    squatted: Ticket, wang: Holder, chan: Holder, head: Principal, decision: str, is_whose: str
) -> None:
    number = chan.resident.number
    decided(squatted, head, decision)
    whose = {"wang": wang.permit, "chan": chan.permit, "": None}[is_whose]
    assert permit_behind(number) == (whose.pk if whose else None)
    held = PersonNumber.objects.filter(number_index=bytes(squatted.travel_index), is_current=True)
    assert [each.person_id for each in held] == ([whose.person_id] if whose else [])
    if is_whose != "chan":
        assert links_of(chan.resident.person)[0].end_reason == "wrong"


def test_a_number_is_released_only_by_the_office_that_is_asked(squatted: Ticket, town: City) -> None:
    elsewhere = town.officer("elsewhere", Role.SUPERVISOR, office="370103")
    reads_as(elsewhere)
    with pytest.raises(DatabaseError), transaction.atomic():
        PersonNumber.objects.raw("SELECT links_release(%s)", [squatted.pk])[0]


def test_typing_somebody_elses_number_stops_no_link(wang: Holder, chan: Holder) -> None:
    chan.links()
    with pytest.raises(Forbidden):
        wang.links(chan.resident.number)
    assert permit_behind(chan.resident.number) == chan.permit.pk


def test_a_number_that_was_linked_and_is_registered_no_longer_still_collides(wang: Holder, chan: Holder) -> None:
    chan.links()
    PersonNumber.objects.filter(person=chan.resident.person, kind=HRP).update(is_current=False)
    claim = wang.links(chan.resident.number, register=lambda *_, **__: True)
    assert claim.ticket is not None
    assert Link.objects.filter(state="linked").count() == 1


def test_a_head_reads_what_was_written_and_that_is_on_record(wang: Holder, head: Principal) -> None:
    wang.links()
    ticket = wang.doubts("号码不是我的")
    assert [each.pk for each in tickets_for_head(by=head, limit=9)] == [ticket.pk]
    assert tickets_for_head(by=head, after=ticket.pk, limit=9) == []
    found, link = ticket_for_head(ticket_id=ticket.pk, by=head, on=TODAY)
    assert (found.words, link) == ("号码不是我的", wang.living[0])
    read = Entry.objects.get(action="links.read_ticket")
    assert (read.person_id, read.actor_id) == (wang.resident.person.pk, head.id)


def test_what_was_written_goes_when_data_go_and_an_open_question_stays(wang: Holder, head: Principal) -> None:
    wang.links()
    decided(wang.doubts("旧事"), head, "stands")
    waiting = wang.doubts("新事")
    forget_links(person_id=wang.resident.person.pk)
    assert [each.words for each in tickets_of(wang.resident.person)] == ["新事", ""]
    assert Ticket.objects.get(pk=waiting.pk).state == "open"


def test_nothing_to_doubt_where_nothing_is_linked(wang: Holder) -> None:
    with pytest.raises(Conflict) as refused:
        wang.doubts()
    assert refused.value.code == "links.not_linked"


def test_the_copy_of_ones_data_holds_links_and_questions(wang: Holder, head: Principal) -> None:
    wang.links()
    decided(wang.doubts("抄错"), head, "wrong")
    copy = parts_of(wang.resident.person)
    assert [(each["proof"], each["end_reason"]) for each in copy["links"]] == [("card", "wrong")]
    assert [(each["words"], each["remedy"]) for each in copy["link_questions"]] == [("抄错", "unlinked")]
