"""What operators and supervisors do: make, pause, resume and end destinations; replay and skip dead letters.

Whether `by` may is the caller's question (commands: the operator; the API: rights/provision/policies.py).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.audit.trail import Actor, record_act
from yizhengtong.foundation.exchange.contents import followed
from yizhengtong.foundation.exchange.keys import ALGORITHMS, ED25519, new_signing_key
from yizhengtong.foundation.exchange.models import (
    ContentKind,
    Destination,
    DestinationState,
    Push,
    PushState,
    SendingKey,
)
from yizhengtong.foundation.exchange.outbox import wake
from yizhengtong.foundation.exchange.pushing import service_of
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound

_FORGOTTEN_AT_ONCE = 5000
_OPERATOR = "system"
"""As whom the commands act."""


@use_case
def add_destination(
    *,
    code: str,
    name: str,
    url: str,
    legal_basis: str,
    by: Actor,
    content: str = ContentKind.MINIMAL,
    kinds: Sequence[str] = (),
    algorithm: str = ED25519,
) -> Destination:
    """Make a destination and the key we sign with for it. No kinds: all.

    It is paused: what happens is collected, and sent when it is resumed, once the receiver has the key. In production
    only the operator names one on this machine: no officer makes the platform speak to what listens beside it.

    Raises Invalid `web.fields_wrong` with everything that is wrong, Conflict `exchange.code_taken`.
    """
    wanted = sorted(set(kinds)) or sorted(followed())
    errors = _errors(code, name, legal_basis, content, wanted, algorithm)
    errors += [] if _is_allowed(url, by) else [FieldError("url", "exchange.url_not_allowed")]
    if errors:
        raise Invalid("web.fields_wrong", errors=errors)
    destination = Destination(
        code=code,
        name=name.strip(),
        url=url.rstrip("/"),
        legal_basis=legal_basis.strip(),
        content=content,
        kinds=wanted,
        state=DestinationState.PAUSED,
        named_by=by.id,
    )
    try:
        with transaction.atomic():
            destination.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("exchange.code_taken") from error
    _make_key(destination, algorithm)
    record_act("exchange.add", by=by, on=("destination", destination.pk), person_id=None, fields=[content])
    return destination


def _errors(
    code: str, name: str, legal_basis: str, content: str, kinds: Sequence[str], algorithm: str
) -> list[FieldError]:
    checks = (
        (_is_code(code), "code", "exchange.code_wrong"),
        (0 < len(name.strip()) <= 120, "name", "exchange.name_missing"),
        (0 < len(legal_basis.strip()) <= 200, "legal_basis", "exchange.legal_basis_missing"),
        (content in ContentKind.values, "content", "exchange.content_unknown"),
        (bool(kinds) and set(kinds) <= followed().keys(), "kinds", "exchange.kind_unknown"),
        (algorithm in ALGORITHMS, "algorithm", "exchange.algorithm_unknown"),
    )
    return [FieldError(field, code) for is_fine, field, code in checks if not is_fine]


def _is_code(code: str) -> bool:
    try:
        validate_slug(code)
    except ValidationError:
        return False
    return len(code) <= 32


def _is_allowed(url: str, by: Actor) -> bool:
    """Whether an address has the form; where it leads is looked at whenever it is used (docs/adr/0028)."""
    try:
        service = service_of(url)
    except ValueError:
        return False
    if service.is_here and settings.YZT_PRODUCTION and by.kind != _OPERATOR:
        return False
    return url.isascii() and url.isprintable() and " " not in url and len(url) <= 300


def _make_key(destination: Destination, algorithm: str) -> SendingKey:
    key = new_signing_key(algorithm)
    row = SendingKey(
        id=key.id, destination=destination, algorithm=key.algorithm, public=key.public_jwk(), secret=key.secret()
    )
    row.save(force_insert=True)
    return row


@use_case
def rotate_sending_key(*, code: str, by: Actor, algorithm: str = "") -> SendingKey:
    """Sign with a new key from now on. The receiver must know its public part before: pause, hand it over, resume."""
    destination = _locked(code)
    if destination.state != DestinationState.PAUSED:
        raise Conflict("exchange.pause_first")
    old = SendingKey.objects.get(destination=destination, is_active=True)
    SendingKey.objects.filter(pk=old.pk).update(is_active=False)
    made = _make_key(destination, algorithm or old.algorithm)
    record_act("exchange.rotate_key", by=by, on=("destination", destination.pk), person_id=None)
    return made


@use_case
def pause(*, code: str, by: Actor) -> Destination:
    """Send nothing more to a destination; what happens is collected."""
    return _turn(code, DestinationState.PAUSED, "exchange.pause", by)


@use_case
def resume(*, code: str, by: Actor) -> Destination:
    """Send again, at once and without regard to earlier failures.

    Raises Forbidden `exchange.second_person` where persons are named to it and `by` alone has named it: nobody has
    everybody's data sent somewhere by themselves.
    """
    named = _locked(code)
    if named.content == ContentKind.LICENCE and named.named_by is not None and named.named_by == by.id:
        raise Forbidden("exchange.second_person")
    destination = _turn(code, DestinationState.ON, "exchange.resume", by)
    wake()
    return destination


@use_case
def end(*, code: str, reason: str, by: Actor) -> Destination:
    """End a destination for good: nothing is collected any more, and what waited is dropped, with the reason."""
    if not reason.strip():
        raise Invalid("exchange.reason_missing")
    destination = _turn(code, DestinationState.ENDED, "exchange.end", by)
    Push.objects.filter(destination=destination, state__in=Push.UNSETTLED).update(
        state=PushState.SKIPPED, reason=reason[:200], body=None, leased_until=None
    )
    return destination


def _turn(code: str, state: str, action: str, by: Actor) -> Destination:
    destination = _locked(code)
    if destination.state == DestinationState.ENDED:
        raise Conflict("exchange.has_ended")
    Destination.objects.filter(pk=destination.pk).update(state=state, failures=0, rests_until=None)
    destination.state = state
    record_act(action, by=by, on=("destination", destination.pk), person_id=None)
    return destination


def _locked(code: str) -> Destination:
    destination = Destination.objects.select_for_update().filter(code=code).first()
    if destination is None:
        raise NotFound("not_found")
    return destination


@use_case
def replay(*, push_id: UUID, by: Actor) -> None:
    """Send a dead letter again, made anew from the record as it is now: whoever mended it wants that told.

    Raises NotFound, Conflict `exchange.not_dead`, `exchange.has_ended`.
    """
    push = _dead(push_id)
    if push.destination.state == DestinationState.ENDED:
        raise Conflict("exchange.has_ended")
    Push.objects.filter(pk=push_id).update(state=PushState.WAITING, body=None, failure="", not_before=timezone.now())
    record_act("exchange.replay", by=by, on=("push", push_id), person_id=push.person_id)
    wake()


@use_case
def skip(*, push_id: UUID, reason: str, by: Actor) -> None:
    """Give a dead letter up, with the reason; the person's later ones go on.

    Raises NotFound, Conflict `exchange.not_dead`, Invalid `exchange.reason_missing`.
    """
    if not reason.strip():
        raise Invalid("exchange.reason_missing")
    push = _dead(push_id)
    Push.objects.filter(pk=push_id).update(state=PushState.SKIPPED, reason=reason[:200], body=None)
    record_act("exchange.skip", by=by, on=("push", push_id), person_id=push.person_id)
    wake()


def _dead(push_id: UUID) -> Push:
    found = Push.objects.select_for_update(of=("self",)).select_related("destination").filter(pk=push_id)
    push = found.only("person_id", "state", "destination__state").first()
    if push is None:
        raise NotFound("not_found")
    if push.state != PushState.DEAD:
        raise Conflict("exchange.not_dead")
    return push


def forget_settled(*, before: datetime) -> int:
    """Delete pushes settled before. Returns how many. Who was told what stays in the audit trail (3 years at least)."""
    gone = Push.objects.filter(state=PushState.ACKNOWLEDGED, acknowledged_at__lt=before)
    skipped = Push.objects.filter(state=PushState.SKIPPED, queued_at__lt=before)
    count = 0
    for settled in (gone, skipped):
        while keys := list(settled.values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE]):
            count += Push.objects.filter(pk__in=keys).delete()[0]
    return count
