"""The first page: what do you want to do."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.module_loading import import_string

from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page

DEVELOPERS = (
    ("resident", "/api/resident/openapi.json"),
    ("staff", "/api/staff/openapi.json"),
    ("partner", "/api/partner/openapi.json"),
    ("reporter", "/api/reporter/openapi.json"),
)
_DOORS = ("when", "guides", "apply", "home", "points", "entitlements")
_ADDRESSES = {"home": "resident-home", "points": "service-points"}
_OTHERS = (("desk", "desk-home"), ("check", "check"), ("law", "#law"), ("developers", "#developers"))
_STEPS = range(1, 6)


@page("public")
def front_page(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go; in a demonstration also whom one may be."""
    context = {
        "doors": [(f"front.to_{name}", reverse(_ADDRESSES.get(name, name))) for name in _DOORS],
        "others": [(f"front.to_{name}", where if where[0] == "#" else reverse(where)) for name, where in _OTHERS],
        "steps": [f"front.step_{number}" for number in _STEPS],
        "developers": [(f"front.door_{name}", address) for name, address in DEVELOPERS],
        "demonstration": _demonstration(),
    }
    return render_page(request, "resident/front.html", context, title="front.title")


def _demonstration() -> object:
    """Return who may sign in for show, where this is a demonstration; never in production."""
    if settings.YZT_PRODUCTION or not settings.YZT_DEMONSTRATION:
        return None
    return import_string(settings.YZT_DEMONSTRATION)()
