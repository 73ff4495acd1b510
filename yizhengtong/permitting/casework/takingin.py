"""Which office takes in what.

Exit–entry offices take in what the law gives to them, and nothing else (S0-T14, S0-T18); entrusted bodies where the
place names them (国令663 art. 9, S3-30).
"""

from yizhengtong.foundation.accounts.models import Office, OfficeKind
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.regions import ancestors
from yizhengtong.law.law import Law

_EXIT_ENTRY = "exit_entry"
_ENTRUSTED = {"entrusted_body", "community_window"}


def serves(office: Office, place: str, law: Law) -> bool:
    """Whether an office takes in applications for a county: its own, and for exit–entry those below it too.

    Where a pack lists its service points, the application has been checked against them.
    """
    if law.service_points or office.region == place:
        return True
    return office.kind == OfficeKind.EXIT_ENTRY and office.region in ancestors(place)


def ensure_takes_in(office: Office, law: Law) -> None:
    """Raise Invalid unless the office is of a kind that the place's acceptance.kinds names.

    `settlement.office_is_not_exit_entry` at a police station, `settlement.exit_entry_takes_no_other` the other way;
    `casework.entrusted_body_takes_not_in` where the place names police stations alone (Rui'an).
    """
    named = set(law.values.get("acceptance.kinds") or ())
    asks_exit_entry = _EXIT_ENTRY in named
    is_exit_entry = office.kind == OfficeKind.EXIT_ENTRY
    if asks_exit_entry and not is_exit_entry:
        raise Invalid("settlement.office_is_not_exit_entry")
    if is_exit_entry and not asks_exit_entry:
        raise Invalid("settlement.exit_entry_takes_no_other")
    if office.kind == OfficeKind.ENTRUSTED and named and named.isdisjoint(_ENTRUSTED):
        raise Invalid("casework.entrusted_body_takes_not_in")
