"""What must not leave the platform in words, in a template and in a message."""

import pytest

from yizhengtong.foundation.notifications.guard import dangers, dangers_leaving, problems_of_words
from yizhengtong.foundation.notifications.kinds import Channel, Kind, Quiet, Source, Words

KIND = Kind(
    "sample", True, Source("text", "1", "C"), Quiet.NONE, 1,
    {"day": "date", "item": "words", "reasons": "reasons", "holder": "name"},
)  # fmt: skip


def codes(text: str, names: list[str] | None = None) -> list[str]:
    return [code.removeprefix("notifications.") for code in dangers(text, names or [])]


@pytest.mark.parametrize(
    "text",
    [
        "号码 830000199001010014", "号码 8300 0019 9001 0100 14", "8300-0019-9001", "１２３４５６７８", "H12345678",
        "C1234567",
        "A123456(7)", "12345678", "1234\u200b5678", "电话 0531—85082226", "81000019900101001X",
    ],
)  # fmt: skip
def test_a_document_number_is_seen_however_it_is_written(text: str) -> None:
    assert codes(text) == ["number_in_words"]


@pytest.mark.parametrize(
    "text", ["1234567", "2026-12-22", "2026年12月22日", "2026-12-22至2027-01-21", "还剩30天", "验证码428301"]
)  # fmt: skip
def test_days_codes_and_short_numbers_pass(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/?t=abc", "https://example.org/x#token", "http://example.org/", "https://u:p@example.org/",
        "https://example.org/a/Zx9Q", "https://example.org/login/eyJhbGciOiJIUzI1", "www.example.org/?a", "ftp://example.org",
        "weixin://dl/business", "https://example.org/,token", "ｈｔｔｐｓ：//example.org/?t=1", "https://example.org/a/b/c/d",
    ],
)  # fmt: skip
def test_a_link_that_could_carry_a_token_is_seen(text: str) -> None:
    assert "link_in_words" in codes(text)


@pytest.mark.parametrize("text", ["https://example.org", "https://example.org/permits.", "www.example.org，请登录"])
def test_a_plain_link_passes(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("name", ["陈大文", "CHAN TAI MAN", "Chan Tai Man"])
def test_a_name_is_seen_however_it_is_spaced(name: str) -> None:
    assert codes("您好，陈 大文 (Chan Tai  Man)", [name]) == ["name_in_words"]


def test_somebody_elses_name_and_one_letter_pass() -> None:
    assert codes("您好，大家好", ["陈大文", "好", ""]) == []


def test_a_subject_names_nobody_and_a_mails_text_may() -> None:
    assert dangers_leaving(Channel.EMAIL, Words("致陈大文", "您好"), ["陈大文"]) == ["notifications.name_in_words"]
    assert dangers_leaving(Channel.EMAIL, Words("通知", "您好，陈大文"), ["陈大文"]) == []
    assert dangers_leaving(Channel.SMS, Words("", "您好，陈大文"), ["陈大文"]) == ["notifications.name_in_words"]


def problems(channel: str, text: str, subject: str = "", language: str = "zh-Hans") -> list[str]:
    found = problems_of_words(KIND, channel, language, Words(subject, text))
    return [f"{each.field} {each.code.removeprefix('notifications.')}" for each in found]


def test_a_good_template_has_no_problem() -> None:
    assert problems("sms", "您好，{item}须在{day}前办理。") == []
    assert problems("email", "Hello. {item}", "About {item}", "en") == []
    assert problems("inbox", "{holder}：{reasons}", "通知") == []


def test_everything_wrong_with_a_template_is_told_at_once() -> None:
    found = problems("sms", "请看 https://example.org/?t=1 号码12345678 {who} {holder} {reasons}", "主题")
    assert found == [
        "text placeholder_unknown",
        "text placeholder_not_here",
        "text placeholder_not_here",
        "text number_in_words",
        "text link_in_words",
        "subject subject_not_here",
        "text greeting_missing",
    ]


@pytest.mark.parametrize(
    "text",
    ["您好 {day", "您好 }", "您好 {day.year}", "您好 {day!r}", "您好 {day:>9}", "您好 {0}", "您好 {}", "您好 {a[0]}"],
)
def test_nothing_but_names_stands_in_braces(text: str) -> None:
    assert problems("sms", text) == ["text braces_unpaired"]


def test_lengths_have_bounds() -> None:
    assert problems("sms", "您好" + "文" * 498) == []
    assert problems("sms", "您好" + "文" * 499) == ["text words_too_long"]
    assert problems("email", "您好", "主" * 121) == ["subject words_too_long"]
    assert problems("email", "您好", "一\n二") == ["subject subject_one_line"]
    assert "text words_missing" in problems("sms", " ")
