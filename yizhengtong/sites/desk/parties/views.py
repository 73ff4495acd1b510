"""The list of organisations, and one of them with all that a decision needs."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.wording import labels
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.bounds import FIGURES_KEPT
from yizhengtong.verification.relying_parties.figures import answered_since
from yizhengtong.verification.relying_parties.models import Environment, PurposeGrant, RelyingParty
from yizhengtong.verification.relying_parties.queries import grants_of, keys_of
from yizhengtong.verification.relying_parties.reviewing import parties_for, party_for
from yizhengtong.verification.relying_parties.shapes import (
    Told,
    told_of_figures,
    told_of_grant,
    told_of_key,
    told_of_party,
)

LINES = 50
STATES = ("applied", "test", "approved", "suspended", "ended")
reviewer_page = page("supervisor of the top office", who=PrincipalKind.STAFF)


@reviewer_page
def list_parties(request: HttpRequest) -> HttpResponse:
    """Show organisations in one state; first those that wait for an answer to a purpose."""
    reader, after = reader_of(request), request.GET.get("after", "")
    state = request.GET.get("state", "")
    state = state if state in STATES else RelyingParty.State.APPLIED
    found = parties_for(
        signed_in(request), state=state, after=parse_public_id(PARTY, after) if after else None, most=LINES + 1
    )
    waiting = Counter(
        PurposeGrant.objects.filter(relying_party__in=found, state=PurposeGrant.State.APPLIED).values_list(
            "relying_party_id", flat=True
        )
    )
    rows = [{**told_of_party(each, reader.language), "asked": waiting[each.pk]} for each in found[:LINES]]
    context = {
        "rows": rows,
        "state": state,
        "states": [(each, f"desk_parties.state_{each}") for each in STATES],
        "following": rows[-1]["id"] if len(found) > LINES else "",
    }
    return render_page(request, "desk/parties/list.html", context, title="desk_parties.title")


@reviewer_page
def show_party(request: HttpRequest, party_id: str) -> HttpResponse:
    """Show an organisation; the read is recorded."""
    party, contacts = party_for(parse_public_id(PARTY, party_id), signed_in(request))
    reader, now = reader_of(request), timezone.now()
    context = {
        "party": told_of_party(party, reader.language),
        "contacts": contacts,
        "grants": [_grant(each, reader) for each in grants_of(party)],
        "keys": [_key(told_of_key(each, now)) for each in keys_of(party)],
        "figures": _figures(party, now),
        "day_checks": answered_since(party, now - timedelta(days=1)),
        "all_checks": answered_since(party, now - FIGURES_KEPT),
        "kept_days": FIGURES_KEPT.days,
        "can_suspend": party.is_active,
        "can_resume": party.state == RelyingParty.State.SUSPENDED,
        "can_end": party.state != RelyingParty.State.ENDED,
    }
    return render_page(request, "desk/parties/party.html", context, title=party.name, back=reverse("desk-parties"))


def _grant(grant: PurposeGrant, reader: Reader) -> dict[str, Any]:
    return {
        **told_of_grant(grant, reader.language), "labels": labels(grant.claims, reader.say),
        "is_open": grant.state == PurposeGrant.State.APPLIED, "is_granted": grant.state == PurposeGrant.State.GRANTED,
    }  # fmt: skip


def _key(told: Told) -> dict[str, Any]:
    return {
        **told,
        "kind_words": f"desk_parties.kind_{told['kind']}",
        "because": f"desk_parties.because_{told['revoked_because']}",
        "environment_words": f"desk_parties.environment_{told['environment']}",
    }


def _figures(party: RelyingParty, now: datetime) -> dict[str, Any]:
    told = told_of_figures(party, Environment.PRODUCTION, now - timedelta(hours=1), now)
    outcomes = Counter[str]()
    for each in told["minutes"]:
        outcomes[each["outcome"]] += each["count"]
    return {**told, "refused": outcomes["refused"], "failed": outcomes["failed"]}
