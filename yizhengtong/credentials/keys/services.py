"""Making, activating, retiring and losing issuer keys. Each act is in the audit trail, and told to whoever follows.

Whether `by` may is the caller's question: only the operator's commands call these (project/management).
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from yizhengtong.credentials.keys import authority, ring
from yizhengtong.credentials.keys.changing import HOURS_PUBLISHED_BEFORE, PUBLISHED_BEFORE, take_turns
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.holding import destroy_private, new_key
from yizhengtong.credentials.keys.models import Algorithm, Authority, IssuerKey, KeyState, Use
from yizhengtong.credentials.keys.noting import note
from yizhengtong.credentials.keys.suites import algorithms
from yizhengtong.foundation.audit.trail import Actor
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import NotFound


@use_case
def found_keys(*, by: Actor | None) -> list[IssuerKey]:
    """Make what this deployment lacks: an active key of every use and algorithm. Returns the new ones, if any.

    `by` none: they come with the tables.
    """
    take_turns()
    active = set(IssuerKey.objects.filter(state=KeyState.ACTIVE).values_list("use", "algorithm"))
    wanted = [(use.value, algorithm) for use in Use for algorithm in algorithms()]
    wanted = [name for name in wanted if name not in active]
    published = {(key.use, key.algorithm): key for key in IssuerKey.objects.filter(state=KeyState.PENDING)}
    waited = [_activate(key, by) for name, key in published.items() if name in wanted]
    made = [_new(Use(use), algorithm) for use, algorithm in wanted if (use, algorithm) not in published]
    for key in made:
        key.state, key.active_from = KeyState.ACTIVE, key.made_at
        note("make", key, by, [key.use, key.algorithm])
    IssuerKey.objects.bulk_create(made)
    renew(by=by)
    _forget()
    return [*waited, *made]


@use_case
def renew(*, by: Actor | None) -> None:
    """Renew certificates and lists that end soon; certify anew what names an address that is no longer ours."""
    take_turns()
    if authority.certify_keys(by):
        _forget()
    authority.renew_lists(by)


@use_case
def replace_authority(*, by: Actor, is_lost: bool) -> Authority:
    """Certify every key by a new root. Where the old one is lost, keys are rotated with it, so that all it certified
    is signed anew by who follows. Raises KeyProblem `keys.no_authority`.
    """
    take_turns()
    made = authority.replace(by, is_lost=is_lost)
    _forget()
    if is_lost and Algorithm.ES256 in algorithms():
        certified = IssuerKey.objects.filter(state=KeyState.ACTIVE, algorithm=Algorithm.ES256)
        for use in certified.filter(use__in=authority.CERTIFIED).order_by("use").values_list("use", flat=True):
            rotate_key(use=Use(use), algorithm=Algorithm.ES256, by=by, at_once=True)
    return made


@use_case
def make_key(*, use: Use, algorithm: str, by: Actor) -> IssuerKey:
    """Make the key that will sign next and publish it. Raises KeyProblem `keys.one_pending`, `keys.not_demanded`."""
    take_turns()
    _must_be_demanded(algorithm)
    if _pending(use, algorithm):
        raise KeyProblem("keys.one_pending", use=str(use))
    return _make(use, algorithm, by)


@use_case
def rotate_key(*, use: Use, algorithm: str, by: Actor, at_once: bool = False) -> IssuerKey:
    """Let the pending key of a use sign from now on; the active one retires and its private part goes.

    `at_once`: whether or not a key was published PUBLISHED_BEFORE, one is made where none is. Whoever then checks with
    what they fetched before does not know it yet. Raises KeyProblem `keys.nothing_pending`, `keys.published_too_late`.
    """
    take_turns()
    _must_be_demanded(algorithm)
    following = _pending(use, algorithm)
    if not at_once:
        _must_be_known(following, use)
    before = IssuerKey.objects.filter(use=use, algorithm=algorithm, state=KeyState.ACTIVE).first()
    made = _activate(following or _make(use, algorithm, by), by)
    if before is not None:
        _tell("credentials.key_rotated", made, before=before.key_id)
    return made


@use_case
def retire_key(*, key_id: str, by: Actor) -> IssuerKey:
    """Let a key sign no more that has no successor: a pending one, or one of an algorithm not demanded any more.

    Raises NotFound, KeyProblem `keys.rotate_instead`, `keys.has_ended`.
    """
    take_turns()
    key = _found(key_id)
    if key.state not in IssuerKey.SIGNING:
        raise KeyProblem("keys.has_ended", key=key.key_id)
    if key.state == KeyState.ACTIVE and key.algorithm in algorithms():
        raise KeyProblem("keys.rotate_instead", use=key.use)
    _retire(key, by)
    key.refresh_from_db()
    return key


@use_case
def declare_lost(*, key_id: str, by: Actor) -> IssuerKey | None:
    """Believe nothing any more that a key signed: a stranger had its private part. Returns what signs instead, if any.

    When a signature was made only its signer says: what it signed before is not told from what a stranger signs now,
    so all of it is signed anew by who follows `credentials.key_lost`. Raises NotFound, KeyProblem `keys.is_lost`.
    """
    take_turns()
    key = _found(key_id)
    if key.state == KeyState.LOST:
        raise KeyProblem("keys.is_lost", key=key.key_id)
    was_active = key.state == KeyState.ACTIVE
    _end(key, KeyState.LOST, lost_at=timezone.now())
    note("declare_lost", key, by, [key.use])
    authority.revoke_certificates(key, by)
    successor = None
    if was_active and key.algorithm in algorithms():
        use = Use(key.use)
        successor = _activate(_pending(use, key.algorithm) or _make(use, key.algorithm, by), by)
    _tell("credentials.key_lost", key, successor=successor.key_id if successor else "")
    _forget()
    return successor


def _make(use: Use, algorithm: str, by: Actor | None) -> IssuerKey:
    key = _new(use, algorithm)
    key.save(force_insert=True)
    note("make", key, by, [use.value, algorithm])
    authority.certify_keys(by)
    _forget()
    return key


def _new(use: Use, algorithm: str) -> IssuerKey:
    """Return a key just made, as a row that is not written yet."""
    new = new_key(algorithm)
    return IssuerKey(
        key_id=new.public["kid"], use=use, algorithm=algorithm, public=new.public, secret=new.secret, label=new.label
    )


def _activate(key: IssuerKey, by: Actor | None) -> IssuerKey:
    before = IssuerKey.objects.filter(use=key.use, algorithm=key.algorithm, state=KeyState.ACTIVE).first()
    if before is not None:
        _retire(before, by)
    key.state, key.active_from = KeyState.ACTIVE, timezone.now()
    key.save(update_fields=["state", "active_from"])
    note("activate", key, by, [key.use, key.algorithm])
    _forget()
    return key


def _retire(key: IssuerKey, by: Actor | None) -> None:
    _end(key, KeyState.RETIRED, retired_at=timezone.now())
    note("retire", key, by, [key.use, key.algorithm])


def _end(key: IssuerKey, state: KeyState, **at: datetime) -> None:
    """Let a key sign no more: its private part goes, from a token once the transaction has happened."""
    IssuerKey.objects.filter(pk=key.pk).update(state=state, secret=None, **at)
    transaction.on_commit(lambda: destroy_private(key.label))
    _forget()


def _pending(use: Use, algorithm: str) -> IssuerKey | None:
    return IssuerKey.objects.filter(use=use, algorithm=algorithm, state=KeyState.PENDING).first()


def _must_be_demanded(algorithm: str) -> None:
    if algorithm not in algorithms():
        raise KeyProblem("keys.not_demanded", algorithm=algorithm)


def _must_be_known(key: IssuerKey | None, use: Use) -> None:
    """Require that a pending key is there, and was published long enough for others to have fetched it."""
    if key is None:
        raise KeyProblem("keys.nothing_pending", use=str(use))
    if timezone.now() < key.made_at + PUBLISHED_BEFORE:
        raise KeyProblem("keys.published_too_late", hours=HOURS_PUBLISHED_BEFORE)


def _found(key_id: str) -> IssuerKey:
    key = IssuerKey.objects.select_for_update().filter(key_id=key_id).first()
    if key is None:
        raise NotFound("not_found")
    return key


def _tell(kind: str, key: IssuerKey, **facts: str) -> None:
    told = {"key": key.key_id, "use": key.use, "algorithm": key.algorithm, **facts}
    publish(kind, on=("issuer_key", key.pk), person_id=None, facts=told)


def _forget() -> None:
    """Read the ring anew: now, for what this transaction goes on to do, and once others see what it did."""
    ring.forget()
    transaction.on_commit(ring.forget)
