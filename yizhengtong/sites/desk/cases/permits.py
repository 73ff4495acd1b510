"""Taking a granted permit back: declared void, or its functions ended, on a ground of the place's law."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import knows
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.policies import ensure_may_void
from yizhengtong.permitting.permits.queries import law_of_permit
from yizhengtong.permitting.permits.services import end_functions, void_permit
from yizhengtong.sites.desk.cases.asking import attempt, case_asked, today

_KEYS = {"void": "void.grounds", "end_functions": "functions.end_grounds"}


class EndForm(PageForm):
    """On which ground."""

    words = "desk.end."
    ground = forms.ChoiceField(widget=Radios)
    is_sure = forms.BooleanField()


@page("approver of the area", who=PrincipalKind.STAFF)
def end(request: HttpRequest, case_id: str, action: str) -> HttpResponse:
    """Say on which ground a permit ends, and end it."""
    case, by, reader = case_asked(request, case_id), signed_in(request), reader_of(request)
    permit = Permit.objects.select_related("person").filter(pk=case.permit_id).first() if case.permit_id else None
    if permit is None or action not in _KEYS:
        raise NotFound("not_found")
    ensure_may_void(permit, by)
    law = law_of_permit(permit, today())
    allowed = tuple(law.value(_KEYS[action])) if _KEYS[action] in law else ()
    form = EndForm(request.POST or None, reader=reader)
    form.fields["ground"].choices = [(each, _words(each, request)) for each in allowed]  # type: ignore[attr-defined]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            do = void_permit if action == "void" else end_functions
            problem = attempt(
                lambda: do(permit_id=permit.pk, ground=form.cleaned_data["ground"], allowed=allowed, on=today(), by=by)
            )
            if problem is None:
                return HttpResponseRedirect(f"{reverse('desk-case', args=[case_id])}?done={action}")
            if isinstance(problem, Forbidden):
                raise problem
            form.add_problem(problem)
            status = STATUSES[problem.kind]
    context = {
        "form": form,
        "permit": permit,
        "allowed": allowed,
        "what": reader.say(f"desk.end.what_{action}"),
        "source": law[_KEYS[action]].source if allowed else None,
    }
    return render_page(
        request,
        "desk/cases/end.html",
        context,
        title=f"desk.act.{action}",
        status=status,
        back=reverse("desk-case", args=[case_id]),
    )


def _words(ground: str, request: HttpRequest) -> str:
    for code in (f"permits.ground_{ground}", f"desk.end.ground_{ground}"):
        if knows(code):
            return reader_of(request).say(code)
    return ground
