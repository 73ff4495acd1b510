"""Which register of a kind this deployment asks: a service with an address, else files, else none."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.conf import settings

from yizhengtong.foundation.exchange.keys import SigningKey, new_signing_key, signing_key_of
from yizhengtong.foundation.exchange.registers.contract import Kind, Register
from yizhengtong.foundation.exchange.registers.files import FileRegister, has_register
from yizhengtong.foundation.exchange.registers.remote import RemoteRegister


def register_of(kind: Kind) -> Register | None:
    """Return who answers for a kind here; None: nobody, so nothing is asked."""
    chosen = settings.YZT_REGISTERS
    address = chosen["services"].get(kind)
    if address:
        return _remote(kind, address, chosen["key"], chosen["seconds"], tuple(settings.YZT_PRIVATE_NETWORKS))
    folder = Path(chosen["folder"])
    if has_register(folder, kind):
        return FileRegister(folder, kind, stale_after_days=chosen["stale_days"])
    return None


def registers_here() -> Mapping[Kind, Register]:
    """Return every register that this deployment asks."""
    return {kind: register for kind in Kind if (register := register_of(kind)) is not None}


@cache
def _remote(kind: Kind, address: str, key: Path, seconds: float, networks: tuple[str, ...]) -> RemoteRegister:
    """One a process, so that its circuit remembers."""
    return RemoteRegister(address, kind, sending_key(key), timeout_seconds=seconds, private_networks=networks)


def sending_key(path: Path) -> SigningKey:
    """Return the key that questions are signed with; made on first use, readable by us alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(new_signing_key().secret())
    except FileExistsError:
        pass
    return signing_key_of(path.read_text())
