"""The audit trail by the settings of the deployment; its retention is held to what the law in force asks for."""

from django.conf import settings
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.canonical import HASHES
from yizhengtong.foundation.audit.checkpoints import CheckpointFile, SigningKeys
from yizhengtong.foundation.audit.expiring import ask_for_expiry
from yizhengtong.foundation.audit.models import Expiry
from yizhengtong.foundation.audit.sealing import Plan
from yizhengtong.kernel.dates import legal_day
from yizhengtong.law.queries import law_in_force

_MONTHS = {"month": 1, "year": 12}


def ask_for_all_expiries() -> list[Expiry]:
    """Ask for what is due of every class that expires. Raises Conflict where a setting lies below the law."""
    asked = [
        ask_for_expiry(retention=name, months=months, least=least_months_by_law(name), by=SYSTEM)
        for name, months in settings.YZT_AUDIT_KEEP_MONTHS.items()
    ]
    return [expiry for expiry in asked if expiry is not None]


def plan_of_settings() -> Plan:
    """Return what Django's settings tell, for commands beside the sealer."""
    return Plan(
        file=CheckpointFile(settings.YZT_AUDIT_CHECKPOINTS),
        keys=SigningKeys(settings.YZT_AUDIT_KEYS),
        hash_name=HASHES[settings.YZT_CRYPTO],
        keep_months=settings.YZT_AUDIT_KEEP_MONTHS,
    )


def least_months_by_law(retention: str) -> int | None:
    """Return the months that the pack's `retention.*` asks for at least; None where it names no number."""
    value = law_in_force(settings.YZT_REGION, "hmt", legal_day(timezone.now())).value(f"retention.{retention}")
    return value.n * _MONTHS[value.unit] if value is not None and value.unit in _MONTHS else None
