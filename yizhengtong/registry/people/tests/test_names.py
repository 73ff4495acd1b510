"""Two writings of one name."""

import pytest

from yizhengtong.registry.people.names import folded, same_name


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("鍾美玲", "钟美玲"), ("瀋國昇", "沈國升"), ("葉子", "叶子"), ("陳 大文", "陈大文"),
        ("CHAN Tai Man", "Chan  TAI man"),
        ("ＣＨＡＮ", "chan"), ("\uf92a", "浪"), ("葛\U000e0100", "葛"),
    ],
)  # fmt: skip
def test_writings_that_differ_only_by_form_are_one_name(a: str, b: str) -> None:
    assert same_name(a, b)
    assert same_name(b, a)


@pytest.mark.parametrize(("a", "b"), [("王小明", "王小朋"), ("范冰", "範冰"), ("王小明", "王小"), ("鍾", "\ue000")])
def test_names_the_table_does_not_know_stay_different(a: str, b: str) -> None:
    assert not same_name(a, b)


def test_folding_is_stable() -> None:
    for name in ("鍾 美玲", "ＣＨＡＮ Tai-Man", "瀋昇"):
        assert folded(folded(name)) == folded(name)
