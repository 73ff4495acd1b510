"""What need not be kept: assertions that are refused as too old anyway, figures of past months, invitations."""

from datetime import datetime

from yizhengtong.kernel.dates import legal_day
from yizhengtong.verification.relying_parties.bounds import FIGURES_KEPT
from yizhengtong.verification.relying_parties.models import DayUse, Invitation, Minute, SpentAssertion


def forget(*, at: datetime) -> int:
    """Delete what is over, and return how many rows. Nobody's data: the trail need not tell."""
    kept_from = at - FIGURES_KEPT
    over = (
        SpentAssertion.objects.filter(expires_at__lt=at),
        Minute.objects.filter(at__lt=kept_from),
        DayUse.objects.filter(day__lt=legal_day(kept_from)),
        Invitation.objects.filter(expires_at__lt=at),
    )
    return sum(each.delete()[0] for each in over)
