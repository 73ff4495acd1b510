"""The steps of an application: one table. Which of them an item has follows from its pack, not from its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yizhengtong.kernel.errors import FieldError
from yizhengtong.law.parameter import RequiredDocument
from yizhengtong.permitting.applications.rules import is_handed_in
from yizhengtong.permitting.applications.services import incomplete_answers, is_handed_over
from yizhengtong.permitting.casework.forms import missing_online
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.permitting.settlement.services import missing_confirmation
from yizhengtong.sites.resident.apply.drafts import Draft
from yizhengtong.sites.resident.apply.forms import (
    AddressForm,
    ClaimsForm,
    DeliveryForm,
    ExemptionForm,
    FactsForm,
    PhoneForm,
    PointForm,
    StepForm,
    points_of,
)

GROUPS = ("promise", "fill_in", "upload", "confirm")
"""告知承诺—在线填表—上传材料—确认提交 (S4-11); an item that promises nothing begins with the second."""

_Asks = Callable[[Draft], bool]
_COUNTED = frozenset({"registrations_add_up", "is_registered_long_enough"})
_DECLARED = frozenset({
    "answers.declares_true", "answers.declares_own_will", "answers.acknowledges_cancellation",
})  # fmt: skip
"""What the last page asks itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its name (`apply.<name>.…` are its words), when it is needed and done, the answers it gives.

    With a `form` it is served by the page of all forms; without, `page` names its own.
    """

    name: str
    group: str
    is_needed: _Asks
    is_done: _Asks
    gives: tuple[str, ...] = ()
    form: type[StepForm] | None = None
    page: str = "application-step"
    shown: Callable[[Draft], str] = lambda _draft: ""

    def address(self, draft: Draft) -> str:
        return draft.address(self.page, *([self.name] if self.form else []))


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the task list: a step, or one paper. `state`: done, open, later (can be shown at the counter)."""

    title: str
    group: str
    address: str
    state: str
    shown: str = ""


def _always(_draft: Draft) -> bool:
    return True


def _answered(*names: str) -> _Asks:
    return lambda draft: all(draft.application.answers.get(name) for name in names)


def _answer(name: str) -> Callable[[Draft], str]:
    return lambda draft: str(draft.application.answers.get(name, ""))


def _has_rule(rule: str) -> _Asks:
    return lambda draft: rule in draft.rules


def _promises(draft: Draft) -> bool:
    return draft.is_online and "promise" in (draft.law.values.get("application.steps") or ())


def _has_promised(draft: Draft) -> bool:
    answers = draft.application.answers
    return bool(answers.get("promises")) and answers.get("promise_hash") == promise_of(draft.law, draft.item).hash


def _settles(draft: Draft) -> bool:
    return draft.item.outcome == "settlement"


def _may_be_exempt(draft: Draft) -> bool:
    return bool(draft.rules & _COUNTED and draft.law.values.get("residence.exempt_groups"))


def _asks_claims(draft: Draft) -> bool:
    return any(document.when.startswith("claim:") for document in draft.item.documents)


def _claims_in_words(draft: Draft) -> str:
    return "、".join(draft.say(f"applications.claim_{claim}") for claim in draft.application.claims)


def _point_in_words(draft: Draft) -> str:
    code = draft.application.answers.get("service_point", "")
    return dict(points_of(draft)).get(code, "")


def _delivery_in_words(draft: Draft) -> str:
    answers = draft.application.answers
    mode = answers.get("delivery")
    if not mode:
        return ""
    where = answers.get("delivery_address", "") if mode == "post" else ""
    return " · ".join(each for each in (draft.say(f"apply.delivery.{mode}"), where) if each)


def _group_in_words(draft: Draft) -> str:
    group = draft.application.answers.get("is_exempt", "")
    return draft.say(f"applications.group_{group}" if group else "apply.exemption.none")


def _loss_in_words(draft: Draft) -> str:
    return draft.say("apply.loss.reported") if _is_lost(draft) else ""


def _is_lost(draft: Draft) -> bool:
    return draft.permit is not None and draft.permit.state == "lost"


STEPS: tuple[Step, ...] = (
    Step("promise", "promise", _promises, _has_promised, ("promises",), page="application-promise",
         shown=lambda draft: draft.say("apply.promise.made") if _has_promised(draft) else ""),
    Step("notice", "promise", _settles, lambda draft: not missing_confirmation(draft.application, draft.law),
         ("declares_own_will",), page="application-notice"),
    Step("facts", "fill_in", _always, _answered("facts_checked"), ("facts_checked", "conversion_type"), FactsForm,
         shown=lambda draft: draft.application.person.name),
    Step("loss", "fill_in", _has_rule("permit_is_reported_lost"), _is_lost, page="application-loss",
         shown=_loss_in_words),
    Step("address", "fill_in", _always, _answered("residence_address"), ("residence_address",), AddressForm,
         shown=_answer("residence_address")),
    Step("exemption", "fill_in", _may_be_exempt, lambda draft: "is_exempt" in draft.application.answers,
         ("is_exempt",), ExemptionForm, shown=_group_in_words),
    Step("claims", "fill_in", _asks_claims, lambda draft: bool(draft.application.claims), ("claims",), ClaimsForm,
         shown=_claims_in_words),
    Step("phone", "fill_in", _always, _answered("phone"), ("phone",), PhoneForm, shown=_answer("phone")),
    Step("point", "fill_in", _always, _answered("service_point"), ("service_point",), PointForm,
         shown=_point_in_words),
    Step("delivery", "fill_in", lambda draft: is_handed_over(draft.item), _answered("delivery"),
         ("delivery", "delivery_address"), DeliveryForm, shown=_delivery_in_words),
)  # fmt: skip


def steps_of(draft: Draft) -> list[Step]:
    """Return the steps that the draft's item has, in their order."""
    return [step for step in STEPS if step.is_needed(draft)]


def tasks_of(draft: Draft) -> list[Task]:
    """Return every task of a draft: its steps, then one for each paper."""
    steps = [
        Task(
            draft.say(f"apply.{step.name}.task"),
            step.group,
            step.address(draft),
            "done" if step.is_done(draft) else "open",
            step.shown(draft),
        )
        for step in steps_of(draft)
    ]
    return [*steps, *(_paper_task(draft, document) for document in draft.documents)]


def _paper_task(draft: Draft, document: RequiredDocument) -> Task:
    there = [each for each in draft.evidence if each.document_code == document.code]
    is_confirmed = any(kind in draft.facts.confirmed for kind in document.any_of)
    if there or is_confirmed:
        state = "done"
    else:
        state = "open" if draft.is_online and not _is_proven_otherwise(draft, document) else "later"
    shown = draft.say("apply.paper.confirmed") if is_confirmed else ""
    if there:
        shown = draft.say("apply.paper.handed_in", count=len(there))
    return Task(draft.named(document.name), "upload", draft.address("application-paper", document.code), state, shown)


def _is_proven_otherwise(draft: Draft, document: RequiredDocument) -> bool:
    """Whether the proof of another claim makes a claim's paper needless: one of the three is enough."""
    if not document.when.startswith("claim:"):
        return False
    return any(
        other.when.startswith("claim:") and is_handed_in(other, draft.facts)
        for other in draft.documents
        if other.code != document.code
    )


def groups_of(draft: Draft) -> list[tuple[str, list[Task]]]:
    """Return the tasks under the steps that they belong to."""
    tasks = tasks_of(draft)
    return [(group, [task for task in tasks if task.group == group]) for group in GROUPS[:-1]]


def first_thing(draft: Draft) -> Step | None:
    """Return what must be done before anything else: to promise, or to read the notice (S4-11, S0-T33)."""
    return next((step for step in steps_of(draft) if step.group == "promise" and not step.is_done(draft)), None)


def missing_of(draft: Draft) -> list[tuple[FieldError, str]]:
    """Return what the submission still lacks but for the declarations, each with the page that mends it."""
    application, law = draft.application, draft.law
    errors = [*incomplete_answers(application, law), *missing_online(application, law, draft.on)]
    found = [(error, page_for(draft, error.field)) for error in errors if not _is_declared_last(error)]
    return list({(error.field, error.code): (error, address) for error, address in found}.values())


def _is_declared_last(error: FieldError) -> bool:
    return error.field in _DECLARED and error.code != "settlement.notice_not_confirmed"


def page_for(draft: Draft, field: str) -> str:
    """Return the page on which a field that a service names is filled in; the task list where there is none."""
    name = field.removeprefix("answers.")
    if field.startswith("evidence."):
        return draft.address("application-paper", field.removeprefix("evidence."))
    step = next((step for step in steps_of(draft) if name in step.gives), None)
    return step.address(draft) if step else draft.address("application")


def next_after(draft: Draft, done: str) -> str:
    """Return the page after a step: the next one that is open, then the papers, then the check of the answers."""
    steps = steps_of(draft)
    names = [step.name for step in steps]
    later = steps[names.index(done) + 1 :] if done in names else steps
    step = next((step for step in later if not step.is_done(draft)), None)
    return step.address(draft) if step else draft.address("application")


def field_errors(errors: Sequence[tuple[FieldError, str]], draft: Draft) -> list[tuple[str, str]]:
    """Return words and address of each thing that is missing."""
    return [(f"{_label(draft, error.field)}{draft.say(error.code, **error.facts)}", page) for error, page in errors]


def _label(draft: Draft, field: str) -> str:
    if field.startswith("evidence."):
        code = field.removeprefix("evidence.")
        names = next((each.name for each in draft.item.documents if each.code == code), None)
        return f"{draft.named(names)}{draft.say('apply.colon')}" if names else ""
    answer = field.removeprefix("answers.")
    step = next((step for step in steps_of(draft) if answer in step.gives), None)
    return f"{draft.say(f'apply.{step.name}.task')}{draft.say('apply.colon')}" if step else ""
