"""The checklist as a page shows it: each line with what the rule finds, the law, and the officer's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict

from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.errors import FieldError, Invalid
from yizhengtong.kernel.findings import Source
from yizhengtong.law.values import ProofRule
from yizhengtong.permitting.applications.confirming import REGISTERS
from yizhengtong.permitting.applications.rules.proofs import proofs_of
from yizhengtong.permitting.casework.examination import Examination
from yizhengtong.permitting.casework.guiding.sayings import name_of_evidence
from yizhengtong.permitting.casework.models import Case, Judgement
from yizhengtong.permitting.casework.services.judging import Word
from yizhengtong.permitting.casework.wording import Worded, worded_finding
from yizhengtong.sites.desk.cases.papers import Paper

WORDS = ("met", "unmet", "doubtful")
_LONGEST_REASON = 64
_MOST_MONTHS = 1200


@dataclass(frozen=True, slots=True)
class ProofLine:
    """What an officer can say of one kind of proof. Names of fields begin with `name`."""

    kind: str
    title: str
    name: str
    asks_months: bool
    asks_since: bool
    asks_until: bool
    requires: Sequence[tuple[str, str, str]]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line. `found`: what the rule finds; `word`: what was chosen, `reason`: why; `wrong`: what is wrong."""

    target: str
    code: str
    title: str
    detail: str
    source: Source | None
    found: bool | None
    word: str
    reason: str
    by: str = ""
    papers: Sequence[Paper] = ()
    confirmed: Sequence[str] = ()
    proofs: Sequence[ProofLine] = ()
    wrong: Sequence[str] = field(default=())

    @property
    def name(self) -> str:
        """What its fields are called."""
        return f"{self.target}.{self.code}"


def lines_shown(
    case: Case,
    examination: Examination,
    *,
    papers: Sequence[Paper],
    officers: Mapping[Any, str],
    reader: Reader,
    typed: QueryDict | None = None,
    wrong: Mapping[str, Sequence[str]] | None = None,
) -> list[LineShown]:
    """Return every line of a case's checklist. `typed`: what a sent form said, shown again; `wrong`: by line."""
    given = {(word.target, word.code): word for word in case.judgements.all()}
    told = _told(case, examination, reader)
    return [
        _line(
            target,
            code,
            told,
            given.get((target, code)),
            examination,
            case,
            papers,
            officers,
            reader,
            typed,
            wrong or {},
        )
        for target, code in ((line.target, line.code) for line in examination.lines)
    ]


def _told(
    case: Case, examination: Examination, reader: Reader
) -> dict[tuple[str, str], tuple[str, Worded | None, Source]]:
    """Return title, finding in words and source of every line."""
    item, region = examination.law.items[case.item], case.person.region
    findings = [worded_finding(each, reader.language, region) for each in examination.outcome.findings]
    told: dict[tuple[str, str], tuple[str, Worded | None, Source]] = {
        ("condition", condition.rule): (finding.title, finding, condition.source)
        for condition, finding in zip(item.conditions, findings, strict=False)
    }
    by_document = {finding.document: finding for finding in findings[len(item.conditions) :] if finding.document}
    for document in item.documents:
        name = document.name.in_language(base_of(reader.language))
        told["document", document.code] = (name, by_document.get(document.code), document.source)
    return told


def _line(
    target: str,
    code: str,
    told: Mapping[tuple[str, str], tuple[str, Worded | None, Source]],
    given: Judgement | None,
    examination: Examination,
    case: Case,
    papers: Sequence[Paper],
    officers: Mapping[Any, str],
    reader: Reader,
    typed: QueryDict | None,
    wrong: Mapping[str, Sequence[str]],
) -> LineShown:
    title, finding, source = told[target, code]
    found = next(line.found for line in examination.lines if (line.target, line.code) == (target, code))
    own = [paper for paper in papers if paper.document_code == code] if target == "document" else []
    name = f"{target}.{code}"
    return LineShown(
        target=target,
        code=code,
        title=title,
        source=source,
        found=found,
        detail=finding.detail if finding else "",
        word=typed.get(f"{name}.word", "") if typed is not None else _word_of(given),
        reason=typed.get(f"{name}.reason", "") if typed is not None else (given.reason if given else ""),
        by=officers.get(given.by, "") if given else "",
        papers=own,
        confirmed=_confirmed(code, examination, case, reader) if target == "document" else (),
        proofs=_proofs(code, examination, case, own, given, reader) if target == "document" else (),
        wrong=wrong.get(name, ()),
    )


def _word_of(given: Judgement | None) -> str:
    if given is None:
        return ""
    return "doubtful" if given.is_doubtful else "met" if given.met else "unmet"


def _confirmed(code: str, examination: Examination, case: Case, reader: Reader) -> list[str]:
    """Return by which registers a paper stands confirmed, and as of when."""
    law, facts = examination.law, examination.facts
    kept_in = {proof.evidence: proof.kept_in for proof in (law.value(REGISTERS) if REGISTERS in law else None) or ()}
    document = next(each for each in law.items[case.item].documents if each.code == code)
    return [
        reader.say(
            "applications.register_confirmed",
            register=f"registers.{kept_in.get(kind, '')}",
            day=facts.confirmed[kind].as_of,
        )
        for kind in document.any_of
        if kind in facts.confirmed
    ]


def _proofs(
    code: str, examination: Examination, case: Case, own: Sequence[Paper], given: Judgement | None, reader: Reader
) -> list[ProofLine]:
    rules = _rules(code, examination, case)
    at_hand = {paper.kind for paper in own}
    said = (given.details if given else None) or {}
    return [
        _proof(rule, examination, code, said.get(rule.evidence, {}), reader)
        for rule in rules
        if (rule.evidence in at_hand or not at_hand) and (rule.requires or rule.minimum)
    ]


def _rules(code: str, examination: Examination, case: Case) -> tuple[ProofRule, ...]:
    item = examination.law.items[case.item]
    document = next(each for each in item.documents if each.code == code)
    kind, _, claim = document.when.partition(":")
    if kind != "claim" or f"{claim}.proofs" not in examination.law:
        return ()
    return proofs_of(examination.law, item, claim)


def _proof(rule: ProofRule, examination: Examination, code: str, said: Mapping[str, Any], reader: Reader) -> ProofLine:
    return ProofLine(
        kind=rule.evidence,
        title=reader.say("desk.plain", words=name_of_evidence(examination.law, rule.evidence)),
        name=f"document.{code}.{rule.evidence}",
        asks_months=rule.measured == "paid",
        asks_since=rule.minimum is not None and rule.measured != "paid",
        asks_until=rule.measured == "term",
        requires=[
            (
                each,
                reader.say(f"applications.requires_{each}"),
                "shows" if each in said.get("shows", ()) else "lacks" if each in said.get("lacks", ()) else "",
            )
            for each in rule.requires
        ],
        said=said,
    )


def words_sent(post: QueryDict, case: Case, examination: Examination) -> list[Word]:
    """Return the officer's words out of a sent form; lines left open are not among them.

    Raises Invalid `casework.line_unknown` or with the lines that are wrong, each under its name.
    """
    words, errors = [], []
    for line in examination.lines:
        name = f"{line.target}.{line.code}"
        chosen = post.get(f"{name}.word", "")
        if not chosen:
            continue
        if chosen not in WORDS:
            errors.append(FieldError(name, "casework.line_unknown"))
            continue
        try:
            details = _details(post, line.code, examination, case) if line.target == "document" else None
        except ValueError:
            errors.append(FieldError(name, "web.field_wrong"))
            continue
        reason = post.get(f"{name}.reason", "").strip()[:_LONGEST_REASON]
        words.append(Word(line.target, line.code, chosen == "met", reason, details, is_doubtful=chosen == "doubtful"))
    if errors:
        raise Invalid("web.fields_wrong", errors=errors)
    return words


def _details(post: QueryDict, code: str, examination: Examination, case: Case) -> dict[str, dict[str, Any]] | None:
    said = {}
    for rule in _rules(code, examination, case):
        name = f"document.{code}.{rule.evidence}"
        one = {part: value for part in ("since", "until") if (value := _day(post.get(f"{name}.{part}", "")))}
        months = post.get(f"{name}.months", "").strip()
        told: dict[str, Any] = {**one, **({"months": _months(months)} if months else {})}
        for answer in ("shows", "lacks"):
            codes = [each for each in rule.requires if post.get(f"{name}.{each}") == answer]
            if codes:
                told[answer] = codes
        if told:
            said[rule.evidence] = told
    return said or None


def _months(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _MOST_MONTHS:
        raise ValueError("months")
    return number


def _day(text: str) -> str:
    return date.fromisoformat(text.strip()).isoformat() if text.strip() else ""
