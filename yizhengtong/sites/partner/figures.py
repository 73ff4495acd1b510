"""How the organisation's requests fare: counts by outcome and code, latency, what is used of the quota."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.pages.charts import Mark, columns
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.texts import knows
from yizhengtong.kernel.dates import CHINA
from yizhengtong.sites.partner.own import environments, own_page, party_of, render
from yizhengtong.verification.checks.by_hand import WAY
from yizhengtong.verification.relying_parties.figures import ANSWERED
from yizhengtong.verification.relying_parties.shapes import Told, told_of_figures

SPANS = {"60": 60, "1440": 1440}
"""Minutes that are looked back."""
_COLUMNS = 12


@own_page
def show(request: HttpRequest) -> HttpResponse:
    """Show the figures of the last hour or day."""
    party, reader = party_of(request), reader_of(request)
    environment = "test" if request.GET.get("environment") == "test" else "production"
    minutes = SPANS.get(request.GET.get("minutes", ""), SPANS["60"])
    now = timezone.now()
    since = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
    told = told_of_figures(party, environment, since, now)
    context = {
        "told": told,
        "rows": _rows(told["minutes"], reader),
        "chart": _chart(told["minutes"], since, minutes, reader),
        "environment": environment,
        "environments": environments(reader),
        "minutes": str(minutes),
        "spans": [(code, reader.say(f"partner.span_{code}")) for code in SPANS],
        "share": round(told["used_today"] * 100 / told["quota_a_day"]) if told["quota_a_day"] else 100,
    }
    return render(request, "figures", context, title="partner.figures", back=reverse("partner-organisation"))


def _rows(minutes: Sequence[Told], reader: Reader) -> list[dict[str, Any]]:
    counts = Counter[tuple[str, str, str]]()
    for each in minutes:
        counts[each["way"], each["outcome"], each["code"]] += each["count"]
    return [
        {
            "way": reader.say("partner.way_by_hand") if way == WAY else f"/api/partner/{way}",
            "outcome": f"partner.outcome_{outcome}", "is_good": outcome == ANSWERED, "code": code, "count": count,
            "words": reader.say(code) if knows(code) else "",
        }
        for (way, outcome, code), count in sorted(counts.items())
    ]  # fmt: skip


def _chart(minutes: Sequence[Told], since: datetime, span: int, reader: Reader) -> str:
    """Return answered and not answered requests, a twelfth of the span a column."""
    wide = span // _COLUMNS
    good, bad = [0] * _COLUMNS, [0] * _COLUMNS
    for each in minutes:
        place = min(int((each["at"] - since).total_seconds() // 60) // wide, _COLUMNS - 1)
        (good if each["outcome"] == ANSWERED else bad)[place] += each["count"]
    if not any(good) and not any(bad):
        return ""
    starts = [timezone.localtime(since + timedelta(minutes=wide * place), CHINA) for place in range(_COLUMNS)]
    marks = [
        Mark(f"{start:%H:%M}" if place % 3 == 0 else "", (yes, no), (str(yes), str(no)))
        for place, (start, yes, no) in enumerate(zip(starts, good, bad, strict=True))
    ]
    series = (reader.say("partner.outcome_answered"), reader.say("partner.not_answered"))
    return columns("requests", reader.say("partner.chart"), reader.say("partner.chart_hint"), marks, series)
