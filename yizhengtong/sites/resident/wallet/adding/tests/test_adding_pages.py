"""Adding a permit to a wallet from a page: whose, what is shown, what the page says of the law, what an end does."""

import html
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.people import a_principal, a_resident
from yizhengtong.credentials.issuance.models import Batch, Offer
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder, WalletOf
from yizhengtong.credentials.issuance.tests.wallet import a_key
from yizhengtong.credentials.status.models import Change
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.registry.people.models import Representation
from yizhengtong.sites.resident.mine.asking import today
from yizhengtong.sites.resident.mine.tests.conftest import Browse
from yizhengtong.verification.authorization.models import Grant

pytestmark = pytest.mark.django_db
_RAW = re.compile(r">[^<]*\b(?:wallet_adding|issuance|pages)\.[a-z_]+\b|\{[a-z_]+\}")
_LINK = re.compile(r'href="(openid-credential-offer://[^"]+)"')


def page(permit: Permit, rest: str = "") -> str:
    return f"/permits/{public_id('pmt', permit.pk)}/wallet{rest}"


def words(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def held_by(permit: Permit) -> WalletOf:
    """Have a wallet collect for the holder, beside the pages."""
    wallet = WalletOf(Holder(permit, a_principal(permit.person.account_id)))
    wallet.collect(keys=2)
    return wallet


def test_the_permits_page_leads_here(own: Client, permit: Permit) -> None:
    assert f'href="{page(permit)}"' in words(own.get(f"/permits/{public_id('pmt', permit.pk)}"))


def test_an_offer_is_shown_with_link_code_and_minutes_and_holds_no_code_in_its_picture(
    own: Client, permit: Permit, language: str
) -> None:
    assert "openid-credential-offer" not in words(own.get(page(permit)))
    answer = own.post(page(permit), {"forms": [SD_JWT, MDOC]})
    assert (answer.status_code, answer["Location"]) == (302, f"{page(permit)}#offer")
    response = own.get(page(permit), {"lang": language})
    shown = words(response)
    assert response["Cache-Control"] == "no-store"
    assert not _RAW.search(shown)
    link, code = _LINK.search(shown), re.search(r"big\">(\d{6})</code>", shown)
    assert link
    assert code
    assert code[1] not in html.unescape(link[1])
    assert "<details" in shown
    assert "10" in shown
    assert Grant.objects.get().configuration_ids == [SD_JWT, MDOC]
    assert Entry.objects.filter(action="issuance.offer", person_id=permit.person_id).count() == 1


def test_the_page_says_that_the_form_of_an_hmt_permit_has_no_legal_force(own: Client, permit: Permit) -> None:
    assert 'class="notice warn" aria-labelledby="statutory"' in words(own.get(page(permit)))


def test_a_form_must_be_chosen(own: Client, permit: Permit) -> None:
    assert own.post(page(permit), {}).status_code == 200
    assert own.post(page(permit), {"forms": ["zhejiang_permit_sd_jwt"]}).status_code == 200
    assert not Offer.objects.exists()


def test_nobody_else_sees_or_makes_an_offer(stranger: Client, permit: Permit) -> None:
    assert stranger.get(page(permit)).status_code == 404
    assert stranger.post(page(permit), {"forms": [SD_JWT]}).status_code == 404
    answer = Client().get(page(permit))
    assert (answer.status_code, "sign-in" in answer["Location"]) == (302, True)


def test_who_acts_for_the_holder_adds_it_to_a_wallet_of_their_own(permit: Permit, browse: Browse) -> None:
    guardian = a_resident(name="王大明").person
    since = today() - timedelta(days=1)
    Representation.objects.create(representative=guardian, represented=permit.person, relation="guardian", since=since)
    client = browse(guardian)
    assert client.post(page(permit), {"forms": [SD_JWT]}).status_code == 302
    assert "openid-credential-offer" in words(client.get(page(permit)))
    assert Offer.objects.get().made_by == guardian.account_id


def test_what_is_lost_is_not_offered(own: Client, permit: Permit) -> None:
    Permit.objects.filter(pk=permit.pk).update(state=PermitState.LOST)
    assert "<button" not in words(own.get(page(permit))).split("<main")[1]
    assert own.post(page(permit), {"forms": [SD_JWT]}).status_code == 409


def test_the_code_of_an_offer_opens_nothing_once_there_is_a_new_one(own: Client, permit: Permit) -> None:
    for _ in range(2):
        own.post(page(permit), {"forms": [SD_JWT]})
    assert list(Grant.objects.order_by("id").values_list("end", flat=True)) == ["holder", ""]
    Grant.objects.filter(end="").update(begun_at=timezone.now())
    own.post(page(permit), {"forms": [SD_JWT]})
    ends = list(Grant.objects.order_by("id").values_list("end", flat=True))
    assert ends == ["holder", "", ""], "what a wallet has taken up stays"


def test_an_offer_that_has_ended_is_gone(own: Client, permit: Permit) -> None:
    own.post(page(permit), {"forms": [SD_JWT]})
    Offer.objects.update(expires_at=timezone.now())
    assert "openid-credential-offer" not in words(own.get(page(permit)))


def test_the_page_says_when_a_wallet_has_collected(own: Client, permit: Permit) -> None:
    own.post(page(permit), {"forms": [SD_JWT]})
    assert 'class="notice good"' not in words(own.get(page(permit)))
    held_by(permit)
    assert 'class="notice good"' in words(own.get(page(permit)))


def test_ending_a_wallet_asks_once_and_takes_everything_from_it(own: Client, permit: Permit, stranger: Client) -> None:
    wallet, account_id = held_by(permit), permit.person.account_id
    assert account_id is not None
    Grant.objects.create(
        pk=wallet.grant_id, person=permit.person, account_id=account_id, kind="pre_authorized",
        configuration_ids=[SD_JWT], begun_at=timezone.now(), renewed_at=timezone.now(),
    )  # fmt: skip
    another = Grant.objects.create(
        person=permit.person, account_id=account_id, kind="code", configuration_ids=[SD_JWT],
        begun_at=timezone.now(), dpop_thumbprint=wallet.key.key_id, renewed_at=timezone.now(),
    )  # fmt: skip
    found = re.search(r'href="(/permits/[^"]+/end)"', words(own.get(page(permit))))
    assert found
    assert stranger.post(found[1]).status_code == 404
    assert not Change.objects.filter(list_id__isnull=False).exists()
    assert "<form" in words(own.get(found[1]))
    assert own.post(found[1]).status_code == 302
    assert Batch.objects.get().ended_at is not None
    assert Change.objects.filter(permit_id=permit.pk, list_id__isnull=False).count() == 2
    ended = Grant.objects.filter(ended_at__isnull=False).values_list("pk", flat=True)
    assert set(ended) == {wallet.grant_id, another.pk}
    assert found[1] not in words(own.get(page(permit)))
    assert own.post(found[1]).status_code == 404


def taken_up(permit: Permit, **changes: Any) -> Grant:
    """Have a wallet take up an offer, and collect nothing."""
    account_id = permit.person.account_id
    assert account_id is not None
    now = timezone.now()
    given = {"dpop_thumbprint": a_key().key_id, "configuration_ids": [SD_JWT, MDOC], "begun_at": now, "renewed_at": now}
    return Grant.objects.create(
        person=permit.person, account_id=account_id, kind="pre_authorized", **{**given, **changes}
    )


def test_a_wallet_that_took_up_an_offer_and_never_collected_is_seen_and_ended(
    own: Client, permit: Permit, stranger: Client, language: str
) -> None:
    grant = taken_up(permit, client_name="Example Wallet")
    shown = words(own.get(page(permit), {"lang": language}))
    assert "Example Wallet" in shown
    assert not _RAW.search(shown)
    (end,) = re.findall(r'href="(/permits/[^"]+/end)"', shown)
    assert stranger.get(end).status_code == stranger.post(end).status_code == 404
    assert not _RAW.search(words(own.get(end, {"lang": language})))
    assert own.post(end).status_code == 302
    grant.refresh_from_db()
    assert grant.end == "holder"
    assert end not in words(own.get(page(permit)))
    assert own.post(end).status_code == 404


def test_a_wallet_whose_copies_are_over_may_still_collect_and_is_ended_with_what_it_holds_of_others(
    own: Client, permit: Permit
) -> None:
    wallet = held_by(permit)
    Batch.objects.update(expires_on=today() - timedelta(days=1))
    grants = [taken_up(permit, dpop_thumbprint=wallet.key.key_id) for _ in range(2)]
    (end,) = re.findall(r'href="(/permits/[^"]+/end)"', words(own.get(page(permit))))
    assert own.post(end).status_code == 302
    assert set(Grant.objects.filter(end="holder")) == set(grants)
    assert Batch.objects.get().ended_at is not None


def test_a_wallet_that_holds_copies_is_listed_once(own: Client, permit: Permit) -> None:
    taken_up(permit, dpop_thumbprint=held_by(permit).key.key_id)
    assert len(re.findall(r'href="/permits/[^"]+/end"', words(own.get(page(permit))))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"configuration_ids": ["zhejiang_permit_sd_jwt"]}, {"begun_at": None},
        {"ended_at": timezone.now, "end": "client"},
        {"renewed_at": lambda: timezone.now() - timedelta(days=181)},
    ],
    ids=["another_permits", "not_taken_up", "ended", "over"],
)  # fmt: skip
def test_what_can_collect_nothing_of_this_permit_is_not_listed(
    own: Client, permit: Permit, changes: dict[str, Any]
) -> None:
    taken_up(permit, **{name: value() if callable(value) else value for name, value in changes.items()})
    assert not re.findall(r'href="/permits/[^"]+/end"', words(own.get(page(permit))))


@pytest.mark.parametrize("wallet_id", ["x", public_id("wlt", UUID(int=7)), public_id("pmt", UUID(int=7))])
def test_a_wallet_that_is_not_there_is_not_ended(own: Client, permit: Permit, wallet_id: str) -> None:
    assert own.post(page(permit, f"/{wallet_id}/end")).status_code == 404
