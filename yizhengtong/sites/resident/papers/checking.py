"""Where anybody checks a paper that is shown: what it is, its day, whose, whether it holds. Nothing personal."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.credentials.papers.queries import check_paper
from yizhengtong.credentials.papers.references import normal
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.sites.resident.mine.asking import today

_TONES = {"current": "good", "replaced": "warn", "ended": "warn"}


class ReferenceForm(PageForm):
    """The reference as it stands on the paper."""

    words = "papers.check_form."
    reference = forms.CharField(
        max_length=40, widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})
    )

    def clean_reference(self) -> str:
        asked = normal(self.cleaned_data["reference"])
        if not asked:
            raise forms.ValidationError(self.reader.say("papers.check_form.reference_wrong"))
        return asked


@page("public")
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the reference of a paper."""
    form = ReferenceForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        return HttpResponseRedirect(reverse("checked-paper", args=[form.cleaned_data["reference"]]))
    status = 422 if request.method == "POST" else 200
    return render_page(
        request, "resident/papers/ask.html", {"form": form}, title="papers.check_title", back=reverse("front-page"),
        status=status,
    )  # fmt: skip


@page("public")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Say how the paper with a reference stands. Charged to the address, so that none is found by trying."""
    charge([Charge("paper_checks", f"address:{address_of(request)}")])
    shown = check_paper(reference, today())
    context = {"shown": shown, "tone": _TONES.get(shown.standing, "") if shown else "bad"}
    return render_page(
        request, "resident/papers/checked.html", context, title="papers.check_title", back=reverse("check-paper"),
        status=200 if shown else 404,
    )  # fmt: skip
