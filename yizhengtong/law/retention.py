"""Until when something is kept: by the pack's `retention.*`, and by the deployment where the law gives no number."""

from datetime import date, timedelta

from yizhengtong.kernel.dates import add_months
from yizhengtong.law.law import Law

_MONTHS = {"month": 1, "year": 12}


def may_go_before(law: Law, name: str, days: int, on: date) -> date | None:
    """Return the legal day before which what ended is no longer kept on `on`; None where it is kept for good.

    `name`: a class of `retention.*`. `days`: the deployment's setting, which may be longer than a least time of the law
    and never shorter.
    """
    kept = law.value(f"retention.{name}")
    if kept is None or kept.keep == "long_term":
        return None
    chosen = on - timedelta(days=days)
    if kept.keep == "shortest_necessary":
        return chosen
    least = add_months(on, -kept.n * _MONTHS[kept.unit]) if kept.unit in _MONTHS else on - timedelta(days=kept.n)
    return min(chosen, least)
