"""Fetching: the relying party that asked gets what was shown, once; then it is gone here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound
from yizhengtong.verification.checks.models import Check, Way
from yizhengtong.verification.presentations.models import Presentation, State
from yizhengtong.verification.presentations.references import is_same, response_code_of
from yizhengtong.verification.relying_parties.callers import Caller


@dataclass(frozen=True, slots=True)
class Result:
    """What was shown for a purpose: claims by name, days as text, the photograph as JPEG in base64.

    `check_id`: in the holder's history; None in the sandbox.
    """

    purpose: str
    claims: dict[str, Any] = field(repr=False)
    as_of: datetime
    check_id: UUID | None = None


def presentation_of(caller: Caller, key: UUID) -> Presentation:
    """Return a presentation that this party asked for, in the sandbox or in earnest as it calls. Raises NotFound."""
    rows = Presentation.objects.filter(pk=key, relying_party=caller.party, is_test=caller.is_test).defer("result")
    found = rows.first()
    if found is None:
        raise NotFound("not_found")
    return found


def is_over(asked: Presentation) -> bool:
    """Whether nobody answered or fetched it in time."""
    return asked.state in {State.OPEN, State.SHOWN} and asked.expires_at <= timezone.now()


@use_case
def fetch_result(*, caller: Caller, key: UUID, response_code: str = "") -> Result:
    """Return what was shown, and delete it.

    `response_code`: what the browser brought back from the wallet; needed where the request named a redirect, so that
    who sends somebody else a link of theirs does not get that one's result. A wrong one leaves the result where it is.
    Raises NotFound, Conflict `presentations.not_shown`, Forbidden `presentations.response_code_wrong`,
    `relying_parties.purpose_not_registered`.
    """
    rows = Presentation.objects.select_for_update(of=("self",))
    asked = rows.filter(pk=key, relying_party=caller.party, is_test=caller.is_test).first()
    if asked is None:
        raise NotFound("not_found")
    caller.require(asked.purpose)
    if asked.state != State.SHOWN or is_over(asked):
        raise Conflict("presentations.not_shown")
    if asked.redirect_uri and not is_same(response_code_of(asked.pk), response_code):
        raise Forbidden("presentations.response_code_wrong")
    result = Result(asked.purpose, asked.result, asked.answered_at or asked.made_at, _check_of(asked))
    asked.state, asked.result = State.FETCHED, None
    asked.save(update_fields=["state", "result"])
    record_act("presentations.fetch", by=caller.by, on=("presentation", asked.pk), person_id=asked.person_id,
               purpose=asked.purpose, fields=list(result.claims))  # fmt: skip
    return result


def _check_of(asked: Presentation) -> UUID | None:
    """Return as what an answer was written down: it has the person and the instant of the answer."""
    if asked.is_test or asked.answered_at is None:
        return None
    written = Check.objects.filter(
        person_id=asked.person_id, at=asked.answered_at, relying_party=asked.relying_party_id, way=Way.PRESENTATION
    )
    return written.values_list("pk", flat=True).first()
