"""Making, reading, wrapping anew and retiring the keys that lie in the database."""

from collections.abc import Mapping
from datetime import timedelta
from secrets import token_bytes

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.keyring import OPEN_KEY, OPEN_SUITE, Key, forget, reload
from yizhengtong.foundation.vault.masters import Masters, masters
from yizhengtong.foundation.vault.models import DataKey
from yizhengtong.foundation.vault.suites import SECRET_BYTES, SUITE_OF

_LOCK = 0x7661756C74  # "vault": one maker of keys at a time
_LONGEST_REQUEST = timedelta(minutes=2)


def found_keys() -> None:
    """Make the first key for data and the first for indexes where there is none. May be called again."""
    with transaction.atomic():
        _take_turns()
        held = set(DataKey.objects.exclude(pk=OPEN_KEY).values_list("kind", flat=True))
        if DataKey.Kind.DATA not in held:
            make_key()
        if DataKey.Kind.INDEX not in held:
            make_key(kind=DataKey.Kind.INDEX, secret=settings.YZT_INHERITED_INDEX_KEY)
    reload()


def make_key(*, kind: str = DataKey.Kind.DATA, secret: bytes | None = None) -> DataKey:
    """Make a key of the deployment's suite and use it from now on; the one in use until now retires.

    Every process uses it within `YZT_KEYS_REFRESH_SECONDS`. `secret`: 32 bytes taken over from elsewhere.
    """
    with transaction.atomic():
        _take_turns()
        suite = SUITE_OF[settings.YZT_CRYPTO]
        key_id = (DataKey.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        holder = masters()
        wrapped = holder.wrap(secret or token_bytes(SECRET_BYTES), suite=suite, bound=_bound(key_id, kind, suite))
        DataKey.objects.filter(kind=kind, state=DataKey.State.ACTIVE).update(state=DataKey.State.RETIRING)
        made = DataKey.objects.create(id=key_id, kind=kind, suite=suite, master=holder.current, wrapped=wrapped)
        transaction.on_commit(forget)
    return made


def retire_key(key: DataKey) -> None:
    """Let a key open nothing more. The caller has counted that nothing is sealed with it.

    Raises KeyProblem `vault.key_in_use` for the one in use, and for one whose successor is so young that a process
    may not use it yet.
    """
    with transaction.atomic():
        _take_turns()
        key = DataKey.objects.select_for_update().get(pk=key.pk)
        successor = DataKey.objects.filter(kind=key.kind, state=DataKey.State.ACTIVE).first()
        if key.state == DataKey.State.ACTIVE or successor is None:
            raise KeyProblem("vault.key_in_use", key=key.pk)
        if timezone.now() < successor.made_at + settled_after():
            raise KeyProblem("vault.successor_too_young", seconds=int(settled_after().total_seconds()))
        key.state, key.retired_at = DataKey.State.RETIRED, timezone.now()
        key.save(update_fields=["state", "retired_at"])
        transaction.on_commit(forget)


def destroy_key(key: DataKey) -> None:
    """Remove a retired key for good: older backups of the database no longer open by this one's row.

    Raises KeyProblem `vault.key_in_use` unless it is retired.
    """
    if not DataKey.objects.filter(pk=key.pk, state=DataKey.State.RETIRED).update(wrapped=b""):
        raise KeyProblem("vault.key_in_use", key=key.pk)


def settled_after() -> timedelta:
    """Return how long after a new key some process may still seal with the one before."""
    return timedelta(seconds=settings.YZT_KEYS_REFRESH_SECONDS) + _LONGEST_REQUEST


def rewrap() -> int:
    """Wrap every key with the current master key. Returns how many were wrapped by another before."""
    holder, changed = masters(), 0
    with transaction.atomic():
        _take_turns()
        for row in DataKey.objects.select_for_update().exclude(pk=OPEN_KEY).exclude(wrapped=b""):
            if row.master != holder.current:
                row.wrapped = holder.wrap(_unwrap(row, holder), suite=row.suite, bound=_bound_of(row))
                row.master = holder.current
                row.save(update_fields=["wrapped", "master"])
                changed += 1
    return changed


def read_keys(known: Mapping[int, Key]) -> list[Key]:
    """Return all keys of the database, unwrapped; what `known` holds unwrapped already is not unwrapped again."""
    keys, holder = [], None
    for row in DataKey.objects.order_by("pk"):
        wrapped, held = bytes(row.wrapped), known.get(row.pk)
        if row.pk == OPEN_KEY or row.state == DataKey.State.RETIRED:
            secret = b""
        elif held is not None and held.wrapped == wrapped and held.secret:
            secret = held.secret
        else:
            holder = holder or masters()
            secret = _unwrap(row, holder)
        keys.append(Key(row.pk, row.kind, row.suite, row.state, secret, wrapped))
    return keys


def use_open_key() -> None:
    """Make key 0 the one in use: nothing is sealed any more. For controls and measurements, never in production."""
    if settings.YZT_PRODUCTION:
        raise KeyProblem("vault.open_key_refused")
    with transaction.atomic():
        DataKey.objects.filter(kind=DataKey.Kind.DATA, state=DataKey.State.ACTIVE).update(state=DataKey.State.RETIRING)
        DataKey.objects.update_or_create(
            pk=OPEN_KEY,
            defaults={"kind": "data", "suite": OPEN_SUITE, "master": "", "wrapped": b"", "state": DataKey.State.ACTIVE},
        )
    forget()


def _unwrap(row: DataKey, holder: Masters) -> bytes:
    return holder.unwrap(bytes(row.wrapped), master=row.master, suite=row.suite, bound=_bound_of(row))


def _bound_of(row: DataKey) -> bytes:
    return _bound(row.pk, row.kind, row.suite)


def _bound(key_id: int, kind: str, suite: str) -> bytes:
    """Return what a wrapped key is bound to: a row cannot pass for another's."""
    return f"vault_datakey\0{key_id}\0{kind}\0{suite}".encode()


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
