"""Make a share code, end one, end all that a lost account made."""

from datetime import datetime, timedelta
from uuid import UUID

from yizhengtong.credentials.showing.claims import PHOTO, Value, values_of
from yizhengtong.credentials.showing.photos import small_photo
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.verification.relying_parties.purposes import Purpose, purpose_of
from yizhengtong.verification.sharing.bounds import MOST_LIVING, MOST_USES
from yizhengtong.verification.sharing.codes import code_hash, new_code
from yizhengtong.verification.sharing.models import ShareCode


def what_is_told(permit: Permit, purpose: Purpose, at: datetime, by: Principal) -> tuple[dict[str, Value], str]:
    """Return the claims and the photograph that a code for a purpose tells; recorded as read by the holder."""
    record_read("sharing.preview", by=by, on=("permit", permit.pk), person_id=permit.person_id, purpose="own data",
                fields=list(purpose.claims))  # fmt: skip
    photo = small_photo(permit, by) if PHOTO in purpose.claims else ""
    return values_of(permit, purpose.claims, legal_day(at)), photo


@use_case
def make_share_code(
    *, permit: Permit, purpose: str, days: int, uses: int, at: datetime, by: Principal
) -> tuple[ShareCode, str]:
    """Make a code of a permit that the caller was allowed to open, and return it with its letters: told this once.

    `days`: of 24 hours, at most those of the purpose. Raises NotFound for a purpose nobody knows, Invalid
    `sharing.out_of_bounds` with every field at once, Conflict `sharing.not_good` for a permit that is not good today,
    `sharing.too_many_living`.
    """
    asked = purpose_of(purpose)
    if by.id is None:
        raise Forbidden("web.sign_in_first")
    _ensure_within(asked, days, uses)
    now = standing(permit, legal_day(at))
    if not now.is_valid:
        raise Conflict("sharing.not_good", reason=now.reason)
    # Locked, so that two at once do not both find room; without disturbing foreign keys.
    Permit.objects.select_for_update(no_key=True).filter(pk=permit.pk).values_list("pk").first()
    if ShareCode.objects.filter(permit=permit, ended_at=None, ends_at__gt=at).count() >= MOST_LIVING:
        raise Conflict("sharing.too_many_living", most=MOST_LIVING)
    code = new_code()
    share = ShareCode(
        person_id=permit.person_id, permit=permit, purpose=purpose, claims=list(asked.claims),
        code_hash=code_hash(code), made_by=by.id, made_at=at, ends_at=at + timedelta(days=days), most_uses=uses,
    )  # fmt: skip
    share.save(force_insert=True)
    record_act("sharing.make", by=by, on=("share_code", share.pk), person_id=share.person_id, purpose=purpose)
    return share, code


@use_case
def end_share_code(*, share_code_id: UUID, acting: Person, at: datetime, by: Principal) -> ShareCode:
    """End a code at once; one that is over stays as it is. Raises NotFound for a stranger's."""
    share = ShareCode.objects.select_for_update(of=("self",), no_key=True).filter(pk=share_code_id).first()
    person = Person.objects.filter(pk=share.person_id).first() if share else None
    if share is None or person is None or not may_act_for(acting, person, legal_day(at)):
        raise NotFound("not_found")
    if share.ended_at is None and share.ends_at > at and share.uses < share.most_uses:
        share.ended_at, share.end_reason = at, ShareCode.End.HOLDER
        share.save(update_fields=["ended_at", "end_reason"])
        record_act("sharing.end", by=by, on=("share_code", share.pk), person_id=share.person_id)
    return share


@use_case
def end_codes_of_account(*, account_id: UUID, at: datetime) -> int:
    """End what somebody may have made who had an account that was lost. Returns how many."""
    living = ShareCode.objects.select_for_update(no_key=True).filter(made_by=account_id, ended_at=None, ends_at__gt=at)
    for share in living:
        share.ended_at, share.end_reason = at, ShareCode.End.ACCOUNT_RECOVERED
        share.save(update_fields=["ended_at", "end_reason"])
        record_act("sharing.end", by=SYSTEM, on=("share_code", share.pk), person_id=share.person_id)
    return len(living)


def _ensure_within(purpose: Purpose, days: int, uses: int) -> None:
    errors = [
        FieldError(name, f"sharing.{name}_out_of_bounds", {"most": most})
        for name, given, most in (("days", days, purpose.days), ("uses", uses, MOST_USES))
        if not 1 <= given <= most
    ]
    if errors:
        raise Invalid("sharing.out_of_bounds", errors=errors)
