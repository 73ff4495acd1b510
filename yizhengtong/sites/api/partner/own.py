"""A relying party's look at its own: who it is here, its keys, its figures, the people of the sandbox."""

from datetime import date, timedelta
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.api.framework import In, policy
from yizhengtong.sites.api.partner.asking import caller_here
from yizhengtong.sites.api.party_schemas import FiguresOut, KeyOut
from yizhengtong.verification.relying_parties.authenticating import KEY, PARTY
from yizhengtong.verification.relying_parties.figures import environment_of
from yizhengtong.verification.relying_parties.keeping import revoke_as_caller
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.relying_parties.queries import claims_of, granted, keys_of
from yizhengtong.verification.relying_parties.sandbox import sandbox_people
from yizhengtong.verification.relying_parties.shapes import told_of_figures, told_of_key

router = Router()
_OWN = "own relying party"
_LONGEST_MINUTES = 24 * 60


class PurposeOut(BaseModel):
    """A purpose: the most that may be told for it, and the fields that may be compared."""

    code: str
    claims: list[str]
    match: list[str]


class SelfOut(BaseModel):
    """Whom a key stands for. In the sandbox every purpose may be tried."""

    client_id: str
    name: str
    state: str
    environment: str
    key_id: str
    purposes: list[PurposeOut]


class RevocationIn(In):
    """Why a key is stopped."""

    because: Literal["replaced", "leaked"]


class SandboxPersonOut(BaseModel):
    """Somebody of the sandbox. None of them exists; a test key is answered from them alone."""

    code: str
    name: str
    latin_name: str
    birth_date: date
    permit: str
    travel_kind: str
    travel: str
    is_linked: bool
    has_agreed: bool
    state: str
    tries: str = Field(description="What this person is there to try.")


@router.get("/self", response=SelfOut, openapi_extra=policy(_OWN))
def read_self(request: HttpRequest) -> SelfOut:
    """Whom this key stands for, in which environment, and what may be asked with it."""
    caller = caller_here(request)
    party = caller.party
    may = [each for each in purposes().values() if caller.is_test or granted(party, each.code)]
    return SelfOut(
        client_id=public_id(PARTY, party.pk), name=party.name, state=party.state, environment=environment_of(caller),
        key_id=public_id(KEY, caller.key_id),
        purposes=[
            PurposeOut(
                code=each.code, match=list(each.match),
                claims=list(each.claims if caller.is_test else claims_of(party, each.code)),
            )
            for each in may
        ],
    )  # fmt: skip


@router.get("/keys", response=list[KeyOut], openapi_extra=policy(_OWN))
def list_keys(request: HttpRequest) -> list[KeyOut]:
    """The keys of one's own environment, the newest first, with when each was last used."""
    caller, now = caller_here(request), timezone.now()
    environment = environment_of(caller)
    own = [each for each in keys_of(caller.party) if each.environment == environment]
    return [KeyOut.model_validate(told_of_key(each, now)) for each in own]


@router.post("/keys/{key_id}/revocation", response=KeyOut, openapi_extra=policy(_OWN))
def revoke(request: HttpRequest, key_id: str, payload: RevocationIn) -> KeyOut:
    """Stop a key of one's own environment at once and for good, also the one this request came by."""
    now = timezone.now()
    key = revoke_as_caller(
        key_id=parse_public_id(KEY, key_id), because=payload.because, caller=caller_here(request), at=now
    )
    return KeyOut.model_validate(told_of_key(key, now))


@router.get("/figures", response=FiguresOut, openapi_extra=policy(_OWN))
def read_figures(request: HttpRequest, minutes: int = Query(60, ge=1, le=_LONGEST_MINUTES)) -> FiguresOut:
    """How one's requests of the last minutes fared, the running minute included, and what is left of the quota."""
    caller, now = caller_here(request), timezone.now()
    since = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
    return FiguresOut.model_validate(told_of_figures(caller.party, environment_of(caller), since, now))


@router.get("/sandbox-people", response=list[SandboxPersonOut], openapi_extra=policy(_OWN))
def list_sandbox_people(request: HttpRequest) -> list[SandboxPersonOut]:
    """Everybody whom a test key finds, with what each is there to try."""
    return [SandboxPersonOut.model_validate(each, from_attributes=True) for each in sandbox_people().values()]
