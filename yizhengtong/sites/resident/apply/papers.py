"""Papers of an application: what a register confirms first, else a picture or a file, checked at once; taken back."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.documents.services import discard_document, store_document
from yizhengtong.foundation.exchange.registers.choosing import register_of
from yizhengtong.foundation.exchange.registers.contract import Kind
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.kernel.errors import NotFound, Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.parameter import RequiredDocument
from yizhengtong.permitting.applications import services
from yizhengtong.permitting.applications.confirming import REGISTERS
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.judging import add_paper
from yizhengtong.permitting.casework.wording import worded_confirmation
from yizhengtong.registry.consents.queries import has_consent
from yizhengtong.sites.resident.apply.drafts import Draft, draft_of
from yizhengtong.sites.resident.apply.filling import ensure_first_is_done
from yizhengtong.sites.resident.apply.forms import PaperForm


@page("own person or ward", who=PrincipalKind.RESIDENT, limits=("uploads", "upload_bytes"))
def paper(request: HttpRequest, application_id: str, code: str) -> HttpResponse:
    """Hand in a paper for one document; several are welcome. While a case is undecided too."""
    draft, document = _asked(request, application_id, code)
    form = _form(request, draft, document)
    if request.method == "POST" and form.is_valid() and _is_handed_in(draft, document, form):
        return HttpResponseRedirect(draft.address("application-paper", code))
    return _page(request, draft, document, form, 422 if request.method == "POST" else 200)


@page("own person or ward", who=PrincipalKind.RESIDENT)
def take_back(request: HttpRequest, application_id: str, code: str, evidence_id: str) -> HttpResponse:
    """Take a paper back out of a draft; sent twice, it is back once."""
    draft, document = _asked(request, application_id, code)
    key = parse_public_id("evi", evidence_id)
    if request.method == "POST" and any(each.pk == key for each in draft.evidence):
        services.withdraw_evidence(
            application_id=draft.application.pk, evidence_id=key, acting=draft.acting, on=draft.on, by=draft.by
        )
    return HttpResponseRedirect(draft.address("application-paper", document.code))


@page("own person or ward", who=PrincipalKind.RESIDENT, limits=("registers",))
def ask_registers(request: HttpRequest, application_id: str, code: str) -> HttpResponse:
    """Have the registers asked that know of this document, so that no paper is needed (免证办)."""
    draft, document = _asked(request, application_id, code)
    if request.method == "POST" and draft.is_draft:
        services.ask_registers(
            application_id=draft.application.pk, law=draft.law, kinds=askable(draft, document), acting=draft.acting,
            on=draft.on, by=draft.by,
        )  # fmt: skip
    return HttpResponseRedirect(draft.address("application-paper", document.code))


def askable(draft: Draft, document: RequiredDocument) -> list[str]:
    """Return the kinds of proof of a document that a register here can confirm."""
    if REGISTERS not in draft.law:
        return []
    return [
        proof.evidence
        for proof in draft.law.value(REGISTERS) or ()
        if proof.evidence in document.any_of
        and register_of(Kind(proof.kept_in)) is not None
        and (proof.basis != "consent" or has_consent(draft.application.person_id, proof.use))
    ]


def _asked(request: HttpRequest, application_id: str, code: str) -> tuple[Draft, RequiredDocument]:
    draft = draft_of(request, application_id, also_submitted=True)
    if draft.is_draft:
        ensure_first_is_done(draft)
    for document in draft.item.documents:
        if document.code == code:
            return draft, document
    raise NotFound("not_found")


def _form(request: HttpRequest, draft: Draft, document: RequiredDocument) -> PaperForm:
    kinds = [(kind, draft.named(draft.law.evidence[kind].name)) for kind in document.any_of]
    is_sent = request.method == "POST"
    return PaperForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, reader=draft.reader, kinds=kinds
    )


def _page(request: HttpRequest, draft: Draft, document: RequiredDocument, form: PaperForm, status: int) -> HttpResponse:
    case = None if draft.is_draft else Case.objects.filter(application=draft.application).first()
    back = draft.address("application") if case is None else reverse("case", args=[public_id("cas", case.pk)])
    there = [each for each in draft.evidence if each.document_code == document.code]
    answers = [each for kind, each in draft.confirmations.items() if kind in document.any_of]
    context = {
        "draft": draft,
        "document": document,
        "form": form,
        "there": [(public_id("evi", each.pk), draft.named(draft.law.evidence[each.kind].name), each) for each in there],
        "told": [(each.result, worded_confirmation(each, draft.reader.language)) for each in answers],
        "is_confirmed": any(kind in draft.facts.confirmed for kind in document.any_of),
        "can_ask": draft.is_draft and bool(askable(draft, document)),
        "case": back if case is not None else "",
    }
    title = draft.named(document.name)
    return render_page(request, "resident/apply/paper.html", context, title=title, back=back, status=status)


def _is_handed_in(draft: Draft, document: RequiredDocument, form: PaperForm) -> bool:
    sent, kind = form.chosen(), form.cleaned_data["kind"]
    field = "photograph" if form.cleaned_data.get("photograph") else "file"
    try:
        with transaction.atomic():
            _hand_in(draft.application, draft, document.code, kind, sent.read(), sent.content_type or "")
    except Problem as problem:
        if problem.errors:
            form.add_problem(problem)
        else:
            form.add_error(field, draft.say(problem.code, **problem.facts))
        return False
    return True


def _hand_in(application: Application, draft: Draft, code: str, kind: str, content: bytes, declared_type: str) -> None:
    document = store_document(
        content=content, declared_type=declared_type, kind="evidence", person_id=application.person_id, by=draft.by,
        purpose="applications.evidence",
    )  # fmt: skip
    same = [each for each in draft.evidence if (each.document_code, each.kind) == (code, kind)]
    if any(each.document.sha256 == document.sha256 for each in same):
        discard_document(document_id=document.pk, by=draft.by, purpose="applications.sent_twice")
        return
    if draft.is_draft:
        law = law_for(application.item, application.place, draft.on)
        services.attach_evidence(
            application_id=application.pk, document_code=code, kind=kind, document=document, law=law,
            acting=draft.acting, on=draft.on, by=draft.by,
        )  # fmt: skip
    else:
        add_paper(
            application_id=application.pk, document_code=code, kind=kind, document=document, acting=draft.acting,
            on=draft.on, by=draft.by,
        )  # fmt: skip
