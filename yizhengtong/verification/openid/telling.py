"""Telling parties that somebody signed out (OpenID Connect Back-Channel Logout 1.0).

A party at a time and a few sign-ins at a time; one that does not answer in time is left alone for a while, with all
that it waits for, so that it costs the others one short wait. Addresses are the party's own words: nothing of ours and
no network of the operator's is ever asked, only what lies in the open network (kernel.outbound).
"""

import logging
import time
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

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


def tell_due(*, seconds: float = bounds.ROUND_SECONDS) -> bool:
    """Tell what is due, each party in turn, for so many seconds at most. Returns whether something is left to tell."""
    until, asked = time.monotonic() + seconds, set[UUID]()
    while time.monotonic() < until:
        due = _due().exclude(relying_party_id__in=asked).order_by("tell_at").first()
        if due is None:
            break
        asked.add(due.relying_party_id)
        _tell_party(due.relying_party, until)
    return _due().exists()


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


def _tell_party(party: RelyingParty, until: float) -> None:
    address = logout_address_of(party)
    due = list(_due().filter(relying_party=party).order_by("tell_at")[: bounds.TOLD_AT_ONCE])
    for sign_in in due:
        if time.monotonic() > until:
            return
        if not address or _tell(address, logout_token(sign_in, timezone.now())):
            _note(sign_in, _Told.DONE)
        else:
            _put_off(party=party, first=sign_in)
            return


def _tell(address: str, token: str) -> bool:
    """Whether the party has taken it. No redirect is followed, nothing of the answer is read but its status."""
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
        return service.ask("POST", path, urlencode({"logout_token": token}).encode(), headers).status in _TAKEN
    except (OutboundProblem, ValueError):
        return False


def _note(sign_in: SignIn, told: SignIn.Told) -> None:
    SignIn.objects.filter(pk=sign_in.pk, told=_Told.WAITING).update(told=told, tell_at=None)


@use_case
def _put_off(*, party: RelyingParty, first: SignIn) -> None:
    """Leave a party alone for a while. What it did not take too often is given up: sessions there end by themselves."""
    if first.tries >= len(lifetimes.AGAIN):
        SignIn.objects.filter(pk=first.pk).update(told=_Told.GIVEN_UP, tell_at=None)
        log.warning("openid.logout_given_up party=%s sign_in=%s", party.pk, first.pk)
        again_at = timezone.now() + lifetimes.AGAIN[0]
    else:
        again_at = timezone.now() + lifetimes.AGAIN[first.tries]
        SignIn.objects.filter(pk=first.pk).update(tries=first.tries + 1)
        log.info("openid.logout_put_off party=%s tries=%s", party.pk, first.tries + 1)
    SignIn.objects.filter(relying_party=party, told=_Told.WAITING, tell_at__lt=again_at).update(tell_at=again_at)
