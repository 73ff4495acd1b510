"""Whoever was given a code reads it: with the holder's birth date, for what it was made for.

A code nobody has, a wrong birth date, a code that is over or used up, a holder who has shut out whoever asks: one
answer, and the same statements before it. A try that opened nothing is written down by the keyed hash of what was
typed, whether there is such a code or not; the fifth wrong birth date ends a code.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hmac import compare_digest
from uuid import UUID

from yizhengtong.credentials.showing.claims import PHOTO, Value, values_of
from yizhengtong.credentials.showing.photos import small_photo
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import Actor, record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.permitting.permits.rules import Standing
from yizhengtong.registry.people.queries import may_act_for, person_of
from yizhengtong.verification.checks.blocks import is_blocked
from yizhengtong.verification.checks.recording import BLOCKED, record_check
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.purposes import purpose_of
from yizhengtong.verification.sharing.bounds import WRONG_BIRTH_DATES
from yizhengtong.verification.sharing.codes import code_hash, normal
from yizhengtong.verification.sharing.lending import in_the_name_of, naming
from yizhengtong.verification.sharing.models import Miss, ShareCode, Use

TOLD, OTHER_PURPOSE, NONE = "told", "other_purpose", "none"
WAY = "share_code"
ENDED_BY_WRONG_TRIES = "sharing.ended_by_wrong_tries"
"""The event: on the permit, of the person."""
_NOBODY = UUID(int=0)
_NO_DAY = date.min


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a code. `need`: the purpose whoever checks has; empty where the code's own will do.

    `party`: a relying party with a key, which is told none but the claims it was granted (`claims`); None: anybody with
    the page, who is told what the holder agreed to.
    """

    code: str = field(repr=False)
    birth_date: date = field(repr=False)
    need: str = ""
    party: RelyingParty | None = None
    claims: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a code tells. `word`: told, other_purpose (`purpose` is the one to ask the holder for), none.

    `values` and `photo` (JPEG in base64) are empty for a permit that is not good any more: then only that is said.
    `use`: None unless told.
    """

    word: str
    as_of: datetime
    purpose: str = ""
    standing: Standing | None = None
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    photo: str = field(default="", repr=False)
    use: Use | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Found:
    share: ShareCode
    permit: Permit


@dataclass(frozen=True, slots=True)
class _Miss:
    """Nothing opened. `counts`: towards the end of the code. `person_id`: of who has shut out whoever asks."""

    counts: bool
    person_id: UUID | None


@use_case
def read_share_code(*, asked: Asked, at: datetime, by: Actor) -> Told:
    """Read a code once: it is counted, and stands in the holder's history. `by`: who asks, for the trail.

    Nothing is raised for what does not open, so that what it leaves behind stays. Raises TooMany, before anything is
    looked up, for a code that is tried too often and where all codes together are: by everybody without a key, or by
    one relying party, so that none of these shuts the others out.
    """
    found_by = code_hash(normal(asked.code))
    tries = f"partner:{asked.party.pk}" if asked.party else "everybody"
    charge([Charge("share_checks_of_one", found_by.hex()), Charge("share_checks_of_all", tries)])
    found = _opened(found_by, asked, at)
    if isinstance(found, _Miss):
        _note_miss(found_by, found, asked, at, by)
        return Told(NONE, at)
    if asked.need not in ("", found.share.purpose):
        record_check(
            party=asked.party, way=WAY, purpose=asked.need, person_id=found.share.person_id, outcome="refused",
            claims=(), at=at, permit_id=found.permit.pk,
        )  # fmt: skip
        return Told(OTHER_PURPOSE, at, asked.need)
    return _tell(found, asked, found_by, at)


def _opened(found_by: bytes, asked: Asked, at: datetime) -> _Found | _Miss:
    """Return the code, locked, and the permit it tells of, if it opens."""
    with naming(found_by):
        share = ShareCode.objects.select_for_update(of=("self",), no_key=True).filter(code_hash=found_by).first()
    maker = share.made_by if share else _NOBODY
    with in_the_name_of(maker):
        permit = _permit_now(share)
        may_tell = _may_still_tell(maker, permit, at)
    born = permit.person.birth_date if permit else _NO_DAY
    is_born_then = compare_digest(born.isoformat(), asked.birth_date.isoformat())
    is_kept_out = asked.party is not None and is_blocked(share.person_id if share else _NOBODY, asked.party.pk)
    if share is None or permit is None or is_kept_out or not (is_born_then and may_tell and _is_alive(share, at)):
        counts = not is_kept_out and not is_born_then
        return _Miss(counts, share.person_id if share and is_kept_out and is_born_then else None)
    return _Found(share, permit)


def _permit_now(share: ShareCode | None) -> Permit | None:
    """Return the newest permit of the kind that the code was made of: a replaced card is told as what replaced it."""
    key = share.permit_id if share else _NOBODY
    of = Permit.objects.filter(pk=key).values("person_id", "kind")[:1]
    return (
        Permit.objects.select_related("person")
        .filter(person_id=of.values("person_id"), kind=of.values("kind"))
        .order_by("-issued_at", "-id")
        .first()
    )


def _may_still_tell(maker: UUID, permit: Permit | None, at: datetime) -> bool:
    """Whether who made the code has an account still, and is the person or acts for them today."""
    is_open = Account.objects.filter(pk=maker, is_active=True).exists()
    acting = person_of(maker)
    return is_open and acting is not None and permit is not None and may_act_for(acting, permit.person, legal_day(at))


def _is_alive(share: ShareCode, at: datetime) -> bool:
    return share.ended_at is None and at < share.ends_at and share.uses < share.most_uses


def _note_miss(found_by: bytes, missed: _Miss, asked: Asked, at: datetime, by: Actor) -> None:
    """Write down that nothing opened; of who comes without a key only what was typed, as a keyed hash."""
    if asked.party is not None:
        record_check(
            party=asked.party, way=WAY, purpose=asked.need, person_id=missed.person_id, claims=(), at=at,
            outcome="refused" if missed.person_id else "no_match", because=BLOCKED if missed.person_id else "",
        )  # fmt: skip
    Miss(code_hash=found_by, counts=missed.counts, at=at).save(force_insert=True)
    if Miss.objects.filter(code_hash=found_by, counts=True).count() >= WRONG_BIRTH_DATES:
        _end(found_by, at, by)


def _end(found_by: bytes, at: datetime, by: Actor) -> None:
    """End a code that somebody guesses at, if there is one and it is good, and have its holder told."""
    with naming(found_by):
        living = ShareCode.objects.filter(code_hash=found_by, ended_at=None, ends_at__gt=at)
        share = living.first()
        living.update(ended_at=at, end_reason=ShareCode.End.WRONG_BIRTH_DATES)
    if share is not None:
        record_act("sharing.end_of_wrong_tries", by=by, on=("share_code", share.pk), person_id=share.person_id)
        publish(ENDED_BY_WRONG_TRIES, on=("permit", share.permit_id), person_id=share.person_id)


def _tell(found: _Found, asked: Asked, found_by: bytes, at: datetime) -> Told:
    share, permit, on = found.share, found.permit, legal_day(at)
    now = standing(permit, on)
    names = _names(share, asked) if now.is_valid else []
    with in_the_name_of(share.made_by):
        values = values_of(permit, names, on)
        photo = small_photo(permit, Principal(PrincipalKind.RESIDENT, share.made_by)) if PHOTO in names else ""
    check = record_check(
        party=asked.party, way=WAY, purpose=share.purpose, person_id=share.person_id, outcome="told",
        claims=[*([PHOTO] if photo else []), *values, "state"], at=at, permit_id=permit.pk,
    )  # fmt: skip
    with naming(found_by):
        share.uses += 1
        share.save(update_fields=["uses"])
    use = Use(share_code=share, person_id=share.person_id, check_id=check.pk, at=at,
              relying_party_id=asked.party.pk if asked.party else None)  # fmt: skip
    with in_the_name_of(share.made_by):
        use.save(force_insert=True)
    return Told(TOLD, at, share.purpose, now, values, photo, use)


def _names(share: ShareCode, asked: Asked) -> list[str]:
    """Return what the holder agreed to, as far as the purpose still holds it and whoever asks may be told it."""
    allowed = set(purpose_of(share.purpose).claims)
    if asked.claims is not None:
        allowed &= set(asked.claims)
    return [name for name in share.claims if name in allowed]
