"""Facts in words, as they stand in the sentence of a message."""

from yizhengtong.foundation.notifications.rendering import shown

REASONS = [
    {"zh-Hans": "还没有采集照片。", "en": "No photograph yet."},
    {"zh-Hans": "缺少材料", "en": "A paper is missing"},
]


def test_reasons_are_joined_without_the_full_stop_that_the_sentence_around_them_has() -> None:
    assert shown(REASONS, "zh-Hans") == "还没有采集照片；缺少材料"
    assert shown(REASONS, "en") == "No photograph yet; A paper is missing"
