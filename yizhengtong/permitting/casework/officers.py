"""Officers' names, for officers: opinions are signed (S4-26)."""

from collections.abc import Collection
from uuid import UUID

from yizhengtong.foundation.accounts.models import StaffMember


def names_of_officers(accounts: Collection[UUID | None]) -> dict[UUID, str]:
    """Return the names of officers by account. One statement; none where nobody is asked for."""
    wanted = sorted({key for key in accounts if key})
    if not wanted:
        return {}
    found = StaffMember.objects.raw("SELECT * FROM casework_officer_names(%s::uuid[])", [wanted])
    return {member.account_id: member.name for member in found}
