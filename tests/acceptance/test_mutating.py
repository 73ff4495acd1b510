"""Changed packs: one file differs, the others are the same, and a survivor ends the run with 1."""

import shutil
from collections.abc import Mapping

import pytest

from tests.acceptance.ledger import Status
from tests.acceptance.mutating import Hunt, changed_packs, tell_end
from tests.acceptance.mutation import Mutation, mutations
from yizhengtong.law.reading import pack_texts

PROVINCE = "cn/370000/hmt.yaml"
CHANGE = Mutation("issue.limit", PROVINCE, "changed: true\n", ("S2-13",), "20", "21", is_refused=False)


@pytest.fixture(scope="module")
def texts() -> Mapping[str, str]:
    return pack_texts()


def test_a_changed_folder_of_packs_differs_in_one_file(texts: Mapping[str, str]) -> None:
    folder = changed_packs(CHANGE)
    try:
        found = pack_texts(folder)
    finally:
        shutil.rmtree(folder)
    assert {path for path in texts if texts[path] != found[path]} == {PROVINCE}
    assert found[PROVINCE] == "changed: true\n"
    assert pack_texts() == texts


def test_every_mutation_changes_its_file_and_every_parameter_has_one(texts: Mapping[str, str]) -> None:
    jinan = "cn/370000/370100/hmt.yaml"
    found = mutations({path: texts[path] for path in (jinan, "cn/370000/hmt.yaml", "cn/hmt.yaml", "readings.yaml")})
    assert all(each.mutated_text != texts[each.path] for each in found)
    keys = {each.key.partition("#")[0] for each in found if each.path == jinan}
    assert {"issue.limit", "validity", "fee.replace", "residence.requirement", "photo.mode"} <= keys


def test_a_survivor_ends_the_run_with_one_unless_it_is_known_to_change_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hunt = Hunt(caught=3, caught_by_own_rows=2, survivors=[CHANGE])
    assert tell_end(hunt, 4, Status({}, {}), 1.0) == 1
    told = capsys.readouterr().out
    assert f"survived: {PROVINCE}  issue.limit" in told
    assert "mutations=8 refused=4 caught=3" in told
    assert tell_end(hunt, 4, Status({}, {}, {f"{PROVINCE} issue.limit": "the same"}), 1.0) == 0
