"""Which rights hang on a permit at a place, who owes them, and where permits are received."""

from dataclasses import dataclass

from yizhengtong.law.law import Law
from yizhengtong.law.parameter import Entitlement, ServicePoint


@dataclass(frozen=True, slots=True)
class Owed:
    """An entitlement and the agencies that a duty clause names for it; of an unassigned one the co-ordinators (D26)."""

    entitlement: Entitlement
    agencies: tuple[str, ...]


def entitlements_at(law: Law) -> list[Owed]:
    """Return every right, service and convenience of the law, in its order, with the agencies that owe it."""
    clauses = {duty.clause: duty for duty in law.duties}
    return [
        Owed(
            entitlement,
            tuple(agency.name for clause in entitlement.served_by for agency in clauses[clause].agencies),
        )
        for entitlement in law.entitlements
    ]


def service_points_at(law: Law) -> list[ServicePoint]:
    """Return the service points of the law's place: of a city all; of a county its own, then those of the city's zones.

    A functional zone lies inside the city and has no county of GB/T 2260 (S2-61): whoever lives in one names a county
    and still finds the zone's point.
    """
    if law.region.endswith("00"):
        return list(law.service_points)
    own = [point for point in law.service_points if point.region == law.region]
    return own + [point for point in law.service_points if point.zone]
