"""A check that a member of an organisation types: the same as a program's, counted, limited and written alike.

For who has no program: the organisation's purposes hold, its quota, its limits and its figures; the holder reads the
organisation's name. Which member it was stands in the trail.
"""

import time
from datetime import date
from http import HTTPStatus

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.postgresql.readers import reading_as_partner
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.verification.checks.matching import Answer, match
from yizhengtong.verification.relying_parties.callers import Caller, caller_of_member
from yizhengtong.verification.relying_parties.counts import note, spend

WAY = "by_hand"
"""The way of these checks in an organisation's figures."""


def check_by_hand(
    *, by: Principal, purpose: str, kind: DocumentKind, number: str, name: str, birth_date: date | None, on: date
) -> Answer:
    """Match a document for the organisation that `by` acts for.

    Not within a transaction: what fails has counted. Raises as `match`; NotFound for who acts for none, TooMany
    `web.too_many`, `relying_parties.quota_used`.
    """
    caller, begun = caller_of_member(by), time.perf_counter()
    code, status = "", HTTPStatus.INTERNAL_SERVER_ERROR
    try:
        charge([Charge("checks", f"partner:{caller.pk}")])
        with reading_as_partner(caller.pk):
            spend(caller)
        answer = _matched(caller, by, purpose, kind, number, name, birth_date, on)
        status = HTTPStatus.OK
        return answer
    except Problem as problem:
        code, status = problem.code, HTTPStatus(STATUSES[problem.kind])
        raise
    finally:
        with reading_as_partner(caller.pk):
            note(caller, way=WAY, status=status, code=code, seconds=time.perf_counter() - begun)


@use_case
def _matched(
    caller: Caller, by: Principal, purpose: str, kind: DocumentKind, number: str, name: str, birth_date: date | None,
    on: date,
) -> Answer:  # fmt: skip
    record_act("checks.by_hand", by=by, on=("relying_party", caller.pk), person_id=None, fields=[purpose])
    with reading_as_partner(caller.pk):
        return match(
            caller=caller, purpose=purpose, kind=kind, number=number, name=name, birth_date=birth_date, on=on
        )  # fmt: skip
