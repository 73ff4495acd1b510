"""My data: a copy to take along, what is wrong in them, deletion, and why a case was decided as it was."""

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.documents.services import store_document
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.vault.indexes import keyed_digest
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.queries import case_for_resident
from yizhengtong.permitting.casework.wording import worded_stored
from yizhengtong.registry.people.models import Person
from yizhengtong.rights.privacy.corrections import ask_correction
from yizhengtong.rights.privacy.deletion import ask_deletion
from yizhengtong.rights.privacy.explanation import explain
from yizhengtong.rights.privacy.export import export_of
from yizhengtong.rights.privacy.wording import kept_uses
from yizhengtong.sites.resident.acting import acting_for, own_person
from yizhengtong.sites.resident.mine.asking import WHO, note, own_page, privacy_law, today

FIELDS = ("name", "latin_name", "birth_date", "sex", "region", "phone")
SEAL = "privacy.export"


class CorrectionForm(PageForm):
    """What is wrong, what is right, and a paper that shows it."""

    words = "mine.correction."
    field = forms.ChoiceField(widget=Radios())
    value = forms.CharField(max_length=120)
    text = forms.CharField(max_length=1000, required=False, widget=forms.Textarea())
    file = forms.FileField(required=False, widget=forms.FileInput({"accept": "image/*,application/pdf"}))

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # as PageForm takes them
        choices = [(code, self.reader.say(f"mine.correction.field_{code}")) for code in FIELDS]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Take what people write for what the register keeps: 女 for F, 香港 for HK, 1990年5月17日 for its date."""
        given = super().clean() or self.cleaned_data
        if given.get("field") in _KEPT_AS and "value" in given:
            given["value"] = _KEPT_AS[given["field"]](" ".join(given["value"].split()))
        return given


def _kept_word(words: Mapping[str, str]) -> Callable[[str], str]:
    return lambda typed: words.get(typed.casefold(), typed)


def _kept_day(typed: str) -> str:
    found = re.fullmatch(r"(\d{4})[-年./](\d{1,2})[-月./](\d{1,2})日?", typed.replace(" ", ""))
    return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else typed


_KEPT_AS: Mapping[str, Callable[[str], str]] = {
    "sex": _kept_word({"男": "M", "女": "F", "male": "M", "female": "F", "m": "M", "f": "F"}),
    "region": _kept_word({"香港": "HK", "hong kong": "HK", "澳门": "MO", "澳門": "MO", "macao": "MO", "台湾": "TW",
                          "台灣": "TW", "臺灣": "TW", "taiwan": "TW", "hk": "HK", "mo": "MO", "tw": "TW"}),
    "birth_date": _kept_day,
}  # fmt: skip


class DeletionForm(PageForm):
    """That one means it."""

    words = "mine.deletion."
    sure = forms.BooleanField()


@page("own person or ward", who=WHO, limits=("exports",))
def take_along(request: HttpRequest) -> HttpResponse:
    """Tell what a copy holds; sent, give it as a file under the platform's seal."""
    person = acting_for(request)
    if request.method != "POST":
        return render_page(request, "resident/mine/export.html", title="mine.export", back=reverse("resident-data-use"))
    note(request, "privacy.export", person)
    response = HttpResponse(_sealed_copy(person), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="yizhengtong-{today().isoformat()}.json"'
    response["Cache-Control"] = "no-store"
    return response


def _sealed_copy(person: Person) -> str:
    """Return the copy with `seal`: a keyed hash by which this platform knows that it wrote it as it stands."""
    copy = export_of(person).model_dump(mode="json")
    text = json.dumps(copy, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    seal = f"v1.{keyed_digest(SEAL, sha256(text.encode()).digest()).hex()}"
    return json.dumps({"data": copy, "seal": seal}, ensure_ascii=False, indent=1)


@page("own person or ward", who=WHO, limits=("uploads", "upload_bytes"))
def correct(request: HttpRequest) -> HttpResponse:
    """Say what is wrong and what is right: a registrar decides by a day that is named."""
    person = acting_for(request)
    form = CorrectionForm(request.POST or None, request.FILES or None, reader=reader_of(request),
                          initial={"field": request.GET.get("field", "")})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                _ask(request, person, form)
            return HttpResponseRedirect(reverse("resident-data-requests"))
        except Problem as problem:
            form.add_problem(problem, {"words": "text", "content": "file"})
    return render_page(
        request, "resident/mine/correction.html", {"form": form}, title="mine.correction.title",
        back=reverse("resident-data-use"), status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _ask(request: HttpRequest, person: Person, form: CorrectionForm) -> None:
    given = form.cleaned_data
    ask_correction(
        person=person, acting=own_person(request), field=given["field"], value=given["value"], words=given["text"],
        evidence=_evidence(request, person, form), law=privacy_law(), on=today(), by=signed_in(request),
    )  # fmt: skip


def _evidence(request: HttpRequest, person: Person, form: CorrectionForm) -> Document | None:
    file = form.cleaned_data["file"]
    if file is None:
        return None
    return store_document(
        content=file.read(), declared_type=file.content_type or "", kind="evidence", person_id=person.pk,
        by=signed_in(request), purpose="correction",
    )  # fmt: skip


@own_page
def delete(request: HttpRequest) -> HttpResponse:
    """Say what goes and what a statute keeps; ask once; then note the request."""
    person, reader = acting_for(request), reader_of(request)
    form = DeletionForm(request.POST or None, reader=reader)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                ask_deletion(person=person, acting=own_person(request), by=signed_in(request))
            return HttpResponseRedirect(reverse("resident-data-requests"))
        except Problem as problem:
            form.add_problem(problem)
    stays = [(use, reader.say(f"privacy.keeps_{use.keeps}")) for use in kept_uses(privacy_law())]
    return render_page(
        request, "resident/mine/deletion.html", {"form": form, "stays": stays}, title="mine.deletion.title",
        back=reverse("resident-data-use"), status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@own_page
def explanation(request: HttpRequest, case_id: str) -> HttpResponse:
    """Show why a case was decided so: each finding with its article and values, whose word it was, what can be done."""
    case = case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
    why = explain(case)
    record_read(
        "privacy.explain", by=signed_in(request), on=("case", case.pk), person_id=case.person_id, purpose="own data"
    )
    reader = reader_of(request)
    return render_page(
        request,
        "resident/mine/explanation.html",
        {
            "why": why,
            "findings": [(each, worded_stored(each.stored, reader.language, case.person.region),
                          reader.say(f"privacy.word_of_{each.word_of}")) for each in why.findings],
            "opinions": [(each, reader.say(f"accounts.role_{each.role}")) for each in why.opinions],
            "remedies": [reader.say(f"casework.{each.code}", until=each.until) for each in why.remedies],
        },
        title="mine.explanation",
        back=f"/cases/{case_id}",
    )  # fmt: skip
