"""What waits for a supervisor: who wants to open a minor's record, and why. No name of a minor is opened here."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.models import Office, StaffMember
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import Checks, PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.casework.officers import names_of_officers
from yizhengtong.registry.people.minors import approvals_waiting, decide_approval
from yizhengtong.registry.people.models import MinorApproval
from yizhengtong.sites.desk.cases.asking import attempt

SHOWN = 100
_WHO = "supervisor of the area"


class DecisionForm(PageForm):
    """Granted or not, for whom where nobody is named yet, and in which words."""

    words = "desk.approvals."
    granted = forms.ChoiceField(widget=Radios)
    officers = forms.MultipleChoiceField(widget=Checks, required=False)
    why = forms.CharField(max_length=300, required=False, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, officers: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        choices = [(each, self.reader.say(f"desk.approvals.granted_{each}")) for each in ("yes", "no")]
        self.fields["granted"].choices = choices  # type: ignore[attr-defined]
        if officers:
            self.fields["officers"].choices = officers  # type: ignore[attr-defined]
        else:
            del self.fields["officers"]


@page(_WHO, who=PrincipalKind.STAFF)
def list_waiting(request: HttpRequest) -> HttpResponse:
    """List what waits, the oldest first."""
    by, reader = signed_in(request), reader_of(request)
    waiting = list(approvals_waiting(by)[:SHOWN])
    names = names_of_officers([each.officer_id for each in waiting if each.officer_id])
    offices = dict(Office.objects.filter(path__in={each.office_path for each in waiting}).values_list("path", "name"))
    rows = [
        {**_row(each, reader), "officer": names.get(each.officer_id, "") if each.officer_id else "",
         "office": offices.get(each.office_path, ""), "is_own": each.officer_id == by.id}
        for each in waiting
    ]  # fmt: skip
    done = request.GET.get("done") == "yes"
    return render_page(
        request, "desk/approvals/list.html", {"rows": rows, "done": done}, title="desk.approvals.title",
        back=reverse("desk-home"),
    )  # fmt: skip


@page(_WHO, who=PrincipalKind.STAFF)
def decide(request: HttpRequest, approval_id: str) -> HttpResponse:
    """Show one, and grant or refuse it. Nobody approves for themselves."""
    by, reader = signed_in(request), reader_of(request)
    asked = approvals_waiting(by).filter(pk=parse_public_id("map", approval_id)).first()
    if asked is None:
        raise NotFound("not_found")
    if asked.officer_id == by.id:
        raise Forbidden("people.approves_self")
    form = DecisionForm(request.POST or None, reader=reader, officers=[] if asked.officer_id else _officers(asked))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            problem = attempt(
                lambda: decide_approval(
                    approval_id=asked.pk, granted=said["granted"] == "yes", officers=said.get("officers", []),
                    words=said["why"], by=by,
                )
            )  # fmt: skip
            if problem is None:
                return HttpResponseRedirect(f"{reverse('desk-approvals')}?done=yes")
            if isinstance(problem, Forbidden):
                raise problem
            form.add_problem(problem)
            status = STATUSES[problem.kind]
    officer = names_of_officers([asked.officer_id]).get(asked.officer_id, "") if asked.officer_id else ""
    office = Office.objects.filter(path=asked.office_path).values_list("name", flat=True).first()
    context = {"form": form, "row": {**_row(asked, reader), "officer": officer, "office": office}}
    return render_page(
        request, "desk/approvals/decide.html", context, title="desk.approvals.one", back=reverse("desk-approvals"),
        status=status,
    )  # fmt: skip


def _row(asked: MinorApproval, reader: Reader) -> dict[str, Any]:
    return {
        "id": public_id("map", asked.pk),
        "reason": reader.say(f"people.approval_reason_{asked.reason}"),
        "words": asked.words,
        "asked_at": asked.asked_at,
        "needed_at": asked.needed_at,
    }


def _officers(asked: MinorApproval) -> list[tuple[str, str]]:
    """Return user name and name of the officers who could be named: at the case's office or one above it."""
    members = StaffMember.objects.filter(is_serving=True).values_list("account_id", "account__username", "office__path")
    found = {key: name for key, name, path in members if f"{asked.office_path}.".startswith(f"{path}.")}
    names = names_of_officers(list(found))
    return [(username, f"{names.get(key, '')} {username}") for key, username in sorted(found.items(), key=str)]
