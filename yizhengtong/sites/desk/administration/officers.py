"""One officer: appointed, given other roles or another office, second factors taken away, service ended."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.administration import (
    end_service,
    ensure_may_administer,
    member_for,
    propose_appointment,
    propose_move,
    propose_roles,
    propose_start_password,
    reset_second_factors,
)
from yizhengtong.foundation.accounts.models import Office, StaffMember, StaffRequest
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.forms import Checks, PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.casework.officers import names_of_officers
from yizhengtong.sites.desk.administration.offices import office_for
from yizhengtong.sites.desk.administration.words import second_factors

_WHO = "administrator of the area"


class RolesForm(PageForm):
    """What an officer is appointed to do."""

    words = "desk.administration.officer_"
    roles = forms.MultipleChoiceField(widget=Checks())

    def __init__(self, *args: object, reader: Reader, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        roles = [(role.value, reader.say(f"accounts.role_{role.value}")) for role in Role]
        self.fields["roles"].choices = roles  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[Role]:
        return [Role(role) for role in self.cleaned_data["roles"]]


class AppointmentForm(RolesForm):
    """Who is to serve, under which user name."""

    name = forms.CharField(max_length=64)
    username = forms.RegexField(r"^[a-z0-9][a-z0-9._-]{2,63}$", max_length=64)
    field_order = ("name", "username", "roles")


class MoveForm(PageForm):
    """At which office an officer is to serve."""

    words = "desk.administration.officer_"
    office = forms.ChoiceField()


@page(_WHO, who=PrincipalKind.STAFF)
def appoint(request: HttpRequest, code: str) -> HttpResponse:
    """Propose an officer with an account of their own."""
    by = signed_in(request)
    office = office_for(code, by)
    form = AppointmentForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            asked = propose_appointment(
                username=form.cleaned_data["username"], name=form.cleaned_data["name"], office=office,
                roles=form.chosen, by=by,
            )  # fmt: skip
            return _to_request(asked)
        except Invalid as problem:
            form.add_problem(problem)
    back = reverse("desk-office", args=[code])
    return _asked(request, form, office.name, "desk.administration.add_officer", back)


@page(_WHO, who=PrincipalKind.STAFF)
def show(request: HttpRequest, member_id: str) -> HttpResponse:
    """Show an officer: roles, office, second factors; what an administrator can do."""
    by, reader = signed_in(request), reader_of(request)
    member = _member(member_id, by)
    name = names_of_officers([member.account_id]).get(member.account_id, "")
    record_read("accounts.read_officer", by=by, on=("staff_member", member.pk), person_id=None,
                purpose="administration", fields=["name"])  # fmt: skip
    waiting = StaffRequest.objects.filter(member=member, state=StaffRequest.State.OPEN).first()
    return render_page(
        request,
        "desk/administration/officer.html",
        {
            "member": member,
            "member_id": member_id,
            "name": name,
            "roles": [reader.say(f"accounts.role_{role}") for role in member.roles],
            "factors": second_factors([member.account_id], reader).get(member.account_id, ()),
            "is_oneself": member.account_id == by.id,
            "waiting": public_id("sfr", waiting.pk) if waiting else "",
        },
        title=name or "desk.administration.officer",
        back=reverse("desk-office", args=[member.office.code]),
    )


@page(_WHO, who=PrincipalKind.STAFF)
def change_roles(request: HttpRequest, member_id: str) -> HttpResponse:
    """Propose other roles."""
    by = signed_in(request)
    member = _member(member_id, by)
    form = RolesForm(request.POST or None, reader=reader_of(request), initial={"roles": member.roles})
    if request.method == "POST" and form.is_valid():
        try:
            return _to_request(propose_roles(member_id=member.pk, roles=form.chosen, by=by))
        except Conflict as problem:
            form.add_problem(problem)
    return _asked(request, form, member.account.username, "desk.administration.change_roles", _address(member))


@page(_WHO, who=PrincipalKind.STAFF)
def move(request: HttpRequest, member_id: str) -> HttpResponse:
    """Propose another office of the area."""
    by = signed_in(request)
    member = _member(member_id, by)
    form = MoveForm(request.POST or None, reader=reader_of(request), initial={"office": member.office.code})
    offices = Office.objects.filter(path__startswith=by.office_path, merged_into=None).order_by("path")
    area = [each for each in offices if by.covers(each.path)]
    form.fields["office"].choices = [(each.code, each.name) for each in area]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        office = office_for(form.cleaned_data["office"], by)
        try:
            return _to_request(propose_move(member_id=member.pk, office=office, by=by))
        except Conflict as problem:
            form.add_problem(problem)
    return _asked(request, form, member.account.username, "desk.administration.move", _address(member))


@page(_WHO, who=PrincipalKind.STAFF)
def reset(request: HttpRequest, member_id: str) -> HttpResponse:
    """Ask, then take the second factors away."""
    by = signed_in(request)
    member = _member(member_id, by)
    if request.method == "POST":
        reset_second_factors(member_id=member.pk, by=by)
        return HttpResponseRedirect(_address(member))
    return _sure(request, member, "desk.administration.reset", "desk.administration.reset_lead")


@page(_WHO, who=PrincipalKind.STAFF)
def start_anew(request: HttpRequest, member_id: str) -> HttpResponse:
    """Ask, then propose a new start password."""
    by = signed_in(request)
    member = _member(member_id, by)
    if request.method == "POST":
        return _to_request(propose_start_password(member_id=member.pk, by=by))
    return _sure(request, member, "desk.administration.start_anew", "desk.administration.start_anew_lead")


@page(_WHO, who=PrincipalKind.STAFF)
def end(request: HttpRequest, member_id: str) -> HttpResponse:
    """Ask, then end the service."""
    by = signed_in(request)
    member = _member(member_id, by)
    if request.method == "POST":
        end_service(member_id=member.pk, by=by)
        return HttpResponseRedirect(reverse("desk-office", args=[member.office.code]))
    return _sure(request, member, "desk.administration.end", "desk.administration.end_lead")


def _member(member_id: str, by: Principal) -> StaffMember:
    ensure_may_administer(by.office_path, by)
    return member_for(parse_public_id("stf", member_id), by)


def _address(member: StaffMember) -> str:
    return reverse("desk-officer", args=[public_id("stf", member.pk)])


def _to_request(asked: StaffRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk-staff-request", args=[public_id("sfr", asked.pk)]))


def _asked(request: HttpRequest, form: PageForm, about: str, title: str, back: str) -> HttpResponse:
    return render_page(
        request,
        "desk/administration/form.html",
        {"form": form, "about": about, "button": "desk.administration.propose", "is_proposal": True},
        title=title,
        back=back,
        status=422 if request.method == "POST" else 200,
    )


def _sure(request: HttpRequest, member: StaffMember, title: str, lead: str) -> HttpResponse:
    context = {"about": member.account.username, "lead": lead, "button": title}
    return render_page(request, "desk/administration/sure.html", context, title=title, back=_address(member))
