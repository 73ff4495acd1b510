"""What stands around a case's checklist: opinions, history, clock, promises, registers, messages, other systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from yizhengtong.foundation.exchange.queries import pushes_about
from yizhengtong.foundation.notifications.queries import messages_about
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.permitting.applications.models import Confirmation
from yizhengtong.permitting.casework.models import Case, JournalEntry
from yizhengtong.permitting.casework.policies import OPINIONS

_MOST = 50
_OPINIONS = {"accepted_by": "accept", "reviewed_by": "review", "approved_by": "approve"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A step of a case in words: what, when, who, and the officer's words."""

    title: str
    at: datetime
    on: date
    who: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """One of the three opinions: given by whom and when, or still open."""

    title: str
    who: str
    on: date | None
    words: str


def officers_in(case: Case, entries: Sequence[JournalEntry]) -> set[UUID | None]:
    """Return the accounts of everybody who did something in a case."""
    return {
        *(entry.by for entry in entries if entry.by_kind == "staff"),
        *(getattr(case, name) for name in OPINIONS),
        *(entry.answering_officer for entry in entries),
        *(word.by for word in case.judgements.all()),
    }


def history(entries: Sequence[JournalEntry], officers: Mapping[Any, str], reader: Reader) -> list[Entry]:
    """Return the journal in words, the oldest first."""
    return [_entry(entry, officers, reader) for entry in entries]


def _entry(entry: JournalEntry, officers: Mapping[Any, str], reader: Reader) -> Entry:
    return Entry(
        title=reader.say(f"desk.act.{entry.action}"),
        at=entry.at,
        on=entry.on,
        who=_who(entry, officers, reader),
        words=str(entry.opinion.get("words", "")),
        source=entry.source,
    )


def _who(entry: JournalEntry, officers: Mapping[Any, str], reader: Reader) -> str:
    if entry.rule:
        name = officers.get(entry.answering_officer, "")
        return reader.say("desk.who.rule", rule=f"casework.rule_{entry.rule}", name=name)
    return officers.get(entry.by, "") or reader.say(f"desk.who.{entry.by_kind}")


def opinions(entries: Sequence[JournalEntry], officers: Mapping[Any, str], reader: Reader) -> list[OpinionLine]:
    """Return the three opinions, with names and dates (S4-26); the last of each kind counts, none after a return."""
    given: dict[str, JournalEntry] = {}
    for entry in entries:
        if entry.action == "send_back":
            given.pop("review", None)
        given["approve" if entry.action == "refuse" else entry.action] = entry
    return [
        OpinionLine(
            title=reader.say(f"desk.opinion.{action}"),
            who=_who(given[action], officers, reader) if action in given else "",
            on=given[action].on if action in given else None,
            words=_said(given[action], reader) if action in given else "",
        )
        for action in _OPINIONS.values()
    ]


def _said(entry: JournalEntry, reader: Reader) -> str:
    recommends = entry.opinion.get("recommends")
    said = [reader.say(f"desk.recommends.{recommends}")] if recommends else []
    if entry.action == "refuse":
        said.append(reader.say("desk.act.refuse"))
    return " · ".join([*said, *filter(None, [str(entry.opinion.get("words", ""))])])


def changed_since(
    read_at: str, case: Case, entries: Sequence[JournalEntry], officers: Mapping[Any, str], reader: Reader
) -> list[str]:
    """Say who changed what since a page was read: steps and words on the checklist. `read_at`: as the page said it."""
    since = _instant(read_at)
    if since is None:
        return []
    steps = [(entry.at, _who(entry, officers, reader), reader.say(f"desk.act.{entry.action}")) for entry in entries]
    words = [
        (
            word.at,
            officers.get(word.by, ""),
            reader.say("desk.changed.judged", line=_title_code(word.target, word.code)),
        )
        for word in case.judgements.all()
    ]
    return [
        reader.say("desk.changed.line", who=who, what=what, at=f"{at:%Y-%m-%d %H:%M} UTC")
        for at, who, what in sorted(steps + words, key=lambda each: each[0])
        if at > since
    ]


def _title_code(target: str, code: str) -> str:
    return f"applications.{code}" if target == "condition" else code


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def confirmations(case: Case, reader: Reader) -> list[dict[str, Any]]:
    """Return what registers said of an application, the newest first, also what they could not say."""
    told = Confirmation.objects.filter(application_id=case.application_id).order_by("-asked_at", "-id")[:_MOST]
    return [
        {
            "words": reader.say(
                f"applications.register_{_result(each)}", register=f"registers.{each.kept_in}", day=each.as_of or ""
            ),
            "asked_at": each.asked_at,
            "source": each.source,
            "kind": each.evidence,
            "tone": {"confirmed": "good", "unavailable": "warn"}.get(each.result, "bad"),
        }
        for each in told
    ]


def _result(told: Confirmation) -> str:
    is_stale = told.result == Confirmation.Result.UNAVAILABLE and told.as_of is not None
    return "stale" if is_stale else str(told.result)


def messages(case: Case, reader: Reader) -> list[dict[str, Any]]:
    """Return what the person was told in a case, and what became of each way out. No address, no words."""
    objects = [case.pk, *([case.permit_id] if case.permit_id else [])]
    return [
        {
            "kind": reader.say(f"messages.kind_{told.kind}"),
            "at": told.at,
            "read_at": told.read_at,
            "ways": [
                {
                    "channel": reader.say(f"desk.channel.{way.channel}"),
                    "words": reader.say(f"notifications.state_{way.state}"),
                    "why": reader.say(way.failure) if way.failure else "",
                    "tone": {"delivered": "good", "failed": "bad", "unsure": "warn"}.get(way.state, ""),
                }
                for way in told.deliveries.all()
            ],
        }
        for told in messages_about(objects)[:_MOST]
    ]


def pushes(case: Case, reader: Reader) -> list[dict[str, Any]]:
    """Return how what happened in a case stands with each data platform."""
    objects = [case.pk, *([case.permit_id] if case.permit_id else [])]
    return [
        {
            "destination": push.destination,
            "state": push.state,
            "words": reader.say(f"desk.push.{push.state}"),
            "happened_at": push.happened_at,
        }
        for push in pushes_about(objects)[:_MOST]
    ]
