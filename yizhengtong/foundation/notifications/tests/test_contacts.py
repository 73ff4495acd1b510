"""Addresses confirmed by a code, and words changed by two."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.notifications.contacts import (
    MOST_CODES_A_DAY,
    MOST_TRIES,
    ask_confirmation,
    confirm,
    forget_contact,
    normal_address,
)
from yizhengtong.foundation.notifications.kinds import Words, shipped
from yizhengtong.foundation.notifications.models import Challenge, Contact, Delivery, Template
from yizhengtong.foundation.notifications.templates import (
    Place,
    decide_words,
    history_of,
    preview,
    propose_words,
    restore_words,
    words_in_use,
)
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany

pytestmark = pytest.mark.django_db
PHONE = "+8613800000001"
BY = Principal(PrincipalKind.RESIDENT, uuid4())
PLACE = Place("accepted", "sms", "zh-Hans")


def asked(person: UUID, address: str = PHONE, channel: str = "sms") -> str:
    """Ask for a code and return what was sent."""
    ask_confirmation(person_id=person, channel=channel, address=address, language="zh-Hans", by=BY)
    found = re.search(r"\d{6}", Delivery.objects.order_by("id").latest("id").text)
    assert found is not None
    return found.group()


def test_a_code_said_back_confirms_the_address() -> None:
    person = uuid4()
    code = asked(person, "138 0000-0001")
    assert Contact.objects.count() == 0
    assert confirm(person_id=person, channel="sms", code=code, by=BY).address == PHONE
    with pytest.raises(Conflict, match="code_over"):
        confirm(person_id=person, channel="sms", code=code, by=BY)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_tries_are_limited() -> None:
    person = uuid4()
    code = asked(person)
    for _ in range(MOST_TRIES):
        with pytest.raises(Conflict, match="code_wrong"):
            confirm(person_id=person, channel="sms", code=wrong(code), by=BY)
    with pytest.raises(Conflict, match="code_over"):
        confirm(person_id=person, channel="sms", code=code, by=BY)


def test_the_last_try_may_be_the_right_one() -> None:
    person = uuid4()
    code = asked(person)
    for _ in range(MOST_TRIES - 1):
        with pytest.raises(Conflict):
            confirm(person_id=person, channel="sms", code=wrong(code), by=BY)
    assert confirm(person_id=person, channel="sms", code=code, by=BY)


def test_a_code_ends_with_its_time_and_with_the_next_one() -> None:
    person = uuid4()
    first = asked(person)
    second = asked(person)
    if first != second:
        with pytest.raises(Conflict, match="code_wrong"):
            confirm(person_id=person, channel="sms", code=first, by=BY)
    Challenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Conflict, match="code_over"):
        confirm(person_id=person, channel="sms", code=second, by=BY)


def test_a_code_serves_its_person_and_channel_alone() -> None:
    person = uuid4()
    code = asked(person)
    for other, channel in ((uuid4(), "sms"), (person, "email")):
        with pytest.raises(Conflict, match="code_over"):
            confirm(person_id=other, channel=channel, code=code, by=BY)


def test_no_number_is_made_to_ring_by_many() -> None:
    for _ in range(MOST_CODES_A_DAY):
        asked(uuid4())
    with pytest.raises(TooMany):
        asked(uuid4(), "138-0000-0001")
    asked(uuid4(), "+8613800000002")


def test_a_code_is_kept_nowhere_but_in_its_sealed_message() -> None:
    code = asked(uuid4())
    challenge = Challenge.objects.get()
    assert code.encode() not in bytes(challenge.code_digest)
    assert not re.search(r"\d{7}", Delivery.objects.get().text)


def test_an_address_taken_back_is_gone() -> None:
    person = uuid4()
    confirm(person_id=person, channel="sms", code=asked(person), by=BY)
    forget_contact(person_id=person, channel="sms", by=BY)
    assert Contact.objects.count() == 0
    with pytest.raises(NotFound):
        forget_contact(person_id=person, channel="sms", by=BY)


@pytest.mark.parametrize(
    ("channel", "given", "normal"),
    [
        ("sms", "13800000001", PHONE), ("sms", "+852 5550 0100", "+85255500100"), ("sms", "+86 138 0000 0001", PHONE),
        ("sms", "+886 912 345 678", "+886912345678"), ("sms", "+81 90 1234 5678", "+819012345678"),
        ("email", " Wang@Example.ORG ", "Wang@example.org"),
    ],
)  # fmt: skip
def test_addresses_have_one_form(channel: str, given: str, normal: str) -> None:
    assert normal_address(channel, given) == normal


@pytest.mark.parametrize(
    ("channel", "given"),
    [
        ("sms", "1３800000001"), ("sms", "+86013800000001"), ("sms", "+86138000000012"), ("sms", "+852555001001"),
        ("sms", "+8860912345678"),
        ("sms", "12345"), ("sms", "+0123456789"), ("sms", "138000000012"), ("sms", "wang@example.org"),
        ("email", "wang"),
        ("email", "a@b"), ("email", "a@b.org\nBcc: c@d.org"), ("email", "a b@c.org"), ("email", "王@example.org"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(channel: str, given: str) -> None:
    with pytest.raises(Invalid):
        normal_address(channel, given)


def administrator(path: str = "370100", *roles: Role) -> Principal:
    return Principal(
        PrincipalKind.STAFF, uuid4(), office_path=path, roles=frozenset(roles or (Role.ADMINISTRATOR,)),
        has_second_factor=True,
    )  # fmt: skip


GOOD = Words("", "您好，{item}已受理，请于{due_on}后查看。")


def test_words_are_used_once_a_second_person_agrees() -> None:
    first, second = administrator(), administrator()
    proposed = propose_words(place=PLACE, words=GOOD, by=first)
    assert words_in_use(*PLACE.key) == shipped()[PLACE.key]
    with pytest.raises(Forbidden, match="own_words"):
        decide_words(template_id=proposed.pk, approved=True, by=first)
    decide_words(template_id=proposed.pk, approved=True, by=second)
    assert words_in_use(*PLACE.key) == GOOD


def test_the_words_of_the_release_come_back_and_every_version_stays() -> None:
    proposed = propose_words(place=PLACE, words=GOOD, by=administrator())
    decide_words(template_id=proposed.pk, approved=True, by=administrator())
    restore_words(place=PLACE, by=administrator())
    assert words_in_use(*PLACE.key) == shipped()[PLACE.key]
    assert list(history_of(PLACE).values_list("version", "state")) == [(2, "in_use"), (1, "retired")]


def test_one_proposal_waits_at_a_time() -> None:
    first = propose_words(place=PLACE, words=GOOD, by=administrator())
    with pytest.raises(Conflict, match="words_proposed"):
        propose_words(place=PLACE, words=GOOD, by=administrator())
    decide_words(template_id=first.pk, approved=False, by=administrator())
    assert propose_words(place=PLACE, words=GOOD, by=administrator()).version == 2


def test_bad_words_are_refused_with_everything_wrong() -> None:
    bad = Words("", "请看{who}的号码12345678")
    for ask in (lambda: preview(PLACE, bad), lambda: propose_words(place=PLACE, words=bad, by=administrator())):
        with pytest.raises(Invalid) as told:
            ask()
        assert len(told.value.errors) == 3
    assert Template.objects.count() == 0


def test_only_administrators_of_the_top_office_change_words() -> None:
    for by, problem in (
        (administrator("370100", Role.CLERK), Forbidden), (administrator("370100.370102"), NotFound), (BY, NotFound)
    ):  # fmt: skip
        with pytest.raises(problem):
            propose_words(place=PLACE, words=GOOD, by=by)


def test_words_for_no_place_are_not_found() -> None:
    with pytest.raises(NotFound):
        preview(Place("nothing", "sms", "en"), GOOD)
