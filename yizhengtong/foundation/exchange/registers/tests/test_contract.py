"""What every register does, whether it is a file here or a service elsewhere."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from yizhengtong.foundation.exchange.registers.contract import (
    FACTS,
    BusinessLicence,
    Death,
    Fact,
    HouseholdRegister,
    Kind,
    Lease,
    Register,
    ResidencePermit,
    Result,
    SchoolRoll,
    SocialInsurance,
    names_of,
)
from yizhengtong.foundation.exchange.registers.forms import told_of
from yizhengtong.foundation.exchange.registers.tests.ground import (
    AS_OF,
    ON,
    STALE_DAYS,
    a_file,
    number,
    question,
    remote,
    served,
)

Made = Callable[..., Register]
ONE_OF_EACH: dict[Kind, Fact] = {
    Kind.SOCIAL_INSURANCE: SocialInsurance(months=4, until=date(2026, 8, 31)),
    Kind.BUSINESS_LICENCE: BusinessLicence(since=date(2026, 6, 18), status="active"),
    Kind.LEASE: Lease(since=date(2026, 1, 1), until=None, is_registered=True, is_safe=None),
    Kind.SCHOOL_ROLL: SchoolRoll(since=date(2026, 9, 1), school="primary"),
    Kind.HOUSEHOLD_REGISTER: HouseholdRegister(region="511302", address="演示街9号", has_died=False),
    Kind.RESIDENCE_PERMITS: ResidencePermit("33038120160001", "330381", "zhejiang_card", "valid", ON, None),
    Kind.DEATH: Death(died_on=date(2026, 9, 1)),
}


@pytest.fixture(params=["file", "service"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Made]:
    """Return what makes a register of persons by seed, of either sort."""
    with ExitStack() as stack:

        def make(kind: Kind, rows: Iterable[tuple[int, Fact]], **more: Any) -> Register:
            file = a_file(tmp_path, kind, rows, **more)
            if request.param == "file":
                return file
            return remote(stack.enter_context(served(file)).address_of(kind), kind)

        yield make


@pytest.mark.parametrize("kind", [*Kind])
def test_a_person_is_found_with_every_fact_of_the_kind(made: Made, kind: Kind) -> None:
    answer = made(kind, [(1, ONE_OF_EACH[kind])]).ask(question(kind, 1))
    assert (answer.result, answer.register, answer.as_of) == (Result.FOUND, "test-register", AS_OF)
    assert answer.facts == (told_of(ONE_OF_EACH[kind], names_of(kind)),)


@pytest.mark.parametrize("kind", [*Kind])
def test_somebody_else_is_not_found(made: Made, kind: Kind) -> None:
    answer = made(kind, [(1, ONE_OF_EACH[kind])]).ask(question(kind, 2))
    assert (answer.result, answer.facts, answer.as_of) == (Result.NOT_FOUND, (), AS_OF)


def test_an_answer_holds_what_was_asked_for_and_nothing_else(made: Made) -> None:
    register = made(Kind.HOUSEHOLD_REGISTER, [(1, ONE_OF_EACH[Kind.HOUSEHOLD_REGISTER])])
    answer = register.ask(question(Kind.HOUSEHOLD_REGISTER, 1, asks=("region",)))
    assert answer.facts == ({"region": "511302"},)


def test_every_entry_of_a_person_is_told_under_whichever_number(made: Made) -> None:
    kind = Kind.RESIDENCE_PERMITS
    permits = [ResidencePermit(f"P{at}", "330381", "zhejiang_card", "valid", ON, ON) for at in range(3)]
    register = made(kind, [(1, permits[0]), (2, permits[2]), (1, permits[1])])
    told = register.ask(question(kind, 1, 2, asks=("permit_number",))).facts
    assert [each["permit_number"] for each in told] == ["P0", "P1", "P2"]
    assert len(register.ask(question(kind, 1, 1)).facts) == 2


def test_the_last_day_on_which_a_content_counts_and_the_day_after(made: Made) -> None:
    register = made(Kind.DEATH, [(1, ONE_OF_EACH[Kind.DEATH])])
    last = AS_OF + timedelta(days=STALE_DAYS)
    assert register.ask(question(Kind.DEATH, 1, on=last)).result == Result.FOUND
    later = register.ask(question(Kind.DEATH, 1, on=last + timedelta(days=1)))
    assert (later.result, later.facts) == (Result.UNAVAILABLE, ())


def test_a_question_of_another_kind_is_not_answered(made: Made) -> None:
    register = made(Kind.DEATH, [(1, ONE_OF_EACH[Kind.DEATH])])
    assert register.ask(question(Kind.LEASE, 1)).result == Result.UNAVAILABLE


def test_a_question_names_a_person_and_a_purpose_and_asks_for_what_there_is() -> None:
    with pytest.raises(ValueError, match="names a person"):
        question(Kind.DEATH)
    with pytest.raises(ValueError, match="does not have"):
        question(Kind.DEATH, 1, asks=("name",))


def test_no_kind_of_register_tells_a_name() -> None:
    assert not {name for kind in Kind for name in names_of(kind) if name.endswith("name")}


def test_every_kind_has_its_facts() -> None:
    assert set(FACTS) == set(Kind)


def test_number_and_address_stay_out_of_what_is_printed(made: Made) -> None:
    asked = question(Kind.HOUSEHOLD_REGISTER, 1)
    answer = made(Kind.HOUSEHOLD_REGISTER, [(1, ONE_OF_EACH[Kind.HOUSEHOLD_REGISTER])]).ask(asked)
    shown = f"{asked!r} {answer!r} {asked.numbers[0]!r} {ONE_OF_EACH[Kind.HOUSEHOLD_REGISTER]!r}"
    assert number(1).text not in shown
    assert "演示街" not in shown
