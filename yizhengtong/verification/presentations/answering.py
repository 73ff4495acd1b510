"""Answering: a wallet fetches the request and posts what its holder shows, once. Every answer ends its presentation.

Fails closed: whatever is not good leaves a presentation refused, with nothing kept of what was sent.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.status_list import INVALID, VALID
from yizhengtong.credentials.formats.strict import read_object
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, reader_connection
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.verification.authorization.redirects import answered
from yizhengtong.verification.checks.blocks import is_blocked
from yizhengtong.verification.checks.models import Outcome, Way
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.presentations import lifetimes
from yizhengtong.verification.presentations.asking import wanted
from yizhengtong.verification.presentations.carried import KIND, Wanted, told
from yizhengtong.verification.presentations.encrypting import answer_key, open_answer
from yizhengtong.verification.presentations.holding import Held, held
from yizhengtong.verification.presentations.models import Presentation, State
from yizhengtong.verification.presentations.opening import Session, Shown, key_hash, open_shown
from yizhengtong.verification.presentations.references import (
    ANSWER,
    REQUEST,
    is_same,
    nonce_of,
    read_reference,
    response_code_of,
    state_of,
)
from yizhengtong.verification.presentations.requests import response_uri_of, signed_request
from yizhengtong.verification.relying_parties.queries import granted

log = logging.getLogger(__name__)
Why = Presentation.Why
_EXPIRED = frozenset({"sd_jwt.expired", "mdoc.expired"})
_SANDBOX = "测试 TEST · "
"""Before the name of whoever asks from the sandbox, as a wallet shows it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the wallet is told. `redirect_uri`: where it sends the browser, if anywhere. `code`: why it was not good."""

    redirect_uri: str
    code: str = ""


class _Refusal(Exception):
    """`code`: told to the wallet and logged. `held`: whose it was, where that is certain."""

    def __init__(self, why: str, code: str, held: Held | None = None) -> None:
        super().__init__(why)
        self.why, self.code, self.held = why, code, held


def request_for(reference: str, *, wallet_nonce: str = "") -> str:
    """Return the signed request behind an address. Raises NotFound where none waits there."""
    asked = _waiting(read_reference(REQUEST, reference), locked=False)
    of_types = wanted(asked.claims, asked.configuration_ids)
    # Nobody has looked at who has a key of the sandbox, nor at the name they chose: a real wallet shows that first.
    name = f"{_SANDBOX}{asked.relying_party.name}" if asked.is_test else asked.relying_party.name
    return signed_request(asked, of_types, party=name, wallet_nonce=wallet_nonce)


@use_case
def take_answer(reference: str, sent: Mapping[str, str]) -> Taken:
    """Take what a wallet posted. `sent`: its form, each parameter once.

    Raises NotFound where nothing waits for an answer, such as for a second one; Forbidden
    `presentations.state_wrong` for one that does not name this request, which then goes on waiting.
    """
    asked = _waiting(read_reference(ANSWER, reference), locked=True)
    at = timezone.now()
    try:
        content = _content(asked, sent)
        shown, of_type = _shown(asked, content, at)
        whose = _checked(asked, shown, of_type, at)
    except FormatProblem as problem:
        return _refused(asked, _Refusal(Why.EXPIRED if problem.code in _EXPIRED else Why.INVALID, problem.code), at)
    except _Refusal as refusal:
        return _refused(asked, refusal, at)
    result = told(shown.values, asked.claims)
    asked.result = {**({KIND: whose.kind} if KIND in asked.claims else {}), **result}
    asked.person_id = whose.person_id
    end(asked, State.SHOWN, at, lifetimes.RESULT)
    record_check(party=asked.relying_party, way=Way.PRESENTATION, purpose=asked.purpose, person_id=whose.person_id,
                 outcome=Outcome.TOLD, claims=list(asked.result), at=at, permit_id=whose.permit_id)  # fmt: skip
    return Taken(back_of(asked))


def _waiting(key: UUID, *, locked: bool) -> Presentation:
    """Return a presentation that waits for its wallet. The connection reads as nobody, and that one row."""
    reader_connection().read_as(Reader(ReaderKind.NOBODY, asked=str(key)))
    rows = Presentation.objects.select_related("relying_party")
    rows = rows.select_for_update(of=("self",)) if locked else rows
    found = rows.filter(pk=key, state=State.OPEN, expires_at__gt=timezone.now()).first()
    if found is None or not (found.is_test or granted(found.relying_party, found.purpose)):
        raise NotFound("not_found")
    return found


def _content(asked: Presentation, sent: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what was answered, decrypted, of this request. Raises FormatProblem, Forbidden.

    8.3: who asked for an encrypted answer gets no other; an error may come in the open.
    """
    if "response" in sent and asked.is_encrypted:
        content: Mapping[str, Any] = open_answer(sent["response"], asked.pk)
    elif asked.is_encrypted and "error" not in sent:
        raise FormatProblem("answer.not_encrypted")
    else:
        content = sent
    state = content.get("state")
    if not isinstance(state, str) or not is_same(state_of(asked.pk), state):
        raise Forbidden("presentations.state_wrong")
    if "error" in content:
        raise _Refusal(Why.DECLINED, "")
    return content


def _shown(asked: Presentation, content: Mapping[str, Any], at: datetime) -> tuple[Shown, Wanted]:
    """Return the one credential that was shown (8.1), opened. Raises FormatProblem."""
    token = content.get("vp_token")
    found = read_object(token, "answer.malformed") if isinstance(token, str) else token
    if not isinstance(found, dict) or len(found) != 1:
        raise FormatProblem("answer.malformed")
    [(name, texts)] = found.items()
    by_id = {each.type.configuration_id: each for each in wanted(asked.claims, asked.configuration_ids)}
    if name not in by_id or not isinstance(texts, list) or len(texts) != 1 or not isinstance(texts[0], str):
        raise FormatProblem("answer.malformed")
    thumbprint = key_hash(answer_key(asked.pk)) if asked.is_encrypted else None
    session = Session(asked.client_id, nonce_of(asked.pk), response_uri_of(asked.pk), thumbprint)
    return open_shown(texts[0], by_id[name], session, at=at), by_id[name]


def _checked(asked: Presentation, shown: Shown, of_type: Wanted, at: datetime) -> Held:
    """Return whose it is, if it is good now and says what was asked. Raises FormatProblem, _Refusal."""
    if asked.is_test:  # whoever tries the sandbox with a permit of theirs: nothing of it is told
        raise _Refusal(Why.INVALID, "presentations.test_people_only")
    found = held(shown.status, shown.holder, of_type.type.configuration_id, legal_day(at))
    if found is None:
        raise FormatProblem("status_list.no_reference")
    if found.value != VALID:
        why = Why.ENDED if found.value == INVALID else Why.SUSPENDED
        raise _Refusal(why, f"presentations.{why}", found)
    if is_blocked(found.person_id, asked.relying_party_id):
        raise _Refusal(Why.DECLINED, "presentations.declined", found)
    if shown.lacks(of_type.needed):
        raise _Refusal(Why.LACKING, "presentations.lacking", found)
    return found


def _refused(asked: Presentation, refusal: _Refusal, at: datetime) -> Taken:
    asked.why = refusal.why
    end(asked, State.REFUSED, at, lifetimes.RESULT)
    if refusal.code:
        log.warning("presentations.refused presentation=%s code=%s", asked.pk, refusal.code)
    if refusal.held is not None:
        record_check(
            party=asked.relying_party, way=Way.PRESENTATION, purpose=asked.purpose, outcome=Outcome.REFUSED, claims=[],
            person_id=refusal.held.person_id, permit_id=refusal.held.permit_id, at=at, because=refusal.why,
        )  # fmt: skip
    return Taken("" if asked.is_test else back_of(asked), refusal.code)


def end(asked: Presentation, state: State, at: datetime, lasts: timedelta) -> None:
    """Write down how a presentation ended. `lasts`: how long it is told to who asked."""
    asked.state, asked.answered_at, asked.expires_at = state, at, at + lasts
    asked.save(update_fields=["state", "why", "person_id", "result", "answered_at", "expires_at"])


def back_of(asked: Presentation) -> str:
    """Return where the browser goes (8.2): with a code that only it brings back."""
    if not asked.redirect_uri:
        return ""
    return answered(asked.redirect_uri, {"response_code": response_code_of(asked.pk)})
