"""The two papers as they are shown at the household register: found by their numbers, without opening a record."""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.findings import Source
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.settlement.models import ApprovalNotice
from yizhengtong.permitting.settlement.policies import ensure_may_register_households
from yizhengtong.permitting.settlement.rules import APPROVAL_NOTICE, SETTLEMENT_PERMIT, SHOWABLE, missing_papers

_STANDING = "SELECT permit_state, holds_residence_permit FROM settlement_standing(%s)"


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown: the papers that are missing, in the law's order, and the notice that the rest belongs to."""

    missing: tuple[str, ...]
    source: Source
    notice: ApprovalNotice | None = field(default=None, repr=False)
    holds_residence_permit: bool = False
    is_registered: bool = False


def check_household_papers(*, notice_shown: str, permit_shown: str, on: date, by: Principal) -> Shown:
    """S0-T31: say which of the two papers is missing; their numbers, empty where one is not shown.

    An officer of the county's police asks; papers of another county are not known here. Nothing of the person is told.
    """
    ensure_may_register_households(by)
    shown = shown_papers(notice_shown, permit_shown, region=by.office_region, on=on)
    notice = shown.notice
    record_read(
        "settlement.check_papers", by=by, on=("approval_notice", notice.pk if notice else None),
        person_id=notice.person_id if notice else None, purpose="household registration",
    )  # fmt: skip
    return shown


def shown_papers(notice_number: str, permit_number: str, *, region: str, on: date) -> Shown:
    """Return what the papers with these numbers come to in a county. One of another decision counts as not shown."""
    here = ApprovalNotice.objects.filter(region=region).select_related("registration")
    notice = here.filter(number=notice_number.strip()).first() if notice_number.strip() else None
    index = blind_index("permits.number", permit_number.strip())
    of_permit = here.filter(permit_number_index=bytes(index)).first() if permit_number.strip() else None
    law = law_in_force(region, "settlement", on)
    needs, source = law.value("household.needs"), law["household.needs"].source
    about = notice or of_permit
    if about is None:
        return Shown(tuple(needs), source)
    state, holds_residence_permit = _standing(about)
    is_permit_shown = of_permit is not None and of_permit.pk == about.pk and state in SHOWABLE
    papers = {APPROVAL_NOTICE: notice is not None, SETTLEMENT_PERMIT: is_permit_shown}
    missing = missing_papers([code for code, is_there in papers.items() if is_there], needs)
    return Shown(missing, source, about, holds_residence_permit, hasattr(about, "registration"))


def _standing(notice: ApprovalNotice) -> tuple[str, bool]:
    """Return the state of the notice's permit and whether its person holds a residence permit of HMT residents."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [notice.pk])
        state, holds = cursor.fetchone()
        return state, holds
