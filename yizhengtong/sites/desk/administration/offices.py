"""The offices of an administrator's area: the tree, one office, a new one below it, its name."""

from collections import Counter
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.administration import (
    add_office,
    ensure_may_administer,
    merges_of,
    propose_merge,
    rename_office,
)
from yizhengtong.foundation.accounts.models import Office, OfficeKind, StaffMember, StaffRequest
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.officers import names_of_officers
from yizhengtong.sites.desk.administration.words import RequestRow, request_rows, second_factors

_WHO = "administrator of the area"


@dataclass(frozen=True, slots=True)
class Row:
    """An office of the tree. `depth` counts from the administrator's own; `officers` serve at it."""

    office: Office
    depth: int
    officers: int


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """An officer in the list of an office."""

    public_id: str
    name: str
    username: str
    roles: tuple[str, ...]
    factors: tuple[str, ...]


class OfficeForm(PageForm):
    """A new office."""

    words = "desk.administration.office_"
    code = forms.RegexField(r"^[0-9a-z][0-9a-z-]{1,31}$", max_length=32)
    name = forms.CharField(max_length=80)
    kind = forms.ChoiceField(widget=Radios(), initial=OfficeKind.POLICE)
    region = forms.RegexField(r"^[0-9]{6}$", required=False)

    def __init__(self, *args: object, reader: Reader, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        kinds = [(kind.value, reader.say(f"desk.administration.kind_{kind.value}")) for kind in OfficeKind]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class MergeForm(PageForm):
    """Into which office another one goes."""

    words = "desk.administration.merge_"
    target = forms.ChoiceField()


class NameForm(PageForm):
    """Another name of an office."""

    words = "desk.administration.office_"
    name = forms.CharField(max_length=80)


@page(_WHO, who=PrincipalKind.STAFF)
def tree(request: HttpRequest) -> HttpResponse:
    """Show the offices of the area and what waits for a second administrator."""
    by, reader = signed_in(request), reader_of(request)
    ensure_may_administer(by.office_path, by)
    offices = _area(by)
    serving = Counter(
        StaffMember.objects.filter(is_serving=True, office__in=offices).values_list("office_id", flat=True)
    )
    depth = by.office_path.count(".")
    return render_page(
        request,
        "desk/administration/tree.html",
        {
            "rows": [Row(each, each.path.count(".") - depth, serving[each.pk]) for each in offices],
            "requests": _open_requests(by, reader),
            "merges": [(each, reader.say(each.failure) if each.failure else "") for each in merges_of(by)],
        },
        title="desk.administration.title",
        back=reverse("desk-home"),
    )


def _open_requests(by: Principal, reader: Reader) -> list[RequestRow]:
    waiting = StaffRequest.objects.filter(state=StaffRequest.State.OPEN, office_path__startswith=by.office_path)
    found = [
        each
        for each in waiting.select_related("office", "target").order_by("proposed_at")
        if by.covers(each.office_path)
    ]
    return request_rows(found, by, reader)


@page(_WHO, who=PrincipalKind.STAFF)
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show an office: its place, what lies below it, who serves there."""
    by, reader = signed_in(request), reader_of(request)
    office = office_for(code, by)
    members = list(
        StaffMember.objects.filter(office=office, is_serving=True)
        .select_related("account").defer("name").order_by("account__username")
    )  # fmt: skip
    names = names_of_officers([member.account_id for member in members])
    factors = second_factors([member.account_id for member in members], reader)
    return render_page(
        request,
        "desk/administration/office.html",
        {
            "office": office,
            "is_own": office.pk == by.office_id,
            "kind": reader.say(f"desk.administration.kind_{office.kind}"),
            "below": office.children.filter(merged_into=None).order_by("code"),
            "officers": [
                OfficerRow(
                    public_id("stf", member.pk),
                    names.get(member.account_id, ""),
                    member.account.username,
                    tuple(reader.say(f"accounts.role_{role}") for role in member.roles),
                    factors.get(member.account_id, ()),
                )
                for member in members
            ],
        },
        title=office.name,
        back=reverse("desk-administration"),
    )


@page(_WHO, who=PrincipalKind.STAFF)
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Make an office below this one."""
    by = signed_in(request)
    above = office_for(code, by)
    form = OfficeForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = add_office(
                code=given["code"], name=given["name"], kind=OfficeKind(given["kind"]), region=given["region"],
                below=above, by=by,
            )  # fmt: skip
            return HttpResponseRedirect(reverse("desk-office", args=[made.code]))
        except (Conflict, Invalid) as problem:
            form.add_problem(problem)
    return _asked(request, form, above, "desk.administration.add_office")


@page(_WHO, who=PrincipalKind.STAFF)
def rename(request: HttpRequest, code: str) -> HttpResponse:
    """Give an office another name."""
    by = signed_in(request)
    office = office_for(code, by)
    form = NameForm(request.POST or None, reader=reader_of(request), initial={"name": office.name})
    if request.method == "POST" and form.is_valid():
        rename_office(office=office, name=form.cleaned_data["name"], by=by)
        return HttpResponseRedirect(reverse("desk-office", args=[code]))
    return _asked(request, form, office, "desk.administration.rename_office")


@page(_WHO, who=PrincipalKind.STAFF)
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """Propose that an office goes into another one of the area."""
    by = signed_in(request)
    office = office_for(code, by)
    form = MergeForm(request.POST or None, reader=reader_of(request))
    others = [each for each in _area(by) if not office.covers(each.path)]
    form.fields["target"].choices = [(each.code, f"{each.name} {each.code}") for each in others]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        target = office_for(form.cleaned_data["target"], by)
        try:
            asked = propose_merge(office=office, target=target, by=by)
            return HttpResponseRedirect(reverse("desk-staff-request", args=[public_id("sfr", asked.pk)]))
        except Conflict as problem:
            form.add_problem(problem)
    about = {"form": form, "about": office.name, "button": "desk.administration.propose", "is_proposal": True,
             "lead": "desk.administration.merge_lead"}  # fmt: skip
    return render_page(
        request, "desk/administration/form.html", about, title="desk.administration.merge_office",
        back=reverse("desk-office", args=[code]), status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _area(by: Principal) -> list[Office]:
    """Return the living offices of an administrator's area, by their paths."""
    found = Office.objects.filter(path__startswith=by.office_path, merged_into=None).order_by("path")
    return [each for each in found if by.covers(each.path)]


def office_for(code: str, by: Principal) -> Office:
    """Return an office of the administrator's area. Raises NotFound outside it, Forbidden."""
    office = Office.objects.filter(code=code, merged_into=None).first()
    if office is None:
        raise NotFound("not_found")
    ensure_may_administer(office.path, by)
    return office


def _asked(request: HttpRequest, form: PageForm, office: Office, title: str) -> HttpResponse:
    return render_page(
        request,
        "desk/administration/form.html",
        {"form": form, "about": office.name, "button": "desk.administration.save"},
        title=title,
        back=reverse("desk-office", args=[office.code]),
        status=422 if request.method == "POST" else 200,
    )
