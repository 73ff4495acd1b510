"""Beginning a list, converting a part of it, ending it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.converting.looking import BY_STAYS, Sorted, look_at, records_of
from yizhengtong.permitting.casework.converting.rows import ListedRow, Wrong
from yizhengtong.permitting.casework.converting.writing import Writing
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import ConversionList
from yizhengtong.permitting.casework.services.automatic import APPROVING, REVIEWING, rules_at


@dataclass(slots=True)
class Converted:
    """What became of the lines of a part."""

    converted: list[int] = field(default_factory=list)
    to_officer: dict[int, tuple[str, ...]] = field(default_factory=dict)
    known: list[int] = field(default_factory=list)
    wrong: dict[int, list[Wrong]] = field(default_factory=dict)


def law_of_conversions(office: Office, on: date) -> Law:
    """Return the law of an office's county. Raises Invalid `casework.item_has_no_conversion`."""
    law = law_for(BY_STAYS, office.region, on)
    if BY_STAYS not in law.items:
        raise Invalid("casework.item_has_no_conversion")
    return law


def ensure_may_convert(office: Office, by: Principal) -> None:
    """Raise unless `by` accepts applications at the office."""
    ensure_officer_of(office.path, by)
    ensure_role(by, Role.CLERK)


@use_case
def begin_list(*, office: Office, list_hash: str, by: Principal) -> ConversionList:
    """Return a list, begun now or where it was left. Raises Forbidden, NotFound."""
    ensure_may_convert(office, by)
    run, is_new = ConversionList.objects.get_or_create(
        office=office, list_hash=list_hash, defaults={"office_path": office.path, "begun_by": by.id}
    )
    action = "casework.begin_list" if is_new else "casework.resume_list"
    record_act(action, by=by, on=("conversion_list", run.pk), person_id=None)
    return run


def rehearse_part(rows: Sequence[tuple[int, ListedRow]], *, office: Office, on: date) -> Converted:
    """Say what would become of some lines; nothing is written or locked."""
    law = law_of_conversions(office, on)
    records = records_of([row for _, row in rows], lock=False)
    sorted_ = look_at(rows, records, law, office, on, answered=_answered(law, office))
    left = {each.line: each.declined for each in sorted_.looked if each.declined}
    return _outcome(sorted_, left)


@use_case
def convert_part(
    *,
    run: ConversionList,
    rows: Sequence[tuple[int, ListedRow]],
    last_line: int,
    on: date,
    by: Principal,
) -> Converted:
    """Convert some lines and note how far the list is done, all or nothing.

    Each permit and the end of those before it are visible at one instant, with the rest of the part. Raises Conflict
    `casework.row_stale` when another run did these lines meanwhile.
    """
    run = ConversionList.objects.select_for_update(of=("self",)).select_related("office__parent").get(pk=run.pk)
    if run.position >= last_line:
        raise Conflict("casework.row_stale")
    office, law = run.office, law_of_conversions(run.office, on)
    records = records_of([row for _, row in rows], lock=True)
    sorted_ = look_at(rows, records, law, office, on, answered=_answered(law, office))
    writing = Writing(run, office, law, rules_at(law, office), on, by, dict(records.permits))
    left = writing.write(sorted_.looked) if sorted_.looked else {}
    run.position = last_line
    run.save(update_fields=["position"])
    return _outcome(sorted_, left)


@use_case
def finish_list(*, run: ConversionList, by: Principal) -> None:
    """Note that a list is done."""
    ConversionList.objects.filter(pk=run.pk, finished_at=None).update(finished_at=timezone.now())
    record_act("casework.finish_list", by=by, on=("conversion_list", run.pk), person_id=None)


def _answered(law: Law, office: Office) -> bool:
    rules = rules_at(law, office)
    return all(role in rules and rules[role].officer_id for role in (REVIEWING, APPROVING))


def _outcome(sorted_: Sorted, left: dict[int, tuple[str, ...]]) -> Converted:
    converted = [each.line for each in sorted_.looked if each.line not in left]
    return Converted(converted, left, sorted_.known, sorted_.wrong)
