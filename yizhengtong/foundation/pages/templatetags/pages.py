"""Tags of every page: words by code, days as they are read."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.texts import day_in_words
from yizhengtong.kernel.dates import CHINA, legal_day

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Any, code: str, **facts: Any) -> str:
    """Return the words of a code for who reads."""
    return _reader(context).say(code, **facts)


@register.simple_tag(takes_context=True)
def day(context: Any, value: date | datetime | None) -> str:
    """Return a day, or the legal day of an instant, as it is read; nothing for none."""
    if value is None:
        return ""
    shown = legal_day(value) if isinstance(value, datetime) else value
    return day_in_words(shown, _reader(context).language)


@register.simple_tag(takes_context=True)
def moment(context: Any, value: datetime) -> str:
    """Return a day and the time of day in China."""
    local = timezone.localtime(value, CHINA)
    return f"{day_in_words(local.date(), _reader(context).language)} {local:%H:%M}"


def _reader(context: Any) -> Reader:
    """Return who reads; a field's own template knows only the form."""
    reader: Reader = context["reader"] if "reader" in context else context["field"].form.reader
    return reader
