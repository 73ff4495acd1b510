"""Two records side by side: a registrar says who is who, and nothing of the person known is touched."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.importing.conftest import Listener
from tests.support.city import City
from tests.support.law import TODAY
from tests.support.lists import somebody, write_csv
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from yizhengtong.permitting.importing.models import Proposal, Row
from yizhengtong.permitting.importing.queries import batches, open_proposals, pair_of, source_of
from yizhengtong.permitting.importing.services import answer_proposal
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.residence.models import Registration

Run = Callable[..., Listener]
NO_PERMIT = {"居住证号": "", "签发日期": "", "有效期至": "", "出生日期": "1950-01-22"}
OTHER_DOCUMENT = {"证件号码": "H87654321", **NO_PERMIT, "登记日期": "2019-01-01", "离开日期": "2020-01-01"}


@pytest.fixture
def waiting(tmp_path: Path, run: Run) -> Callable[..., Proposal]:
    """Import somebody, then a line that may be the same person; return the proposal."""

    def make(**changes: object) -> Proposal:
        run(write_csv(tmp_path / "a.csv", [somebody(3, 出生日期="", 离开日期="")]), is_applied=True)
        run(write_csv(tmp_path / "b.csv", [somebody(3, **changes)]), is_applied=True)
        return Proposal.objects.get()

    return make


def answered(proposal: Proposal, answer: str, by: Principal, **changes: int) -> Proposal:
    version = changes.get("version", proposal.version)
    return answer_proposal(proposal_id=proposal.pk, answer=answer, version=version, on=TODAY, by=by)


def test_the_same_person_gets_what_the_line_adds_and_keeps_what_was_known(
    waiting: Callable[..., Proposal], registrar: Principal
) -> None:
    proposal = waiting(**OTHER_DOCUMENT)
    before = Person.objects.get()
    answered(proposal, "same", registrar)
    assert Person.objects.get().name == before.name
    assert Person.objects.get().version == before.version
    numbers = {number.number: number.is_current for number in PersonNumber.objects.filter(kind="hrp")}
    assert numbers == {somebody(3)["证件号码"]: True, "H87654321": False}
    assert Registration.objects.count() == 2
    row = Row.objects.get(pk=proposal.row_id)
    assert (row.state, row.record, row.person_id) == ("linked", None, before.pk)
    assert Entry.objects.filter(action="importing.link_row", person_id=before.pk).count() == 1


def test_different_persons_with_one_name_and_birth_date_are_two(
    waiting: Callable[..., Proposal], registrar: Principal
) -> None:
    proposal = waiting(**OTHER_DOCUMENT)
    answered(proposal, "different", registrar)
    assert Person.objects.count() == 2
    row = Row.objects.get(pk=proposal.row_id)
    assert (row.state, row.record) == ("imported", None)
    assert row.person_id != proposal.person_id


def test_one_number_is_never_two_persons(waiting: Callable[..., Proposal], registrar: Principal) -> None:
    proposal = waiting(姓名="别人")
    with pytest.raises(Conflict, match=r"importing\.number_names_one_person"):
        answered(proposal, "different", registrar)
    assert Person.objects.count() == 1
    assert Proposal.objects.get().answer == "open"


def test_later_leaves_it_waiting(waiting: Callable[..., Proposal], registrar: Principal) -> None:
    proposal = answered(waiting(**OTHER_DOCUMENT), "later", registrar)
    assert Row.objects.get(pk=proposal.row_id).state == "waiting"
    assert list(open_proposals(registrar)) == [proposal]
    answered(proposal, "same", registrar)
    assert not open_proposals(registrar).exists()


def test_a_second_living_permit_is_not_given_to_one_person(
    waiting: Callable[..., Proposal], registrar: Principal
) -> None:
    proposal = waiting(签发日期="2023-01-05", 有效期至="2028-01-05", 登记日期="")
    with pytest.raises(Conflict, match=r"importing\.second_living_permit"):
        answered(proposal, "same", registrar)
    assert Permit.objects.count() == 1
    assert Row.objects.get(pk=proposal.row_id).state == "waiting"


def test_a_cancelled_permit_joins_the_living_one(waiting: Callable[..., Proposal], registrar: Principal) -> None:
    proposal = waiting(
        签发日期="2019-01-05", 有效期至="2024-01-05", 证件状态="注销", 注销日期="2022-01-05", 登记日期=""
    )
    answered(proposal, "same", registrar)
    assert sorted(Permit.objects.values_list("state", flat=True)) == ["ended", "held"]


def test_a_settled_pair_is_not_answered_again(waiting: Callable[..., Proposal], registrar: Principal) -> None:
    proposal = answered(waiting(**OTHER_DOCUMENT), "same", registrar)
    with pytest.raises(Conflict, match=r"importing\.answered_already"):
        answered(proposal, "different", registrar)


def test_a_stale_or_unknown_answer_is_refused(waiting: Callable[..., Proposal], registrar: Principal) -> None:
    proposal = waiting(**OTHER_DOCUMENT)
    with pytest.raises(Stale):
        answered(proposal, "same", registrar, version=proposal.version + 1)
    with pytest.raises(Invalid):
        answered(proposal, "closed", registrar)


def test_who_turned_up_meanwhile_is_proposed_before_anything_is_imported(
    waiting: Callable[..., Proposal], registrar: Principal, run: Run, tmp_path: Path
) -> None:
    proposal = waiting(**OTHER_DOCUMENT)
    Person.objects.update(birth_index=b"\0" * 16)  # so that the next one is not like the first
    run(write_csv(tmp_path / "c.csv", [somebody(3, **{**OTHER_DOCUMENT, "证件号码": "H11111111"})]), is_applied=True)
    assert Person.objects.count() == 2
    answered(proposal, "different", registrar)
    assert Person.objects.count() == 2
    assert Proposal.objects.count() == 2
    assert Row.objects.get(pk=proposal.row_id).state == "waiting"


def test_only_a_registrar_of_the_area_sees_or_answers(
    waiting: Callable[..., Proposal], registrar: Principal, town: City
) -> None:
    proposal = waiting(**OTHER_DOCUMENT)
    clerk = town.officer("x", Role.CLERK, office="370100")
    elsewhere = town.officer("y", Role.REGISTRAR, office="370103")
    without_factor = town.officer("registrar", Role.REGISTRAR, office="370100", has_second_factor=False)
    for by, problem in ((clerk, Forbidden), (elsewhere, NotFound), (without_factor, Forbidden)):
        with pytest.raises(problem):
            answered(proposal, "same", by)
        with pytest.raises(problem):
            pair_of(proposal_id=proposal.pk, by=by)
    assert not open_proposals(elsewhere).exists()
    assert not batches(elsewhere).exists()
    assert batches(registrar).count() == 2


def test_a_pair_shows_both_records_what_differs_and_leaves_a_trace(
    waiting: Callable[..., Proposal], registrar: Principal
) -> None:
    proposal = waiting(**{**OTHER_DOCUMENT, "性别": "男"})
    pair = pair_of(proposal_id=proposal.pk, by=registrar)
    assert pair.differing == ["sex", "numbers"]
    assert pair.person == Person.objects.get()
    assert len(pair.permits) == len(pair.stays) == 1
    assert Entry.objects.filter(kind="read", action="importing.compare", person_id=pair.person.pk).count() == 1


def test_a_permit_tells_the_line_it_came_from(tmp_path: Path, run: Run, registrar: Principal, town: City) -> None:
    run(write_csv(tmp_path / "王小明.csv", [somebody(1), somebody(3)]), is_applied=True)
    permit = Permit.objects.get(number_index=blind_index("permits.number", str(somebody(3)["居住证号"])))
    row = source_of(permit_id=permit.pk, by=registrar)
    assert row.line == 3
    assert "王小明" not in row.batch.name_hash
    with pytest.raises(NotFound):
        source_of(permit_id=permit.pk, by=town.officer("y", Role.CLERK, office="370103"))
