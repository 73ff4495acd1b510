"""What of a line is unlike the law of its day. Legacy facts are told, never changed."""

from datetime import date

from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.values import Validity
from yizhengtong.permitting.importing.records import PermitSaid, Record, Trouble
from yizhengtong.permitting.importing.writing import PERMIT_KIND
from yizhengtong.permitting.permits.services import last_valid_day

_VALIDITY = "validity"


def against_the_law(record: Record) -> list[Trouble]:
    """Return warnings where a permit's validity is not what the law of its place gave on the day it was issued."""
    return [] if record.permit is None else _validity(record.permit)


def _validity(permit: PermitSaid) -> list[Trouble]:
    validity = _validity_of(permit.county, permit.issued_on)
    if validity is None:
        return [Trouble("issued_on", "importing.issued_before_the_law", is_warning=True)]
    if last_valid_day(permit.issued_on, validity) == permit.last_valid_day:
        return []
    facts = {"n": validity.n, "unit": f"importing.unit_{validity.unit}"}
    return [Trouble("last_valid_day", "importing.validity_unlike_the_law", is_warning=True, facts=facts)]


def _validity_of(county: str, on: date) -> Validity | None:
    """Return how long a permit was valid by the law of that day, None where there was none."""
    try:
        found: Validity | None = law_in_force(county, PERMIT_KIND, on).value(_VALIDITY)
    except (NotFound, KeyError):
        return None
    return found
