"""The journeys of Rui'an, gone once for all who look at what they ended with."""

from dataclasses import dataclass
from typing import Any

from yizhengtong.project.demonstration.client import Client
from yizhengtong.project.demonstration.journeys import RESIDENT, Journeys
from yizhengtong.project.demonstration.journeys.ruian import Cardholder


@dataclass(slots=True)
class Told:
    """What the journeys of Rui'an ended with."""

    landlord: Client
    holder: Cardholder
    stays: list[dict[str, Any]]
    case: dict[str, Any]
    before: dict[str, Any]
    endorsed: dict[str, Any]
    suspended: dict[str, Any]
    restored: dict[str, Any]
    notice: dict[str, Any]


def tell_ruian(journeys: Journeys) -> Told:
    """Go through all of them, in the order of `make up`."""
    landlord = journeys.landlord()
    holder = journeys.card(landlord)
    client = holder.resident.client
    stays, case = client.get(f"{RESIDENT}/stays"), client.get(f"{RESIDENT}/cases")["items"][0]
    before = journeys.own_permit(holder.resident, holder.permit["id"])
    endorsed = journeys.endorsed(holder)
    suspended, restored = journeys.late(landlord)
    return Told(landlord, holder, stays, case, before, endorsed, suspended, restored, journeys.refused(landlord))
