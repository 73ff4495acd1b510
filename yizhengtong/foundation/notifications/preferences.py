"""What a person chose to be told, where and when (S4-16: 短信定制化服务)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import cast
from uuid import UUID

from django.conf import settings

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.notifications.kinds import LEAVING, Channel, Kind, kinds
from yizhengtong.foundation.notifications.models import Preference
from yizhengtong.foundation.notifications.rules import QuietHours
from yizhengtong.foundation.texts.catalogue import LANGUAGES
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import FieldError, Invalid

_LONGEST_QUIET_HOURS = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chooses. `channels`: kind → channels; a kind left out has the usual ones; none: inbox only."""

    language: str
    channels: Mapping[str, Sequence[str]]
    quiet_from: time
    quiet_until: time


def deployment_quiet() -> QuietHours:
    """Return the hours in which this deployment leaves everybody alone."""
    hours: tuple[str, str] = cast("tuple[str, str]", settings.YZT_MESSAGES["quiet"])
    start, until = hours
    return QuietHours(time.fromisoformat(start), time.fromisoformat(until))


def quiet_of(chosen: Preference | None) -> QuietHours:
    """Return a person's quiet hours; the deployment's for who chose none."""
    return QuietHours(chosen.quiet_from, chosen.quiet_until) if chosen else deployment_quiet()


def choice_of(person_id: UUID, language: str) -> Preference:
    """Return what a person chose, or the usual, not saved."""
    usual = deployment_quiet()
    return Preference.objects.filter(pk=person_id).first() or Preference(
        person_id=person_id, language=language, quiet_from=usual.start, quiet_until=usual.until, version=0
    )


def chosen_channels(kind: Kind, chosen: Preference | None, reachable: Sequence[Channel]) -> list[Channel]:
    """Return by which of the reachable channels a kind goes. What the law wants told goes by one at least."""
    asked = (chosen.channels if chosen else {}).get(kind.code)
    if asked is None:
        return list(reachable[:1])
    wanted = [channel for channel in reachable if channel in asked]
    return wanted or (list(reachable[:1]) if kind.is_due else [])


@use_case
def choose(*, person_id: UUID, choice: Choice, by: Principal) -> Preference:
    """Save what a person wants. Raises Invalid with everything that is wrong."""
    errors = _problems(choice)
    if errors:
        raise Invalid("web.fields_wrong", errors=errors)
    kept = Preference.objects.select_for_update().filter(pk=person_id).first() or Preference(
        person_id=person_id, version=0
    )
    kept.language, kept.quiet_from, kept.quiet_until = choice.language, choice.quiet_from, choice.quiet_until
    kept.channels = {kind: sorted(set(channels)) for kind, channels in choice.channels.items()}
    kept.version += 1
    kept.save()
    record_act("notifications.choose", by=by, on=("person", person_id), person_id=person_id)
    return kept


def _problems(choice: Choice) -> list[FieldError]:
    found = []
    if choice.language not in LANGUAGES:
        found.append(FieldError("language", "notifications.language_unknown"))
    for kind, channels in choice.channels.items():
        if kind not in kinds() or not kinds()[kind].is_listed:
            found.append(FieldError("channels", "notifications.kind_unknown"))
        elif not set(channels) <= set(LEAVING):
            found.append(FieldError(f"channels.{kind}", "notifications.channel_unknown"))
        elif kinds()[kind].is_due and not channels:
            found.append(FieldError(f"channels.{kind}", "notifications.due_needs_a_channel"))
    if _hours(choice) > _LONGEST_QUIET_HOURS:
        found.append(FieldError("quiet_until", "notifications.quiet_too_long", {"most": _LONGEST_QUIET_HOURS}))
    return found


def _hours(choice: Choice) -> float:
    minutes = (choice.quiet_until.hour - choice.quiet_from.hour) * 60
    minutes += choice.quiet_until.minute - choice.quiet_from.minute
    return (minutes % 1440) / 60
