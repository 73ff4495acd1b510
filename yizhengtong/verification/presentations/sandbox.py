"""The sandbox: somebody who does not exist answers in place of a wallet. No history is written."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from yizhengtong.credentials.catalogue.types import AGES
from yizhengtong.credentials.showing.claims import PHOTO
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import add_years, legal_day
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.permitting.permits.kinds import HMT
from yizhengtong.verification.checks.rules import State as Standing
from yizhengtong.verification.presentations import lifetimes
from yizhengtong.verification.presentations.answering import back_of, end
from yizhengtong.verification.presentations.asking import wanted
from yizhengtong.verification.presentations.carried import KIND, told
from yizhengtong.verification.presentations.models import Presentation, State
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.sandbox import SandboxPerson, sandbox_people

_REGION, _AUTHORITY, _LAST_DAY = "370102", "演示公安局", date(2099, 12, 31)
_WHY: Mapping[str, Presentation.Why] = {
    Standing.ENDED: Presentation.Why.ENDED,
    Standing.EXPIRED: Presentation.Why.EXPIRED,
    Standing.SUSPENDED: Presentation.Why.SUSPENDED,
    Standing.NOT_YET_VALID: Presentation.Why.DECLINED,  # there is no copy to show
}


@use_case
def show_test_person(*, caller: Caller, key: UUID, person: str, at: datetime) -> str:
    """Answer a request of the sandbox as somebody of it, by code. Returns where the browser goes, if anywhere.

    A photograph there is none. Raises NotFound, also for a request that waits no more, Forbidden
    `presentations.sandbox_only`.
    """
    if not caller.is_test:
        raise Forbidden("presentations.sandbox_only")
    rows = Presentation.objects.select_for_update(of=("self",)).filter(relying_party=caller.party, is_test=True)
    asked = rows.filter(pk=key, state=State.OPEN, expires_at__gt=at).first()
    known = sandbox_people().get(person)
    if asked is None or known is None:
        raise NotFound("not_found")
    asked.why = _WHY.get(known.state, "") if known.has_agreed else Presentation.Why.DECLINED
    if not asked.why:
        claims = [claim for claim in asked.claims if claim != PHOTO]
        kind = {KIND: HMT} if KIND in claims else {}
        asked.result = {**kind, **told(_values(known, claims, legal_day(at)), claims)}
    end(asked, State.REFUSED if asked.why else State.SHOWN, at, lifetimes.RESULT)
    return back_of(asked)


def _values(person: SandboxPerson, claims: list[str], on: date) -> dict[str, Any]:
    """Return what a credential of theirs would say, by code of the catalogue."""
    ages = {
        claim.code: add_years(person.birth_date, claim.years) <= on
        for each in wanted(claims)
        for claim in each.all
        if claim.value == AGES and claim.years is not None
    }
    return {
        "name": person.name,
        "document_number": person.permit,
        "birth_date": person.birth_date.isoformat(),
        "region": _REGION,
        "authority": _AUTHORITY,
        "last_valid_day": _LAST_DAY.isoformat(),
        **ages,
    }
