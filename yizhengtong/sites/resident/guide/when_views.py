"""When will I qualify: questions in, days out. Nothing is stored, nothing is logged, no cookie is set.

The form is sent by POST, so that no answer stands in an address; an address with answers works too, for who makes one.
There is no session and nothing to forge, so it carries no token: that would be a cookie.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.texts import knows
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.law.law import Law
from yizhengtong.law.values import Certainty
from yizhengtong.permitting.casework.guiding.items import guide_of, title_of_rule
from yizhengtong.permitting.casework.guiding.qualifying import (
    MAINLAND,
    ONE_OF_THREE,
    Looked,
    Outlook,
    Paper,
    Wish,
    outlooks,
)
from yizhengtong.permitting.casework.guiding.queries import law_at
from yizhengtong.sites.resident.guide.places import full_name
from yizhengtong.sites.resident.guide.showing import Line, Why, article_of, line_of, said, title_of
from yizhengtong.sites.resident.guide.views import guide_address
from yizhengtong.sites.resident.guide.when_forms import MOST_STAYS, WhenForm, stays_in

_MOST_PLACES = 5
_MET = "good"
"""The tone of what holds."""
_CHOICES = {"lang", "size"}


@dataclass(frozen=True, slots=True)
class Answer:
    """How one item stands at one place, in words."""

    title: str
    place: str
    verdict: str
    tone: str
    rows: tuple["Row", ...]
    measure: Line | None
    readings: tuple[str, ...]
    papers: tuple[tuple[str, tuple["Row", ...]], ...]
    register: str
    address: str

    @property
    def met_rows(self) -> list["Row"]:
        """What holds already."""
        return [row for row in self.rows if row.tone == _MET]

    @property
    def open_rows(self) -> list["Row"]:
        """What does not hold yet, or is not known."""
        return [row for row in self.rows if row.tone != _MET]


@dataclass(frozen=True, slots=True)
class Row:
    """A condition or paper: what is asked, how it stands (words and tone), more words, how to mend it, its sources."""

    title: str
    state: str
    tone: str
    detail: str = ""
    fix: str = ""
    why: tuple[Why, ...] = ()


@csrf_exempt
@page("public")
def when(request: HttpRequest) -> HttpResponse:
    """Ask, or answer. Whoever asks is not known and not remembered."""
    reader = reader_of(request)
    data = request.POST if request.method == "POST" else request.GET
    asks = set(data) - _CHOICES
    stays = stays_in(data)
    if "more" in data or "change" in data:
        stays = min(MOST_STAYS, stays + ("more" in data))
        return _kept_nowhere(_form_page(request, WhenForm(reader=reader, stays=stays, initial=_plain(data)), 200))
    form = WhenForm(data if asks else None, reader=reader, stays=stays)
    if not asks or not form.is_valid():
        return _kept_nowhere(_form_page(request, form, 422 if asks else 200))
    return _kept_nowhere(_answer_page(request, form))


def _plain(data: Any) -> dict[str, Any]:
    return {name: data.getlist(name) if name == "has" else data[name] for name in data}


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, no_store=True, private=True)
    return response


def _form_page(request: HttpRequest, form: WhenForm, status: int) -> HttpResponse:
    context = {"form": form, "may_add": form.stays < MOST_STAYS}
    return render_page(
        request, "resident/guide/when.html", context, title="when.title", back=reverse("front-page"), status=status
    )


def _answer_page(request: HttpRequest, form: WhenForm) -> HttpResponse:
    reader, on, wish = reader_of(request), legal_day(timezone.now()), form.wish()
    subject = "floating" if wish.region == MAINLAND else "hmt"
    laws = [law for place in _places(wish) if (law := law_at(place, subject, on)) is not None]
    found = [_answer(each, reader, on) for law in laws for each in outlooks(wish, law, on)]
    sent = [(name, value) for name in form.fields for value in _sent(form, name)]
    context = {"answers": found, "sent": sent, "on": on, "who": wish.region, "is_floating": subject == "floating"}
    return render_page(request, "resident/guide/when_answer.html", context, title="when.answer_title")


def _sent(form: WhenForm, name: str) -> list[str]:
    value = form.data.getlist(name) if hasattr(form.data, "getlist") else [form.data.get(name, "")]
    return [each for each in value if each]


def _places(wish: Wish) -> list[str]:
    """Return the place asked about, then those one lives or lived in: each has a measure of its own."""
    lived = [stay.region for stay in sorted(wish.stays, key=lambda stay: stay.start, reverse=True)]
    return list(dict.fromkeys([wish.place, *lived]))[:_MOST_PLACES]


def _answer(outlook: Outlook, reader: Reader, on: date) -> Answer:
    title = title_of(guide_of(outlook.law, outlook.item), reader) if outlook.item else reader.say("when.only_residence")
    verdict, tone = _verdict(outlook, reader, on)
    return Answer(
        title,
        full_name(outlook.place),
        verdict,
        tone,
        tuple(_row(each, outlook.law, reader, on) for each in outlook.findings),
        line_of(outlook.measure, reader) if outlook.measure else None,
        tuple(_reading(said(each.told.says, reader), each.finding, reader, on) for each in outlook.readings),
        _papers(outlook.papers, reader, on),
        reader.say(outlook.register.code, **outlook.register.facts) if outlook.register else "",
        guide_address(outlook.item, outlook.place) if outlook.item else "",
    )


def _verdict(outlook: Outlook, reader: Reader, on: date) -> tuple[str, str]:
    day, said, tone = outlook.earliest, "", "warn"
    if day is None:
        said = reader.say("when.verdict_open" if outlook.has_gap else "when.verdict_not_yet")
    elif day <= on:
        said, tone = reader.say("when.verdict_now"), "good"
    else:
        said = reader.say("when.verdict_on", day=day, days=(day - on).days)
    more = ["when.verdict_earlier"] if outlook.has_gap and day is not None and day > on else []
    more += ["when.verdict_check"] if outlook.needs_check and day is not None else []
    return " ".join([said, *(reader.say(code) for code in more)]), tone


def _state(met: bool | None, met_on: date | None, reader: Reader, on: date) -> tuple[str, str]:
    if met or (met_on is not None and met_on <= on):
        return reader.say("when.state_met"), _MET
    if met_on is not None:
        return reader.say("when.state_on", day=met_on), "warn"
    return (reader.say("when.state_open"), "warn") if met is None else (reader.say("when.state_unmet"), "bad")


def _row(looked: Looked, law: Law, reader: Reader, on: date) -> Row:
    finding = looked.finding
    state, tone = _state(finding.met, finding.met_on, reader, on)
    if finding.met and looked.rule in ONE_OF_THREE:
        state = reader.say("when.state_with_papers")
    return Row(
        reader.say(title_of_rule(looked.rule, law)),
        state,
        tone,
        _ending(finding, reader),
        reader.say(f"{finding.code}.fix", **finding.facts) if not finding.met and knows(f"{finding.code}.fix") else "",
        (Why(finding.source, _certainty(looked, law)),),
    )


def _certainty(looked: Looked, law: Law) -> Certainty:
    """Return how certain it is that the condition is asked."""
    conditions = (condition for item in law.items.values() for condition in item.conditions)
    return next((each.certainty for each in conditions if each.rule == looked.rule), "C")


def _ending(finding: Finding, reader: Reader) -> str:
    ending = {True: "met", False: "unmet", None: "open"}[finding.met]
    code = f"{finding.code}.{ending}" if knows(f"{finding.code}.{ending}") else finding.code
    return reader.say(code, **finding.facts)


def _reading(words: str, finding: Finding, reader: Reader, on: date) -> str:
    state, _ = _state(finding.met, finding.met_on, reader, on)
    return reader.say("when.by_reading", source=_source_words(finding.source, reader), says=words, state=state)


def _source_words(source: Source, reader: Reader) -> str:
    """Return a text and its article as they are read: 国办发〔2018〕81号 第2条."""
    return " ".join(filter(None, [source.text, article_of(source, reader)]))


def _papers(papers: tuple[Paper, ...], reader: Reader, on: date) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    found: dict[str, list[Row]] = {}
    for paper in papers:
        state, tone = _state(paper.standing.met, paper.standing.met_on, reader, on)
        if paper.standing.missing == "unknown":
            state = reader.say("when.state_say_since")
        more = "".join(said(each, reader) for each in paper.says[1:])
        found.setdefault(paper.claim, []).append(Row(said(paper.says[0], reader), state, tone, more))
    return tuple((reader.say(f"applications.claim_{claim}"), tuple(rows)) for claim, rows in found.items())
