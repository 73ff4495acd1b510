"""Reading showings and printed codes of a permit."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from yizhengtong.credentials.showing.models import PaperCode, Showing
from yizhengtong.permitting.permits.models import Permit

_MOST = 50


def showing_of(permit: Permit, account_id: UUID, at: datetime) -> Showing | None:
    """Return the showing of a permit that somebody has begun and that still runs."""
    return Showing.objects.filter(permit=permit, begun_by=account_id, stopped_at=None, ends_at__gt=at).first()


def last_showing_of(permit: Permit, account_id: UUID) -> Showing | None:
    """Return the last showing of a permit that somebody has begun, running or over."""
    return Showing.objects.filter(permit=permit, begun_by=account_id).order_by("-begun_at", "-id").first()


def showings_of(permit: Permit) -> Sequence[Showing]:
    """Return the showings of a permit that are still kept, the newest first. What they showed stays sealed."""
    return list(Showing.objects.filter(permit=permit).order_by("-begun_at", "-id").defer("shown")[:_MOST])


def paper_codes_of(permit: Permit) -> Sequence[PaperCode]:
    """Return the codes printed of a permit, the newest first. Their text stays sealed."""
    return list(PaperCode.objects.filter(permit=permit).order_by("-issued_on", "-id").defer("text")[:_MOST])
