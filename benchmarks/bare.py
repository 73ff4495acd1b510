"""The platform without what it costs to be trusted: values open under key 0, no trail. Settings for one bench only.

It is switched off in the process that imports these settings, by replacing two functions: the product has no such
switch.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from yizhengtong.project.settings import *  # noqa: F403 the platform's settings, with one middleware before them
from yizhengtong.project.settings import MIDDLEWARE as _MIDDLEWARE

MIDDLEWARE = ["benchmarks.bare.BareMiddleware", *_MIDDLEWARE]


class BareMiddleware:
    """Switches sealing and recording off when the server starts, and steps aside."""

    def __init__(self, _get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        from yizhengtong.foundation.audit import trail
        from yizhengtong.foundation.vault.keyring import OPEN_KEY, Key, Keyring

        open_key = Key(OPEN_KEY, "data", "open", "active", b"")
        opening = Keyring.opening

        def opens_also_what_is_open(ring: Keyring, key_id: int) -> Key:
            return open_key if key_id == OPEN_KEY else opening(ring, key_id)

        replaced: tuple[tuple[object, str, object], ...] = (
            (Keyring, "sealing", property(lambda _ring: open_key)),
            (Keyring, "opening", opens_also_what_is_open),
            (trail, "_write", _nothing),
        )
        for owner, name, instead in replaced:
            setattr(owner, name, instead)
        raise MiddlewareNotUsed


def _nothing(*_arguments: Any) -> None:
    """Record nothing."""
