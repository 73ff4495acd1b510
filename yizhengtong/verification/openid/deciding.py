"""The resident's answer: yes with some claims, no, or what was said before; and where the browser goes then."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, Invalid
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.registry.consents.rules import needs_guardian
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.authorization.pushing import URN
from yizhengtong.verification.authorization.redirects import answered
from yizhengtong.verification.authorization.secret_texts import hash_of, new_secret
from yizhengtong.verification.checks.blocks import is_blocked
from yizhengtong.verification.links.pairwise import pairwise_id
from yizhengtong.verification.openid import lifetimes
from yizhengtong.verification.openid.claims import permit_of
from yizhengtong.verification.openid.issuer import issuer
from yizhengtong.verification.openid.models import Consent, SignIn, SignInRequest
from yizhengtong.verification.openid.parties import client_id_of
from yizhengtong.verification.openid.queries import living_consent
from yizhengtong.verification.openid.rules import Agreed, claims_told, is_agreed, must_prove_again
from yizhengtong.verification.relying_parties.queries import granted

OVER = "openid.request_over"


BASIC, STRONG = "basic", "strong"
LEVELS = (BASIC, STRONG)
"""One proof; or two, a passkey, or an identity service of the state."""


@dataclass(frozen=True, slots=True)
class Session:
    """The browser's session: under which name it lies here, when and how strongly the resident proved who they are."""

    stored: str
    proved_at: datetime
    acr: str


@use_case
def open_request(
    *, client_id: str, request_uri: str, by: Principal | None, session: Session | None
) -> tuple[SignInRequest, bool]:
    """Return a request, and whether who opens it has proved who they are as it asks; then nobody else answers it.

    `by` and `session` None: nobody has signed in yet. Raises Invalid `openid.request_over` for one that is unknown,
    over, answered, another party's, or opened by another account: a browser is sent nowhere then.
    """
    request = _locked(client_id, request_uri, by.id if by is not None else None)
    if by is None or session is None or _must_prove_again(request, session):
        return request, False
    if request.account_id is None:
        request.account_id = by.id
        request.save(update_fields=["account_id"])
    return request, True


def _must_prove_again(request: SignInRequest, session: Session) -> bool:
    return must_prove_again(
        prompts=request.prompt, max_age=request.max_age, asked_at=request.asked_at, proved_at=session.proved_at,
        now=timezone.now(),
    )  # fmt: skip


def is_meant(request: SignInRequest, person: Person) -> bool:
    """Whether the party means this person; it means whoever answers where it named nobody."""
    return request.hinted in {"", pairwise_id(person.pk, str(request.relying_party_id))}


def why_not(request: SignInRequest, person: Person, on: date) -> str:
    """Return the code of why a person cannot say yes, or nothing: blocked, without a good permit, too young alone."""
    if not granted(request.relying_party, request.purpose):
        return "openid.not_registered"
    if is_blocked(person.pk, request.relying_party_id):
        return "openid.blocked"
    law = law_of_personal_data(on)
    if law is not None and needs_guardian(person.birth_date, "", law.value("minor.sensitive_under_age"), on):
        return "openid.too_young"
    return "" if permit_of(person.pk, on) else "openid.no_permit"


def remembered(request: SignInRequest, person: Person) -> Consent | None:
    """Return what was agreed before, where it covers all that is asked now."""
    if "consent" in request.prompt:
        return None
    found = living_consent(person.pk, request.relying_party_id, request.purpose)
    agreed = Agreed(found.asked, found.claims) if found else None
    return found if is_agreed(agreed, asked=request.claims, essential=request.essential) else None


@use_case
def allow(
    *, client_id: str, request_uri: str, person: Person, claims: Collection[str], session: Session, by: Principal
) -> str:
    """Agree that the party is told some of what it asked, now and until the consent ends. Returns where one goes.

    `claims`: those ticked; the essential ones belong to a yes. Raises Invalid as `open_request`, and
    `openid.not_asked` for what was not asked; Forbidden with the code of `why_not`.
    """
    request = _locked(client_id, request_uri, by.id)
    if not set(claims) <= set(request.claims):
        raise Invalid("openid.not_asked")
    why = why_not(request, person, legal_day(timezone.now()))
    if why:
        raise Forbidden(why)
    told = [each for each in request.claims if each in claims or each in request.essential]
    consent = _remember(request, person, told, _account(by))
    record_act("openid.allow", by=by, on=("openid_consent", consent.pk), person_id=person.pk,
               purpose=request.purpose, fields=told)  # fmt: skip
    return _begin(request, consent, person, session)


@use_case
def allow_again(*, client_id: str, request_uri: str, person: Person, session: Session, by: Principal) -> str | None:
    """Answer by what was agreed before, without asking. Returns where one goes; None where it must be asked.

    Raises Invalid as `open_request`.
    """
    request = _locked(client_id, request_uri, by.id)
    consent = remembered(request, person)
    if consent is None or why_not(request, person, legal_day(timezone.now())):
        return None
    record_act("openid.sign_in", by=by, on=("openid_consent", consent.pk), person_id=person.pk, purpose=request.purpose)
    return _begin(request, consent, person, session)


@use_case
def refuse(*, client_id: str, request_uri: str, error: str, by: Principal | None) -> str:
    """Answer by an error of the standard. Returns where the browser goes; raises Invalid as `open_request`."""
    request = _locked(client_id, request_uri, by.id if by is not None else None)
    if by is not None and error == "access_denied":
        record_act("openid.refuse", by=by, on=("relying_party", request.relying_party_id), person_id=None)
    return _answer(request, {"error": error})


def returned(redirect_uri: str, parameters: Mapping[str, str], state: str) -> str:
    """Return the address of an answer, with who gives it (RFC 9207)."""
    return answered(redirect_uri, {**parameters, "state": state, "iss": issuer()})


def _account(by: Principal) -> UUID:
    if by.id is None:
        raise Forbidden("web.sign_in_first")
    return by.id


def _remember(request: SignInRequest, person: Person, told: list[str], account_id: UUID) -> Consent:
    """Keep one consent a party and purpose: what was agreed before ends with it, and with it what it opens."""
    now = timezone.now()
    before = Consent.objects.select_for_update().filter(
        person_id=person.pk, relying_party=request.relying_party, purpose=request.purpose, ended_at=None
    )
    before.update(ended_at=now, end=Consent.End.REPLACED)
    return Consent.objects.create(
        person_id=person.pk, account_id=account_id, relying_party=request.relying_party, purpose=request.purpose,
        asked=request.claims, claims=told, given_at=now, expires_at=now + lifetimes.REMEMBERED,
    )  # fmt: skip


def _begin(request: SignInRequest, consent: Consent, person: Person, session: Session) -> str:
    secret = new_secret()
    SignIn.objects.create(
        sid=new_secret(), consent=consent, relying_party=request.relying_party, person_id=person.pk,
        account_id=request.account_id or consent.account_id, session=session.stored, scope=request.scope,
        claims=list(claims_told(Agreed(consent.asked, consent.claims), request.claims)), nonce=request.nonce,
        redirect_uri=request.redirect_uri, challenge=request.challenge, dpop_thumbprint=request.dpop_thumbprint,
        proved_at=session.proved_at, acr=session.acr, code_hash=hash_of(secret),
        code_expires_at=timezone.now() + lifetimes.CODE,
    )  # fmt: skip
    return _answer(request, {"code": secret})


def _locked(client_id: str, request_uri: str, account_id: UUID | None) -> SignInRequest:
    secret = request_uri.removeprefix(URN) if request_uri.startswith(URN) else ""
    found = SignInRequest.objects.select_for_update(of=("self",)).select_related("relying_party")
    request = found.filter(secret_hash=hash_of(secret)).first()
    is_open = request is not None and request.answered_at is None and request.expires_at > timezone.now()
    if request is None or not is_open or client_id_of(request.relying_party) != client_id:
        raise Invalid(OVER)
    if request.account_id is not None and request.account_id != account_id:
        raise Invalid(OVER)
    return request


def _answer(request: SignInRequest, parameters: Mapping[str, str]) -> str:
    request.answered_at = timezone.now()
    request.save(update_fields=["answered_at"])
    return returned(request.redirect_uri, parameters, request.state)
