"""Alerts by choice: who and for what, once an hour, and never a flood."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.people import Resident, a_resident
from tests.support.privacy import agreed
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.notifications.guard import dangers_leaving, problems_of_words
from yizhengtong.foundation.notifications.kinds import Channel, kinds, shipped
from yizhengtong.foundation.notifications.models import Contact, Delivery, Message
from yizhengtong.foundation.notifications.rendering import render, sample_facts
from yizhengtong.foundation.texts import LANGUAGES, knows
from yizhengtong.kernel.errors import Invalid
from yizhengtong.law.law import Law
from yizhengtong.verification.holders import alerts
from yizhengtong.verification.holders.alerts import FOLLOWED, KINDS, choose_alerts, tell_of, wanted_among
from yizhengtong.verification.holders.queries import alerts_of
from yizhengtong.verification.holders.tests.conftest import CheckIt, Heads
from yizhengtong.verification.holders.tests.test_tickets import answered, doubted
from yizhengtong.verification.relying_parties.models import RelyingParty

pytestmark = pytest.mark.row("S1-097")


def told(who: Resident) -> list[str]:
    """Deliver everything there is, what was delivered before once more: nothing is told twice."""
    for event in wanted_among(list(Event.objects.filter(kind__in=FOLLOWED).order_by("sequence"))):
        tell_of(event)
    found = Message.objects.filter(person_id=who.person.pk, kind__startswith="check_")
    return list(found.order_by("id").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("choice", "outcome", "kinds_told"),
    [
        ("each", "match", ["check_made"]), ("each", "told", ["check_made"]), ("each", "no_match", ["check_failed"]),
        ("failed", "match", []), ("failed", "told", []), ("failed", "no_match", ["check_failed"]),
        ("failed", "refused", ["check_failed"]), ("none", "match", []), ("none", "refused", []),
        ("", "match", []), ("", "no_match", ["check_failed"]),
    ],
)  # fmt: skip
def test_one_is_told_of_what_one_chose_and_of_failed_checks_where_nobody_chose(
    checked: CheckIt, wang: Resident, choice: str, outcome: str, kinds_told: list[str]
) -> None:
    if choice:
        choose_alerts(person=wang.person, about=choice, by=wang.principal)
    checked(outcome=outcome)
    assert told(wang) == kinds_told


def test_a_message_says_who_and_for_what_and_nothing_of_the_holder(
    checked: CheckIt, wang: Resident, bank: RelyingParty
) -> None:
    checked(outcome="no_match")
    assert told(wang) == ["check_failed"]
    text = Message.objects.get(kind="check_failed").text
    assert bank.name in text
    assert "银行开户" in text
    for secret in (wang.person.name, wang.number, "number", "name"):
        assert secret not in text


def test_somebody_not_registered_is_called_so(checked: CheckIt, wang: Resident) -> None:
    checked(outcome="no_match", party=None, way="share_code")
    told(wang)
    assert "没有登记的核验人" in Message.objects.get(kind="check_failed").text


def test_nobody_is_told_of_anothers_check_or_of_a_check_of_nobody(checked: CheckIt, wang: Resident) -> None:
    other = a_resident(name="李四")
    checked(of=other, outcome="no_match")
    assert told(wang) == []
    assert told(other) == ["check_failed"]


def test_a_relying_party_that_checks_again_and_again_is_told_once_an_hour(checked: CheckIt, wang: Resident) -> None:
    choose_alerts(person=wang.person, about="each", by=wang.principal)
    for _ in range(12):
        checked()
    checked(purpose="work")
    assert len(told(wang)) in {2, 3}  # three where the hour ends between two checks


def test_a_flood_from_many_sides_ends_at_the_most_a_day_may_bring(
    checked: CheckIt, wang: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "ALERTS_A_DAY", 3)
    for purpose in ("bank", "work", "rent", "school", "hotel"):
        checked(purpose=purpose, outcome="no_match")
    assert len(told(wang)) == 3
    Event.objects.all().delete()
    Message.objects.update(at=timezone.now() - timedelta(days=1, seconds=1))
    checked(purpose="hospital", outcome="no_match")
    assert len(told(wang)) == 4


def test_it_leaves_the_platform_only_for_who_agreed_to_be_told(checked: CheckIt, wang: Resident) -> None:
    Contact.objects.create(person_id=wang.person.pk, channel="sms", address="+8613800000001")
    checked(outcome="no_match")
    told(wang)
    assert not Delivery.objects.exists()
    agreed(wang, "notifications")
    checked(outcome="no_match", purpose="work")
    told(wang)
    assert [each.failure for each in Delivery.objects.all()] == [""]


def test_an_answer_to_a_doubt_is_told_without_what_it_says(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads
) -> None:
    answered(doubted(checked(), wang, law), heads.own, words="已向银行核实")
    assert told(wang) == ["check_answered"]
    assert "已向银行核实" not in Message.objects.get(kind="check_answered").text


def test_a_choice_that_there_is_not_is_refused(wang: Resident) -> None:
    with pytest.raises(Invalid):
        choose_alerts(person=wang.person, about="all", by=wang.principal)
    assert alerts_of(wang.person.pk) == "failed"


@pytest.mark.parametrize("code", [*KINDS, "check_answered"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_good_words_in_every_channel(code: str, language: str) -> None:
    assert knows(f"messages.kind_{code}")
    for channel in Channel:
        words: Any = shipped()[code, channel, language]
        assert problems_of_words(kinds()[code], channel, language, words) == []
        read = render(words, kinds()[code], sample_facts(kinds()[code]), language)
        assert "{" not in read.subject + read.text
        if channel != Channel.INBOX:
            assert dangers_leaving(channel, read, ["陈大文"]) == []
