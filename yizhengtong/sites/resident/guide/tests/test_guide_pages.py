"""Guides, service points, entitlements and notices: whole, in four languages, out of the packs in force."""

from typing import Any

import pytest

from tests.support.law import CITY_PACK, JINAN, LIXIA, changed, lay_down_law, put_in_force, with_value
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.texts import PAGE_LANGUAGES
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.findings import Source
from yizhengtong.permitting.casework.guiding.items import guides_of
from yizhengtong.permitting.casework.guiding.queries import laws_at
from yizhengtong.sites.resident.guide.places import place_asked
from yizhengtong.sites.resident.guide.showing import article_of
from yizhengtong.sites.resident.guide.tests.reading import get, missing_words, words_of

pytestmark = pytest.mark.django_db

PLACES = ("370100", "370102", "330106", "330381", "331126", "350200", "441900", "450100", "511302")
MOST_STATEMENTS = 3


@pytest.fixture(autouse=True)
def _law() -> None:
    lay_down_law()


def today() -> Any:
    from django.utils import timezone

    return legal_day(timezone.now())


@pytest.mark.row("S0-T04")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_every_guide_of_a_place_is_a_page_without_a_missing_word(
    place: str, language: str, django_assert_max_num_queries: Any
) -> None:
    codes = [code for law in laws_at(place, today()) for code in guides_of(law)]
    assert len(codes) >= 5
    for code in codes:
        with django_assert_max_num_queries(MOST_STATEMENTS):
            answer = get(f"/guide/{code}", language, place=place)
        assert answer.status_code == 200, code
        assert not missing_words(answer), (code, missing_words(answer))
        assert answer.content.count(b'class="why"') >= 4


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/guide", "/when", "/service-points", "/entitlements", "/fraud", "/about/privacy", "/about/accessibility"]
)
def test_every_other_page_is_whole_and_asks_little(
    path: str, language: str, django_assert_max_num_queries: Any
) -> None:
    for place in ("", "370103", "331126", "511302", "鼓楼区", "nowhere"):
        with django_assert_max_num_queries(MOST_STATEMENTS):
            answer = get(path, language, **({"place": place} if place and path != "/when" else {}))
        assert answer.status_code == 200
        assert not missing_words(answer), place
        assert not answer.cookies


@pytest.mark.row("S0-T04", "S0-T05")
def test_each_of_the_three_documents_has_its_own_page_that_says_what_it_is_and_what_it_is_not() -> None:
    pages = {code: words_of(get(f"/guide/{code}", "zh-Hant-TW")) for code in (
        "hmt.first_issue", "settlement.approval", "settlement.identity_card"
    )}  # fmt: skip
    for words in pages.values():
        assert "它是甚麼" in words or "它是什麼" in words
        assert all(name in words for name in ("① 台灣居民居住證", "② 台灣居民定居證", "③ 居民身份證"))
    assert "不是定居證" in pages["hmt.first_issue"]
    assert "不是居住證" in pages["settlement.approval"]
    assert "批准定居通知書" in pages["settlement.identity_card"]
    assert len(set(pages.values())) == 3


@pytest.mark.row("S1-031")
def test_the_permit_is_called_as_it_is_where_its_reader_is_from() -> None:
    taiwan = words_of(get("/guide/hmt.first_issue", "zh-Hant-TW"))
    hong_kong = words_of(get("/guide/hmt.first_issue", "zh-Hant-HK"))
    assert "申領台灣居民居住證" in taiwan
    assert "港澳居民居住證" not in taiwan
    assert "申領港澳居民居住證" in hong_kong
    assert "申領台灣居民居住證" not in hong_kong


def test_a_page_says_what_the_edition_in_force_says() -> None:
    assert "20个工作日" in words_of(get("/guide/hmt.first_issue", place=LIXIA))
    put_in_force(with_value("issue.limit", "{n: 20,", "{n: 18,", path=CITY_PACK))
    changed = words_of(get("/guide/hmt.first_issue", place=LIXIA))
    assert "18个工作日内发放" in changed
    assert "自受理之日起20个工作日内发放。" not in changed


def test_what_is_inferred_or_not_found_is_marked_without_opening_anything() -> None:
    answer = get("/guide/settlement.approval", place=LIXIA).content.decode()
    assert '<span class="tag warn">没有查到</span>' in answer
    assert '<span class="tag warn">推断</span>' in answer


def test_behind_a_why_stand_the_text_the_article_its_words_and_since_when() -> None:
    words = words_of(get("/guide/hmt.first_issue", place=JINAN))
    assert "济政办字〔2019〕25号 第二条：“自受理之日起20个工作日内发放”" in words
    assert "原文已读到；自2019年4月19日起" in words


@pytest.mark.parametrize("code", ["nothing", "hmt.nothing", "floating.first_issue", "privacy.first_issue", "%20"])
def test_a_guide_that_a_place_does_not_have_is_not_found(code: str) -> None:
    assert get(f"/guide/{code}", place=LIXIA).status_code == 404


@pytest.mark.parametrize(
    ("written", "code"),
    [("370102", "370102"), ("历下区", "370102"), ("歷下區", "370102"), ("济南市历下区", "370102"),
     ("瑞安", "330381"), ("慶元縣", "331126"), ("廈門市", "350200"), ("999999", ""), ("香港", ""), ("区", "")],
)  # fmt: skip
def test_a_place_is_known_by_its_code_and_by_its_name_in_either_writing(written: str, code: str) -> None:
    assert place_asked(written).code == code


def test_a_name_that_several_places_have_is_asked_back() -> None:
    found = place_asked("鼓楼区")
    assert found.code == ""
    assert len(found.candidates) >= 4
    assert "江苏省南京市鼓楼区" in words_of(get("/guide", place="鼓楼区"))


@pytest.mark.row("S4-09")
@pytest.mark.parametrize("code", ["floating.conversion_permit", "floating.conversion_registrations"])
@pytest.mark.parametrize(
    ("language", "site", "app", "section", "platform"),
    [
        ("zh-Hans", "浙江政务服务网", "“浙里办”APP", "流动人口专区", "省公安厅电子居住证平台"),
        ("zh-Hant-HK", "浙江政務服務網", "“浙里辦”APP", "流動人口專區", "省公安廳電子居住證平台"),
        ("zh-Hant-TW", "浙江政務服務網", "“浙里辦”APP", "流動人口專區", "省公安廳電子居住證平台"),
        ("en", "浙江政务服务网", "Zheliban 浙里办", "流动人口专区", "platform for electronic residence permits"),
    ],
)
def test_the_guide_names_the_ways_to_apply_online_that_the_pack_names_with_their_article(
    code: str, language: str, site: str, app: str, section: str, platform: str
) -> None:
    words = words_of(get(f"/guide/{code}", language, place="331126"))
    entry = words[words.index(platform) :]
    assert entry.index(site) < entry.index(app) < entry.index(section)
    assert "庆政办发〔2023〕43号" in entry
    assert "浙江政务服务网或者浙里办APP流动人口专区" in entry


@pytest.mark.row("S4-09")
def test_another_name_in_the_pack_is_another_name_on_the_page_and_elsewhere_none_is_told() -> None:
    path = "cn/330000/331100/331126/floating.yaml"
    put_in_force(changed(path, "name: {zh-Hans: “浙里办”APP", "name: {zh-Hans: 演示APP"))
    told = words_of(get("/guide/floating.conversion_permit", place="331126"))
    assert "演示APP，进入“流动人口专区”" in told
    assert "流动人口专区" not in words_of(get("/guide/floating.first_issue", place="330381"))


@pytest.mark.row("S2-44", "S2-61")
def test_service_points_begin_with_the_district_asked_and_say_their_day_and_source() -> None:
    words = words_of(get("/service-points", place="370103"))
    assert words.index("六里山派出所") < words.index("科院路派出所")
    assert words.count("派出所") >= 12
    assert "济政办字〔2019〕25号，2019年4月19日的名单" in words
    assert "没有坐标" in words
    assert "+86-531-82569290" in words


def test_where_no_list_is_published_no_point_is_invented() -> None:
    words = words_of(get("/service-points", place="331126"))
    assert "没有公布的受理点名单" in words
    assert "派出所" in words
    assert "+86" not in words


def test_points_of_one_kind_are_shown_alone() -> None:
    halls = words_of(get("/service-points", place=JINAN, kind="service_hall"))
    assert "科院路派出所" not in halls


@pytest.mark.row("S2-22", "S2-23", "S2-24", "D13", "D26")
def test_entitlements_name_who_owes_them_and_which_are_bound_to_a_place() -> None:
    jinan = words_of(get("/entitlements", place=JINAN))
    assert "不限居住地" in jinan
    assert "没有指定部门；由统筹协调的部门答复" in jinan
    hangzhou = get("/entitlements", place="330106", of="floating")
    assert "只在居住地" in words_of(hangzhou)
    assert "接受学前教育" in words_of(hangzhou)


@pytest.mark.row("S0-T33", "S0-T34", "S0-T35", "S0-T36", "S0-T37", "S0-T38", "S0-T39")
@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_the_warning_gives_the_three_reminders_with_their_source(language: str) -> None:
    answer = get("/fraud", language)
    words = words_of(answer)
    assert answer.content.count(b"<li>") >= 10
    assert "国台办例行新闻发布会" in words
    said = {
        "zh-Hans": ("完全由您自愿", "谨防上当受骗", "只收取证件工本费", "严格保护", "妥善保管证件"),
        "zh-Hant-HK": ("完全由您自願", "謹防上當受騙", "只收取證件工本費", "嚴格保護", "妥善保管證件"),
        "zh-Hant-TW": ("完全由您自願", "謹防上當受騙", "只收取證件工本費", "嚴格保護", "妥善保管證件"),
        "en": ("entirely your own choice", "Do not be deceived", "only the cost of the card", "strictly protected",
               "Keep your documents"),
    }[language]  # fmt: skip
    assert not [each for each in said if each not in words]


def test_nobody_is_asked_for_money_and_every_page_leads_to_the_warning() -> None:
    for path in ("/", "/guide", "/guide/hmt.first_issue"):
        assert 'href="/fraud"' in get(path).content.decode()


@pytest.mark.parametrize(
    ("article", "words"),
    [("2", "第2条"), ("二", "第二条"), ("13(1)", "第13(1)条"), ("8–11", "第8–11条"), ("13、25", "第13、25条"),
     ("二.1", "二.1"), ("附件1", "附件1"), ("序言", "序言"), ("四(四)", "四(四)"), ("", "")],
)  # fmt: skip
def test_an_article_is_told_as_it_is_read(article: str, words: str) -> None:
    assert article_of(Source("某法", article), Reader("zh-Hans", False, None)) == words


def test_what_each_text_gives_is_told_with_its_article_in_the_readers_words() -> None:
    answer = words_of(get("/when", "zh-Hant-HK", who="HK", place_1="370102", from_1="2026-06-01", has="employment"))
    assert "81号 第2條" in answer
    assert "art." not in answer
