"""The trail's retention: what the law in force asks for bounds what a deployment may set."""

from typing import Any

import pytest

from yizhengtong.foundation.audit.models import Expiry
from yizhengtong.kernel.errors import Conflict
from yizhengtong.project.audit_retention import ask_for_all_expiries, least_months_by_law, plan_of_settings
from yizhengtong.project.sealer import plan_of

pytestmark = pytest.mark.django_db


@pytest.mark.row("D11")
def test_the_pack_says_how_long_logs_are_kept_and_names_no_number_for_the_others(law_in_force: None) -> None:
    assert [least_months_by_law(name) for name in ("log", "work", "archive")] == [6, None, None]


def test_where_nothing_is_due_nothing_is_asked(law_in_force: None) -> None:
    assert ask_for_all_expiries() == []
    assert not Expiry.objects.exists()


@pytest.mark.parametrize("months", [{"log": 5, "work": 36}, {"log": 6, "work": 35}])
def test_a_deployment_that_keeps_shorter_than_the_law_is_refused(
    law_in_force: None, settings: Any, months: dict[str, int]
) -> None:
    settings.YZT_AUDIT_KEEP_MONTHS = months
    with pytest.raises(Conflict) as refused:
        ask_for_all_expiries()
    assert refused.value.code == "audit.kept_too_short"


def test_the_sealers_process_and_the_commands_read_the_same_settings(home: Any) -> None:
    ours, its = plan_of_settings(), plan_of({}, home)
    assert (ours.file, ours.keys, ours.hash_name, ours.keep_months) == (
        its.file,
        its.keys,
        its.hash_name,
        its.keep_months,
    )
    given = {"YZT_CRYPTO": "national", "YZT_AUDIT_KEEP_LOG_MONTHS": "12", "YZT_AUDIT_CHECKPOINTS": "/mnt/other"}
    told = plan_of(given, home)
    assert (told.hash_name, told.keep_months["log"], str(told.file.folder)) == ("sm3", 12, "/mnt/other")
    assert plan_of(given | {"YZT_CRYPTO": "both"}, home).hash_name == "sm3"
