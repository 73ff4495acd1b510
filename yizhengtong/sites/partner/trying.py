"""Trying a check on people who do not exist: the request as a program would send it, and the very answer it would get.

Answered from the sandbox alone, as with a test key: nobody of this platform is looked up, and nothing is written.
"""

import json
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.foundation.web.problems import document_of
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Problem
from yizhengtong.sites.partner.checking import DocumentForm
from yizhengtong.sites.partner.own import MEMBER, render
from yizhengtong.verification.checks.matching import match
from yizhengtong.verification.checks.shapes import told_of_answer
from yizhengtong.verification.relying_parties.callers import Caller, caller_of_member
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.relying_parties.sandbox import SandboxPerson, sandbox_people

PATH = "/api/partner/checks"
_MADE = 201


@page("member of the organisation", who=MEMBER, limits=("tries",))
def show(request: HttpRequest) -> HttpResponse:
    """Ask for a document of the sandbox; sent, show request and answer."""
    caller, reader = caller_of_member(signed_in(request), is_test=True), reader_of(request)
    chosen = sandbox_people().get(request.GET.get("person", "")) or next(iter(sandbox_people().values()))
    form = DocumentForm(
        request.POST or None, reader=reader, codes=list(purposes()), initial={"purpose": "bank", **_shown_by(chosen)}
    )
    tried = _tried(caller, form, reader) if request.method == "POST" and form.is_valid() else None
    people = [
        {"code": each.code, "name": each.name, "tries": f"partner.tries_{each.code}"}
        for each in sandbox_people().values()
    ]
    context = {"tried": tried, "people": people}
    return render(request, "try", context, title="partner.try", back=reverse("partner-home"), form=form)


def _tried(caller: Caller, form: DocumentForm, reader: Reader) -> dict[str, object]:
    sent = form.sent
    try:
        answer = match(caller=caller, **sent, on=legal_day(timezone.now()))
        status, body = _MADE, dict(told_of_answer(answer))
    except Problem as problem:
        document = document_of(problem, base_of(reader.language))
        status, body = document.status, document.model_dump()
    asked = {name: value for name, value in sent.items() if value is not None}
    return {
        "request": curl(PATH, asked),
        "status": status,
        "answer": json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2),
    }


def curl(path: str, body: object) -> str:
    """Return a request as it is typed into a terminal; `body` as JSON."""
    text = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).replace("'", "'\\''")
    return "\n".join(
        (
            f"curl {settings.YZT_ADDRESS}{path} \\",
            '  -H "Authorization: Bearer $SECRET" \\',
            '  -H "Content-Type: application/json" \\',
            '  -H "Idempotency-Key: $(uuidgen)" \\',
            f"  -d '{text}'",
        )
    )


def _shown_by(person: SandboxPerson) -> dict[str, Any]:
    return {"kind": "hmt_permit", "number": person.permit, "name": person.name, "birth_date": person.birth_date}
