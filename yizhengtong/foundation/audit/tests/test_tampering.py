"""Whatever is done to a sealed trail is found, by the platform's own check and by the outsider's, and told alike."""

import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from yizhengtong.foundation.audit.exporting import export
from yizhengtong.foundation.audit.findings import Report
from yizhengtong.foundation.audit.sealing import Plan
from yizhengtong.foundation.audit.tests.tampering import TAMPERINGS, Scene, scene_of
from yizhengtong.foundation.audit.tests.trails import (
    conninfo,
    expire,
    plan_in,
    seal,
    seal_with,
    sealer_in,
    verified,
    write,
    write_old,
)
from yizhengtong.foundation.texts import knows, say

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[4]
Tampering = Callable[[Scene, int], None]


def checker_module() -> Any:
    spec = importlib.util.spec_from_file_location("audit_checker", ROOT / "deploy" / "audit_checker.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHECKER = checker_module()


def checked_outside(plan: Plan, own: Path | None = None) -> list[tuple[str, int, str]]:
    """Return what the stand-alone checker finds in a new export, notes left out."""
    with tempfile.TemporaryDirectory() as folder:
        export(conninfo(), plan.file, Path(folder))
        found: list[tuple[str, int, str]] = CHECKER.Checker(Path(folder), own).check()
    return [each for each in found if not CHECKER.SENTENCES[each[0]].startswith("note")]


def as_rows(report: Report) -> list[tuple[str, int, str]]:
    return [(found.code, found.at, found.entry) for found in report.findings]


@pytest.fixture
def trail(tmp_path: Path) -> Plan:
    """A trail with several checkpoints, contents that expired, a second key, and a tail that is not signed yet."""
    plan = plan_in(tmp_path)
    write_old(3)
    write(4)
    seal(plan)
    expire(plan)
    write(3)
    with sealer_in(plan):
        plan.keys.request.touch()
    seal(plan)
    write(3)
    seal(plan)
    write(2)
    slow = plan_in(tmp_path, checkpoint_seconds=3600)
    with sealer_in(slow) as sealer:
        sealer._signed_at = float("inf")
        seal_with(sealer)
    return plan


def test_the_trail_of_these_tests_is_whole(trail: Plan) -> None:
    report = verified(trail)
    assert (as_rows(report), report.checkpoints) == ([], len(trail.file.lines()))
    assert {note.code for note in report.notes} == {"audit.tail_not_signed"}
    assert len(trail.file.trust()) == 2
    assert checked_outside(trail) == []


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.__name__)
def test_each_way_of_tampering_is_found_by_its_code_and_by_both_alike(
    trail: Plan, tmp_path: Path, tampering: Tampering
) -> None:
    with scene_of(trail.file, tmp_path / "kept") as scene:
        tampering(scene, 5)
        found = as_rows(verified(trail))
        assert TAMPERINGS[tampering] <= {code for code, _, _ in found}
        assert sorted(set(found)) == sorted(checked_outside(trail))
    assert as_rows(verified(trail)) == []


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    done=st.lists(
        st.tuples(st.sampled_from(sorted(TAMPERINGS, key=lambda each: each.__name__)), st.integers(0, 30)),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_is_combined_something_is_found_and_both_say_the_same(
    trail: Plan, tmp_path: Path, done: list[tuple[Tampering, int]]
) -> None:
    with scene_of(trail.file, tmp_path / "kept") as scene:
        before = scene.state()
        for tampering, number in done:
            try:
                tampering(scene, number)
            except (IndexError, ValueError, ZeroDivisionError, KeyError):
                continue  # the one before has left nothing to do it to
        found = as_rows(verified(trail))
        assert bool(found) == (scene.state() != before)  # doing a swap twice undoes it
        assert sorted(set(found)) == sorted(checked_outside(trail))


def test_a_trail_written_anew_as_a_whole_is_found_by_who_kept_a_copy(trail: Plan, tmp_path: Path) -> None:
    own = tmp_path / "own"
    export(conninfo(), trail.file, own)
    with scene_of(trail.file, tmp_path / "kept") as scene:
        for table in ("statement", "expiry", "checkpoint", "link"):
            scene.run(f"DELETE FROM audit_{table}")  # noqa: S608 our own names
        scene.run("UPDATE audit_position SET transaction_id = '0'")
        scene.run("UPDATE audit_entry SET person_id = gen_random_uuid()")
        scene.file.path.unlink()
        (scene.file.folder / "trust.json").unlink()
        forged = Plan(trail.file, plan_in(tmp_path / "thief").keys)
        seal(forged)
        assert as_rows(verified(trail)) == []  # nothing inside can tell
        codes = {code for code, _, _ in checked_outside(trail, own)}
        assert {"audit.checkpoints_differ", "audit.checkpoint_key_unknown"} <= codes


def test_every_finding_has_words_in_the_platform_and_in_the_checker() -> None:
    for code, words in CHECKER.SENTENCES.items():
        assert knows(code)
        assert words.startswith("note") == say(code, "en").startswith("note")
    for codes in TAMPERINGS.values():
        assert codes <= CHECKER.SENTENCES.keys()


def test_the_checker_is_short_enough_to_be_read_by_who_runs_it() -> None:
    assert len((ROOT / "deploy" / "audit_checker.py").read_text().splitlines()) < 200
