"""Founding a city: its offices, made from the service points that its pack lists."""

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.foundation.transactions import use_case
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServicePoint


@use_case
def make_offices(*, law: Law, city: str, name: str, by: Principal) -> list[Office]:
    """Make the city's office, the county-level organs that sign (81号 art. 6) and the service points below them.

    `city`: GB/T 2260 code, `name`: of its public security bureau. Raises Conflict `accounts.office_exists`.
    """
    root = Office.objects.filter(code=city).first() or create_office(
        code=city, name=name, region=city, parent=None, by=by
    )
    organs: dict[str, Office] = {}
    points = []
    for point in law.service_points:
        code = point.region or f"zone-{point.number:02}"
        region = point.region or city
        if code not in organs:
            organs[code] = create_office(code=code, name=f"{name}{_organ(point)}", region=region, parent=root, by=by)
        points.append(create_office(code=point.code, name=point.name, region=region, parent=organs[code], by=by))
    return [root, *organs.values(), *points]


def _organ(point: ServicePoint) -> str:
    """Return the county-level organ that a point's printed name begins with: 历下分局, 平阴县局."""
    head, separator, _ = point.name.partition("局")
    return head + separator
