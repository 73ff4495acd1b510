"""The law of one region, subject and day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yizhengtong.kernel.workdays import Calendar
from yizhengtong.law.parameter import Duty, Entitlement, Evidence, Parameter, ServiceItem, ServicePoint


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """What holds for `subject` in `region` on `on`. `law[key]` is a look-up; KeyError: no pack sets it."""

    region: str
    subject: str
    on: date
    hash: str
    pack_hashes: tuple[tuple[str, str], ...]
    parameters: Mapping[str, Parameter]
    values: Mapping[str, Any]
    items: Mapping[str, ServiceItem]
    evidence: Mapping[str, Evidence]
    calendar: Calendar
    service_points: tuple[ServicePoint, ...]
    duties: tuple[Duty, ...]
    entitlements: tuple[Entitlement, ...]

    def __getitem__(self, key: str) -> Parameter:
        return self.parameters[key]

    def __contains__(self, key: object) -> bool:
        return key in self.parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self.parameters)

    def value(self, key: str) -> Any:
        """The deciding value of `key`; None where it is known that the law was not found. KeyError: not set."""
        return self.values[key]
