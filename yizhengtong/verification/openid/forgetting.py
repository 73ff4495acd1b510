"""What is over goes: requests by their time, sign-ins and consents some days after their end."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from yizhengtong.foundation.forgetting import forget_rows
from yizhengtong.verification.openid import bounds, lifetimes
from yizhengtong.verification.openid.models import Consent, SignIn, SignInRequest


def forget_over(*, at: datetime) -> int:
    """Delete what is over at an instant. Returns how many sign-ins and consents; cut off anywhere, the next goes on."""
    SignInRequest.objects.filter(expires_at__lt=at).delete()
    before = at - lifetimes.ENDED
    # After so many days nobody is signed in any more, and who was not told of an end will not be.
    is_over = Q(ended_at__lt=before) | Q(begun_at=None, code_expires_at__lt=before) | Q(begun_at__lt=before)
    sign_ins = _forget(kind=SignIn, due=is_over)
    has_none = ~Exists(SignIn.objects.filter(consent=OuterRef("pk")))
    is_old = Q(ended_at__lt=before) | Q(expires_at__lt=before)
    return sign_ins + _forget(kind=Consent, due=is_old & Q(has_none))


def forget_person(*, person_id: UUID) -> int:
    """Delete everything that a person agreed to by sign-in; the person is signed in nowhere by us any more."""
    return _forget(kind=Consent, due=Q(person_id=person_id))


def _forget(*, kind: type[SignIn] | type[Consent], due: Q) -> int:
    named = str(kind._meta.model_name)
    return forget_rows(kind.objects.filter(due), act="openid.forget", named=named, at_once=bounds.AT_ONCE)
