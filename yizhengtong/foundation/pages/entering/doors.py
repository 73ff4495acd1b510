"""The door of a site: whom it lets in, and the names of its addresses and templates."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.rendering import render_page


@dataclass(frozen=True, slots=True)
class Door:
    """A site's: addresses are named `<site>-sign-in` and so on, its pages extend `<site>/page.html`.

    `takes_codes`: accounts are made and entered by a code sent to a telephone. `takes_services`: real-name services
    that are configured open it too. `before`: whom it lets in to become what it is for.
    """

    site: str
    kind: PrincipalKind
    takes_codes: bool = False
    takes_services: bool = False
    before: frozenset[PrincipalKind] = frozenset()

    def is_for(self, kind: PrincipalKind) -> bool:
        """Whether accounts of a kind come in here."""
        return kind == self.kind or kind in self.before

    def address(self, name: str, *args: object) -> str:
        return reverse(f"{self.site}-{name}", args=args)

    def onward(self, request: HttpRequest, name: str, wanted: str = "") -> HttpResponse:
        """Go on to another page of the door, without forgetting where the reader wanted to."""
        wanted = wanted or wanted_address(request)
        query = f"?{urlencode({'next': wanted})}" if wanted else ""
        return HttpResponseRedirect(self.address(name) + query)

    def home(self, request: HttpRequest) -> str:
        """Return where to go once signed in: `?next=` where it is ours, else the site's home."""
        return wanted_address(request) or self.address("home")

    def show(self, request: HttpRequest, template: str, title: str, /, **context: Any) -> HttpResponse:
        """Return a page `pages/entering/<template>.html` in this site's frame; a form that was wrong with 422."""
        form = context.get("form")
        status = 422 if request.method == "POST" and form is not None and form.errors else 200
        wanted = wanted_address(request)
        shown = {
            "base": f"{self.site}/page.html",
            "door": self.names(),
            "query": f"?{urlencode({'next': wanted})}" if wanted else "",
            **{name: value for name, value in context.items() if name != "back"},
        }
        back = context.get("back", "")
        return render_page(request, f"pages/entering/{template}.html", shown, title=title, back=back, status=status)

    def names(self) -> dict[str, str]:
        """Return the addresses that templates link to."""
        return {"site": self.site, **{name.replace("-", "_"): self.address(name) for name in _NAMES}}


_NAMES = (
    *("sign-in", "passkey-options", "passkey-sign-in", "security", "password-change"),
    *("passkey-add", "passkey-creation", "app-add", "recovery-codes"),
)
RESIDENTS = Door("resident", PrincipalKind.RESIDENT, takes_codes=True, takes_services=True)
OFFICERS = Door("desk", PrincipalKind.STAFF)
ORGANISATIONS = Door(
    "partner", PrincipalKind.REPORTER, takes_codes=True, before=frozenset({PrincipalKind.RESIDENT})
)  # fmt: skip
"""An account is a resident's until its organisation is registered, or it joins one."""


def wanted_address(request: HttpRequest) -> str:
    """Return the address of `?next=` where it lies on this site; nothing for any other."""
    asked = request.GET.get("next", "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, None)
    return asked if is_ours and asked.isprintable() else ""
