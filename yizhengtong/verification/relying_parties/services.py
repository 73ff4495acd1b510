"""Registering relying parties: an organisation by itself, or one that is approved beforehand."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.credit_codes import credit_code
from yizhengtong.verification.relying_parties.bounds import (
    INVITATION_LASTS,
    INVITATIONS_AT_ONCE,
    KEY_LASTS,
    LONGEST_CONTACT,
    LONGEST_NAME,
)
from yizhengtong.verification.relying_parties.keys import hash_of, new_key
from yizhengtong.verification.relying_parties.models import (
    Environment,
    Invitation,
    PurposeGrant,
    RelyingParty,
    RelyingPartyKey,
    RelyingPartyMember,
)
from yizhengtong.verification.relying_parties.policies import account_of, own_party
from yizhengtong.verification.relying_parties.purposes import purposes as known_purposes


@use_case
def register_relying_party(
    *, name: str, legal_basis: str, purposes: Sequence[str], by: Principal, environment: str = Environment.PRODUCTION
) -> tuple[RelyingParty, str]:
    """Register an organisation that is approved for purposes, and return it with its secret, shown this once.

    For the operator and demonstrations: nobody reviews it. Organisations apply by `register_organisation`.
    """
    key, now = new_key(), timezone.now()
    party = RelyingParty.objects.create(
        name=name, legal_basis=legal_basis, purposes=list(purposes), key_hash=hash_of(key), registered_at=now
    )
    for purpose in purposes:
        known = known_purposes().get(purpose)
        PurposeGrant.objects.create(
            relying_party=party, purpose=purpose, legal_basis=legal_basis, claims=list(known.claims if known else ()),
            state=PurposeGrant.State.GRANTED, asked_at=now, reviewed_by=by.id, reviewed_at=now,
        )  # fmt: skip
    RelyingPartyKey.objects.create(
        relying_party=party, kind=RelyingPartyKey.Kind.SECRET, environment=environment, fingerprint=hash_of(key),
        not_before=now, not_after=now + KEY_LASTS,
    )  # fmt: skip
    record_act("relying_parties.register", by=by, on=("relying_party", party.pk), person_id=None)
    return party, key


@use_case
def register_organisation(*, name: str, code: str, contact: str, by: Principal) -> RelyingParty:
    """Make an account that of an organisation, with the sandbox open: from then on it is no resident's.

    `code`: 统一社会信用代码. `contact`: how an officer reaches who registers. Raises Invalid
    `relying_parties.organisation_invalid` with every wrong field, Conflict `relying_parties.account_is_a_residents`,
    `relying_parties.already_a_member`.
    """
    account = _account_without_person(by)
    normal = credit_code(code)
    wrong = {
        "name": 0 < len(name.strip()) <= LONGEST_NAME,
        "code": normal is not None,
        "contact": 0 < len(contact.strip()) <= LONGEST_CONTACT,
    }
    errors = [FieldError(field, f"relying_parties.{field}_wrong") for field, is_right in wrong.items() if not is_right]
    if errors or normal is None:
        raise Invalid("relying_parties.organisation_invalid", errors=errors)
    party = RelyingParty(
        name=name.strip(), legal_basis="", purposes=[], credit_code=normal, state=RelyingParty.State.TEST,
        key_hash=secrets.token_bytes(),  # of no key: its keys stand in rows of their own
    )  # fmt: skip
    party.save(force_insert=True)
    _add_member(party, account, contact)
    record_act("relying_parties.register", by=by, on=("relying_party", party.pk), person_id=None)
    return party


@use_case
def invite_member(*, by: Principal, at: datetime) -> str:
    """Return a code, shown this once, by which one more account joins the caller's organisation.

    Raises Conflict `relying_parties.too_many_invitations`.
    """
    party = own_party(by)
    waiting = Invitation.objects.filter(relying_party=party, expires_at__gt=at).count()
    if waiting >= INVITATIONS_AT_ONCE:
        raise Conflict("relying_parties.too_many_invitations", most=INVITATIONS_AT_ONCE)
    code = new_key()
    Invitation.objects.create(relying_party=party, code_hash=hash_of(code), expires_at=at + INVITATION_LASTS)
    record_act("relying_parties.invite", by=by, on=("relying_party", party.pk), person_id=None)
    return code


@use_case
def join_organisation(*, code: str, contact: str, by: Principal, at: datetime) -> RelyingParty:
    """Make an account one of an organisation that invited it. The code is good once.

    Raises NotFound for a code that is none, Invalid `relying_parties.organisation_invalid`, Conflict as registering.
    """
    account = _account_without_person(by)
    if not 0 < len(contact.strip()) <= LONGEST_CONTACT:
        wrong = [FieldError("contact", "relying_parties.contact_wrong")]
        raise Invalid("relying_parties.organisation_invalid", errors=wrong)
    invited = Invitation.objects.select_for_update().filter(code_hash=hash_of(code), expires_at__gt=at).first()
    if invited is None:
        raise NotFound("not_found")
    party = invited.relying_party
    _add_member(party, account, contact)
    invited.delete()
    record_act("relying_parties.join", by=by, on=("relying_party", party.pk), person_id=None)
    return party


def _account_without_person(by: Principal) -> Account:
    """Return the caller's account, locked. Raises Conflict where it opens a person's records."""
    account = Account.objects.select_for_update(no_key=True).get(pk=account_of(by))
    if Person.objects.filter(account_id=account.pk).exists():
        raise Conflict("relying_parties.account_is_a_residents")
    return account


def _add_member(party: RelyingParty, account: Account, contact: str) -> None:
    try:
        with transaction.atomic():
            RelyingPartyMember(relying_party=party, account_id=account.pk, contact=contact.strip()).save(
                force_insert=True
            )
    except IntegrityError as error:
        raise Conflict("relying_parties.already_a_member") from error
    account.is_reporter = True  # an organisation's: no resident's pages open any more
    account.save(update_fields=["is_reporter"])
