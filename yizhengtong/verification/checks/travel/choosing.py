"""Whom this deployment asks about travel documents: a service with an address, else a list, else nobody."""

from functools import cache
from pathlib import Path

from django.conf import settings

from yizhengtong.foundation.exchange.registers.choosing import sending_key
from yizhengtong.verification.checks.travel.contract import Platform
from yizhengtong.verification.checks.travel.files import FilePlatform, has_list
from yizhengtong.verification.checks.travel.remote import RemotePlatform


def platform_here() -> Platform | None:
    """Return who answers; None: nobody, and only linked documents are matched."""
    registers, address = settings.YZT_REGISTERS, settings.YZT_TRAVEL_PLATFORM
    if address:
        return _remote(address, registers["key"], registers["seconds"], tuple(settings.YZT_PRIVATE_NETWORKS))
    folder = Path(registers["folder"])
    return FilePlatform(folder, stale_after_days=registers["stale_days"]) if has_list(folder) else None


@cache
def _remote(address: str, key: Path, seconds: float, networks: tuple[str, ...]) -> RemotePlatform:
    """One a process, so that its circuit remembers and it is asked one question at a time."""
    return RemotePlatform(address, sending_key(key), timeout_seconds=seconds, private_networks=networks)
