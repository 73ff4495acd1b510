"""Lines of imported lists that may be somebody known: two records side by side, and a registrar's word."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.kernel.regions import name_of
from yizhengtong.permitting.importing.models import Proposal
from yizhengtong.permitting.importing.queries import Pair, batches, open_proposals, pair_of
from yizhengtong.permitting.importing.services import answer_proposal
from yizhengtong.registry.people.minors import ask_to_open
from yizhengtong.registry.people.models import MinorApproval
from yizhengtong.sites.desk.cases.asking import attempt, today, version_sent
from yizhengtong.sites.desk.cases.twins import Line
from yizhengtong.sites.desk.window.forms import AskForm

LINES, BATCHES = 50, 20
ANSWERS = ("same", "different", "later")
_WHO = "registrar of the area"


class AnswerForm(PageForm):
    """Whether the two records are one person."""

    words = "desk.imports."
    answer = forms.ChoiceField(widget=Radios)

    def __init__(self, *args: Any, reader: Reader, **named: Any) -> None:
        super().__init__(*args, reader=reader, **named)
        choices = [(each, reader.say(f"desk.imports.answer_{each}")) for each in ANSWERS]
        self.fields["answer"].choices = choices  # type: ignore[attr-defined]


@page(_WHO, who=PrincipalKind.STAFF)
def list_imports(request: HttpRequest) -> HttpResponse:
    """List what waits, without opening a name, and the newest imports with what became of their lines."""
    by, reader, after = signed_in(request), reader_of(request), request.GET.get("after", "")
    found = list(open_proposals(by, after=parse_public_id("ipr", after) if after else None)[: LINES + 1])
    rows = [_row(each, reader) for each in found[:LINES]]
    done = request.GET.get("done", "")
    context = {
        "rows": rows,
        "following": rows[-1]["id"] if len(found) > LINES else "",
        "batches": list(batches(by)[:BATCHES]),
        "done": reader.say(f"desk.imports.done_{done}") if done in ANSWERS else "",
    }
    return render_page(
        request, "desk/imports/list.html", context, title="desk.imports.title", back=reverse("desk-home")
    )


def _row(proposal: Proposal, reader: Reader) -> dict[str, Any]:
    return {
        "id": public_id("ipr", proposal.pk),
        "line": proposal.row.line,
        "reason": reader.say(f"desk.twin.{proposal.reason}"),
        "is_later": proposal.answer == "later",
    }


@page(_WHO, who=PrincipalKind.STAFF)
def decide(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Show a line beside a person, the read recorded, and take the word on it. Nothing known of the person changes."""
    by, reader, key = signed_in(request), reader_of(request), parse_public_id("ipr", proposal_id)
    try:
        pair = pair_of(proposal_id=key, by=by)
    except Forbidden as shut:
        if shut.code != "people.minor_needs_approval":
            raise
        return _minors(request, key)
    form, status = AnswerForm(request.POST or None, reader=reader), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data["answer"]
            version = version_sent(request)
            problem = attempt(lambda: answer_proposal(proposal_id=key, answer=said, version=version, on=today(), by=by))
            if problem is None:
                return HttpResponseRedirect(f"{reverse('desk-imports')}?done={said}")
            if isinstance(problem, Forbidden):
                raise problem
            form.add_problem(problem)
            status = STATUSES[problem.kind]
    context = {
        "form": form,
        "lines": _lines(pair, reader),
        "version": pair.proposal.version,
        **_row(pair.proposal, reader),
    }
    return render_page(
        request, "desk/imports/decide.html", context, title="desk.imports.one", back=reverse("desk-imports"),
        status=status,
    )  # fmt: skip


def _minors(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say that the person on file is a minor, and ask a supervisor to open the record; nothing of it is shown."""
    by, proposal = signed_in(request), Proposal.objects.select_related("person").get(pk=key)
    form, asked, status = AskForm(request.POST or None, reader=reader_of(request)), False, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            problem = attempt(
                lambda: ask_to_open(
                    person=proposal.person, office_path=proposal.office_path, reason=MinorApproval.Reason.CASEWORK,
                    words=form.cleaned_data["why"], by=by,
                )
            )  # fmt: skip
            asked, status = problem is None, STATUSES[problem.kind] if problem else 200
            if problem is not None:
                form.add_problem(problem)
    context = {"form": form, "asked": asked}
    back = reverse("desk-imports")
    return render_page(request, "desk/imports/minor.html", context, title="desk.minor.title", back=back, status=status)


def _lines(pair: Pair, reader: Reader) -> list[Line]:
    """Return the two records field by field; what they say of numbers, permits and stays as lists."""
    said, person, say = pair.record, pair.person, reader.say
    permits = [] if said.permit is None else [f"{said.permit.number} {said.permit.issued_on}"]
    stays = [] if said.stay is None else [_stay(said.stay.county, said.stay.address, said.stay.since, said.stay.until)]
    sides = [
        ("name", said.name, person.name),
        ("latin_name", said.latin_name, person.latin_name),
        ("birth_date", str(said.birth_date), str(person.birth_date)),
        ("sex", say(f"desk.sex.{said.sex}"), say(f"desk.sex.{person.sex}")),
        ("region", say(f"desk.region.{said.region}"), say(f"desk.region.{person.region}")),
        ("numbers", _joined(each.text for each in said.numbers), _joined(each.number for each in pair.numbers)),
        ("permits", _joined(permits), _joined(f"{each.number} {each.valid_from}" for each in pair.permits)),
        (
            "stays",
            _joined(stays),
            _joined(_stay(each.region, each.address, each.start, each.until) for each in pair.stays),
        ),
    ]
    told = set(pair.differing)
    return [
        Line(say(f"desk.field.{name}"), left, right, name in told if name in _COMPARED else left != right)
        for name, left, right in sides
    ]


_COMPARED = {"name", "latin_name", "birth_date", "sex", "region", "numbers"}
"""What `Pair.differing` weighs itself: names without width and variants of characters."""


def _stay(region: str, address: str, since: object, until: object) -> str:
    return f"{since} – {until or ''} {name_of(region) or region} {address}"


def _joined(values: Any) -> str:
    return "；".join(values)
