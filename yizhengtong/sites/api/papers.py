"""The form of a case, its opinions and its promise, as they go out to applicants and officers alike."""

from datetime import date

from pydantic import BaseModel, Field

from yizhengtong.foundation.texts import say
from yizhengtong.permitting.casework.forms import filled_form
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.promising import Promise, Told
from yizhengtong.permitting.casework.queries import opinions_of
from yizhengtong.sites.api.schemas import SourceOut


class FormFieldOut(BaseModel):
    """A field of a form as printed, and what stands in it."""

    code: str
    words: str
    group: str
    text: str
    ticked: list[str] = Field(description="Codes of the boxes that are ticked.")
    on: date | None = Field(description="The day of a declaration or an opinion.")
    rule_words: str = Field(description="Of an opinion that a rule of the system gave; empty: a person's.")


def form_out(case: Case, language: str) -> list[FormFieldOut]:
    return [
        FormFieldOut(
            code=filled.field.code,
            words=filled.field.words,
            group=filled.field.group,
            text=filled.text,
            ticked=list(filled.ticked),
            on=filled.on,
            rule_words=say(f"casework.rule_{filled.rule}", language) if filled.rule else "",
        )
        for filled in filled_form(case)
    ]


class OpinionOut(BaseModel):
    """One of the opinions: an officer's, or a named rule's of the system, for which an office answers (D24)."""

    action: str
    on: date
    rule: str = Field(description="Empty: an officer's opinion.")
    words: str = Field(description="Who gave it, in words.")


def opinions_out(case: Case, language: str) -> list[OpinionOut]:
    return [
        OpinionOut(
            action=opinion.action,
            on=opinion.on,
            rule=opinion.rule,
            words=say(
                "casework.opinion_by_rule",
                language,
                {"rule": f"casework.rule_{opinion.rule}", "office": opinion.office},
            )
            if opinion.rule
            else say("casework.opinion_by_officer", language, {"office": opinion.office}),
        )
        for opinion in opinions_of(case)
    ]


class PromiseLineOut(BaseModel):
    """One thing that is promised, or what a false promise costs."""

    title: str
    source: SourceOut


class PromiseOut(BaseModel):
    """What is read before one promises; `hash` names exactly this text and is sent back."""

    conditions: list[PromiseLineOut]
    consequences: list[PromiseLineOut]
    hash: str


def promise_out(promise: Promise, language: str) -> PromiseOut:
    return PromiseOut(
        conditions=[_line(told, say(f"applications.{told.code}", language)) for told in promise.conditions],
        consequences=[_line(told, told.words) for told in promise.consequences],
        hash=promise.hash,
    )


def _line(told: Told, title: str) -> PromiseLineOut:
    return PromiseLineOut(title=title, source=SourceOut(text=told.text, article=told.article, words=told.words))
