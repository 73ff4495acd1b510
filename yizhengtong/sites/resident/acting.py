"""For whom a resident acts: oneself, or the child or parent chosen on the page "my family".

Every page about somebody asks `acting_for(request)` and gets the person whose page it is. The choice lives in the
session and is proved anew on each request: a representation that has ended in between acts for nobody. Whoever has not
said yet who they are is sent to the page that asks, and comes back; a sent form is undone then.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from yizhengtong.foundation.pages.serving import SeeOther, signed_in
from yizhengtong.foundation.scope import once_a_request
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for, person_of

_CHOSEN = "acting_for"
_FOUND = "_yzt_acting_for"


def own_person(request: HttpRequest) -> Person:
    """Return the person behind the account. Raises SeeOther to the page that asks who one is."""
    account_id = signed_in(request).id
    if account_id is None:  # only the system itself has none, and it reads no pages
        raise Forbidden("web.sign_in_first")
    person = once_a_request(f"people.person_of {account_id}", lambda: person_of(account_id))
    if person is None:
        raise SeeOther(f"{reverse('resident-register')}?{urlencode({'next': _here(request)})}")
    return person


def acting_for(request: HttpRequest) -> Person:
    """Return oneself, or the person chosen to act for, if one may act for them today.

    Raises SeeOther as `own_person` does, NotFound `entering.acts_no_longer` when one no longer may; from then on one
    acts for oneself.
    """
    if not hasattr(request, _FOUND):
        setattr(request, _FOUND, _acting_for(request))
    found: Person = getattr(request, _FOUND)
    return found


def choose_person(request: HttpRequest, person: Person | None) -> None:
    """Act for somebody from now on; None: for oneself. Raises NotFound when one may not."""
    request.session.pop(_CHOSEN, None)
    if person is None:
        return
    acting = own_person(request)
    if not may_act_for(acting, person, legal_day(timezone.now())):
        raise NotFound("not_found")
    if acting.pk != person.pk:
        account_id = str(signed_in(request).id)
        request.session[_CHOSEN] = {"person": str(person.pk), "name": person.name, "account": account_id}


def chosen_name(request: HttpRequest) -> str:
    """Return the name of whom one acts for, to be shown on top of each page; empty for oneself."""
    return str((_chosen(request) or {}).get("name", ""))


def chosen_id(request: HttpRequest) -> UUID | None:
    """Return the key of whom one acts for; None for oneself."""
    chosen = _chosen(request)
    return UUID(chosen["person"]) if chosen else None


def _acting_for(request: HttpRequest) -> Person:
    acting, chosen = own_person(request), _chosen(request)
    if chosen is None:
        return acting
    person = Person.objects.filter(pk=UUID(chosen["person"])).first()
    if person is None or not may_act_for(acting, person, legal_day(timezone.now())):
        request.session.pop(_CHOSEN, None)
        raise NotFound("entering.acts_no_longer")
    return person


def _chosen(request: HttpRequest) -> dict[str, Any] | None:
    chosen: dict[str, Any] | None = request.session.get(_CHOSEN)
    if chosen is None or chosen["account"] != str(signed_in(request).id):
        return None
    return chosen


def _here(request: HttpRequest) -> str:
    return request.get_full_path() if request.method == "GET" else request.path
