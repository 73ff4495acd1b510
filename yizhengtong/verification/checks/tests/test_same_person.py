"""Same person: yes for who knows both numbers and whose holder linked and agreed; for all else the same no."""

from datetime import date
from typing import Any

import pytest

from tests.support.cases import case_at, permit_of
from tests.support.city import City
from tests.support.law import TODAY
from tests.support.people import Resident, a_resident, travel_number
from tests.support.privacy import agreed
from tests.support.web_role import as_web
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind
from yizhengtong.kernel.errors import Forbidden, Invalid, TooMany
from yizhengtong.kernel.numbers import DocumentKind, hmt_permit_number
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.services import add_number
from yizhengtong.verification.checks.blocks import block
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.checks.same_person import Document, SamePerson, same_person
from yizhengtong.verification.checks.tests.asking import NAME, a_caller
from yizhengtong.verification.links.models import Link
from yizhengtong.verification.links.services import link_online, unlink
from yizhengtong.verification.links.tickets import say_wrong
from yizhengtong.verification.relying_parties.callers import Caller

pytestmark = pytest.mark.django_db
HRP, PERMIT = DocumentKind.HRP, DocumentKind.HMT_PERMIT
NOBODYS = hmt_permit_number("HK", date(1990, 1, 1), 7)
Held = tuple[Permit, Resident]


@pytest.fixture
def shop(town: City) -> Caller:
    return a_caller("bank", "commerce")


@pytest.fixture
def held(town: City) -> Held:
    case, resident = case_at(town, CaseState.COMPLETED, resident=a_resident(name=NAME))
    agreed(resident, "check_bank")
    permit = permit_of(case)
    link_online(
        person=resident.person, acting=resident.person, kind=HRP, number=resident.number, agreed=True,
        apart=("provision",), on=TODAY, by=resident.principal,
    )  # fmt: skip
    return permit, resident


def ask(caller: Caller, held: Held, **changes: Any) -> SamePerson:
    permit, resident = held
    known = Document(HRP, changes.pop("travel", resident.number), changes.pop("known_name", NAME))
    other = Document(PERMIT, changes.pop("permit", permit.number), changes.pop("other_name", NAME))
    sent: dict[str, Any] = {"purpose": "bank", "known": known, "other": other, "on": TODAY}
    return same_person(caller=caller, **(sent | changes))


def in_short(answer: SamePerson) -> tuple[bool, bool]:
    return answer.is_same, answer.subject is not None


@pytest.mark.row("S1-094", "S1-095")
def test_an_account_opened_with_one_number_goes_on_with_the_other(shop: Caller, held: Held) -> None:
    first = ask(shop, held)
    assert in_short(first) == (True, True)
    assert Check.objects.get(pk=first.check_id).outcome == "match"
    permit, document = Document(PERMIT, held[0].number, "叶小明"), Document(HRP, held[1].number, NAME)
    turned = ask(shop, held, known=permit, other=document)
    assert turned.subject == first.subject
    for number in (held[0].number, held[1].number, held[1].number[1:9]):
        assert number not in str(first)


@pytest.mark.row("S1-094")
def test_a_renewed_document_is_the_same_persons_under_the_same_subject(shop: Caller, held: Held) -> None:
    assert ask(shop, held, travel=held[1].number[:9] + "05").subject == ask(shop, held).subject is not None


def test_every_relying_party_has_a_subject_of_its_own(shop: Caller, held: Held) -> None:
    assert ask(shop, held).subject != ask(a_caller("bank", name="另一家"), held).subject


@pytest.mark.parametrize(
    "changes",
    [
        {"known_name": "王大明"},
        {"other_name": "王大明"},
        {"permit": NOBODYS},
        {"travel": travel_number(HRP, "HK")},
        {"permit": NOBODYS, "travel": travel_number(HRP, "HK")},
        {"purpose": "commerce"},
    ],
    ids=["name", "other name", "nobody's permit", "nobody's document", "nobody's", "not agreed"],
)
def test_whatever_is_missing_the_answer_is_the_same_no(shop: Caller, held: Held, changes: dict[str, Any]) -> None:
    answer = ask(shop, held, **changes)
    assert in_short(answer) == (False, False)
    assert Check.objects.get(pk=answer.check_id).is_match is False


@pytest.mark.row("S1-094")
def test_once_unlinked_doubted_or_shut_out_it_is_no(shop: Caller, held: Held) -> None:
    person, by = held[1].person, held[1].principal
    say_wrong(person=person, acting=person, words="不是我的", on=TODAY, by=by)
    assert in_short(ask(shop, held)) == (False, False)
    unlink(person=person, acting=person, on=TODAY, by=by)
    assert in_short(ask(shop, held)) == (False, False)


def test_a_party_that_was_shut_out_is_not_told_so(shop: Caller, held: Held) -> None:
    block(person=held[1].person, party_id=shop.pk, by=held[1].principal)
    assert in_short(ask(shop, held)) == (False, False)
    check = Check.objects.get(person_id=held[1].person.pk)
    assert (check.outcome, check.way) == ("refused", "same_person")


def test_numbers_of_two_persons_are_not_one_and_both_see_who_asked(shop: Caller, held: Held, town: City) -> None:
    case, other = case_at(town, CaseState.COMPLETED, resident=a_resident(name="陳大文"))
    agreed(other, "check_bank")
    answer = ask(shop, held, permit=permit_of(case).number, other_name="陳大文")
    assert in_short(answer) == (False, False)
    assert {each.person_id for each in Check.objects.all()} == {other.person.pk, held[1].person.pk}
    assert {each.outcome for each in Check.objects.all()} == {"no_match"}


def test_who_typed_the_number_that_was_asked_about_sees_nothing_of_it(shop: Caller, held: Held) -> None:
    mallory, number = a_resident(name="馬洛里"), travel_number(HRP, "HK")
    add_number(person=mallory.person, kind=HRP, number=number, by=mallory.principal)
    assert in_short(ask(shop, held, travel=number)) == (False, False)
    assert {each.person_id for each in Check.objects.all()} == {held[1].person.pk, None}
    ask(shop, held, travel=number, known_name="馬洛里")
    assert Check.objects.filter(person_id=mallory.person.pk).count() == 1


def test_the_holder_sees_who_asked_for_what_and_nothing_of_the_numbers_is_kept(shop: Caller, held: Held) -> None:
    ask(shop, held)
    check = Check.objects.get()
    assert (check.way, check.purpose, check.outcome, check.person_id) == (
        "same_person", "bank", "match", held[1].person.pk,
    )  # fmt: skip
    entry = Entry.objects.get(action="checks.same_person")
    assert (entry.person_id, entry.fields) == (held[1].person.pk, ["number", "name"])


def test_no_writes_as_much_of_nobody_as_of_somebody(shop: Caller, held: Held) -> None:
    for changes in ({"permit": NOBODYS, "travel": travel_number(HRP, "HK")}, {"known_name": "王大明"}):
        before = Check.objects.count()
        ask(shop, held, **changes)
        assert Check.objects.count() == before + 2


def test_numbers_cannot_be_tried_beside_one_that_is_known(shop: Caller, held: Held, settings: Any) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "checks_of_one": (3, 3600)}
    for _ in range(3):
        ask(shop, held, travel=travel_number(HRP, "HK"))
    with pytest.raises(TooMany):
        ask(shop, held)


def test_a_purpose_that_is_not_granted_asks_nothing(shop: Caller, held: Held) -> None:
    with pytest.raises(Forbidden):
        ask(shop, held, purpose="hotel")
    assert not Check.objects.exists()


@pytest.mark.parametrize(
    ("known", "other", "fields"),
    [
        (Document(PERMIT, NOBODYS, NAME), Document(PERMIT, NOBODYS, NAME), {"known.kind", "other.kind"}),
        (Document(HRP, "H1", NAME), Document(PERMIT, "81", NAME), {"known.number", "other.number"}),
    ],
    ids=["two permits", "two slips"],
)
def test_one_of_each_is_needed_and_all_that_is_wrong_is_told(
    shop: Caller, town: City, known: Document, other: Document, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        same_person(caller=shop, purpose="bank", known=known, other=other, on=TODAY)
    assert {each.field for each in refused.value.errors} == fields


@pytest.mark.usefixtures("roles")
def test_under_the_webs_role_a_relying_party_learns_the_answer_and_reads_no_link(shop: Caller, held: Held) -> None:
    with as_web(Reader(ReaderKind.PARTNER, str(shop.pk))):
        assert not Link.objects.exists()
        assert in_short(ask(shop, held)) == (True, True)


@pytest.mark.parametrize(("name", "is_same"), [("陈大文", True), ("李四", False)], ids=["theirs", "another name"])
def test_a_test_key_is_answered_from_the_test_people_and_nothing_is_written(
    town: City, held: Held, name: str, is_same: bool
) -> None:
    tester = a_caller(is_test=True)
    simple = {"travel": "H5396079901", "permit": "810000199408230072", "known_name": "CHAN TAI MAN", "other_name": name}
    assert in_short(ask(tester, held, **simple)) == (is_same, is_same)
    assert in_short(ask(tester, held)) == (False, False)
    assert not Check.objects.exists()
