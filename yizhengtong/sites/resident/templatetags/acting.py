"""Tags of the residents' site."""

from typing import Any

from django import template

from yizhengtong.kernel.findings import Source
from yizhengtong.sites.resident.acting import chosen_name
from yizhengtong.sites.resident.guide.showing import article_of

register = template.Library()


@register.simple_tag(takes_context=True)
def article(context: Any, source: Source) -> str:
    """Return the article of a source as it is read."""
    return article_of(source, context["reader"])


@register.simple_tag(takes_context=True)
def acting_name(context: Any) -> str:
    """Return the name of the person one acts for; nothing for oneself, and where nobody is signed in."""
    return chosen_name(context["request"]) if context["reader"].principal else ""
