"""A request as it was sent, as far as it proves who sent it. No Django."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sent:
    """`uri`: the address as it stands outside, with its query. `headers`: by lower-case name. `body`: read when asked.

    `certificate`: of the client, PEM, as a proxy that may do so handed it over; else empty.
    """

    method: str
    uri: str
    headers: Mapping[str, str]
    body: Callable[[], bytes] = field(default=bytes, repr=False)
    certificate: str = field(default="", repr=False)
