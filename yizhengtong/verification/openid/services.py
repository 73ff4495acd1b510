"""What ends what was agreed and where one is signed in; each end of a sign-in is told to its party."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.accounts.sessions import stored_key
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import NotFound
from yizhengtong.registry.consents.queries import CHECK
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.openid.models import Consent, SignIn

TELLING = "openid.tell"
"""The task that tells parties."""


@use_case
def end_consent(*, consent_id: UUID, person: Person, by: Principal) -> None:
    """Take back what a person agreed that a party is told; sign-ins by it end. Ending twice is ending once.

    `person`: whose consent it is, and whom the caller may act for. Raises NotFound.
    """
    consent = Consent.objects.select_for_update().filter(pk=consent_id, person_id=person.pk).first()
    if consent is None:
        raise NotFound("not_found")
    if consent.ended_at is None:
        _end_consent(consent, Consent.End.HOLDER, by)


@use_case
def end_consents_of_use(*, person_id: UUID, use: str) -> None:
    """End what a person agreed to for a purpose to which as a use of the law they agree no more.

    个人信息保护法 art. 15.
    """
    living = Consent.objects.select_for_update().filter(person_id=person_id, ended_at=None)
    for consent in living.filter(purpose=use.removeprefix(CHECK)) if use.startswith(CHECK) else ():
        _end_consent(consent, Consent.End.USE, SYSTEM)


@use_case
def end_sign_ins_of_session(*, account_id: UUID, token: str) -> None:
    """End where somebody signed in from a browser whose session ends. `token`: the session's."""
    _end(SignIn.objects.filter(account_id=account_id, session=stored_key(token)), SignIn.End.SIGNED_OUT)


@use_case
def end_sign_ins_of_account(*, account_id: UUID) -> None:
    """End where an account is signed in: it was lost, and who had it is signed in nowhere any more."""
    _end(SignIn.objects.filter(account_id=account_id), SignIn.End.SIGNED_OUT)


@use_case
def end_replayed(*, sign_in: SignIn, by: Principal) -> None:
    """End a sign-in whose code was shown again by who could have redeemed it (RFC 6749 4.1.2)."""
    if sign_in.ended_at is None:
        _end(SignIn.objects.filter(pk=sign_in.pk), SignIn.End.REPLAY)
        record_act("openid.end_replayed", by=by, on=("openid_sign_in", sign_in.pk), person_id=sign_in.person_id)


def _end_consent(consent: Consent, end: Consent.End, by: Principal) -> None:
    """End a consent, and the sign-ins by it and by those that it replaced: what these opened had ended with them."""
    consent.ended_at, consent.end = timezone.now(), end
    consent.save(update_fields=["ended_at", "end"])
    party_id, purpose = consent.relying_party_id, consent.purpose
    before = Consent.objects.filter(person_id=consent.person_id, relying_party_id=party_id, purpose=purpose)
    _end(SignIn.objects.filter(consent__in=before), SignIn.End.HOLDER)
    record_act("openid.end_consent", by=by, on=("openid_consent", consent.pk), person_id=consent.person_id,
               purpose=consent.purpose)  # fmt: skip


def _end(sign_ins: QuerySet[SignIn], end: SignIn.End) -> None:
    """End sign-ins and, of those that began, queue what tells it.

    Those that have not begun first: one whose code is redeemed meanwhile has begun when the second statement looks.
    `sign_ins`: by columns of their own, which PostgreSQL looks at again once a row is not locked any more.
    """
    now = timezone.now()
    living = sign_ins.filter(ended_at=None)
    living.filter(begun_at=None).update(ended_at=now, end=end)
    began = living.filter(begun_at__isnull=False).update(
        ended_at=now, end=end, access_hash=None, told=SignIn.Told.WAITING, tell_at=now
    )
    if began:
        wake(TELLING)
