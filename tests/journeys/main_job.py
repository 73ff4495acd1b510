"""The journeys of Jinan as the tests of the main job, and of what rests on it, go them: once a run."""

from dataclasses import dataclass
from typing import Any

from yizhengtong.project.demonstration.journeys import RESIDENT, Journeys, Resident


@dataclass(slots=True)
class Ended:
    """What each journey ended with."""

    holder: Resident
    first: dict[str, Any]
    first_case: dict[str, Any]
    first_check: dict[str, Any]
    child: dict[str, Any]
    one_time: dict[str, Any]
    foreign: dict[str, Any]
    notice: dict[str, Any]
    moved: dict[str, Any]
    after_move: list[dict[str, Any]]
    lost_checks: list[dict[str, Any]]
    reissued: dict[str, Any]
    permits: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    by_telephone: list[dict[str, Any]]


def tell_main_job(journeys: Journeys) -> Ended:
    """Go every journey of Jinan once, in the order of `make up`."""
    holder, first = journeys.first_issue()
    messages = journeys.read_messages(holder, "accepted", "made_collect")
    journeys.see_pushed(first["id"], "hand_over")
    case = holder.client.get(f"{RESIDENT}/cases")["items"][0]
    check = journeys.check(holder, first["number"], "S2-21")
    journeys.be_told(holder)
    child, one_time, foreign = journeys.child(), journeys.one_time_permit(), journeys.not_a_chinese_citizen()
    notice, moved = journeys.refusal(), journeys.replacement(holder)
    after_move = holder.client.get(f"{RESIDENT}/permits")
    checks: list[dict[str, Any]] = []
    real = journeys.check
    journeys.check = lambda *asked: checks.append(real(*asked)) or checks[-1]  # type: ignore[method-assign,func-returns-value]
    reissued = journeys.reissue(holder, moved)
    permits = holder.client.get(f"{RESIDENT}/permits")
    return Ended(
        holder, first, case, check, child, one_time, foreign, notice, moved, after_move, checks, reissued, permits,
        messages, journeys.read_messages(holder, "approved", "posted"),
    )  # fmt: skip
