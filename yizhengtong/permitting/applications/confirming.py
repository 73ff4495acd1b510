"""Asking registers instead of asking for papers (国务院令第716号 art. 7, 免证办).

What a register does not know, or cannot say now, is handed in as before: none of it refuses anything by itself.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.exchange.registers.choosing import register_of
from yizhengtong.foundation.exchange.registers.contract import Answer, Kind, Number, Question, unavailable
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import RequiredDocument
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.registers import RegisterProof
from yizhengtong.permitting.applications.facts import Confirmed, Facts
from yizhengtong.permitting.applications.models import Application, Confirmation
from yizhengtong.permitting.applications.register_facts import Asked, shown_by
from yizhengtong.permitting.applications.rules.proofs import look_at_proof, proofs_of
from yizhengtong.registry.consents.queries import has_consent
from yizhengtong.registry.people.models import Person, PersonNumber

log = logging.getLogger(__name__)

REGISTERS, AT_SUBMISSION = "confirm.registers", "confirm.at_submission"
_OF_MAINLAND = (DocumentKind.RESIDENT_ID,)
_SAYS_SOMETHING = (Confirmation.Result.CONFIRMED, Confirmation.Result.NOT_ENOUGH, Confirmation.Result.NOT_FOUND)
_NAMES = ("months", "since", "until", "shows", "lacks")


@use_case
def confirm_from_registers(
    *, application: Application, law: Law, on: date, by: Principal, kinds: Collection[str] | None = None
) -> list[Confirmation]:
    """Ask the registers that the application's claims need and keep what they say. `kinds`: these kinds of proof only.

    One question a register; a document that is proven asks no further one. Asked again, the new word counts. Recorded
    as a read for the purpose of the item. Never raises for a register that fails.
    """
    wanted = _wanted(application, law, kinds)
    if not wanted:
        return []
    numbers = _numbers([application.person]).get(application.person_id, ())
    asking = _Asking(application, law, on, numbers)
    found = asking.ask(wanted)
    Confirmation.objects.bulk_create(found)
    if asking.answers:
        _record(application, asking.answers, by)
    return found


def confirm_at_submission(*, application: Application, law: Law, on: date, by: Principal) -> list[Confirmation]:
    """Ask the registers where the pack says that submission does so, and only then."""
    if AT_SUBMISSION not in law or application.item not in (law.value(AT_SUBMISSION) or ()):
        return []
    return confirm_from_registers(application=application, law=law, on=on, by=by)


@use_case
def ask_register(*, kind: Kind, person: Person, asks: Sequence[str], purpose: str, on: date, by: Principal) -> Answer:
    """Ask one register about a person apart from any application: permits of other counties, a death.

    Recorded as a read for `purpose`; unavailable where nobody answers for that kind here.
    """
    register, numbers = register_of(kind), _numbers([person]).get(person.pk, ())
    if register is None or not numbers:
        return unavailable(kind)
    answer = register.ask(Question(kind, numbers, on, purpose, tuple(asks)))
    record_read(
        "people.ask_register", by=by, on=("person", person.pk), person_id=person.pk, purpose=purpose, fields=[kind]
    )
    return answer


def confirmations_of(applications: Sequence[Application]) -> Mapping[UUID, Mapping[str, Confirmed]]:
    """Return what counts as confirmed, by application and kind of proof.

    Of what was saved: what was kept, one statement for all. Of what was not saved yet: the registers are asked now and
    the reads recorded.
    """
    saved = [each.pk for each in applications if not each._state.adding]
    told = _kept(saved, {each.pk: each.submitted_at for each in applications}) if saved else {}
    fresh = [each for each in applications if each._state.adding]
    return {**told, **_asked_now(fresh)} if fresh else told


@dataclass
class _Asking:
    """The questions of one application."""

    application: Application
    law: Law
    on: date
    numbers: tuple[Number, ...]
    answers: dict[Kind, Answer] = field(default_factory=dict)
    until: float = field(default_factory=lambda: monotonic() + settings.YZT_REGISTERS["seconds_in_all"])

    def ask(self, wanted: Sequence[tuple[RequiredDocument, tuple[RegisterProof, ...]]]) -> list[Confirmation]:
        """Return what registers say, of one document after the other, not saved yet."""
        asked_of = _asked_of(proof for _, proofs in wanted for proof in proofs)
        found = []
        for document, proofs in wanted:
            for proof in proofs:
                answer = self._answer(Kind(proof.kept_in), asked_of[proof.kept_in])
                if answer is not None:
                    found.append(self._confirmation(proof, answer))
                    if self._is_proven(document, found[-1]):
                        break
        return found

    def _answer(self, kind: Kind, asks: tuple[str, ...]) -> Answer | None:
        """Return a register's answer, asked once; None where nobody answers for the kind here."""
        if kind in self.answers:
            return self.answers[kind]
        register = register_of(kind)
        if register is None or not self.numbers:
            return None
        if monotonic() < self.until:
            answer = register.ask(Question(kind, self.numbers, self.on, self.application.item, asks))
        else:
            answer = unavailable(kind)
        self.answers[kind] = answer
        # A submission that fails undoes its entry in the trail; that a register was told a number stays on the log.
        log.info("registers.asked application=%s kind=%s result=%s", self.application.pk, kind, answer.result)
        return answer

    def _confirmation(self, proof: RegisterProof, answer: Answer) -> Confirmation:
        shown = shown_by(proof, answer, Asked(self.on, self.application.person.hukou_region))
        result = Confirmation.Result(answer.result) if shown is None else _CONFIRMED[not shown.missing]
        source = self.law[REGISTERS].source
        return Confirmation(
            application=self.application,
            evidence=proof.evidence,
            kept_in=proof.kept_in,
            register=answer.register,
            result=result,
            basis=proof.use or proof.basis,
            source=str(source),
            as_of=answer.as_of,
            facts=_stored(shown.confirmed) if shown else {},
        )

    def _is_proven(self, document: RequiredDocument, told: Confirmation) -> bool:
        """Whether no further register is needed for a document: what was confirmed is enough by the pack's rule."""
        if told.result != Confirmation.Result.CONFIRMED:
            return False
        kind, _, claim = document.when.partition(":")
        if kind != "claim":
            return True
        rules = proofs_of(self.law, self.law.items[self.application.item], claim)
        facts = _bare_facts({told.evidence: _confirmed(told)}, self.application.place, self.on)
        return any(look_at_proof(rule, facts, self.on).met for rule in rules if rule.evidence == told.evidence)


_CONFIRMED = {True: Confirmation.Result.CONFIRMED, False: Confirmation.Result.NOT_ENOUGH}


def _bare_facts(confirmed: Mapping[str, Confirmed], place: str, on: date) -> Facts:
    """The least that a proof is measured by."""
    return Facts(region="", birth_date=on, place=place, confirmed=confirmed)


def _wanted(
    application: Application, law: Law, kinds: Collection[str] | None
) -> list[tuple[RequiredDocument, tuple[RegisterProof, ...]]]:
    """Return the documents that the application needs with the registers here that confirm one of their kinds."""
    if REGISTERS not in law:
        return []
    here = {kind for kind in Kind if register_of(kind) is not None}
    found = []
    for document in law.items[application.item].documents:
        known = tuple(
            proof
            for proof in law.value(REGISTERS) or ()
            if proof.evidence in document.any_of
            and proof.kept_in in here
            and (kinds is None or proof.evidence in kinds)
            and (proof.basis != "consent" or has_consent(application.person_id, proof.use))
        )
        if known and _is_needed(document, application):
            found.append((document, known))
    return found


def _is_needed(document: RequiredDocument, application: Application) -> bool:
    kind, _, claim = document.when.partition(":")
    return kind == "always" or (kind == "claim" and claim in application.claims)


def _asked_of(proofs: Iterable[RegisterProof]) -> dict[str, tuple[str, ...]]:
    """Return what each register is asked: all that its kinds of proof need, in one question."""
    asked: dict[str, tuple[str, ...]] = {}
    for proof in proofs:
        asked[proof.kept_in] = tuple(dict.fromkeys((*asked.get(proof.kept_in, ()), *proof.asks)))
    return asked


def _numbers(persons: Sequence[Person]) -> Mapping[UUID, tuple[Number, ...]]:
    """Return the numbers by which registers know a person: of mainland persons the identity card's. One statement."""
    mainland = {person.pk for person in persons if person.region == "CN"}
    rows = PersonNumber.objects.filter(person__in=[person.pk for person in persons], is_current=True).order_by("id")
    found: dict[UUID, tuple[Number, ...]] = {}
    for row in rows:
        kind = DocumentKind(row.kind)
        if row.person_id not in mainland or kind in _OF_MAINLAND:
            found[row.person_id] = (*found.get(row.person_id, ()), Number(kind, row.number))
    return found


def _kept(saved: Sequence[UUID], submitted: Mapping[UUID, datetime | None]) -> dict[UUID, dict[str, Confirmed]]:
    """The newest word of each kind counts, unless it was asked for too long before the submission, or before today."""
    days = timedelta(days=settings.YZT_REGISTERS["stale_days"])
    newest: dict[tuple[UUID, str], Confirmation] = {}
    for row in Confirmation.objects.filter(application_id__in=saved, result__in=_SAYS_SOMETHING).order_by(
        "asked_at", "id"
    ):
        newest[row.application_id, row.evidence] = row
    told: dict[UUID, dict[str, Confirmed]] = {}
    for (application_id, evidence), row in newest.items():
        is_fresh = row.asked_at + days >= (submitted[application_id] or timezone.now())
        if row.result == Confirmation.Result.CONFIRMED and is_fresh:
            told.setdefault(application_id, {})[evidence] = _confirmed(row)
    return told


def _asked_now(applications: Sequence[Application]) -> dict[UUID, dict[str, Confirmed]]:
    on = legal_day(timezone.now())
    numbers = _numbers([each.person for each in applications])
    told = {}
    for application in applications:
        law = law_in_force(application.place, application.item.partition(".")[0], on)
        asking = _Asking(application, law, on, numbers.get(application.person_id, ()))
        found = asking.ask(_wanted(application, law, None))
        if asking.answers:
            _record(application, asking.answers, SYSTEM)
        told[application.pk] = {
            each.evidence: _confirmed(each) for each in found if each.result == Confirmation.Result.CONFIRMED
        }
    return told


def _record(application: Application, answers: Mapping[Kind, Answer], by: Principal) -> None:
    record_read(
        "applications.ask_registers", by=by, on=("application", application.pk), person_id=application.person_id,
        purpose=f"confirm {application.item}", fields=sorted(answers),
    )  # fmt: skip


def _stored(confirmed: Confirmed) -> dict[str, Any]:
    values = {name: getattr(confirmed, name) for name in _NAMES}
    return {
        name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value not in {None, ()}
    }


def _confirmed(row: Confirmation) -> Confirmed:
    facts: Mapping[str, Any] = row.facts
    return Confirmed(
        register=row.register,
        as_of=row.as_of or date.min,
        months=facts.get("months"),
        since=_day(facts.get("since")),
        until=_day(facts.get("until")),
        shows=tuple(facts.get("shows", ())),
        lacks=tuple(facts.get("lacks", ())),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
