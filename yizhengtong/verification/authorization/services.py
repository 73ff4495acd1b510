"""What people do with grants: offer one to a wallet, end one."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, Invalid, NotFound
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for, person_of
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.configurations import known_configurations
from yizhengtong.verification.authorization.models import Code, Grant
from yizhengtong.verification.authorization.reading import may_still_act
from yizhengtong.verification.authorization.secret_texts import hash_of, hash_of_tx_code, new_secret, new_tx_code
from yizhengtong.verification.authorization.tokens import end_all


@dataclass(frozen=True, slots=True)
class PreAuthorized:
    """An offer's code, and six digits for the person to type in the wallet; both told this once."""

    code: str = field(repr=False)
    tx_code: str = field(repr=False)
    expires_at: datetime
    grant_id: UUID


@use_case
def offer_grant(*, subject: UUID, configuration_ids: Collection[str], by: Principal) -> PreAuthorized:
    """Let whoever brings this code and the digits collect a person's credentials (OpenID4VCI 1.0 4.1.1).

    Raises NotFound for a person the caller may not act for, Forbidden for who is no resident, Invalid
    `authorization.unknown_configuration`.
    """
    if not configuration_ids or not set(configuration_ids) <= set(known_configurations()):
        raise Invalid("authorization.unknown_configuration")
    person, account_id = _person(subject, by)
    grant = Grant.objects.create(
        person=person, account_id=account_id, kind=Grant.Kind.PRE_AUTHORIZED,
        configuration_ids=list(dict.fromkeys(configuration_ids)),
    )  # fmt: skip
    secret, tx_code = new_secret(), new_tx_code()
    code_hash, expires_at = hash_of(secret), timezone.now() + lifetimes.OFFER
    Code.objects.create(
        secret_hash=code_hash, grant=grant, tx_code_hash=hash_of_tx_code(tx_code, code_hash),
        tries_left=lifetimes.TX_CODE_TRIES, expires_at=expires_at,
    )  # fmt: skip
    record_act("authorization.offer", by=by, on=("wallet_grant", grant.pk), person_id=person.pk)
    return PreAuthorized(secret, tx_code, expires_at, grant.pk)


@use_case
def withdraw_offers(*, subject: UUID, by: Principal) -> None:
    """End the offers that an account made of a person's credentials and nobody took up: their codes open nothing.

    Raises Forbidden for who has no account.
    """
    if by.id is None:
        raise Forbidden("web.sign_in_first")
    offered = Grant.objects.filter(person_id=subject, account_id=by.id, kind=Grant.Kind.PRE_AUTHORIZED, begun_at=None)
    for grant in offered.filter(ended_at=None).select_for_update():
        end_all(grant, Grant.End.HOLDER)
        record_act("authorization.end", by=by, on=("wallet_grant", grant.pk), person_id=grant.person_id)


@use_case
def end_grants_of_account(*, account_id: UUID) -> None:
    """End all that an account allowed: it was lost, and wallets of whoever had it collect nothing more."""
    for grant in Grant.objects.select_for_update().filter(account_id=account_id, ended_at=None):
        end_all(grant, Grant.End.HOLDER)
        record_act("authorization.end", by=SYSTEM, on=("wallet_grant", grant.pk), person_id=grant.person_id)


@use_case
def end_grants_of_representatives(*, person_id: UUID) -> None:
    """End what those allowed who acted for a person and do so no more."""
    for grant in Grant.objects.select_for_update().filter(person_id=person_id, ended_at=None):
        if not may_still_act(grant):
            end_all(grant, Grant.End.HOLDER)
            record_act("authorization.end", by=SYSTEM, on=("wallet_grant", grant.pk), person_id=grant.person_id)


@use_case
def end_grant(*, grant_id: UUID, person: Person, by: Principal) -> None:
    """End what a wallet was allowed; nothing it has already is taken from it. Ending twice is ending once.

    `person`: whose grant it is, and whom the caller may act for. Raises NotFound.
    """
    grant = Grant.objects.select_for_update().filter(pk=grant_id, person=person).first()
    if grant is None:
        raise NotFound("not_found")
    if grant.ended_at is None:
        end_all(grant, Grant.End.HOLDER)
        record_act("authorization.end", by=by, on=("wallet_grant", grant.pk), person_id=grant.person_id)


def _person(subject: UUID, by: Principal) -> tuple[Person, UUID]:
    """Return whose credentials are offered, one's own or a ward's, and the account that offers them."""
    if by.kind != PrincipalKind.RESIDENT or by.id is None:
        raise Forbidden("web.sign_in_first")
    acting, person = person_of(by.id), Person.objects.filter(pk=subject).first()
    if acting is None or person is None or not may_act_for(acting, person, legal_day(timezone.now())):
        raise NotFound("not_found")
    return person, by.id
