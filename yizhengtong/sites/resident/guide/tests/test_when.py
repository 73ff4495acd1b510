"""When will I qualify: answers on the page and nowhere else."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.law import NATION_PACK, changed, lay_down_law, put_in_force
from yizhengtong.foundation.texts import PAGE_LANGUAGES, day_in_words
from yizhengtong.kernel.dates import add_months, legal_day
from yizhengtong.sites.resident.guide.tests.reading import get, missing_words, post, words_of

pytestmark = pytest.mark.django_db

RUIAN_180_DAYS = {
    "who": "CN", "hukou": "南充市顺庆区", "place_1": "瑞安市", "has": ["employment"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _law() -> None:
    lay_down_law()


def days_ago(days: int) -> str:
    return (legal_day(timezone.now()) - timedelta(days=days)).isoformat()


def in_words(day: Any) -> str:
    return day_in_words(day, "zh-Hans")


def ruian(**more: object) -> dict[str, object]:
    return {**RUIAN_180_DAYS, "from_1": days_ago(100), "registered_1": days_ago(90), **more}


@pytest.mark.row("S3-35", "D5")
def test_zhejiang_counts_registered_days_in_the_county() -> None:
    words = words_of(post("/when", ruian()))
    assert f"{in_words(legal_day(timezone.now()) + timedelta(days=90))}起符合条件（还有90天）" in words
    assert "按天计，不折算成月" in words
    assert "瑞安本地报纸" in words


@pytest.mark.row("S0-T08", "D4")
def test_half_a_year_is_counted_by_both_texts_and_the_better_one_decides() -> None:
    words = words_of(post("/when", {"who": "HK", "place_1": "歷下區", "from_1": days_ago(30), "has": ["dwelling"]}))
    due = add_months(legal_day(timezone.now()) - timedelta(days=30), 6)
    assert f"{in_words(due)}起符合条件" in words
    assert "国办发〔2018〕81号" in words
    assert "济政办字〔2019〕25号" in words


def test_each_place_lived_in_has_a_box_of_its_own() -> None:
    words = words_of(post("/when", ruian(place_2="庆元县", from_2=days_ago(300), until_2=days_ago(100),
                                         registered_2=days_ago(300))))  # fmt: skip
    assert "浙江省温州市瑞安市" in words
    assert "浙江省丽水市庆元县" in words
    assert "居住登记时间累计互认" in words


def test_what_the_page_reckons_follows_the_law_in_force() -> None:
    asked = {"who": "TW", "place_1": "福州市鼓楼区", "from_1": days_ago(0), "has": ["study"]}
    assert "居住满6个月" in words_of(post("/when", asked))
    old = "value: {measure: months, n: 6, scope: nation, contiguous: false, evidence: any}"
    put_in_force(changed(NATION_PACK, old, old.replace("n: 6", "n: 4")))
    words = words_of(post("/when", asked))
    assert "居住满4个月" in words
    assert in_words(add_months(legal_day(timezone.now()), 4)) in words


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
@pytest.mark.parametrize("who", ["HK", "MO", "TW", "CN"])
def test_an_answer_is_whole_in_every_language(who: str, language: str) -> None:
    asked = ruian(who=who, since_employment=days_ago(10), where="庆元县")
    answer = post("/when", asked, language)
    assert answer.status_code == 200
    assert not missing_words(answer)


@pytest.mark.row("S0-T38")
def test_nothing_is_stored_nothing_is_logged_and_no_cookie_is_set(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        answer = post("/when", ruian())
    assert answer.status_code == 200
    writes = [each["sql"] for each in asked if not each["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE", "SET "))]
    assert not writes
    assert len(asked) <= 5
    assert not answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]
    told = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert not [secret for secret in ("瑞安", "330381", "顺庆", "511302", days_ago(100)) if secret in told]


def test_no_answer_stands_in_an_address() -> None:
    page = post("/when", ruian()).content.decode()
    assert 'action="/when"' in page
    assert "?who=" not in page
    assert days_ago(100) not in page.replace(f'value="{days_ago(100)}"', "")


def test_an_address_with_answers_works_too() -> None:
    answer = get("/when", who="MO", place_1="370102", from_1=days_ago(400), has="employment")
    assert "现在就符合" in words_of(answer)


def test_nothing_typed_is_lost_when_something_is_missing() -> None:
    answer = post("/when", ruian(hukou="", from_1=""))
    assert answer.status_code == 422
    words = words_of(answer)
    assert "请填写常住户口所在的县（市、区）。" in words
    assert "请填写从哪一天住起。" in words
    assert 'value="瑞安市"' in answer.content.decode()


def test_another_stay_is_added_and_the_rest_stays() -> None:
    page = post("/when", ruian(more="1")).content.decode()
    assert 'name="place_3"' in page
    assert 'value="瑞安市"' in page
    assert 'class="error"' not in page


def test_the_answers_can_be_changed() -> None:
    page = post("/when", ruian(change="1")).content.decode()
    assert f'value="{days_ago(100)}"' in page
    assert 'name="who" value="CN"' in page


@pytest.mark.parametrize(
    "odd",
    [{"who": "XX"}, {"place_1": "鼓楼区"}, {"place_1": "nowhere"}, {"from_1": "soon"}, {"from_1": "0001-01-01"},
     {"until_1": "2000-01-01"}, {"from_1": "9999-12-31"}, {"place_1": "x" * 500}, {"has": ["everything"]},
     {"place_9": "瑞安市"}, {"who": "\x00"}, {"from_1": "2026-02-30"}],
)  # fmt: skip
def test_an_odd_answer_is_never_a_failure(odd: dict[str, object]) -> None:
    assert post("/when", ruian(**odd)).status_code in (200, 422)


def test_a_day_too_far_away_is_told_at_its_field() -> None:
    assert post("/when", ruian(from_1="9999-12-31")).status_code == 422


def test_it_works_without_signing_in_and_leaves_no_session() -> None:
    client = Client()
    assert client.get("/when").status_code == 200
    assert not client.cookies


def test_what_is_met_is_folded_away_and_what_is_open_stands_in_the_open() -> None:
    answer = post("/when", ruian()).content.decode()
    page = answer[answer.index("条件", answer.index("<h1>")) :]
    folded = "".join(re.findall(r"<details><summary[^>]*>已满足的条件.*?</ul></details>", answer, re.DOTALL))
    assert (
        page.count('<span class="tag good">已满足</span>') == folded.count('<span class="tag good">已满足</span>') > 0
    )
    assert "tag warn" not in re.sub(r"<details class=\"why\">.*?</details>", "", folded, flags=re.DOTALL)
    assert '<ul class="plain"><li><p><strong>' in answer.replace(folded, "")
