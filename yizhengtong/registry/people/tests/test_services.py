"""Registering persons and their numbers."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, Invalid, Problem, Stale
from yizhengtong.kernel.numbers import DocumentKind, hmt_permit_number
from yizhengtong.kernel.numbers.synthetic import hrp, mtp_taiwan
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.queries import current_number, find_by_name, find_by_number, person_of
from yizhengtong.registry.people.services import Correction, add_number, correct_person
from yizhengtong.registry.people.tests.persons import OFFICER_LI, a_person

pytestmark = pytest.mark.django_db
HRP = DocumentKind.HRP


def number_of(person: Person, number: str, kind: DocumentKind = HRP) -> PersonNumber:
    return add_number(person=person, kind=kind, number=number, by=OFFICER_LI)


def test_a_name_is_kept_exactly_as_printed() -> None:
    person = a_person(name="鍾 美玲", latin_name="CHUNG, Mei Ling")
    stored = Person.objects.get(pk=person.pk)
    assert (stored.name, stored.latin_name) == ("鍾 美玲", "CHUNG, Mei Ling")


def test_all_that_is_wrong_with_a_person_is_told_at_once() -> None:
    tomorrow = timezone.now().date() + timedelta(days=2)
    with pytest.raises(Invalid) as refused:
        a_person(name=" ", latin_name="x" * 121, birth_date=tomorrow, sex="?", region="XX")
    assert {error.field: error.code for error in refused.value.errors} == {
        "name": "people.name_missing",
        "latin_name": "people.name_too_long",
        "birth_date": "people.born_in_future",
        "sex": "people.unknown_sex",
        "region": "people.unknown_region",
    }


def test_an_account_has_one_person() -> None:
    account = Account.objects.create(username="xiaoming")
    person = a_person(account=account)
    assert person_of(account.pk) == person
    with pytest.raises(Conflict, match=r"people\.account_has_a_person"):
        a_person(account=account)


@pytest.mark.row("S1-094")
def test_one_person_has_many_numbers_and_is_found_by_each() -> None:
    person = a_person()
    permit = hmt_permit_number("HK", person.birth_date, 1)
    number_of(person, hrp(1, "HK"))
    number_of(person, permit, DocumentKind.HMT_PERMIT)
    assert find_by_number(HRP, hrp(1, "HK"), OFFICER_LI, "test") == person
    assert find_by_number(DocumentKind.HMT_PERMIT, permit.lower(), OFFICER_LI, "test") == person


def test_a_renewed_travel_permit_takes_the_place_of_the_old_one() -> None:
    person = a_person()
    old = number_of(person, hrp(1, "HK", issue_count=1))
    new = number_of(person, hrp(1, "HK", issue_count=2))
    old.refresh_from_db()
    assert (old.is_current, new.is_current, new.issue_count) == (False, True, 2)
    assert current_number(person, HRP) == new
    for count in (None, 1, 2, 3):
        assert find_by_number(HRP, hrp(1, "HK", issue_count=count), OFFICER_LI, "test") == person


def test_a_number_of_somebody_else_is_refused_without_saying_whose_it_is() -> None:
    first, second = a_person(name="陳大文"), a_person()
    number_of(first, hrp(1, "HK", issue_count=1))
    with pytest.raises(Conflict) as refused:
        number_of(second, hrp(1, "HK", issue_count=2))
    assert refused.value.code == "people.number_names_someone_else"
    assert refused.value.facts == {}
    assert all(str(first.pk) not in str(part) for part in (refused.value.errors, refused.value.args))
    assert current_number(second, HRP) is None


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"birth_date": date(1994, 8, 22)}, "people.number_contradicts_birth_date"),
        ({"birth_date": date(1994, 8, 24)}, "people.number_contradicts_birth_date"),
        ({"sex": "F"}, "people.number_contradicts_sex"),
        ({"region": "MO"}, "people.number_contradicts_region"),
    ],
)
def test_a_number_that_says_otherwise_than_its_bearer_is_refused(facts: dict[str, object], code: str) -> None:
    person = a_person(**facts)
    with pytest.raises(Invalid, match=code):
        number_of(person, hmt_permit_number("HK", date(1994, 8, 23), 1), DocumentKind.HMT_PERMIT)


def test_a_travel_permit_of_macao_does_not_belong_to_a_hong_kong_resident() -> None:
    with pytest.raises(Invalid, match=r"people\.number_contradicts_region"):
        number_of(a_person(), hrp(1, "MO"))
    with pytest.raises(Invalid, match=r"people\.number_contradicts_region"):
        number_of(a_person(), mtp_taiwan(1), DocumentKind.MTP_TAIWAN_FIVE_YEAR)


def test_an_unknown_kind_is_told_as_such() -> None:
    with pytest.raises(Invalid, match=r"people\.unknown_kind"):
        add_number(person=a_person(), kind="library_card", number="1", by=OFFICER_LI)


def test_a_correction_keeps_what_stood_before() -> None:
    person = a_person()
    corrected = correct_person(
        person=person, version=1, correction=Correction(name="王小鳴", birth_date=date(1994, 8, 24)), by=OFFICER_LI
    )
    assert (corrected.name, corrected.version) == ("王小鳴", 2)
    history = apps.get_model("people", "PersonEvent").objects.filter(id=person.pk).order_by("pgh_id")
    assert [row.version for row in history] == [1, 2]
    assert Entry.objects.get(action="people.correct_person").fields == ["birth_date", "name"]
    with pytest.raises(Stale, match=r"web\.stale_version"):
        correct_person(person=person, version=1, correction=Correction(name="王"), by=OFFICER_LI)


def test_a_correction_that_a_current_number_contradicts_is_refused() -> None:
    person = a_person()
    number_of(person, hmt_permit_number("HK", person.birth_date, 1), DocumentKind.HMT_PERMIT)
    with pytest.raises(Invalid, match=r"people\.number_contradicts_sex"):
        correct_person(person=person, version=1, correction=Correction(sex="F"), by=OFFICER_LI)


def test_names_are_found_by_parts_variants_and_latin_letters_and_each_look_is_recorded() -> None:
    chung, other = a_person(name="鍾美玲", latin_name="CHUNG Mei Ling"), a_person(name="陳美玲")
    for text in ("钟美", "鍾美玲", "mei ling", "CHUNG"):
        assert find_by_name(text, OFFICER_LI, "find an applicant") == (chung,)
    assert set(find_by_name("美玲", OFFICER_LI, "find an applicant")) == {chung, other}
    assert find_by_name("玲美", OFFICER_LI, "find an applicant") == find_by_name(" ", OFFICER_LI, "find") == ()
    looks = Entry.objects.filter(kind="read", person_id=other.pk)
    assert [(look.action, look.purpose) for look in looks] == [("people.show_found", "find an applicant")]


def test_finding_by_number_is_recorded_even_when_nobody_is_found() -> None:
    assert find_by_number(HRP, hrp(9, "HK"), OFFICER_LI, "front desk") is None
    entry = Entry.objects.get(action="people.find_by_number")
    assert (entry.kind, entry.person_id, entry.purpose) == ("read", None, "front desk")
    assert hrp(9, "HK") not in str(entry.__dict__)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_claim_one_number_at_once_do_not_both_get_it() -> None:
    for seed in range(10):
        people = [a_person(), a_person()]
        results: list[str] = []
        together = Barrier(2)

        def claim(person: Person, results: list[str] = results, together: Barrier = together, seed: int = seed) -> None:
            try:
                together.wait(10)
                number_of(person, hrp(seed, "HK"))
                results.append("")
            except Problem as problem:
                results.append(problem.code)
            finally:
                connection.close()

        threads = [Thread(target=claim, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(results) == ["", "people.number_names_someone_else"]
        assert PersonNumber.objects.filter(person__in=people, is_current=True).count() == 1
