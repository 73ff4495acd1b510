"""A draft beside the law in force: written, simulated on the archive, proposed by one person, confirmed by another."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from yizhengtong.foundation.accounts.policies import ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.pages.forms import Day, PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.differences import ChangedFile, changed_files, new_days
from yizhengtong.law.drafting import LIVING, draft_edition, withdraw_edition
from yizhengtong.law.errors import PackErrors
from yizhengtong.law.models import Edition
from yizhengtong.law.policies import ensure_may_change_law, may_change_law
from yizhengtong.law.queries import library_in_force, library_of_edition
from yizhengtong.permitting.oversight.queries import simulations_of
from yizhengtong.permitting.oversight.services import ask_simulation, confirm_simulated, propose_simulated
from yizhengtong.sites.desk.law.results import shown
from yizhengtong.sites.desk.law.showing import plain

_MOST_CHARACTERS = 400_000
_NEW = ""


class DraftForm(PageForm):
    """One file of the packs, as it would be."""

    words = "desk.law.draft_"
    path = forms.RegexField(r"^[a-z0-9_/]+\.yaml$", max_length=200)
    text = forms.CharField(
        widget=forms.Textarea({"rows": 24, "spellcheck": "false", "class": "code"}), required=False,
        max_length=_MOST_CHARACTERS,
    )  # fmt: skip
    file = forms.FileField(required=False)

    def changes(self) -> dict[str, str]:
        """Return path → text; an uploaded file goes before what stands in the field. Raises Conflict."""
        sent: Any = self.cleaned_data["file"]
        if sent is None:
            return {self.cleaned_data["path"]: self.cleaned_data["text"]}
        if sent.size is None or sent.size > _MOST_CHARACTERS:
            raise Conflict("desk.law.file_too_large")
        try:
            return {self.cleaned_data["path"]: sent.read().decode()}
        except UnicodeDecodeError as error:
            raise Conflict("desk.law.file_unreadable") from error


class SimulationForm(PageForm):
    """The day whose law is taken for every archived decision; none: each one's own."""

    words = "desk.law.simulate_"
    law_on = forms.DateField(widget=Day(), required=False)


@page("who may change the law", who=PrincipalKind.STAFF)
def write(request: HttpRequest) -> HttpResponse:
    """Ask for one changed file, on top of the law in force or of an earlier draft; tell all errors at once."""
    by = signed_in(request)
    ensure_may_change_law(by)
    reader, base = reader_of(request), request.GET.get("base", "")
    library = library_of_edition(base) if base else library_in_force()
    path = request.GET.get("path", "")
    text = library.texts.get(path, "")
    form = DraftForm(
        request.POST or None, request.FILES or None, reader=reader, initial={"path": path, "text": text}
    )  # fmt: skip
    wrong: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            draft = draft_edition(changes=form.changes(), base=base, by=by)
            return HttpResponseRedirect(_address(draft))
        except PackErrors as errors:
            wrong = errors.errors
        except Conflict as problem:
            form.add_problem(problem)
    return render_page(
        request,
        "desk/law/draft.html",
        {"form": form, "wrong": wrong, "paths": sorted(library.files), "base": base, "path": path},
        title="desk.law.draft",
        back=reverse("desk-law"),
        status=422 if request.method == "POST" else 200,
    )


@page("officer with a second factor", who=PrincipalKind.STAFF)
def show(request: HttpRequest, edition_id: str) -> HttpResponse:
    """Show an edition beside the one in force: what differs, what came out of simulations, what comes next."""
    by, reader = signed_in(request), reader_of(request)
    ensure_second_factor(by)
    edition = _edition(edition_id)
    files = changed_files(library_in_force(), library_of_edition(edition.hash))
    days = new_days(files)
    return render_page(
        request,
        "desk/law/edition.html",
        {
            "edition": edition,
            "edition_id": edition_id,
            "files": [(file, _entries_changed(file, reader)) for file in files],
            "days": days,
            "form": SimulationForm(reader=reader, initial={"law_on": days[-1] if days else None}),
            "simulations": [(each, shown(each, by, reader)) for each in simulations_of(edition.hash)],
            "is_own": edition.proposed_by == by.id,
            **_may(edition, by),
        },
        title="desk.law.edition",
        back=reverse("desk-law"),
    )


def _may(edition: Edition, by: Principal) -> Mapping[str, bool]:
    may = may_change_law(by)
    return {
        "may_simulate": may and edition.state in LIVING,
        "may_propose": may and edition.state == Edition.State.DRAFT,
        "may_confirm": may and edition.state == Edition.State.PROPOSED and edition.proposed_by != by.id,
        "may_withdraw": may and edition.state in LIVING,
    }


@require_POST
@page("who may change the law", who=PrincipalKind.STAFF)
def have_simulated(request: HttpRequest, edition_id: str) -> HttpResponse:
    """Put a draft to the archive, in the background."""
    form = SimulationForm(request.POST, reader=reader_of(request))
    day = form.cleaned_data["law_on"] if form.is_valid() else None
    edition = _edition(edition_id)
    ask_simulation(edition_id=edition.pk, law_on=day, by=signed_in(request))
    return HttpResponseRedirect(f"{_address(edition)}#simulations")


@require_POST
@page("who may change the law", who=PrincipalKind.STAFF)
def propose(request: HttpRequest, edition_id: str) -> HttpResponse:
    """Propose a simulated draft."""
    return _changed(propose_simulated(edition_id=_edition(edition_id).pk, by=signed_in(request)))


@require_POST
@page("who may change the law, not who proposed", who=PrincipalKind.STAFF)
def confirm(request: HttpRequest, edition_id: str) -> HttpResponse:
    """Put a proposed edition in force."""
    return _changed(confirm_simulated(edition_id=_edition(edition_id).pk, by=signed_in(request)))


@require_POST
@page("who may change the law", who=PrincipalKind.STAFF)
def withdraw(request: HttpRequest, edition_id: str) -> HttpResponse:
    """Take a draft or proposal back."""
    return _changed(withdraw_edition(edition_id=_edition(edition_id).pk, by=signed_in(request)))


def _changed(edition: Edition) -> HttpResponse:
    return HttpResponseRedirect(_address(edition))


def _address(edition: Edition) -> str:
    return reverse("desk-law-edition", args=[public_id("edi", edition.pk)])


def _edition(edition_id: str) -> Edition:
    found = Edition.objects.filter(pk=parse_public_id("edi", edition_id)).first()
    if found is None:
        raise NotFound("not_found")
    return found


def _entries_changed(file: ChangedFile, reader: Reader) -> list[dict[str, Any]]:
    """Return the dated values of a file that differ: by key and first day, before and after."""
    sides = [_values(each, reader) for each in (file.before, file.after)]
    keys = sorted(sides[0].keys() | sides[1].keys())
    return [
        {"code": key[0], "since": key[1], "before": sides[0].get(key), "after": sides[1].get(key)}
        for key in keys
        if sides[0].get(key) != sides[1].get(key)
    ]


def _values(file: Any, reader: Reader) -> dict[tuple[str, Any], str]:
    if file is None:
        return {}
    found = {
        (each.key, each.entry.since): f"{plain(each.value, reader)} ({file.source(each.entry.source)})"
        for each in file.parameters
    }
    return found | {(each.name, each.entry.since): plain(each.entry, reader) for each in file["items"]}
