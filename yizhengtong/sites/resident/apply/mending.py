"""Findings with the page that mends each: one table from what a finding is about to an address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from yizhengtong.kernel.findings import Finding
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.permitting.casework.wording import Worded, worded_finding
from yizhengtong.sites.resident.apply.drafts import Draft
from yizhengtong.sites.resident.apply.steps import page_for

_Page = Callable[[Draft], str]


@dataclass(frozen=True, slots=True)
class Mended:
    """A finding in words, and the page on which it is mended; empty where none of ours can."""

    finding: Worded
    address: str
    link: str


def mended(finding: Finding, draft: Draft) -> Mended:
    """Return a finding in words with its page."""
    return mended_words(worded_finding(finding, draft.reader.language, draft.region), draft)


def mended_words(finding: Worded, draft: Draft) -> Mended:
    """Return a worded finding with its page: of a draft, of a case that takes papers, or of what to apply for next."""
    if finding.met:
        return Mended(finding, "", "")
    address, link = _page_for_finding(finding, draft)
    return Mended(finding, address, draft.say(link) if address else "")


def _page_for_finding(finding: Worded, draft: Draft) -> tuple[str, str]:
    about = finding.code.rpartition(".")[2]
    if finding.document:
        return _paper(draft, finding.document)
    if finding.code.startswith("residence.") or about in _OF_RESIDENCE:
        return page_named("resident-residence", "resident-home"), "apply.mend.residence"
    if about in _OF_PROOF and _takes_papers(draft):
        return _paper(draft, _paper_of_claim(draft))
    page = _PAGES.get(about)
    if page is None:
        return "", ""
    name, link = page
    if draft.is_draft or about in _ANYWHERE or (about in _AT_THE_VISIT and _takes_papers(draft)):
        return name(draft), link
    return _again(draft), "apply.mend.again"


def _takes_papers(draft: Draft) -> bool:
    """Whether a case is open, so that what is missing can still come."""
    case = None if draft.is_draft else getattr(draft.application, "case", None)
    return case is not None and case.decided_on is None and case.state in UNDECIDED


def _paper_of_claim(draft: Draft) -> str:
    """Return the document that proves the first claim that was made."""
    claimed = [f"claim:{claim}" for claim in draft.application.claims]
    of_claims = [document for document in draft.item.documents if document.when.startswith("claim:")]
    return next((each.code for each in of_claims if each.when in claimed), of_claims[0].code)


def _paper(draft: Draft, code: str) -> tuple[str, str]:
    """A draft and an undecided case take papers; after a refusal one applies anew with them."""
    if not draft.is_draft and not _takes_papers(draft):
        return _again(draft), "apply.mend.again"
    return draft.address("application-paper", code), "apply.mend.paper"


def _again(draft: Draft) -> str:
    query = urlencode({"place": draft.application.place, "item": draft.application.item})
    return f"{reverse('apply-begin')}?{query}"


def page_named(*names: str) -> str:
    """Return the address of the first of these pages that there is."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return "/"


def _answer(name: str) -> _Page:
    return lambda draft: page_for(draft, name)


def _named(*names: str) -> _Page:
    return lambda _draft: page_named(*names)


def _confirmation(draft: Draft) -> str:
    return draft.address("application-confirm")


def _items(draft: Draft) -> str:
    return f"{reverse('apply-items')}?{urlencode({'place': draft.application.place})}"


def _visit(draft: Draft) -> str:
    """The visit of a case that is received; else one applies first."""
    case = getattr(draft.application, "case", None)
    if case is None or case.decided_on is not None:
        return _again(draft)
    return reverse("case-appointment", args=[public_id("cas", case.pk)])


_ME = _named("resident-documents", "resident-home")
_NEW_DOCUMENT = _named("resident-document-new", "resident-documents")
_FAMILY = _named("resident-family", "resident-home")
_PAGES: Mapping[str, tuple[_Page, str]] = {
    "is_hong_kong_macao_or_taiwan_resident": (_ME, "apply.mend.me"),
    "holds_accepted_travel_document": (_NEW_DOCUMENT, "apply.mend.document"),
    "holds_valid_entry_document": (_NEW_DOCUMENT, "apply.mend.document"),
    "is_taiwan_resident": (_items, "apply.mend.items"),
    "is_under_the_floating_rules": (_items, "apply.mend.items"),
    "lives_away_from_household_registration": (_ME, "apply.mend.me"),
    "has_one_of_three": (_answer("claims"), "apply.mend.claims"),
    "proves_one_of_three": (_answer("claims"), "apply.mend.claims"),
    "applies_of_own_will": (_confirmation, "apply.mend.confirm"),
    "declares_truth": (_confirmation, "apply.mend.confirm"),
    "acknowledges_cancellation": (_confirmation, "apply.mend.confirm"),
    "makes_the_promise": (_answer("promises"), "apply.mend.promise"),
    "exempt_from_time": (_answer("is_exempt"), "apply.mend.exemption"),
    "minor_is_represented": (_FAMILY, "apply.mend.family"),
    "representative_may_act": (_FAMILY, "apply.mend.family"),
    "holds_no_living_permit": (_items, "apply.mend.items"),
    "holds_no_permit_of_the_family": (_items, "apply.mend.items"),
    "holds_permit_of_this_kind": (_items, "apply.mend.items"),
    "holds_permit_to_endorse": (_items, "apply.mend.items"),
    "holds_valid_zhejiang_permit": (_items, "apply.mend.items"),
    "endorsement_window_is_open": (_named("resident-permits", "resident-home"), "apply.mend.permit"),
    "ground_for_replacement_holds": (_items, "apply.mend.items"),
    "ground_is_named": (_items, "apply.mend.items"),
    "permit_is_reported_lost": (lambda draft: draft.address("application-loss"), "apply.mend.loss"),
    "photo_is_available": (_visit, "apply.mend.visit"),
    "fingerprints_are_captured": (_visit, "apply.mend.visit"),
    "form_is_signed": (_visit, "apply.mend.visit"),
}
"""What a finding is about → where it is mended, and what the link says."""

_OF_RESIDENCE = frozenset({"is_registered_here", "registrations_add_up", "is_registered_long_enough"})
_ANYWHERE = frozenset({
    "is_hong_kong_macao_or_taiwan_resident", "holds_accepted_travel_document", "holds_valid_entry_document",
    "lives_away_from_household_registration", "minor_is_represented", "representative_may_act",
    "endorsement_window_is_open",
})  # fmt: skip
"""What is mended at the same place whether the application is a draft or not."""
_OF_PROOF = frozenset({"has_one_of_three", "proves_one_of_three"})
_AT_THE_VISIT = frozenset({"photo_is_available", "fingerprints_are_captured", "form_is_signed"})
