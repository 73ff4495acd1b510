"""Showing and checking in browsers: the code that changes, and the page that checks paper when everything is away."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.pages.browser import DESK, Visitor, visiting
from tests.pages.codes import path_of, seen_code
from tests.pages.conftest import Town, _token
from tests.pages.looking import LOOKS, wrong_with
from tests.support.waiting import wait_for
from yizhengtong.credentials.showing import code_fields
from yizhengtong.credentials.status.signing import LIFETIME
from yizhengtong.kernel.dates import CHINA

KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a permit: a session, the public id of the permit, its number."""

    token: str = field(repr=False)
    permit_id: str
    number: str


@pytest.fixture(scope="module")
def holder(town: Town) -> Holder:
    """A holder of this file's own."""
    return issued(town)


def issued(town: Town) -> Holder:
    """Somebody new, with a permit."""
    resident, permit = town.journeys.first_issue()
    return Holder(_token(resident.client.headers), permit["id"], permit["number"])


def begin(visitor: Visitor, holder: Holder, purpose: str) -> None:
    """From the permit by clicks to the code on the phone."""
    visitor.open(f"/permits/{holder.permit_id}")
    visitor.page.locator(f'a[href="/permits/{holder.permit_id}/show"]').click()
    visitor.page.locator(f'a[href$="/show/{purpose}"]').click()
    visitor.press("出示手机二维码")
    visitor.page.wait_for_url("**/code")


def read(visitor: Visitor, address: str) -> str:
    """Open the address that a camera read, press the button, and return what is told."""
    visitor.open(path_of(address))
    visitor.press("查看")
    return visitor.page.locator("main").inner_text()


def test_a_permit_is_shown_read_once_and_the_phone_says_so(town: Town, browser: Browser, holder: Holder) -> None:
    with (
        visiting(browser, town.base, token=holder.token) as phone,
        visiting(browser, town.base) as checker,
    ):
        begin(phone, holder, "identity")
        address = seen_code(phone.page)
        assert holder.number not in phone.page.content()
        expect(phone.page.get_by_role("status")).to_contain_text("还没有人扫码")
        assert not wrong_with(phone.page, LOOKS)
        told = read(checker, address)
        assert "居住证有效" in told
        assert holder.number in told
        assert not wrong_with(checker.page, LOOKS)
        expect(phone.page.get_by_role("status")).to_contain_text("已有人扫码查看，共1次")
        assert seen_code(phone.page) != address
        assert "这个二维码已经用过" in read(checker, address)
        assert not wrong_with(checker.page, LOOKS)


def test_the_code_changes_every_thirty_seconds_and_the_seconds_are_counted(
    town: Town, browser: Browser, holder: Holder
) -> None:
    with visiting(browser, town.base, token=holder.token) as phone:
        phone.page.clock.install()
        begin(phone, holder, "age")
        first, left = seen_code(phone.page), phone.page.locator("[data-left]")
        assert left.inner_text() == "30"
        phone.page.clock.run_for(7000)
        assert left.inner_text() in {"23", "24"}
        with phone.page.expect_response(lambda answer: answer.url.endswith("/code/now")):
            phone.page.clock.run_for(24000)
        expect(phone.page.locator(".typed code")).not_to_have_text(first[-14:])
        second = seen_code(phone.page)
        assert second != first
        assert left.is_visible()


def test_without_scripts_the_page_asks_for_itself_and_everything_can_be_pressed(
    town: Town, browser: Browser, holder: Holder
) -> None:
    with (
        visiting(browser, town.base, token=holder.token, javascript=False) as phone,
        visiting(browser, town.base, javascript=False) as checker,
    ):
        begin(phone, holder, "validity")
        first = seen_code(phone.page)
        assert phone.page.locator("meta[http-equiv=refresh]").get_attribute("content") == "30"
        phone.press("换一个二维码")
        second = seen_code(phone.page)
        assert first != second
        assert "居住证有效" in read(checker, second)
        phone.press("停止出示")
        assert "出示已经结束" in phone.page.locator("main").inner_text()
        assert "持证人已经停止出示" in read(checker, first)


@contextmanager
def line_to(base: str) -> Iterator[tuple[str, threading.Event]]:
    """Forward a port of its own to the platform until the line is cut: then nobody answers there any more."""
    host, port = base.removeprefix("http://").split(":")
    listening = socket.create_server(("127.0.0.1", 0))
    cut = threading.Event()

    def carry(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with suppress(OSError):
            while not cut.is_set():
                caller, _ = listening.accept()
                if cut.is_set():
                    caller.close()
                    return
                there = socket.create_connection((host, int(port)))
                for pair in ((caller, there), (there, caller)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", cut
    finally:
        cut.set()
        listening.close()


def printed(browser: Browser, town: Town, holder: Holder, purpose: str) -> str:
    """Return the signed part of a printed code, as a camera reads it off the sheet."""
    with visiting(browser, town.base, token=holder.token, width=DESK) as visitor:
        visitor.open(f"/permits/{holder.permit_id}/show/{purpose}/print")
        assert not wrong_with(visitor.page, LOOKS)
        return seen_code(visitor.page).partition("#")[2]


def parts_of(code: str) -> list[Any]:
    found: list[Any] = cbor2.loads(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)))
    return found


def packed(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(cbor2.dumps(parts)).rstrip(b"=").decode()


def tampered(code: str) -> str:
    """The same with another name in it."""
    header, unprotected, payload, signature = parts_of(code)
    claims = cbor2.loads(payload)
    claims[code_fields.OURS][code_fields.LABELS["name"]] = "李四"
    return packed([header, unprotected, cbor2.dumps(claims), signature])


def signed_by_a_stranger(code: str, *, names_our_key: bool) -> str:
    header, unprotected, payload, _ = parts_of(code)
    if not names_our_key:
        header = code_fields.header_of("ES256", "B" * 43)
    signature = ec.generate_private_key(ec.SECP256R1()).sign(code_fields.to_sign(header, payload), ec.ECDSA(SHA256()))
    r, s = decode_dss_signature(signature)
    return packed([header, unprotected, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big")])


def kept(page: Page) -> None:
    """Wait until the page says that it works without a network."""
    page.wait_for_selector("body[data-ready=kept]", timeout=KEPT_SECONDS * 1000)


def told(page: Page) -> str:
    """Return the one outcome that is shown, and nothing of the others."""
    page.wait_for_selector("[data-outcome]:not([hidden])")
    return str(page.locator("[data-outcome]:not([hidden])").get_attribute("data-outcome"))


def opened_with(visitor: Visitor, code: str) -> str:
    """Open the address that a camera reads, and return the outcome."""
    visitor.page.goto("about:blank")
    visitor.open(f"/check/paper#{code}")
    return told(visitor.page)


def typed(visitor: Visitor, text: str) -> str:
    """Paste a code, and return the outcome."""
    visitor.page.get_by_label("二维码的内容").fill(text)
    visitor.press("核对")
    visitor.page.wait_for_timeout(300)
    return told(visitor.page)


def test_paper_is_checked_with_the_network_cut_and_the_server_gone(
    town: Town, browser: Browser, holder: Holder
) -> None:
    code = printed(browser, town, holder, "identity")
    with (
        line_to(town.base) as (base, cut),
        visiting(browser, base) as visitor,
    ):
        sent: list[str] = []
        visitor.page.on("request", lambda request: sent.append(request.url))
        visitor.open("/check/paper")
        kept(visitor.page)
        assert not wrong_with(visitor.page, LOOKS)
        assert opened_with(visitor, code) == "good"
        rows = visitor.page.locator("[data-part=rows]").inner_text()
        assert holder.number in rows
        assert "状态截至" in rows
        assert not visitor.page.locator("[data-part=old]").is_visible()
        assert "#" not in visitor.page.url  # what it said is not left in the history
        assert not wrong_with(visitor.page, LOOKS)
        cut.set()
        visitor.context.set_offline(True)
        assert opened_with(visitor, code) == "good"
        assert holder.number in visitor.page.locator("[data-part=rows]").inner_text()
        assert visitor.page.locator("[data-part=old]").is_visible()
        assert "状态截至" in visitor.page.locator("[data-part=rows]").inner_text()
        assert not wrong_with(visitor.page, LOOKS)
        assert opened_with(visitor, tampered(code)) == "forged"
        assert visitor.page.locator("[data-part=rows]").is_hidden()
        assert opened_with(visitor, signed_by_a_stranger(code, names_our_key=True)) == "forged"
        assert opened_with(visitor, signed_by_a_stranger(code, names_our_key=False)) == "unknown_key"
        assert typed(visitor, f"https://imitation.example/check/paper#{code}") == "elsewhere"
        assert typed(visitor, f"{base}/check/paper#{code}") == "good"
        assert typed(visitor, code[: len(code) // 2]) == "unreadable"
        header, unprotected, payload, signature = parts_of(code)
        by_sm2 = cbor2.dumps({**cbor2.loads(header), code_fields.ALGORITHM: "SM2"})
        assert typed(visitor, packed([by_sm2, unprotected, payload, signature])) == "uncheckable"
        assert not [url for url in sent if code[:40] in url]  # no request held anything of the code


def test_paper_is_too_old_or_dated_ahead_by_the_clock_of_who_checks(
    town: Town, browser: Browser, holder: Holder
) -> None:
    code = printed(browser, town, holder, "identity")
    for days, outcome in ((31, "over"), (-2, "early"), (0, "good")):
        with visiting(browser, town.base) as visitor:
            visitor.page.clock.set_fixed_time(timezone.now() + timedelta(days=days))
            assert opened_with(visitor, code) == outcome


def test_a_list_that_is_over_is_called_old_with_the_network_and_without_it(
    town: Town, browser: Browser, holder: Holder
) -> None:
    """By the clock of who checks: no list that came or was kept is believed to be new when its own time is over."""
    code, now = printed(browser, town, holder, "identity"), timezone.now()
    over = now + LIFETIME + timedelta(hours=1)
    with line_to(town.base) as (base, cut), visiting(browser, base) as visitor:
        old = visitor.page.locator("[data-part=old]")
        visitor.page.clock.set_fixed_time(now)
        visitor.open("/check/paper")
        kept(visitor.page)
        assert (opened_with(visitor, code), old.is_visible()) == ("good", False)
        visitor.page.clock.set_fixed_time(over)
        assert (opened_with(visitor, code), old.is_visible()) == ("good", True)
        assert not wrong_with(visitor.page, LOOKS)
        cut.set()
        visitor.context.set_offline(True)
        visitor.page.evaluate("Object.defineProperty(Navigator.prototype, 'onLine', {get: () => true})")
        assert (opened_with(visitor, code), old.is_visible()) == ("good", True)
        rows = visitor.page.locator("[data-part=rows]").inner_text()
        asof = timezone.localtime(now, CHINA)
        assert f"{asof.year}年{asof.month}月{asof.day}日" in rows.partition("状态截至")[2]


def test_whoever_has_never_opened_the_page_is_told_that_keys_are_missing(
    town: Town, browser: Browser, holder: Holder
) -> None:
    code = printed(browser, town, holder, "age")
    with visiting(browser, town.base) as visitor:
        visitor.page.route("**/check/paper/known", lambda route: route.abort())
        assert opened_with(visitor, code) == "no_keys"


@pytest.mark.parametrize("language", ["zh-Hant-HK", "zh-Hant-TW", "en"])
def test_the_page_is_kept_in_every_language(town: Town, browser: Browser, language: str) -> None:
    with line_to(town.base) as (base, cut), visiting(browser, base) as visitor:
        visitor.open("/check/paper")
        kept(visitor.page)
        cut.set()
        visitor.context.set_offline(True)
        visitor.open(f"/check/paper?lang={language}")
        assert visitor.page.evaluate("document.documentElement.lang") == language
        assert not wrong_with(visitor.page, LOOKS[:2])


def test_a_permit_declared_void_is_seen_by_everybody_who_asks_again(town: Town, browser: Browser) -> None:
    """The phone's code, the server's check and the page, which keeps what it knew until then."""
    holder = issued(town)
    code = printed(browser, town, holder, "identity")
    with (
        line_to(town.base) as (base, cut),
        visiting(browser, base) as before,
        visiting(browser, town.base) as after,
        visiting(browser, town.base, token=holder.token) as phone,
        visiting(browser, town.base) as checker,
    ):
        before.open("/check/paper")
        kept(before.page)
        cut.set()
        before.context.set_offline(True)
        begin(phone, holder, "identity")
        address = seen_code(phone.page)
        ground = {"ground": "false_proof"}
        town.journeys.officer("demo-approver").post(f"/api/staff/permits/{holder.permit_id}/void", ground)
        told_to_checker = read(checker, address)
        assert "居住证已经作废" in told_to_checker
        assert holder.number not in told_to_checker
        wait_for(lambda: opened_with(after, code) == "ended", "the status list tells of it")
        assert opened_with(before, code) == "good"  # it cannot know, and says as of when it speaks
        assert before.page.locator("[data-part=old]").is_visible()
        phone.open(f"/permits/{holder.permit_id}/show")
        assert "现在不能出示" in phone.page.locator("main").inner_text()
