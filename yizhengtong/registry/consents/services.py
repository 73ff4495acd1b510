"""Give, refuse, withdraw: one and the same way, so that going back is as easy as going ahead (art. 15)."""

from collections.abc import Collection
from datetime import date

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.values import DataUse
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.consents.queries import has_consent, uses_of
from yizhengtong.registry.consents.rules import needs_guardian, not_agreed_apart
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for, relation_to

Answer = Consent.Answer
_ACTIONS = {Answer.GIVEN: "consents.give", Answer.REFUSED: "consents.refuse", Answer.WITHDRAWN: "consents.withdraw"}


@use_case
def answer_use(
    *, person: Person, acting: Person, use: str, answer: str, apart: Collection[str], law: Law, on: date, by: Principal
) -> Consent:
    """Answer for a person to one use of the law. `apart`: the separate consents that are agreed to.

    Nothing that the platform does by statute depends on the answer (art. 16). Raises NotFound for a stranger or an
    unknown use, Conflict `consents.not_asked` for a statutory use and `consents.nothing_to_withdraw`, Forbidden
    `consents.guardian_needed`, Invalid `consents.apart_needed`.
    """
    known = uses_of(law).get(use)
    if known is None or by.id is None or not may_act_for(acting, person, on):
        raise NotFound("not_found")
    if known.basis != "consent":
        raise Conflict("consents.not_asked")
    relation = relation_to(acting, person, on)
    _ensure_may_answer(person, relation, Answer(answer), known, apart, law, on)
    written = Consent.objects.create(
        person=person, use=use, answer=answer, relation=relation, account_id=by.id, law_hash=law.hash
    )
    record_act(_ACTIONS[Answer(answer)], by=by, on=("consent", written.pk), person_id=person.pk, fields=[use])
    if answer == Answer.WITHDRAWN:  # whoever keeps something that rests on it lets go of it
        publish("consents.withdraw", on=("consent", written.pk), person_id=person.pk, facts={"use": use})
    return written


def _ensure_may_answer(
    person: Person, relation: str, answer: Answer, use: DataUse, apart: Collection[str], law: Law, on: date
) -> None:
    if answer == Answer.WITHDRAWN and not has_consent(person.pk, use.code):
        raise Conflict("consents.nothing_to_withdraw")
    if answer != Answer.GIVEN:  # saying no needs nobody's help
        return
    if needs_guardian(person.birth_date, relation, law.value("minor.sensitive_under_age"), on):
        raise Forbidden("consents.guardian_needed")
    missing = not_agreed_apart(use, apart)
    if missing:
        errors = [FieldError("separate", f"consents.apart_{each}") for each in missing]
        raise Invalid("consents.apart_needed", errors=errors)
