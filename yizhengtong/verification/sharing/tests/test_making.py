"""Making and ending share codes: by whom, for how long, how many, and what is kept of one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.people import Resident, a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.registry.people.models import Representation
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.sharing import codes
from yizhengtong.verification.sharing.bounds import MOST_LIVING, MOST_USES
from yizhengtong.verification.sharing.models import ShareCode
from yizhengtong.verification.sharing.queries import copy_of, share_codes_of
from yizhengtong.verification.sharing.services import end_codes_of_account, end_share_code, make_share_code
from yizhengtong.verification.sharing.tests.conftest import Make, with_account


def test_of_a_code_only_a_keyed_hash_is_kept_and_what_the_holder_saw(make: Make, permit: Permit) -> None:
    code = make("rent")
    share = ShareCode.objects.get()
    assert bytes(share.code_hash) == codes.code_hash(code)
    assert code.replace("-", "").encode() not in bytes(share.code_hash)
    assert tuple(share.claims) == purposes()["rent"].claims
    assert (share.person_id, share.purpose, share.uses) == (permit.person_id, "rent", 0)
    assert code not in str([getattr(share, field.attname) for field in ShareCode._meta.fields])


def test_codes_are_of_ten_letters_that_nobody_misreads_and_never_the_same() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    assert all(len(each) == 11 and each[5] == "-" and not set(each) & set("ILOU") for each in made)


@pytest.mark.parametrize("typed", ["7K2M9-QXDH4", "7k2m9qxdh4", " 7K2M9 QXDH4 ", "7k2-m9q-xdh4"])
def test_capitals_spaces_and_hyphens_do_not_matter(typed: str) -> None:
    assert codes.normal(typed) == "7K2M9-QXDH4"


@pytest.mark.parametrize(("typed", "meant"), [("O1234-56789", "01234-56789"), ("il234-56789", "11234-56789")])
def test_letters_that_no_code_has_are_read_as_the_digits_they_look_like(typed: str, meant: str) -> None:
    assert codes.normal(typed) == meant


@pytest.mark.parametrize("typed", ["", "7K2M9", "7K2M9-QXDH45", "7K2M9-QXDHU", "字" * 10, "7K2M9-QXDH４"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.normal(typed) == ""


def test_days_and_uses_out_of_bounds_are_told_at_once(make: Make) -> None:
    most = purposes()["rent"].days
    with pytest.raises(Invalid) as refused:
        make(days=most + 1, uses=MOST_USES + 1)
    assert [(each.field, each.facts["most"]) for each in refused.value.errors] == [("days", most), ("uses", MOST_USES)]
    for days, uses in ((0, 1), (1, 0), (-1, 1)):
        with pytest.raises(Invalid):
            make(days=days, uses=uses)
    make(days=most, uses=MOST_USES)
    assert ShareCode.objects.count() == 1


def test_an_unknown_purpose_is_none(make: Make) -> None:
    with pytest.raises(NotFound):
        make("everything")


def test_a_permit_that_is_not_good_is_not_shared(make: Make, permit: Permit, wang: Resident) -> None:
    report_loss(permit_id=permit.pk, by=wang.principal)
    permit.refresh_from_db()
    with pytest.raises(Conflict, match=r"sharing\.not_good"):
        make()


def test_so_many_codes_are_good_at_the_same_time_and_no_more(make: Make, wang: Resident) -> None:
    for _ in range(MOST_LIVING):
        make()
    with pytest.raises(Conflict, match=r"sharing\.too_many_living"):
        make()
    first = ShareCode.objects.order_by("id")[0]
    end_share_code(share_code_id=first.pk, acting=wang.person, at=timezone.now(), by=wang.principal)
    make()


def test_the_holder_ends_a_code_once_and_it_is_on_record(make: Make, wang: Resident) -> None:
    make()
    share = ShareCode.objects.get()
    at = timezone.now()
    for _ in range(2):
        end_share_code(share_code_id=share.pk, acting=wang.person, at=at, by=wang.principal)
    share.refresh_from_db()
    assert (share.ended_at, share.end_reason) == (at, "holder")
    assert Entry.objects.filter(action="sharing.end", person_id=wang.person.pk).count() == 1


def test_somebody_elses_code_is_as_if_it_were_not_there(make: Make, wang: Resident) -> None:
    make()
    li = with_account(a_resident(name="李四"))
    for key in (ShareCode.objects.get().pk, new_id()):
        with pytest.raises(NotFound):
            end_share_code(share_code_id=key, acting=li.person, at=timezone.now(), by=li.principal)
    assert share_codes_of(li.person, timezone.now()) == []
    assert ShareCode.objects.get().ended_at is None


def test_who_acts_for_the_holder_ends_a_code(make: Make, wang: Resident) -> None:
    make()
    parent = with_account(a_resident(name="葉父"))
    Representation.objects.create(
        representative=parent.person, represented=wang.person, relation="guardian",
        since=timezone.now().date() - timedelta(days=9),
    )  # fmt: skip
    key = ShareCode.objects.get().pk
    assert end_share_code(share_code_id=key, acting=parent.person, at=timezone.now(), by=parent.principal).ended_at


def test_codes_of_a_lost_account_end_with_it_and_nobody_elses(make: Make, permit: Permit, wang: Resident) -> None:
    make()
    parent = with_account(a_resident(name="葉父"))
    make_share_code(permit=permit, purpose="work", days=1, uses=1, at=timezone.now(), by=parent.principal)
    assert wang.principal.id is not None
    assert end_codes_of_account(account_id=wang.principal.id, at=timezone.now()) == 1
    assert {(each.code.purpose, each.state) for each in share_codes_of(wang.person, timezone.now())} == {
        ("rent", "account_recovered"), ("work", "good"),
    }  # fmt: skip


@pytest.mark.parametrize(("later", "state"), [(timedelta(days=7), "over"), (timedelta(days=6, hours=23), "good")])
def test_a_code_is_good_to_its_last_moment(make: Make, wang: Resident, later: timedelta, state: str) -> None:
    make(days=7)
    at = ShareCode.objects.get().made_at + later
    assert [each.state for each in share_codes_of(wang.person, at)] == [state]


def test_ones_codes_stand_in_the_copy_of_ones_data_without_the_code(make: Make, wang: Resident) -> None:
    code = make("work", days=3, uses=2)
    (row,) = copy_of(wang.person)
    assert (row["purpose"], row["most_uses"], row["state"], row["used_at"]) == ("work", 2, "good", [])
    assert code not in str(row)
