"""Every kind's words, in every language and channel, pass the judgement that officers' words must pass."""

from pathlib import Path

import pytest

from yizhengtong.foundation.notifications.guard import dangers_leaving, placeholders_in, problems_of_words
from yizhengtong.foundation.notifications.kinds import Channel, kinds, shipped
from yizhengtong.foundation.notifications.rendering import render, sample_facts
from yizhengtong.foundation.texts.catalogue import LANGUAGES
from yizhengtong.rights.messages.page import messages_page
from yizhengtong.rights.messages.telling import TOLD

ROOT = Path(__file__).resolve().parents[4]
_NEEDED = {
    "received", "accepted", "supplement", "approved", "refused", "withdrawn", "made_collect", "made_post", "posted",
    "converted", "endorsement", "suspended", "restored", "cancelled", "breach", "code",
    "rating_answered", "rating_called_back", "rating_not_reached",
}  # fmt: skip
_DUE = {"accepted", "supplement", "refused", "suspended", "breach"}


def test_all_kinds_are_there_and_the_due_ones_are_due() -> None:
    assert set(kinds()) >= _NEEDED
    assert {code for code in _DUE if kinds()[code].is_due} == _DUE
    assert kinds()["breach"].quiet == "none"
    assert all(kind.source.text and kind.source.certainty in "CIMN" for kind in kinds().values())


@pytest.mark.row("S4-16")
@pytest.mark.parametrize("code", sorted(_NEEDED))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_good_words_in_every_channel(code: str, language: str) -> None:
    channels = [Channel.SMS, Channel.EMAIL] if code == "code" else list(Channel)
    for channel in channels:
        words = shipped()[code, channel, language]
        assert problems_of_words(kinds()[code], channel, language, words) == []
        read = render(words, kinds()[code], sample_facts(kinds()[code]), language)
        assert "{" not in read.subject + read.text
        if channel != Channel.INBOX:
            assert dangers_leaving(channel, read, ["陈大文"]) == []


def test_the_languages_say_the_same() -> None:
    places = {(kind, channel) for kind, channel, _ in shipped()}
    for kind, channel in places:
        each = [shipped()[kind, channel, language] for language in LANGUAGES]
        assert len({tuple(sorted(placeholders_in(words.text))) for words in each}) == 1, (kind, channel)
        assert len({words.text for words in each}) == len(LANGUAGES), (kind, channel)


def test_an_sms_in_chinese_fits_two_parts() -> None:
    for (kind, channel, language), words in shipped().items():
        if channel == Channel.SMS and language != "en":
            assert len(render(words, kinds()[kind], sample_facts(kinds()[kind]), language).text) <= 134


def test_the_page_is_what_is_sent() -> None:
    assert (ROOT / "docs" / "messages.md").read_text(encoding="utf-8") == messages_page()


def test_the_events_of_cases_and_permits_are_followed() -> None:
    assert {name for name in TOLD if name.startswith("cases.")} == {
        f"cases.{each}" for each in ("received", "accepted", "supplement_requested", "approved", "refused", "withdrawn")
    }
