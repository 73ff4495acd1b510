"""Use-cases around guardians and near relatives who act for somebody (D3)."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import Reading
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.registry.people.queries import living_representations
from yizhengtong.registry.people.rules import may_represent, representation_ends_on


@use_case
def appoint_representative(
    *,
    representative: Person,
    represented: Person,
    relation: str,
    law: Law,
    on: date,
    confirmed_by: UUID | None,
    by: Principal,
) -> Representation:
    """Let one person act for another from `on`, as the law's proxy rules allow; for a minor until the age is full.

    `relation`: guardian or near_relative. `confirmed_by`: the officer who saw the proof; where no age settles the
    ground, without one it is refused. Of several readings of the law the first that allows it decides.
    Raises Invalid `people.represents_self` and the codes of `may_represent`, Conflict `people.already_represented`.
    """
    if representative.pk == represented.pk:
        raise Invalid("people.represents_self")
    represented = Person.objects.select_for_update(no_key=True).get(pk=represented.pk)
    rules = _allowing(law, represented.birth_date, relation, on, is_confirmed=confirmed_by is not None)
    if living_representations(on).filter(representative=representative, represented=represented).exists():
        raise Conflict("people.already_represented")
    appointed = Representation(
        representative=representative,
        represented=represented,
        relation=relation,
        since=on,
        confirmed_by=confirmed_by,
        until=representation_ends_on(represented.birth_date, relation, rules.value, on),
    )
    _insert(appointed)
    _note("people.appoint_representative", "people.representative_appointed", appointed, by)
    return appointed


@use_case
def confirm_representation(*, representation: Representation, confirmed_by: UUID, by: Principal) -> Representation:
    """Note that an officer has seen the proof. Raises Conflict `people.already_confirmed`."""
    representation = Representation.objects.select_for_update().get(pk=representation.pk)
    if representation.confirmed_by is not None:
        raise Conflict("people.already_confirmed")
    representation.confirmed_by = confirmed_by
    representation.save(update_fields=["confirmed_by"])
    _note("people.confirm_representation", "people.representation_confirmed", representation, by)
    return representation


@use_case
def end_representation(*, representation: Representation, on: date, by: Principal) -> Representation:
    """End it: `on` is the first day on which it no longer holds.

    Raises Conflict `people.already_ended` when it holds no longer on that day, Invalid
    `people.representation_ends_before_it_begins`.
    """
    representation = Representation.objects.select_for_update().get(pk=representation.pk)
    if representation.until is not None and representation.until <= on:
        raise Conflict("people.already_ended")
    if on < representation.since:
        code = "people.representation_ends_before_it_begins"
        raise Invalid(code, errors=[FieldError("on", code)])
    representation.until = on
    representation.save(update_fields=["until"])
    _note("people.end_representation", "people.representation_ended", representation, by)
    return representation


def _allowing(law: Law, birth_date: date, relation: str, on: date, *, is_confirmed: bool) -> Reading:
    """Return the first reading of the proxy rules that allows it. Raises Invalid with the finding's code."""
    readings = law["proxy.rules"].readings
    findings = [may_represent(birth_date, relation, each.value, on, each.source) for each in readings]
    for reading, finding in zip(readings, findings, strict=True):
        if finding.met or (finding.met is None and is_confirmed):
            return reading
    refusal = next((each for each in findings if each.met is None), findings[0])
    raise Invalid(refusal.code, errors=[FieldError("relation", refusal.code, refusal.facts)], **refusal.facts)


def _insert(representation: Representation) -> None:
    try:
        with transaction.atomic():
            representation.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != "people_one_representation":
            raise
        raise Conflict("people.already_represented") from error


def _note(action: str, event: str, representation: Representation, by: Principal) -> None:
    on = ("representation", representation.pk)
    record_act(action, by=by, on=on, person_id=representation.represented_id)
    publish(event, on=on, person_id=representation.represented_id)
