"""The tree of offices: an office covers itself and all below it, and nothing beside it."""

import pytest

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict


def an_officer(path: str) -> Principal:
    return Principal(PrincipalKind.STAFF, None, office_path=path)


@pytest.mark.django_db
def test_a_path_holds_the_codes_from_the_root() -> None:
    city = create_office(code="370100", name="济南市公安局", region="370100", parent=None, by=SYSTEM)
    bureau = create_office(code="370102", name="历下分局", region="370102", parent=city, by=SYSTEM)
    point = create_office(code="370100-01", name="历下受理点", region="370102", parent=bureau, by=SYSTEM)
    assert point.path == "370100.370102.370100-01"
    assert Entry.objects.filter(action="accounts.create_office").count() == 3


@pytest.mark.django_db
def test_two_offices_never_share_a_code() -> None:
    city = create_office(code="370100", name="济南市公安局", region="370100", parent=None, by=SYSTEM)
    with pytest.raises(Conflict) as refusal:
        create_office(code="370100", name="另一个", region="370100", parent=city, by=SYSTEM)
    assert refusal.value.code == "accounts.office_exists"
    assert Office.objects.get().name == "济南市公安局"


COVERED = [("37", "37"), ("37", "37.3701"), ("37", "37.3701.370102"), ("37.3701", "37.3701.370102")]
NOT_COVERED = [("37.3701", "37"), ("37.3701", "37.3702"), ("37.3701", "37.37010"), ("37.3701", "370.3701"), ("37", "3")]


@pytest.mark.parametrize(("office", "other"), COVERED)
def test_an_office_covers_itself_and_all_below_it(office: str, other: str) -> None:
    assert an_officer(office).covers(other)
    assert Office(path=office).covers(other)


@pytest.mark.parametrize(("office", "other"), NOT_COVERED)
def test_an_office_covers_nothing_above_it_or_beside_it(office: str, other: str) -> None:
    assert not an_officer(office).covers(other)
    assert not Office(path=office).covers(other)


def test_who_has_no_office_covers_nothing() -> None:
    assert not an_officer("").covers("37")
    assert not an_officer("").covers("")
