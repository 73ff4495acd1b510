"""The words of messages: shipped with a release, changed by two officers, every version kept."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.notifications.guard import problems_of_words
from yizhengtong.foundation.notifications.kinds import Words, kinds, shipped
from yizhengtong.foundation.notifications.models import Template
from yizhengtong.foundation.notifications.rendering import render, sample_facts
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound

State = Template.State


@dataclass(frozen=True, slots=True)
class Place:
    """Which words: of a kind, for a channel, in a language."""

    kind: str
    channel: str
    language: str

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.kind, self.channel, self.language)


def words_in_use(kind: str, channel: str, language: str) -> Words:
    """Return the words that are used now. Raises KeyError for a place that no release has words for."""
    found = Template.objects.filter(kind=kind, channel=channel, language=language, state=State.IN_USE).first()
    return Words(found.subject, found.text) if found else shipped()[kind, channel, language]


def ensure_may_edit(by: Principal) -> None:
    """Raise unless an administrator of the top office with a second factor: words go to everybody."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.ADMINISTRATOR)
    if "." in by.office_path:
        raise NotFound("not_found")


def preview(place: Place, words: Words) -> Words:
    """Return words as a person would read them, of nobody. Raises NotFound, Invalid with everything wrong at once."""
    _ensure_place(place)
    problems = problems_of_words(kinds()[place.kind], place.channel, place.language, words)
    if problems:
        raise Invalid("web.fields_wrong", errors=problems)
    kind = kinds()[place.kind]
    return render(words, kind, sample_facts(kind), place.language)


@use_case
def propose_words(*, place: Place, words: Words, by: Principal) -> Template:
    """Propose other words; a second administrator puts them in use. Raises Invalid, Conflict `…words_proposed`."""
    ensure_may_edit(by)
    preview(place, words)
    return _write(place, words, by, state=State.PROPOSED)


@use_case
def decide_words(*, template_id: UUID, approved: bool, by: Principal) -> Template:
    """Put proposed words in use, or aside. Raises NotFound, Forbidden `notifications.own_words`, Invalid."""
    ensure_may_edit(by)
    template = Template.objects.select_for_update().filter(pk=template_id, state=State.PROPOSED).first()
    if template is None:
        raise NotFound("not_found")
    place = Place(template.kind, template.channel, template.language)
    if approved:
        if template.proposed_by == by.id:
            raise Forbidden("notifications.own_words")
        preview(place, Words(template.subject, template.text))  # what was allowed then may not be any more
        _retire(place)
    template.state = State.IN_USE if approved else State.RETIRED
    template.decided_by, template.decided_at = by.id, timezone.now()
    template.save(update_fields=["state", "decided_by", "decided_at"])
    _record("notifications.approve_words" if approved else "notifications.set_words_aside", template, by)
    return template


@use_case
def restore_words(*, place: Place, by: Principal) -> Template:
    """Go back to the words of the release, at once: they were judged with it. Raises NotFound."""
    ensure_may_edit(by)
    _ensure_place(place)
    _retire(place)
    return _write(place, shipped()[place.key], by, state=State.IN_USE, is_shipped=True)


def history_of(place: Place) -> QuerySet[Template]:
    """Return every version of the words of a place, the newest first."""
    found = Template.objects.filter(kind=place.kind, channel=place.channel, language=place.language)
    return found.order_by("-version")


def _ensure_place(place: Place) -> None:
    if place.key not in shipped():
        raise NotFound("not_found")


def _retire(place: Place) -> None:
    history_of(place).filter(state=State.IN_USE).update(state=State.RETIRED)


def _write(place: Place, words: Words, by: Principal, *, state: str, is_shipped: bool = False) -> Template:
    if by.id is None:  # nobody else may edit
        raise Forbidden("web.sign_in_first")
    newest = history_of(place).aggregate(newest=Max("version"))["newest"] or 0
    template = Template(
        kind=place.kind, channel=place.channel, language=place.language, version=newest + 1, subject=words.subject,
        text=words.text, state=state, is_shipped=is_shipped, proposed_by=by.id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            template.save(force_insert=True)
    except IntegrityError:
        raise Conflict("notifications.words_proposed") from None
    _record("notifications.restore_words" if is_shipped else "notifications.propose_words", template, by)
    return template


def _record(action: str, template: Template, by: Principal) -> None:
    record_act(action, by=by, on=("template", template.pk), person_id=None,
               fields=[template.kind, template.channel, template.language])  # fmt: skip
