"""Clocks of incidents and what a notice must say: facts in, days and names out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yizhengtong.law.law import Law

_CLOCKS: Mapping[str, str] = {
    "critical": "breach.report_critical",
    "central": "breach.report_central",
    "other": "breach.report_other",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """Who must be told by when, and the pack's key that says so; `is_by_law`: so are its hours."""

    to: str
    parameter: str
    due_at: datetime
    is_by_law: bool


def clocks_of(
    *,
    found_at: datetime,
    is_reportable: bool,
    harms_national_security: bool,
    concerns_minors: bool,
    operator: str,
    promised_hours: int,
    law: Law,
) -> Iterator[Clock]:
    """个人信息保护法 art. 57, 网络数据安全管理条例 art. 10, 未成年人网络保护条例 art. 35, 国家网络安全事件报告管理办法.

    Hours run from `found_at`. `is_reportable`: larger than a general incident. Where the law says only `at once` the
    deployment's `promised_hours` count. Two clocks that name one receiver are one: the shorter.
    """
    found: dict[str, Clock] = {}
    for clock in _clocks(
        found_at, is_reportable, harms_national_security, concerns_minors, operator, promised_hours, law
    ):
        known = found.get(clock.to)
        if known is None or clock.due_at < known.due_at:
            found[clock.to] = clock
    yield from found.values()


def _clocks(
    found_at: datetime, reportable: bool, national: bool, minors: bool, operator: str, promised: int, law: Law
) -> Iterator[Clock]:
    keys = [_CLOCKS[operator]] if reportable else []
    keys += ["breach.report_national_security"] if national else []
    for key in keys:
        limit = law.value(key)
        yield Clock(limit.to, key, found_at + timedelta(hours=limit.n), True)
    soon = found_at + timedelta(hours=promised)
    for to in law.value("breach.tells"):
        yield Clock(to, "breach.tells", soon, False)
    if minors and law.value("breach.tells_guardians"):
        yield Clock("guardians", "breach.tells_guardians", soon, False)


def missing_contents(wanted: tuple[str, ...], filled: Mapping[str, object]) -> tuple[str, ...]:
    """个人信息保护法 art. 57: what a notice of a breach must say and does not yet."""
    return tuple(name for name in wanted if not filled.get(name))
