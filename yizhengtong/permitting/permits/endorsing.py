"""The yearly endorsement of a permit: in its window, or late.

Law: 国令663 art. 10; 浙江省流动人口居住登记条例 art. 19; facts.md S3-24…27, D12, D22. Who is no longer eligible is not
endorsed, with reasons: that is decided in a case, before this is called.
"""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict
from yizhengtong.law.law import Law
from yizhengtong.permitting.permits.models import Endorsement, Permit
from yizhengtong.permitting.permits.queries import facts_of
from yizhengtong.permitting.permits.rules import Endorsed, PermitFacts, endorse, window_of
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.permitting.permits.steps import locked, take_step


@use_case
def endorse_permit(
    *,
    permit_id: UUID,
    law: Law,
    region: str,
    office_id: UUID,
    office_path: str,
    case_id: UUID | None,
    on: date,
    by: Principal,
) -> Endorsement:
    """Endorse a permit at a place, which may be another than that of its issue: the card stays the same (D12).

    In its window it is good for a year more. Late it has its functions back, and the years of residence are counted as
    the law of the place says. `region`: GB/T 2260 code of the place; its office looks after the permit from now on.
    Raises Conflict `permits.not_endorsed_yearly`, `permits.endorsement_not_open` with the `day` on which it opens,
    `permits.not_now`.
    """
    permit = locked(permit_id)
    facts = facts_of(permit)
    if facts.endorsed_until is None:
        raise Conflict("permits.not_endorsed_yearly")
    done = endorse(facts, law.value("endorsement.window"), law.value("endorsement.late"), on)
    if done is None:
        raise Conflict("permits.endorsement_not_open", day=_opens_on(facts, law))
    if done.was_late and permit.state != PermitState.SUSPENDED:  # by law it is, the daily sweep comes later
        take_step(permit, "suspend", by=by, facts={"last_day": facts.endorsed_until.isoformat()})
    written = _write(permit, done, law, case_id=case_id, region=region, on=on, by=by)
    permit.endorsed_until, permit.endorsed_on, permit.endorsed_region = done.until, on, region
    permit.years_count_from = done.years_count_from
    permit.office_id, permit.office_path = office_id, office_path
    told = {"until": done.until.isoformat(), "late": done.was_late, "effect": written.effect, "region": region}
    # asked for in time and decided after the sweep: it was suspended, and is not late
    take_step(permit, "restore" if permit.state == PermitState.SUSPENDED else "endorse", by=by, facts=told)
    return written


def _opens_on(facts: PermitFacts, law: Law) -> date | None:
    window = window_of(facts, law.value("endorsement.window"))
    return window.start if window else None


def _write(
    permit: Permit, done: Endorsed, law: Law, *, case_id: UUID | None, region: str, on: date, by: Principal
) -> Endorsement:
    written = Endorsement(
        permit=permit,
        case_id=case_id,
        on=on,
        by=by.id,
        region=region,
        window_from=done.window.start,
        window_until=done.last_day,
        endorsed_until=done.until,
        was_late=done.was_late,
        years_count_from_after=done.years_count_from,
        effect=law.value("endorsement.late") if done.was_late else Endorsement.Effect.KEPT,
        law_hash=law.hash,
    )
    try:
        with transaction.atomic():
            written.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("permits.endorsement_not_open", day=done.window.start) from error
    return written
