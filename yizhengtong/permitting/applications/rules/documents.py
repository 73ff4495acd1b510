"""The papers that a service item asks for: whether each is asked of these facts, handed in, and counts. Pure."""

from collections.abc import Collection
from datetime import date

from yizhengtong.kernel.dates import age_on
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import RequiredDocument
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.applications.rules import settlement


def is_asked_for(document: RequiredDocument, facts: Facts, law: Law, on: date) -> bool:
    """Whether the item asks these facts for a paper: always, of minors, of proxies, of who claims
    to be exempt, for a ground or for a claim; where the place's list names it, or where it tests that ground."""
    kind, _, word = document.when.partition(":")
    if kind == "minor":
        under_age: int = law.value("proxy.minor_under_age")
        return age_on(facts.birth_date, on) < under_age
    if kind == "proxy":
        return settlement.acts_for_seriously_ill(facts, law, on) if word else bool(facts.relation)
    if kind == "listed":
        return settlement.is_listed(word, law)
    if kind == "tested":
        return settlement.is_tested(word, facts, law)
    if kind == "exempt":
        return bool(facts.is_exempt)
    if kind == "ground":
        return facts.ground == word
    if kind == "claim":
        return word in facts.claims
    return True


def is_shown(document: RequiredDocument, facts: Facts, kinds: Collection[str] = ()) -> bool:
    """Whether a paper counts: an officer's word on it stands, else whether it was handed in.

    An officer who saw the original at the counter may say so of a paper that was not uploaded.
    """
    word = facts.judged_documents.get(document.code)
    return is_handed_in(document, facts, kinds) if word is None else word.met


def is_handed_in(document: RequiredDocument, facts: Facts, kinds: Collection[str] = ()) -> bool:
    """Whether a paper of one of `kinds`, or of the document's own, was handed in; nobody has looked at it yet.

    What a register confirmed is as good as handed in, and not asked for (国务院令第716号 art. 7).
    """
    asked = kinds or document.any_of
    return any(kind in asked for kind in facts.evidence.get(document.code, ())) or any(
        kind in asked for kind in facts.confirmed
    )
