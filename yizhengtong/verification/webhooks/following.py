"""From what happens to permits and holders to notices, in the transaction that moves the subscriber's position."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.scope import once_a_request, request_scope
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing as standing_of
from yizhengtong.verification.checks.rules import state_of
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.queries import granted
from yizhengtong.verification.webhooks.bounds import GIVE_UP
from yizhengtong.verification.webhooks.models import Delivery, DeliveryKind, DeliveryState, Subscription
from yizhengtong.verification.webhooks.notices import EXPIRED, INSTEAD, LAST, TOLD_OF, Told
from yizhengtong.verification.webhooks.services import SEND, end_subscription
from yizhengtong.verification.webhooks.standing import stands

WITHDRAWN, DELETED = "consents.withdraw", "privacy.deleted"
FOLLOWED = frozenset({*TOLD_OF, WITHDRAWN, DELETED})
_LIVING_AT_ONCE = 1000


def note(event: Event) -> None:
    """Write a notice for each subscription to a permit, or end those whose basis fell away."""
    if event.kind in TOLD_OF:
        _note_state(event, _class_of(event))
    elif event.person_id is not None and event.kind == DELETED:
        Subscription.objects.filter(person_id=event.person_id).delete()
    elif event.person_id is not None:
        drop_unfounded(Subscription.objects.filter(person_id=event.person_id, ended_at=None))


def _class_of(event: Event) -> Told:
    """Return what is told of a step. That a permit is good again is believed as far as it is, by its dates too."""
    told = TOLD_OF[event.kind]
    permit = Permit.objects.filter(pk=event.object_id).first() if told == Told.RESTORED else None
    return told if permit is None else INSTEAD.get(state_of(standing_of(permit, legal_day(timezone.now()))), told)


def _note_state(event: Event, told: Told) -> None:
    now, last = timezone.now(), told in LAST
    living = Subscription.objects.filter(permit_id=event.object_id, ended_at=None).select_related("endpoint", "party")
    standing = drop_unfounded(living)
    Delivery.objects.bulk_create(
        (
            Delivery(
                endpoint=each.endpoint, subscription=each, kind=DeliveryKind.STATE, event_id=event.pk,
                position=event.sequence, told=told, happened_at=event.at, give_up_at=now + GIVE_UP,
            )
            for each in standing
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    for each in standing if last else ():
        end_subscription(each, "permit")
    if standing:
        once_a_request("webhooks.wake", _wake)


def drop_unfounded(living: Iterable[Subscription]) -> list[Subscription]:
    """End those without a basis, with what waits to be told of them. Returns the others."""
    on, standing, shut_out = legal_day(timezone.now()), [], set[tuple[UUID, str]]()
    for each in living:
        if not granted(each.party, each.purpose):
            shut_out.add((each.party_id, each.purpose))
        elif stands(each, on):
            standing.append(each)
        else:
            end_subscription(each, "basis")
            _drop(Subscription.objects.filter(pk=each.pk))
    for party_id, purpose in shut_out:
        _end_all_of(party_id, purpose)
    return standing


def _end_all_of(party_id: UUID, purpose: str) -> None:
    """End all that a party that may not check any more was told of for a purpose.

    It may know why, and so sees the end: at one instant of all, those that only looked alive among them.
    """
    told = Subscription.objects.filter(party=party_id, purpose=purpose)
    told.filter(Subscription.ALIVE_TO_PARTY).update(ended_at=timezone.now(), ended_because="party")
    _drop(told)


def _drop(told: QuerySet[Subscription]) -> None:
    undone = Delivery.objects.filter(subscription__in=told, state__in=[*Delivery.UNSETTLED, DeliveryState.DEAD])
    undone.update(state=DeliveryState.DROPPED, settled_at=timezone.now(), leased_until=None)


def drop_all_unfounded() -> None:
    """Look at every subscription: what no event tells, such as a party suspended, ends within a day."""
    told = Subscription.objects.filter(Subscription.ALIVE_TO_PARTY).values_list("party_id", "purpose").distinct()
    parties = RelyingParty.objects.in_bulk({party_id for party_id, _ in told})
    for party_id, purpose in told:
        if not granted(parties[party_id], purpose):
            _end_all_of(party_id, purpose)
    last = None
    while True:
        living = Subscription.objects.filter(ended_at=None).select_related("endpoint", "party").order_by("pk")
        batch = list((living if last is None else living.filter(pk__gt=last))[:_LIVING_AT_ONCE])
        if not batch:
            return
        drop_unfounded(batch)
        last = batch[-1].pk


def note_expired(on: date) -> None:
    """Publish that a permit's last day is past, of each that somebody is told of. Told, it ends their subscriptions.

    So it is once, and what was missed on one day is made up for on the next.
    """
    last = UUID(int=0)
    while True:
        living = Subscription.objects.filter(ended_at=None, permit_id__gt=last).order_by("permit_id")
        batch = list(living.values_list("permit_id", flat=True).distinct()[:_LIVING_AT_ONCE])
        if not batch:
            return
        with request_scope(), transaction.atomic():
            expired = Permit.objects.filter(pk__in=batch, last_valid_day__lt=on)
            for permit_id, person_id in expired.values_list("pk", "person_id"):
                publish(EXPIRED, on=("permit", permit_id), person_id=person_id)
        last = batch[-1]


def _wake() -> None:
    """Once a delivery of events is enough: what it noted becomes visible together."""
    wake(SEND)
