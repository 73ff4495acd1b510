"""The ways out of this deployment, as it is configured. One of each kind a process: SMPP keeps a link."""

import atexit
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from yizhengtong.foundation.notifications.channels.contract import Way
from yizhengtong.foundation.notifications.channels.files import FileWay
from yizhengtong.foundation.notifications.channels.gateway import GatewayWay
from yizhengtong.foundation.notifications.channels.smpp import Manner, SmppWay
from yizhengtong.foundation.notifications.channels.smtp import Server, SmtpWay
from yizhengtong.foundation.notifications.kinds import LEAVING, Channel
from yizhengtong.foundation.notifications.receipts import note_from_link
from yizhengtong.foundation.notifications.smpp.session import Peer

_ways: dict[str, Way] = {}


def way_of(channel: str) -> Way | None:
    """Return the way out for a channel; None where there is none: production sends nothing into files."""
    if channel not in _ways:
        made = _MAKERS[Channel(channel)]()
        if made is None:
            return None
        _ways[channel] = made
    return _ways[channel]


def open_channels() -> tuple[Channel, ...]:
    """Return the channels that have a way out here, without opening one."""
    return tuple(channel for channel in LEAVING if _is_open(channel))


def keep_links() -> None:
    """Bind the link that receipts come through, where SMS go by SMPP. Raises TryLater."""
    way = way_of(Channel.SMS)
    if isinstance(way, SmppWay):
        way.keep()


def close_ways() -> None:
    """Hang up; the next message finds a new way."""
    while _ways:
        _ways.popitem()[1].close()


atexit.register(close_ways)


def _is_open(channel: Channel) -> bool:
    if not settings.YZT_PRODUCTION:
        return True
    if channel == Channel.EMAIL:
        return bool(settings.YZT_SMTP["server"])
    return bool(settings.YZT_SMS["gateway"] or settings.YZT_SMS["smpp"])


def _email() -> Way | None:
    given: Mapping[str, Any] = settings.YZT_SMTP
    if not given["server"]:
        return _file(Channel.EMAIL)
    host, port = _parted(given["server"], 587)
    return SmtpWay(
        Server(host, port, given["security"], given["sender"], user=given["user"], password=given["password"])
    )


def _sms() -> Way | None:
    given: Mapping[str, Any] = settings.YZT_SMS
    if given["gateway"]:
        return GatewayWay(
            given["gateway"], given["gateway_key"], sender=given["sender"],
            private_networks=settings.YZT_PRIVATE_NETWORKS,
        )  # fmt: skip
    if not given["smpp"]:
        return _file(Channel.SMS)
    host, port = _parted(given["smpp"], 2775)
    peer = Peer(host, port, given["smpp_user"], given["smpp_password"], has_tls=given["smpp_tls"])
    manner = Manner(sender=given["sender"], long=given["smpp_long"], per_second=given["per_second"])
    return SmppWay(peer, manner, note_from_link)


def _file(channel: Channel) -> Way | None:
    return None if settings.YZT_PRODUCTION else FileWay(Path(str(settings.YZT_MESSAGES["folder"])), channel)


def _parted(address: str, usual: int) -> tuple[str, int]:
    host, _, port = address.rpartition(":") if ":" in address else (address, "", str(usual))
    return host.strip("[]"), int(port)


_MAKERS: dict[Channel, Callable[[], Way | None]] = {Channel.SMS: _sms, Channel.EMAIL: _email}
