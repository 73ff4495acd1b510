"""What is over goes: codes, tokens, requests and proofs by their time, grants some days after they ended."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from yizhengtong.foundation.forgetting import forget_rows
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.models import Code, Grant, PushedRequest, SeenProof, Token

AT_ONCE = 1000


def forget_over(*, at: datetime) -> int:
    """Delete what is over at an instant. Returns how many grants went; cut off anywhere, the next run goes on."""
    SeenProof.objects.filter(expires_at__lt=at).delete()
    PushedRequest.objects.filter(expires_at__lt=at).delete()
    Token.objects.filter(expires_at__lt=at).delete()
    Code.objects.filter(used_at=None, expires_at__lt=at).delete()
    before = at - lifetimes.ENDED_GRANT
    is_old = Q(ended_at__lt=before) | Q(ended_at=None) & (Q(begun_at=None) | Q(renewed_at__lt=before))
    is_over = Q(ended_at__isnull=False) | ~Exists(_tokens()) & ~Exists(_codes())
    return _forget_all(Grant.objects.filter(is_old & is_over))


def forget_grants(*, person_id: UUID) -> int:
    """Delete everything that a person's wallets were allowed: they collect nothing more. Returns how many."""
    return _forget_all(Grant.objects.filter(person_id=person_id))


def _tokens() -> QuerySet[Token]:
    return Token.objects.filter(grant=OuterRef("pk"))


def _codes() -> QuerySet[Code]:
    return Code.objects.filter(grant=OuterRef("pk"), used_at=None)


def _forget_all(due: QuerySet[Grant]) -> int:
    return forget_rows(due, act="authorization.forget", named="grants", at_once=AT_ONCE)
