"""Deletion: what signs in stays and what was never proven goes; papers in use stay and replaced ones go."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from tests.support.city import City
from tests.support.law import TODAY
from tests.support.people import Resident, a_resident
from yizhengtong.credentials.papers.forgetting import forget_replaced
from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.foundation.accounts.models import Account, AccountPhone, IdentityLink
from yizhengtong.foundation.accounts.phones import keep_phone
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person
from yizhengtong.rights.privacy.deletion import STAYS, ask_deletion, carry_out_deletions
from yizhengtong.rights.privacy.models import DeletionRequest
from yizhengtong.rights.privacy.tests.conftest import Decided

pytestmark = pytest.mark.row("S1-097")


def printed(person: Person, **more: Any) -> IssuedPaper:
    return IssuedPaper.objects.create(
        reference_hash=uuid4().bytes, kind="receipt", language="zh-Hans", about="case", object_id=new_id(),
        person=person, content_hash=uuid4().bytes * 2, dated=TODAY, office="演示公安局", **more,
    )  # fmt: skip


def deleted_of(who: Resident) -> dict[str, int]:
    ask_deletion(person=who.person, acting=who.person, by=who.principal)
    assert carry_out_deletions() == 1
    return dict(DeletionRequest.objects.get().deleted)


@pytest.mark.parametrize(("verified", "left"), [(True, 1), (False, 0)])
def test_a_number_that_opens_the_account_stays_and_one_that_nobody_proved_goes(
    town: City, verified: bool, left: int
) -> None:
    account = Account.objects.create(username=f"resident-{uuid4().hex[:12]}")
    who = a_resident(account=account)
    keep_phone(account, "+85255500100", is_verified=verified)
    IdentityLink.objects.create(account=account, service="province", subject="x", subject_index=b"0" * 16)
    assert deleted_of(who)["phones"] == 1 - left
    assert (AccountPhone.objects.count(), IdentityLink.objects.count()) == (left, 1)


def test_of_papers_the_one_in_use_stays_and_the_replaced_ones_of_this_person_go(
    decided: Decided,
) -> None:
    person, stranger = decided.wang.person, a_resident(name="李四").person
    now, theirs = printed(person), printed(stranger, replaced_at=timezone.now())
    printed(person, replaced_at=timezone.now())
    assert deleted_of(decided.wang)["traces"] == 1
    assert set(IssuedPaper.objects.values_list("pk", flat=True)) == {now.pk, theirs.pk}


def test_replaced_papers_go_by_themselves_once_their_day_is_over(decided: Decided) -> None:
    at = timezone.now()
    old = printed(decided.wang.person, replaced_at=at - timedelta(days=10))
    young = printed(decided.wang.person, replaced_at=at - timedelta(days=9))
    assert forget_replaced(before=at - timedelta(days=9, hours=1)) == 1
    assert list(IssuedPaper.objects.values_list("pk", flat=True)) == [young.pk]
    assert not IssuedPaper.objects.filter(pk=old.pk).exists()
    assert Entry.objects.get(action="papers.forget").fields == ["papers:1"]
    assert forget_replaced(before=at - timedelta(days=9, hours=1)) == 0


def test_what_stays_has_a_reason_and_is_a_table() -> None:
    tables = {model._meta.db_table for model in apps.get_models()}
    assert set(STAYS) <= tables
    assert {"accounts_accountphone", "accounts_identitylink", "papers_issuedpaper", "feedback_rating"} <= set(STAYS)
    assert all(STAYS.values())
