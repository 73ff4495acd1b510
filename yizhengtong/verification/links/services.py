"""Linking a travel permit with a residence permit, online and at the window; unlinking."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, parse
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.consents.queries import has_consent
from yizhengtong.registry.consents.services import answer_use
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import TRAVEL_KINDS, may_act_for
from yizhengtong.verification.links.linking import end_link, make_link
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.proofs import ExitEntryRegister, proof_of
from yizhengtong.verification.links.queries import LINK_USE, is_claimed_by_another, permit_at_window, permit_to_link
from yizhengtong.verification.links.tickets import open_collision


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of linking: the link, or the question about the number that another person has too."""

    link: Link | None
    ticket: Ticket | None = None


@use_case
def link_online(
    *,
    person: Person,
    acting: Person,
    kind: str,
    number: str,
    agreed: bool,
    apart: Collection[str] = (),
    register: ExitEntryRegister | None = None,
    on: date,
    by: Principal,
) -> Claim:
    """Link the travel document whose number a holder types, where the card or the register says it is theirs.

    `agreed`, `apart`: the consent to `link_numbers`, and those asked by themselves; needed where none was given yet.
    A number that is somebody else's and one that is nobody's get the same refusal. Raises NotFound for a stranger,
    Conflict `links.no_permit`, `links.linked_already`, Forbidden `links.consent_needed`,
    `links.not_confirmed`, Invalid `numbers.*`, and what `answer_use` and `add_number` raise.
    """
    if by.id is None or not may_act_for(acting, person, on):
        raise NotFound("not_found")
    read = read_travel_number(kind, number, on)
    permit = _permit_of(person)
    _ensure_consent(person, acting, agreed=agreed, apart=apart, on=on, by=by)
    proof = proof_of(permit, read, register)
    if not proof:
        raise Forbidden("links.not_confirmed")
    return _link(permit, read, proof, by, on)


@use_case
def link_at_window(
    *, permit_id: UUID, kind: str, number: str, saw_originals: bool, consent_signed: bool, on: date, by: Principal
) -> Claim:
    """Link what an officer has in hand: both originals of who stands there, and the consent they signed.

    Raises NotFound outside the area, Forbidden, Invalid `links.originals_needed`, `links.signature_needed`,
    `numbers.*`, Conflict as `link_online`.
    """
    permit = permit_at_window(permit_id=permit_id, by=by, on=on)
    missing = {
        "saw_originals": "" if saw_originals else "links.originals_needed",
        "consent_signed": "" if consent_signed else "links.signature_needed",
    }
    errors = [FieldError(field, code) for field, code in missing.items() if code]
    if errors:
        raise Invalid("web.fields_wrong", errors=errors)
    return _link(permit, read_travel_number(kind, number, on), Link.Proof.ORIGINALS, by, on)


@use_case
def unlink(*, person: Person, acting: Person, on: date, by: Principal) -> Link:
    """End a person's link at once, in question or not; nobody is asked why.

    Raises NotFound for a stranger, Conflict `links.not_linked`.
    """
    if by.id is None or not may_act_for(acting, person, on):
        raise NotFound("not_found")
    return _unlink(person, by)


@use_case
def unlink_at_window(*, permit_id: UUID, on: date, by: Principal) -> Link:
    """End the link of the holder who stands at the window and asks for it: not everybody has an account.

    Raises NotFound outside the area, Forbidden, Conflict `links.not_linked`.
    """
    return _unlink(permit_at_window(permit_id=permit_id, by=by, on=on).person, by)


@use_case
def end_without_consent(*, person_id: UUID) -> None:
    """End the link of a person who took back the consent it rests on; nothing where none is left."""
    if has_consent(person_id, LINK_USE):  # given again meanwhile
        return
    for link in Link.objects.select_for_update().filter(person_id=person_id, state=Link.State.LINKED):
        end_link(link, Link.Reason.CONSENT, SYSTEM)


def read_travel_number(kind: str, number: str, on: date) -> DocumentNumber:
    """Return the number of a declared travel document. Raises Invalid `links.not_a_travel_document`, `numbers.*`."""
    if kind not in TRAVEL_KINDS:
        raise Invalid("web.fields_wrong", errors=[FieldError("kind", "links.not_a_travel_document")])
    try:
        return parse(DocumentKind(kind), number, as_of=on)
    except Invalid as problem:
        raise Invalid("web.fields_wrong", errors=[FieldError("number", problem.code, problem.facts)]) from None


def _link(permit: Permit, number: DocumentNumber, proof: str, by: Principal, on: date) -> Claim:
    """A claim that is proven either links or, where another person has the number, opens a question."""
    person = Person.objects.select_for_update(no_key=True).get(pk=permit.person_id)
    if Link.objects.filter(person=person, state=Link.State.LINKED).exists():
        raise Conflict("links.linked_already")
    if is_claimed_by_another(number, person.pk):
        return Claim(None, open_collision(permit=permit, number=number, proof=proof, on=on, by=by))
    return Claim(make_link(permit, number, proof, by))


def _unlink(person: Person, by: Principal) -> Link:
    link = Link.objects.select_for_update(of=("self",)).filter(person=person, state=Link.State.LINKED).first()
    if link is None:
        raise Conflict("links.not_linked")
    end_link(link, Link.Reason.HOLDER, by)
    return link


def _permit_of(person: Person) -> Permit:
    permit = permit_to_link(person)
    if permit is None:
        raise Conflict("links.no_permit")
    return permit


def _ensure_consent(
    person: Person, acting: Person, *, agreed: bool, apart: Collection[str], on: date, by: Principal
) -> None:
    """个人信息保护法 arts. 13, 23: asked once; where no law of personal data is in force there is no such question."""
    law = law_of_personal_data(on)
    if law is None or has_consent(person.pk, LINK_USE):
        return
    if not agreed:
        raise Forbidden("links.consent_needed")
    answer_use(person=person, acting=acting, use=LINK_USE, answer="given", apart=apart, law=law, on=on, by=by)
