"""What the first page of a demonstration tells: whom one may sign in as. Never in production."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from yizhengtong.project.demonstration.officers import CITY, CITY_NAME, OFFICERS, PLACES


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """A demonstration account: what it does, and where."""

    username: str
    roles: tuple[str, ...]
    office: str


TRIES = (
    ("window", ("demo-clerk", "demo-reviewer", "demo-approver")),
    ("settlement", ("demo-ee-clerk", "demo-ee-reviewer", "demo-ee-approver")),
    ("ruian", ("demo-ruian-clerk", "demo-ruian-reviewer", "demo-ruian-approver")),
    ("qingyuan", ("demo-qingyuan-clerk", "demo-qingyuan-reviewer", "demo-qingyuan-approver")),
    ("head", ("demo-supervisor", "demo-auditor", "demo-administrator")),
)
"""What is shown first: a thing to try, and who does it, in turn."""


@dataclass(frozen=True, slots=True)
class ShownDemonstration:
    """The accounts of a demonstration with what all of them sign in with."""

    password: str
    secret: str
    accounts: tuple[ShownAccount, ...]
    tries: tuple[tuple[str, tuple[str, ...]], ...] = TRIES


def demonstration_shown() -> ShownDemonstration | None:
    """Return whom one may sign in as, where the demonstration city was made; None everywhere else."""
    if settings.YZT_PRODUCTION or not (Path(settings.CONFIGURATION.home) / "demonstration.json").exists():
        return None
    from yizhengtong.project.demonstration.city import PASSWORD, TOTP_SECRET  # brings much along

    offices = {CITY: CITY_NAME, **{place.code: place.name for place in PLACES}}
    accounts = (
        ShownAccount(each.username, tuple(each.roles), offices.get(each.office, each.office)) for each in OFFICERS
    )
    return ShownDemonstration(PASSWORD, TOTP_SECRET, tuple(accounts))
