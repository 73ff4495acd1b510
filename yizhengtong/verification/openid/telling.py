"""Telling parties that somebody signed out (OpenID Connect Back-Channel Logout 1.0).

By the exchange's rounds: one sign-in at a time to each party, and several parties at once, so that one that is slow
holds up nobody else. One that does not answer in time is left alone for a while, with all that it waits for. Addresses
are the party's own words: nothing of ours and no network of the operator's is ever asked, only what lies in the open
network (kernel.outbound).
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from yizhengtong.foundation.exchange.claiming import LEASE, Told
from yizhengtong.foundation.exchange.rounds import Ask, Round
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.outbound import OutboundProblem, Service
from yizhengtong.verification.authorization.secret_texts import new_secret
from yizhengtong.verification.links.pairwise import pairwise_id
from yizhengtong.verification.openid import bounds, lifetimes
from yizhengtong.verification.openid.issuer import issuer, signed
from yizhengtong.verification.openid.models import SignIn
from yizhengtong.verification.openid.parties import client_id_of, logout_address_of
from yizhengtong.verification.relying_parties.models import RelyingParty

log = logging.getLogger(__name__)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYP = "logout+jwt"
_Told = SignIn.Told
_TAKEN = {HTTPStatus.OK, HTTPStatus.NO_CONTENT}


class Logouts(Round[RelyingParty, SignIn]):
    """One worker's round over the ends that are to be told."""

    _served: ClassVar[dict[UUID, float]] = {}
    """When a party was told something last, in seconds of this process's clock."""

    def __init__(self) -> None:
        super().__init__(lanes=1)

    def places(self) -> list[RelyingParty]:
        """Return the parties for which something is due, those first that were told something the longest ago.

        So each gets its turn, however many are slow.
        """
        since = dict(_due().values_list("relying_party_id").annotate(since=Min("tell_at")).order_by("since"))
        found = RelyingParty.objects.in_bulk(since)
        return [found[key] for key in sorted(since, key=lambda each: self._served.get(each, 0))]

    def claim(self, place: RelyingParty, limit: int) -> Iterator[tuple[SignIn, Ask]]:
        address = logout_address_of(place)
        if not address:
            _due().filter(relying_party=place).update(told=_Told.DONE, tell_at=None)
            return
        self._served[place.pk] = time.monotonic()
        for sign_in in _leased(place, limit):
            yield sign_in, partial(_tell, address, logout_token(sign_in, timezone.now()))

    def settle(self, sent: SignIn, told: Told) -> None:
        if told.status in _TAKEN:
            _waiting(sent).update(told=_Told.DONE, tell_at=None)
        else:
            _put_off(party_id=sent.relying_party_id, first=sent)

    def release(self, claimed: SignIn) -> None:
        _waiting(claimed).update(tell_at=timezone.now())


def tell_due(*, seconds: float = bounds.ROUND_SECONDS) -> bool:
    """Tell what is due for so many seconds at most. Returns whether some may be left that could be told at once."""
    return Logouts().run(seconds=seconds)


def logout_token(sign_in: SignIn, now: datetime) -> str:
    """Return what tells of an end (2.4): whose, which session, and never a nonce."""
    return signed(
        {
            "iss": issuer(),
            "sub": pairwise_id(sign_in.person_id, str(sign_in.relying_party_id)),
            "aud": client_id_of(sign_in.relying_party),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetimes.LOGOUT_TOKEN).timestamp()),
            "jti": new_secret(),
            "sid": sign_in.sid,
            "events": {EVENT: {}},
        },
        typ=TYP,
    )


def _due() -> QuerySet[SignIn]:
    return SignIn.objects.filter(told=_Told.WAITING, tell_at__lte=timezone.now()).select_related("relying_party")


def _waiting(sign_in: SignIn) -> QuerySet[SignIn]:
    return SignIn.objects.filter(pk=sign_in.pk, told=_Told.WAITING)


@transaction.atomic
def _leased(party: RelyingParty, limit: int) -> list[SignIn]:
    """Take those of a party that wait longest: no other worker tells them before the lease is over."""
    due = _due().filter(relying_party=party).order_by("tell_at").select_for_update(skip_locked=True, of=("self",))
    taken = list(due[:limit])
    SignIn.objects.filter(pk__in=[each.pk for each in taken]).update(tell_at=timezone.now() + LEASE)
    return taken


def _tell(address: str, token: str) -> Told:
    """Return what the party answered. No redirect is followed, nothing of the answer is read but its status."""
    parts = urlsplit(address)
    try:
        service = Service(
            f"{parts.scheme}://{parts.netloc}",
            timeout_seconds=bounds.ANSWER_SECONDS,
            most_bytes=bounds.MOST_ANSWER_BYTES,
        )
        if service.is_here and settings.YZT_PRODUCTION:
            raise OutboundProblem("a party's address is this machine's")
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Told(service.ask("POST", path, urlencode({"logout_token": token}).encode(), headers).status)
    except (OutboundProblem, ValueError):
        return Told(None)


@use_case
def _put_off(*, party_id: UUID, first: SignIn) -> None:
    """Leave a party alone for a while. What it did not take too often is given up: sessions there end by themselves."""
    if first.tries >= len(lifetimes.AGAIN):
        _waiting(first).update(told=_Told.GIVEN_UP, tell_at=None)
        log.warning("openid.logout_given_up party=%s sign_in=%s", party_id, first.pk)
        again_at = timezone.now() + lifetimes.AGAIN[0]
    else:
        again_at = timezone.now() + lifetimes.AGAIN[first.tries]
        _waiting(first).update(tries=first.tries + 1, tell_at=again_at)
        log.info("openid.logout_put_off party=%s tries=%s", party_id, first.tries + 1)
    SignIn.objects.filter(relying_party=party_id, told=_Told.WAITING, tell_at__lt=again_at).update(tell_at=again_at)
