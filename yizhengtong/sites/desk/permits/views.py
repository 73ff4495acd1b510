"""The forms of a permit: card, copies in wallets, codes on paper, showings on a phone, papers; read-only, on record."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.formats.status_list import SUSPENDED, VALID
from yizhengtong.credentials.issuance.queries import forms_of, holding_none
from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.credentials.showing.claims import kind_shown
from yizhengtong.credentials.showing.models import PaperCode, Showing
from yizhengtong.credentials.showing.queries import paper_codes_of, showings_of
from yizhengtong.credentials.showing.wording import standing_words
from yizhengtong.credentials.status.queries import value_of
from yizhengtong.credentials.status.rules import value_for
from yizhengtong.foundation.accounts.policies import ensure_officer_of
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.verification.authorization.queries import grants_of

_MOST = 50
_VALUES = {VALID: "valid", SUSPENDED: "suspended"}


@page("officer of the area", who=PrincipalKind.STAFF)
def forms(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Show in which forms a permit is out, and what the status lists say of it."""
    permit, reader, on = _permit(request, permit_id), reader_of(request), legal_day(timezone.now())
    now = standing(permit, on)
    said = value_for(permit.state, permit.endorsed_until, permit.delivery, on)
    context: dict[str, Any] = {
        "id": permit_id,
        "permit": permit,
        "kind": reader.say(f"showing.kind_{kind_shown(permit.kind, permit.person.region)}"),
        "state": reader.say(f"permits.state_{permit.state}"),
        "standing": standing_words(now, reader.say),
        "is_valid": now.is_valid,
        "case_id": public_id("cas", permit.case_id) if permit.case_id else "",
        "said": _value_words(said, reader),
        "waiting": len(holding_none(permit, on, grants_of(permit.person))),
        "wallets": [(_form_name(each.configuration_id, reader), each) for each in forms_of(permit, on)],
        "printed": [(each, _purpose(each, reader), _said_of(each, reader)) for each in paper_codes_of(permit)],
        "showings": [(each, _purpose(each, reader)) for each in showings_of(permit)],
        "papers": _papers(permit, reader),
        "on": on,
    }
    back = reverse("desk-case", args=[context["case_id"]]) if context["case_id"] else reverse("desk-home")
    return render_page(request, "desk/permits/forms.html", context, title="desk_permits.title", back=back)


def _permit(request: HttpRequest, permit_id: str) -> Permit:
    """Return a permit of this officer's area; the read is recorded. Raises NotFound, Forbidden for a minor's."""
    by = signed_in(request)
    permit = Permit.objects.select_related("person").filter(pk=parse_public_id("pmt", permit_id)).first()
    if permit is None:
        raise NotFound("not_found")
    ensure_officer_of(permit.office_path, by)
    ensure_may_open(permit.person, by)
    record_read("showing.read_forms", by=by, on=("permit", permit.pk), person_id=permit.person_id, purpose="casework",
                fields=["number", "forms"])  # fmt: skip
    return permit


def _form_name(configuration_id: str, reader: Reader) -> str:
    form = "mdoc" if configuration_id.endswith("mdoc") else "sd_jwt"
    return reader.say(f"desk_permits.form_{form}")


def _purpose(each: PaperCode | Showing, reader: Reader) -> str:
    return reader.say(f"showing.purpose_{each.purpose}")


def _said_of(code: PaperCode, reader: Reader) -> str:
    try:
        return _value_words(value_of(code.list_uri, code.list_index), reader)
    except NotFound:
        return reader.say("desk_permits.list_gone")


def _value_words(value: int, reader: Reader) -> str:
    return reader.say(f"desk_permits.said_{_VALUES.get(value, 'invalid')}")


def _papers(permit: Permit, reader: Reader) -> Sequence[tuple[str, IssuedPaper]]:
    found = IssuedPaper.objects.filter(about=IssuedPaper.About.PERMIT, object_id=permit.pk).order_by("-id")[:_MOST]
    return [(reader.say(f"papers.kind_{each.kind}"), each) for each in found]
