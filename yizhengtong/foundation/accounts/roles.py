"""The roles of officers (S4-26 of the seeds: acceptance, review, approval, each with a name and a date)."""

from enum import StrEnum


class Role(StrEnum):
    """What an officer is appointed to do. One officer may hold several, but gives one opinion a case."""

    CLERK = "clerk"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    REGISTRAR = "registrar"
    """Imports a county's old records and says whether two records are one person."""
