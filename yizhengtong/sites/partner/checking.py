"""The check page of an organisation without a program: a member types what a holder shows, and gets match or none."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.wording import labels
from yizhengtong.foundation.pages.forms import Day, PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import knows
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem, TooMany
from yizhengtong.kernel.numbers import LONGEST, DocumentKind
from yizhengtong.registry.people.names import LONGEST_NAME
from yizhengtong.sites.partner.own import MEMBER, choose_from, party_of, render
from yizhengtong.verification.checks.by_hand import check_by_hand
from yizhengtong.verification.checks.finding import MATCHED
from yizhengtong.verification.checks.matching import Answer
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.relying_parties.queries import granted

_TYPED = {"autocomplete": "off", "spellcheck": "false"}


class DocumentForm(PageForm):
    """What a holder showed, and what for."""

    words = "partner.check_form."
    purpose = forms.ChoiceField()
    kind = forms.ChoiceField(initial=DocumentKind.HMT_PERMIT)
    number = forms.CharField(max_length=LONGEST, widget=forms.TextInput({**_TYPED, "autocapitalize": "characters"}))
    name = forms.CharField(max_length=LONGEST_NAME, widget=forms.TextInput(_TYPED))
    birth_date = forms.DateField(required=False, widget=Day({"autocomplete": "off"}))

    def __init__(self, data: Any = None, *, reader: Reader, codes: list[str], **named: Any) -> None:
        super().__init__(data, reader=reader, **named)
        choose_from(self.fields["purpose"], [(each, reader.say(f"relying_parties.purpose_{each}")) for each in codes])
        kinds = sorted(MATCHED, key=lambda each: (each != DocumentKind.HMT_PERMIT, each))
        choose_from(self.fields["kind"], [(each, reader.say(f"numbers.kinds.{each}")) for each in kinds])

    @property
    def sent(self) -> dict[str, Any]:
        """What was typed, as the use-case takes it."""
        return {**self.cleaned_data, "kind": DocumentKind(self.cleaned_data["kind"])}

    def tell(self, problem: Problem) -> None:
        """Show a refusal at its field: a number that cannot be right, a birth date that is not compared."""
        at = str(problem.facts.get("field") or ("number" if problem.code.startswith("numbers.") else ""))
        if problem.errors or not at:
            self.add_problem(problem)
        else:
            self.add_error(at, self.reader.say(problem.code, **problem.facts))


@page("member of an approved organisation", who=MEMBER, limits=("checks_by_hand",), is_one=False)
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a document; sent, say match or none. What is sent is no transaction as a whole: a try stays counted."""
    party, reader = party_of(request), reader_of(request)
    codes = [each for each in purposes() if granted(party, each)]
    form = DocumentForm(request.POST or None, reader=reader, codes=codes)
    answer: Answer | None = None
    if request.method == "POST" and form.is_valid():
        try:
            answer = check_by_hand(by=signed_in(request), **form.sent, on=legal_day(timezone.now()))
        except TooMany:
            raise
        except Problem as problem:
            form.tell(problem)
    context = {
        "party": party, "can_check": bool(codes), "answer": _told(answer, reader) if answer else None,
        "purpose": f"relying_parties.purpose_{form.cleaned_data['purpose']}" if answer else "",
    }  # fmt: skip
    return render(request, "check", context, title="partner.check", back=reverse("partner-home"), form=form)


def _told(answer: Answer, reader: Reader) -> dict[str, Any]:
    """Return an answer in words: which fields agree, and how the permit stands."""
    state = "good" if answer.is_valid else str(answer.state or "")
    code = f"showing.standing_{state}"
    return {
        "is_match": answer.is_match,
        "is_valid": answer.is_valid,
        "is_final": answer.is_final,
        "fields": list(zip(labels(answer.fields, reader.say), answer.fields.values(), strict=True)),
        "standing": reader.say(code) if state and knows(code) else "",
        "as_of": answer.as_of,
    }
