"""The operators' page names every measure there is with its labels, and none that is not there."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tests.support.cases import case_at
from tests.support.city import a_city
from yizhengtong.foundation.audit.models import Position
from yizhengtong.foundation.exchange.models import Push, PushState
from yizhengtong.foundation.exchange.tests.platforms import following, platform
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.sites.operations import snapshot

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[4] / "docs/operations.md"
ROW = re.compile(r"^\| `(yzt_\w+)` \| ([\w, ]*)\|", re.MULTILINE)
OF_HISTOGRAMS = ("_count", "_sum", "_bucket")


@pytest.fixture
def shown(settings: Any, tmp_path: Path) -> Mapping[str, frozenset[str]]:
    """Every measure of a server that lacks nothing, with its labels."""
    case_at(a_city(), CaseState.RECEIVED)
    with following():
        _push_acknowledged()
    Position.objects.create(transaction_id="3", cluster="this")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "manifest.json").write_text(json.dumps({"finished_at": timezone.now().isoformat()}))
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"backups": tmp_path})
    settings.YZT_SLOW_STATEMENT_MS = 0  # the first request has one
    snapshot.forget()
    bearer = {"Authorization": f"Bearer {settings.YZT_METRICS_TOKEN}"}
    for _ in range(2):
        text = Client().get("/metrics", headers=bearer).content.decode()
    snapshot.forget()
    return {
        family.name + "_total" * (family.type == "counter"): frozenset(
            label for sample in family.samples for label in sample.labels if label != "le"
        )
        for family in text_string_to_metric_families(text)
        if not family.name.endswith("_created")
    }


def _push_acknowledged() -> None:
    known = {"kind": "permits.issued", "object_kind": "permit", "state": PushState.ACKNOWLEDGED}
    ids = {name: new_id() for name in ("event_id", "stream", "object_id")}
    Push.objects.create(
        destination=platform(), position=1, happened_at=timezone.now(), acknowledged_at=timezone.now(), **known, **ids
    )


def test_the_page_has_each_measure_with_its_labels_and_no_other(shown: Mapping[str, frozenset[str]]) -> None:
    told = ROW.findall(PAGE.read_text())
    assert len(told) == len(dict(told))
    assert {name: frozenset(re.findall(r"\w+", labels)) for name, labels in told} == shown


def test_every_query_of_the_page_asks_for_a_measure_there_is(shown: Mapping[str, frozenset[str]]) -> None:
    histograms = {f"yzt_http_request_seconds{suffix}" for suffix in OF_HISTOGRAMS}
    assert set(re.findall(r"\byzt_\w+", PAGE.read_text())) <= shown.keys() | histograms
