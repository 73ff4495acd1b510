"""The one place where a check is written: for the holder's history, for the trail, and told to who follows.

Whatever way a permit is checked, it ends here, within the transaction in which the answer is made: no answer without
its record, no record without its answer.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from uuid import UUID

from django.db import connection as database
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import entry_of_reading
from yizhengtong.foundation.events.journal import event_of, wake_followers
from yizhengtong.foundation.postgresql.readers import reading_as_partner
from yizhengtong.foundation.postgresql.together import Insert, insert
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.checks.models import Check, Outcome, Way
from yizhengtong.verification.relying_parties.models import RelyingParty

MADE = "checks.made"
"""The event: on ("check", its id), of the person; facts `way`, `purpose`, `outcome`, `relying_party` (or null)."""
NOT_AGREED, BLOCKED = "not_agreed", "blocked"
REFUSALS = {NOT_AGREED: "privacy.did_check_not_agreed", BLOCKED: "privacy.did_check_blocked"}
"""In the trail beside the claims: the holder had not agreed, or has shut them out. The words are for the holder; the
relying party is told neither."""
TOLD_WITHIN = 1.0
"""Seconds after which whoever follows is woken: at 200 checks a second not for each of them."""
_AGREED = frozenset({Outcome.MATCH, Outcome.TOLD})


def record_check(
    *,
    party: RelyingParty | None,
    way: str,
    purpose: str,
    person_id: UUID | None,
    outcome: str,
    claims: Sequence[str],
    at: datetime | None = None,
    permit_id: UUID | None = None,
    because: str = "",
) -> Check:
    """Write that a permit was checked, in the caller's transaction, and publish `checks.made`.

    `party` None: anybody who was given a code; what they call themselves is not kept, for nobody has proved it.
    `person_id` None: whose it is was not found, and nobody's history holds it. `claims`: names of what was compared or
    told, never values. `because`: in the trail alone, why it was refused (such as `not_agreed`).

    One that is repeated within a transaction is written again: who calls sees to it that it happens once. Raises
    ValueError for a way or an outcome that there is not.
    """
    check = Check(
        id=new_id(), relying_party=party, way=Way(way), purpose=purpose, person_id=person_id, permit_id=permit_id,
        outcome=Outcome(outcome), claims=list(claims), is_match=outcome in _AGREED, at=at or timezone.now(),
    )  # fmt: skip
    party_id = party.pk if party else None
    on = ("check", check.pk)
    entry = entry_of_reading(
        f"checks.{check.way}", by=Principal(PrincipalKind.PARTNER, party_id), on=on, person_id=person_id,
        purpose=purpose, fields=[*claims, *([because] if because else [])],
    )  # fmt: skip
    # Of nobody, too: an event more or less must not tell whether somebody was found.
    facts = {"way": way, "purpose": purpose, "outcome": outcome, "relying_party": str(party_id) if party_id else None}
    event = event_of(MADE, on=on, person_id=person_id, facts=facts)
    with _written_by(party_id):
        insert(_row(check), entry, event)
    check._state.adding = False
    wake_followers(MADE, within=TOLD_WITHIN)
    return check


def _written_by(party_id: UUID | None) -> AbstractContextManager[None]:
    """Write as the relying party, whoever reads.

    The row policies let a check be written by the relying party it is of, and by anybody where it is of none.
    """
    return nullcontext() if party_id is None else reading_as_partner(party_id)


def _row(check: Check) -> Insert:
    """Return the row, of which nothing is read back: Django would, and not everybody who writes a check may read it."""
    return Insert(_INSERT, [field.get_db_prep_save(getattr(check, field.attname), database) for field in _FIELDS])


_FIELDS = Check._meta.concrete_fields
_COLUMNS = ", ".join(str(field.column) for field in _FIELDS)
_INSERT = f"INSERT INTO checks_check ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(_FIELDS))})"  # noqa: S608 ours
