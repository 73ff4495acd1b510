"""Offer a permit to a wallet of one's own by a code and a link; see which wallets hold it, and end one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.catalogue.queries import CredentialType
from yizhengtong.credentials.issuance.copies import Readiness, last_day_of_copies, offered_types, readiness
from yizhengtong.credentials.issuance.ending import end_wallet
from yizhengtong.credentials.issuance.offering import Granted, MadeOffer, offer, open_offer
from yizhengtong.credentials.issuance.queries import (
    Collected,
    holding_none,
    key_of,
    wallet_of,
    wallets_of,
)
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.pages.forms import Checks, PageForm
from yizhengtong.foundation.pages.qr import qr_code
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import law_of_permit
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.resident.mine.asking import WHO, own_page, today
from yizhengtong.sites.resident.mine.permits import own_permit, permit_name
from yizhengtong.verification.authorization.models import Grant
from yizhengtong.verification.authorization.queries import grants_of
from yizhengtong.verification.authorization.services import end_grant, offer_grant, withdraw_offers

WALLET, GRANT = "wlt", "wgr"
_STATUTORY = "eform.statutory"


class FormsForm(PageForm):
    """In which forms the wallet is to get the permit: all, unless one is unticked."""

    words = "wallet_adding."
    forms = forms.MultipleChoiceField(widget=Checks())

    def __init__(self, data: object, *, reader: Reader, types: Sequence[CredentialType]) -> None:
        super().__init__(data, reader=reader)
        field = self.fields["forms"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 as it stands above
        field.choices = [(each.configuration_id, form_words(each.configuration_id, reader)) for each in types]
        field.initial = [each.configuration_id for each in types]


@dataclass(frozen=True, slots=True)
class WalletRow:
    """A wallet as the page shows it. `held` is none for one that may collect and holds nothing."""

    id: str
    name: str
    since: datetime
    forms: list[str]
    address: str
    held: Collected | None


def form_words(configuration_id: str, reader: Reader) -> str:
    """Return what a form is called: for showing over the net, or to a reader that stands close by."""
    return reader.say(f"wallet_adding.form_{'mdoc' if configuration_id.endswith('_mdoc') else 'sd_jwt'}")


@page("own person or ward", who=WHO, limits=("wallet_offers",))
def add(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Show how a wallet collects the permit, what it will hold, and which wallets hold it; make an offer."""
    permit, reader, on = own_permit(request, permit_id), reader_of(request), today()
    types = offered_types(permit)
    ready = readiness(permit, on)
    can_offer = bool(types) and ready is not Readiness.NEVER
    form = FormsForm(request.POST or None, reader=reader, types=types)
    if request.method == "POST":
        if not can_offer:
            raise Conflict("issuance.not_offered")
        if form.is_valid():
            _offer(request, permit, form.cleaned_data["forms"])
            return HttpResponseRedirect(f"{reverse('permit-wallet', args=[permit_id])}#offer")
    made = open_offer(permit, signed_in(request)) if can_offer else None
    context = {
        "id": permit_id,
        "name": permit_name(permit.kind, permit.person.region, reader),
        "form": form,
        "can_offer": can_offer,
        "is_later": ready is Readiness.LATER,
        "statutory": _statutory(permit, types),
        "claims": list(dict.fromkeys(each.words[reader.language] for each in types[0].claims)) if types else [],
        "good_until": last_day_of_copies(permit, on) if can_offer else None,
        "wallets": _wallets(permit, permit_id, reader),
        **(_offered(made, permit) if made else {}),
    }
    response = render_page(
        request, "resident/wallet/adding/add.html", context, title="wallet_adding.title",
        back=reverse("resident-permit", args=[permit_id]),
    )  # fmt: skip
    response["Cache-Control"] = "no-store"  # it holds a code that is good once
    return response


@own_page
def end(request: HttpRequest, permit_id: str, wallet_id: str) -> HttpResponse:
    """Ask once, say what it does, then end what a wallet holds and what it may collect."""
    permit, here = own_permit(request, permit_id), reverse("permit-wallet", args=[permit_id])
    found = [each for each in _wallets(permit, permit_id, reader_of(request)) if each.id == wallet_id]
    if not found:
        raise NotFound("not_found")
    if request.method == "POST":
        _end(found[0], permit.person, signed_in(request))
        return HttpResponseRedirect(here)
    context = {"wallet": found[0], "here": here}
    title = "wallet_adding.end_title" if found[0].held else "wallet_adding.end_leave_title"
    return render_page(request, "resident/wallet/adding/end.html", context, title=title, back=here)


def _offer(request: HttpRequest, permit: Permit, configuration_ids: Sequence[str]) -> None:
    by = signed_in(request)
    withdraw_offers(subject=permit.person_id, by=by)

    def grant(ids: Sequence[str]) -> Granted:
        given = offer_grant(subject=permit.person_id, configuration_ids=ids, by=by)
        return Granted(given.code, given.tx_code, given.expires_at)

    hint = reader_of(request).say("wallet_adding.tx_code_hint")
    offer(permit=permit, configuration_ids=configuration_ids, grant=grant, description=hint, by=by)


def _offered(made: MadeOffer, permit: Permit) -> dict[str, object]:
    """Return what the page shows of an offer that has not ended, and whether a wallet took it up."""
    collected = permit.collected.filter(collected_at__gte=made.made_at).exists()
    left = (made.expires_at - timezone.now()).total_seconds()
    return {
        "offer": made,
        "qr": qr_code(made.link, scale=5),
        "tx_code": made.tx_code,
        "minutes": max(ceil(left / 60), 1),
        "is_collected": collected,
    }


def _wallets(permit: Permit, permit_id: str, reader: Reader) -> list[WalletRow]:
    """Return the wallets that hold the permit, and after them those that may collect it."""
    on = today()

    def row(key: str, name: str, since: datetime, ids: Sequence[str], held: Collected | None) -> WalletRow:
        words = list(dict.fromkeys(form_words(each, reader) for each in ids))
        return WalletRow(key, name, since, words, reverse("permit-wallet-end", args=[permit_id, key]), held)

    holding = [
        row(public_id(WALLET, each.wallet_id), each.name, each.since, each.configuration_ids, each)
        for each in wallets_of(permit, on)
    ]
    forms = {each.configuration_id for each in offered_types(permit)}
    waiting = [
        row(public_id(GRANT, each.pk), each.client_name, each.begun_at or each.created_at,
            [name for name in each.configuration_ids if name in forms], None)
        for each in holding_none(permit, on, grants_of(permit.person))
    ]  # fmt: skip
    return [*holding, *waiting]


def _statutory(permit: Permit, types: Sequence[CredentialType]) -> str:
    """Return `no`, `yes` or `unsaid`: whether the electronic form has legal force where the permit was issued (D27)."""
    said = types[0].statutory if types else "unsaid"
    if said != "by_law":
        return said
    try:
        law = law_of_permit(permit, today())
    except NotFound:
        return "unsaid"
    if _STATUTORY not in law:
        return "unsaid"
    return "yes" if law.value(_STATUTORY) else "no"


def _end(row: WalletRow, person: Person, by: Principal) -> None:
    """End what a wallet holds, and everything it may collect with: all that is its own or bound to its key.

    A wallet's row is locked before its grants, as where it collects; one that had none then may have collected since.
    """
    named = next((each for each in grants_of(person) if public_id(GRANT, each.pk) == row.id), None)
    wallet_id = row.held.wallet_id if row.held else _collected_before(person, named)
    names: set[object] = {named.pk, key_of(named)} if named else set()
    if wallet_id is not None:
        wallet = end_wallet(wallet_id=wallet_id, by=by)
        names |= {wallet.grant_id, bytes(wallet.key_thumbprint)}
    for grant in grants_of(person):
        if not names.isdisjoint({grant.pk, key_of(grant)} - {None}):
            end_grant(grant_id=grant.pk, person=person, by=by)
    since = _collected_before(person, named) if wallet_id is None else None
    if since is not None:
        end_wallet(wallet_id=since, by=by)


def _collected_before(person: Person, grant: Grant | None) -> UUID | None:
    wallet = wallet_of(person.pk, grant) if grant else None
    return wallet.pk if wallet else None
