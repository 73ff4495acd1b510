"""Putting a draft to the archive, and from there into force: by two persons, who both saw what came out."""

from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.observability.jobs import carried
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.law.drafting import confirm_draft, propose_draft
from yizhengtong.law.models import Edition
from yizhengtong.law.policies import ensure_may_change_law
from yizhengtong.law.queries import library_of_edition
from yizhengtong.permitting.casework.models import Decision
from yizhengtong.permitting.casework.simulation import Tally, simulate
from yizhengtong.permitting.oversight.models import MOST_GOING, Simulation

_GIVEN_UP = timedelta(days=1)
"""Whose worker died says that it runs for ever; after this it may be asked for again."""


@use_case
def ask_simulation(*, edition_id: UUID, law_on: date | None, by: Principal) -> Simulation:
    """Have a draft simulated in the background. One that waits or runs for the same question is given back.

    Raises Conflict `oversight.simulations_enough` while MOST_GOING of any draft wait or run: each reads all decisions.
    """
    ensure_may_change_law(by)
    edition = Edition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise NotFound("not_found")
    going = Simulation.objects.filter(
        state__in=(Simulation.State.WAITING, Simulation.State.RUNNING), asked_at__gt=timezone.now() - _GIVEN_UP
    )
    same = going.filter(edition_hash=edition.hash, law_on=law_on).first()
    if same is not None:
        return same
    if going.count() >= MOST_GOING:
        raise Conflict("oversight.simulations_enough", most=MOST_GOING)
    asked = Simulation.objects.create(edition_hash=edition.hash, law_on=law_on, asked_by=by.id)
    record_act("oversight.ask_simulation", by=by, on=("edition", edition.pk), person_id=None)
    app.configure_task("oversight.simulate").defer(simulation_id=str(asked.pk), **carried())
    return asked


def run_simulation(simulation_id: UUID) -> Simulation:
    """Simulate what was asked for, saying how far it is after each batch. A failure is noted and raised."""
    own = Simulation.objects.filter(pk=simulation_id)
    asked = own.get()
    own.update(state=Simulation.State.RUNNING, decisions=Decision.objects.count(), done=0)
    try:
        library = library_of_edition(asked.edition_hash)
        tally = simulate(library, on=asked.law_on, told=lambda done: _note(simulation_id, done))
    except Exception:
        own.update(state=Simulation.State.FAILED, finished_at=timezone.now())
        raise
    own.update(state=Simulation.State.DONE, done=tally.looked_at, result=tally.to_json(), finished_at=timezone.now())
    return own.get()


def _note(simulation_id: UUID, done: int) -> None:
    Simulation.objects.filter(pk=simulation_id).update(done=done)


def results_of(edition_hash: str) -> list[tuple[Simulation, Tally]]:
    """Return what came out of an edition's finished simulations, the newest first."""
    finished = Simulation.objects.filter(edition_hash=edition_hash, state=Simulation.State.DONE).order_by("-asked_at")
    return [(each, Tally.from_json(each.result)) for each in finished if each.result is not None]


@use_case
def propose_simulated(*, edition_id: UUID, by: Principal) -> Edition:
    """Propose a simulated draft. Raises Conflict `oversight.not_simulated`, else as propose_draft."""
    _ensure_simulated(edition_id)
    return propose_draft(edition_id=edition_id, by=by)


@use_case
def confirm_simulated(*, edition_id: UUID, by: Principal) -> Edition:
    """Put a proposed edition in force as the second person. Raises as propose_simulated and confirm_draft."""
    _ensure_simulated(edition_id)
    return confirm_draft(edition_id=edition_id, by=by)


def _ensure_simulated(edition_id: UUID) -> None:
    edition = Edition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise NotFound("not_found")
    if not Simulation.objects.filter(edition_hash=edition.hash, state=Simulation.State.DONE).exists():
        raise Conflict("oversight.not_simulated")
