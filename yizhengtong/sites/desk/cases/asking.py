"""What every page of a case asks first: whose case it is, and whether this officer may open it."""

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.pages.serving import SeeOther, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, Invalid, NotFound, Problem
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_officer


def today() -> date:
    """Return the legal day."""
    return legal_day(timezone.now())


def case_asked(request: HttpRequest, case_id: str) -> Case:
    """Return the case of an address; the read is recorded. A minor's leads to the page that asks for an approval."""
    try:
        return case_for_officer(case_id=parse_public_id("cas", case_id), by=signed_in(request), purpose="casework")
    except Forbidden as problem:
        if problem.code == "people.minor_needs_approval":
            raise SeeOther(reverse("desk-case-minor", args=[case_id])) from problem
        raise


def version_sent(request: HttpRequest) -> int:
    """Return the version that a form carries: what its reader saw. Raises Invalid `web.if_match_needed`."""
    text = request.POST.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("web.if_match_needed")
    return int(text)


def attempt(act: Callable[[], object]) -> Problem | None:
    """Do something, or undo it and return why it could not be done, to be shown in the form that asked for it.

    What must not be told in a form, because nobody may know of the case, is raised.
    """
    try:
        with transaction.atomic():
            act()
    except NotFound:
        raise
    except Problem as problem:
        return problem
    return None
