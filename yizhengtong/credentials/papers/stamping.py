"""Time stamps on papers (RFC 3161), where the deployment names an authority of them. Without one nothing is asked."""

from functools import cache
from http import HTTPStatus

from django.conf import settings

from yizhengtong.kernel.outbound import OutboundProblem, Service

_SECONDS = 4.0
_MOST_BYTES = 64 * 1024


def is_wanted() -> bool:
    """Whether this deployment has its papers stamped."""
    return bool(settings.YZT_TIME_STAMPS)


def time_stamp(request: bytes) -> bytes:
    """Return the authority's answer to a request in DER; nothing when it gives none.

    Fails open: a paper without a time stamp is still signed, and somebody waits for it.
    """
    try:
        answer = _authority(settings.YZT_TIME_STAMPS, tuple(settings.YZT_PRIVATE_NETWORKS)).ask(
            "POST", "", request, {"Content-Type": "application/timestamp-query"}
        )
    except OutboundProblem:
        return b""
    return answer.body if answer.status == HTTPStatus.OK else b""


@cache
def _authority(address: str, private_networks: tuple[str, ...]) -> Service:
    return Service(address, private_networks=private_networks, timeout_seconds=_SECONDS, most_bytes=_MOST_BYTES)
