"""The packs in force, read-only: what each says, with article, words, unit, certainty and days."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.policies import ensure_second_factor
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.law.drafting import LIVING
from yizhengtong.law.models import Edition
from yizhengtong.law.packfile import PackFile
from yizhengtong.law.policies import may_change_law
from yizhengtong.law.queries import library_in_force
from yizhengtong.law.schema import Header
from yizhengtong.law.search import Hit, search
from yizhengtong.sites.desk.law.showing import changes_of, entries_of

_MOST_HITS = 60
_MOST_EDITIONS = 20
_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """A pack in the list. `entries`: how many values it sets; `next_day`: when something in it next changes."""

    path: str
    header: Header
    entries: int
    next_day: date | None


@page("officer with a second factor", who=PrincipalKind.STAFF)
def contents(request: HttpRequest) -> HttpResponse:
    """List the packs in force, and the drafts beside them; search them."""
    by = signed_in(request)
    ensure_second_factor(by)
    today, library = legal_day(timezone.now()), library_in_force()
    wanted = request.GET.get("search", "").strip()
    hits = list(search(library, wanted))[:_MOST_HITS] if len(wanted) >= _LEAST_LETTERS else []
    editions = list(Edition.objects.order_by("-proposed_at")[:_MOST_EDITIONS])
    return render_page(
        request,
        "desk/law/contents.html",
        {
            "rows": [_row(file, today) for _, file in sorted(library.files.items())],
            "search": wanted,
            "hits": [(hit, _path_of(hit)) for hit in hits],
            "editions": [(each, public_id("edi", each.pk)) for each in editions],
            "living": LIVING,
            "may_change": may_change_law(by),
        },
        title="desk.law.title",
        back=reverse("desk-home"),
    )


def _row(file: PackFile, today: date) -> Row:
    coming = [change.day for change in changes_of(file) if change.day > today]
    count = len(file.parameters) + len(file["items"])
    return Row(file.path, file.header, count, min(coming, default=None))


def _path_of(hit: Hit) -> str:
    """Return the path of the pack that a hit stands in: its place is `…/packs/PATH:LINE`."""
    return hit.place.partition("/packs/")[2].rpartition(":")[0]


@page("officer with a second factor", who=PrincipalKind.STAFF)
def show(request: HttpRequest, path: str) -> HttpResponse:
    """Show one pack of the edition in force."""
    by = signed_in(request)
    ensure_second_factor(by)
    file = library_in_force().files.get(path)
    if file is None:
        raise NotFound("not_found")
    today, reader = legal_day(timezone.now()), reader_of(request)
    changes = changes_of(file)
    return render_page(
        request,
        "desk/law/pack.html",
        {
            "path": file.path,
            "header": file.header,
            "entries": entries_of(file, reader, today),
            "coming": [change for change in changes if change.day > today],
            "past": [change for change in changes if change.day <= today],
            "sources": list(file.sources.values()),
            "others": [(name, len(entries)) for name, entries in _others(file)],
            "may_change": may_change_law(by),
        },
        title=file.header.name,
        back=reverse("desk-law"),
    )


def _others(file: PackFile) -> list[tuple[str, tuple[object, ...]]]:
    """Return the sections that are no dated values: points, clauses, years and the like."""
    apart = {"parameters", "items", "sources"}
    return [(name, entries) for name, entries in file.sections.items() if name not in apart and entries]
