"""No local pack is stricter or poorer than the nation's (S2-42), and every refusal says file, line, key and article."""

import pytest

from yizhengtong.law.errors import PackError, PackErrors
from yizhengtong.law.reading import Library, pack_texts
from yizhengtong.law.tests.packs import CITY, DEVIATION, LIMIT, NATION, RESIDENCE, entry, limit, pack

JINAN = "cn/370000/370100/hmt.yaml"
GRANTS = "cn/370000/370100/entitlements.yaml"


def refused(texts: dict[str, str]) -> tuple[PackError, ...]:
    with pytest.raises(PackErrors) as caught:
        Library.from_texts(texts)
    return caught.value.errors


def against_nation(key: str, national: str, local: str) -> list[str]:
    texts = {**pack(NATION, **{key: national}), **pack(CITY, **{key: local})}
    try:
        Library.from_texts(texts)
    except PackErrors as errors:
        return [error.code for error in errors.errors]
    return []


CHARGE = "{charge: card_cost, fen: %d}"
FREE = "{charge: free, fen: 0}"
PROOF = "[{evidence: lease%s}]"
GOOD_FOR = "{n: %d, unit: year, endorsement: %s}"
MINORS = "[{who: minor, under_age: %d, by: [guardian]}]"
STRICTER, POORER = "law.stricter_than_nation", "law.poorer_than_nation"
MAINLAND, CLAIMS = RESIDENCE % ("months", 6, "nation"), "[employment, dwelling, study]"


@pytest.mark.row("S2-42")
@pytest.mark.parametrize(
    ("key", "unit", "national", "local", "code"),
    [
        ("residence__requirement", "record", MAINLAND, RESIDENCE % ("months", 7, "nation"), STRICTER),
        ("residence__requirement", "record", MAINLAND, RESIDENCE % ("months", 6, "city"), STRICTER),
        ("claims__any_of", "list", CLAIMS, "[employment, dwelling]", STRICTER),
        ("travel_document__accepted", "list", "[hrp, mtp_five_year]", "[hrp]", STRICTER),
        ("travel_document__refused", "list", "[mtp_one_time]", "[mtp_one_time, hrp_non_chinese]", STRICTER),
        ("dwelling__proofs", "list", PROOF % "", PROOF % ", n: 6, unit: month", STRICTER),
        ("fingerprint__required", "flag", "false", "true", STRICTER),
        ("issue__limit", "workday", LIMIT % 20, LIMIT % 21, POORER),
        ("fee__first", "fen", FREE, CHARGE % 2000, POORER),
        ("fee__replace", "fen", CHARGE % 2000, CHARGE % 2001, POORER),
        ("validity", "year", GOOD_FOR % (5, "none"), GOOD_FOR % (4, "none"), POORER),
        ("validity", "year", GOOD_FOR % (5, "none"), GOOD_FOR % (5, "yearly"), POORER),
        ("proxy__rules", "list", MINORS % 16, MINORS % 15, POORER),
        ("delivery__modes", "list", "[collect, post]", "[collect]", POORER),
        ("permit__refusal_forbidden", "flag", "true", "false", POORER),
        ("delivery__modes", "list", "[collect]", "[post]", "law.not_comparable"),
    ],
)
def test_a_local_value_that_is_worse_is_refused_and_the_same_or_better_is_not(
    key: str, unit: str, national: str, local: str, code: str
) -> None:
    assert against_nation(key, entry(national, unit), entry(local, unit)) == [code]
    assert against_nation(key, entry(national, unit), entry(national, unit)) == []
    if code != "law.not_comparable":
        assert against_nation(key, entry(local, unit), entry(national, unit)) == []


@pytest.mark.row("S2-42")
def test_a_worse_value_is_refused_only_where_both_are_in_force_on_one_day() -> None:
    national = limit(20, since="2021-01-01")
    assert against_nation("issue__limit", national, limit(21, until="2021-01-01")) == []
    assert against_nation("issue__limit", national, limit(21, until="2021-01-02")) == ["law.poorer_than_nation"]


@pytest.mark.row("S2-08", "S2-42")
def test_a_worse_value_loads_only_as_a_sourced_deviation() -> None:
    national = entry(RESIDENCE % ("months", 6, "nation"), "record")
    local = RESIDENCE % ("months", 6, "city")
    key = "residence__requirement"
    assert against_nation(key, national, entry(local, "record", more=DEVIATION)) == []
    assert against_nation(key, national, entry(local, "record")) == ["law.stricter_than_nation"]
    without_rows = DEVIATION.replace("[S2-08]", "[]")
    assert against_nation(key, national, entry(local, "record", more=without_rows)) == ["law.wrong_value"]
    same = entry(RESIDENCE % ("months", 6, "nation"), "record", more=DEVIATION)
    assert against_nation(key, national, same) == ["law.deviation_without_difference"]


@pytest.mark.row("D5")
def test_days_never_inherit_into_months_not_even_as_a_deviation() -> None:
    national = entry(RESIDENCE % ("months", 6, "nation"), "record")
    for more in ("", DEVIATION):
        local = entry(RESIDENCE % ("days", 180, "nation"), "record", more=more)
        assert against_nation("residence__requirement", national, local) == ["law.days_are_not_months"]


def test_the_floating_population_packs_are_not_under_this_rule() -> None:
    texts = {
        **pack(NATION, "floating", issue__limit=limit(15)),
        **pack(CITY, "floating", issue__limit=limit(16)),
    }
    assert set(Library.from_texts(texts).files) == set(texts)


@pytest.mark.row("S2-08", "S2-42")
def test_jinan_without_its_deviation_is_refused_with_file_line_and_article() -> None:
    texts = dict(pack_texts())
    lines = texts[JINAN].splitlines()
    start = next(index for index, line in enumerate(lines) if line.strip() == "deviation:")
    texts[JINAN] = "\n".join(lines[:start] + lines[start + 3 :])
    (error,) = refused(texts)
    assert (error.file, error.key, error.code) == (JINAN, "residence.requirement", "law.stricter_than_nation")
    assert error.article == "j25 art. 二"
    assert "measure: months" in lines[error.line - 1]
    assert "cn/hmt.yaml" in error.message
    assert "m81 art. 2" in error.message


@pytest.mark.row("S2-24", "S2-42", "D13")
def test_fewer_conveniences_are_refused() -> None:
    texts = dict(pack_texts())
    texts[GRANTS] = "\n".join(line for line in texts[GRANTS].splitlines() if "code: birth_registration" not in line)
    (error,) = refused(texts)
    assert (error.file, error.code) == (GRANTS, "law.entitlement_left_out")
    assert "birth_registration" in error.message


@pytest.mark.row("S2-42", "D13")
def test_a_convenience_may_not_be_bound_to_the_place_where_the_nation_does_not() -> None:
    texts = dict(pack_texts())
    texts[GRANTS] = texts[GRANTS].replace("{code: finance,", "{code: finance, place_bound: true,")
    assert [error.code for error in refused(texts)] == ["law.entitlement_bound"]


@pytest.mark.row("S2-42")
def test_a_local_item_may_not_ask_for_more_than_the_nation() -> None:
    texts = dict(pack_texts())
    national = texts["cn/hmt.yaml"]
    local = national[national.index("evidence:\n") :].replace("m81", "j25").replace("dagong", "j25")
    local = (
        local.replace("m663", "j25").replace("qingyuan", "j25").replace("any_of: [hrp, mtp_five_year]", "any_of: [hrp]")
    )
    texts[JINAN] += local
    errors = refused(texts)
    assert {error.code for error in errors} == {"law.item_stricter_than_nation"}
    assert {error.key for error in errors} == {"hmt.first_issue", "hmt.replacement", "hmt.reissue"}
