"""一证通用，一证到底: one permit in a wallet, on a phone, on paper; checked with the server gone; taken back.

The one test of this file goes the whole way, because each step stands on the one before.
"""

import html
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from subprocess import Popen, run
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser

from benchmarks.ground import free_port
from tests.pages.browser import Visitor, started, visiting
from tests.support.processes import web_command
from tests.support.serving import ROOT, Running, wait_for_answer
from tests.support.waiting import wait_for
from tests.wallets.conftest import MDOC, SD_JWT, Holder, holder_of
from tests.wallets.strangers import ask, needs
from tests.wallets.test_issuance import believe_mdocs, collect, pairs, question


@pytest.fixture
def browser() -> Iterator[Browser]:
    with started() as running:
        yield running


@contextmanager
def second_server(server: Running, home: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Another web process of the same platform, that can be ended alone: its address, and what ends it."""
    port = free_port()
    with (home / "second.log").open("wb") as log:
        environment = {**server.environment, "YZT_PORT": str(port)}
        process = Popen(web_command(port), cwd=ROOT, env=environment, stdout=log, stderr=log)

    def stop() -> None:
        process.terminate()
        process.wait(15)

    try:
        wait_for_answer(port, process)
        yield f"http://127.0.0.1:{port}", stop
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(15)


@pytest.mark.row("S1-096")
def test_a_permit_goes_every_way_and_is_taken_back_with_everyone_noticing(
    server: Running, browser: Browser, tmp_path: Path
) -> None:
    needs("@openid4vc/openid4vci")
    resident, permit = server.journeys.first_issue()
    holder = holder_of(server, resident, permit["id"])

    link, code = holder.offer(SD_JWT, MDOC)
    in_wallet = collect(offer=link, tx_code=code, configuration=SD_JWT, keys=2, event="credential_accepted")
    link, code = holder.offer(MDOC)
    as_mdoc = collect(offer=link, tx_code=code, configuration=MDOC, keys=1)
    assert [each["ok"] for each in strangers(in_wallet)] == [True, True]
    believe_mdocs(server, as_mdoc)

    printed = codes_on_the_paper(holder)
    assert len(printed) == 1
    assert document(holder, "ofd")[:2] == b"PK"

    with second_server(server, tmp_path) as (base, stop), visiting(browser, base) as checker:
        checker.open("/check/paper")
        checker.page.wait_for_selector("body[data-ready=kept]")
        stop()
        assert outcome(checker, printed[0]) == "good"

    with visiting(browser, holder.base, token=holder.session) as phone, visiting(browser, holder.base) as checker:
        phone_code = held_out(phone, holder)
        assert "居住证有效" in read(checker, phone_code)
        again = held_out(phone, holder)
        server.journeys.officer("demo-approver").post(
            f"/api/staff/permits/{holder.permit}/void", {"ground": "false_proof"}
        )
        assert "居住证已经作废" in read(checker, again)
        wait_for(lambda: not any(each["ok"] for each in strangers(in_wallet)), "strangers are told")
        checker.open("/check/paper")
        wait_for(lambda: outcome(checker, printed[0]) == "ended", "the page is told")
    link_page = holder.get(holder.page)[1]
    assert "openid-credential-offer" not in link_page


def strangers(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What @sd-jwt/sd-jwt-vc says of every copy in the wallet, with the newest status list."""
    return ask("check_sd_jwt.js", [question(text, jwk) for text, jwk in pairs(answer)])


def document(holder: Holder, form: str) -> bytes:
    """Return the permit as a document, by the link on the page of its papers."""
    _, page, _ = holder.get(f"/permits/{holder.permit}/papers")
    address = re.findall(rf'href="([^"]+\.{form})"', page)[0]
    connection = HTTPConnection("127.0.0.1", holder.port, timeout=60)
    try:
        connection.request("GET", html.unescape(address), headers={"Cookie": holder.cookie})
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read()
    finally:
        connection.close()


def codes_on_the_paper(holder: Holder) -> list[str]:
    """Return the addresses that a camera reads off the printed document."""
    drawn = run(["pdftoppm", "-r", "150", "-png", "-"], input=document(holder, "pdf"), capture_output=True, check=True)
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn.stdout)))
    return [str(each.text) for each in found if "/check/paper#" in each.text]


def outcome(visitor: Visitor, printed: str) -> str:
    """Open the address on the paper in a browser that may have no server, and return what the page says."""
    visitor.page.goto("about:blank")
    visitor.page.goto(f"{visitor.base}/check/paper#{printed.partition('#')[2]}")
    visitor.page.wait_for_selector("[data-outcome]:not([hidden])")
    return str(visitor.page.locator("[data-outcome]:not([hidden])").get_attribute("data-outcome"))


def held_out(phone: Visitor, holder: Holder) -> str:
    """Show the permit for its validity, and return what a camera reads off the screen."""
    phone.open(f"/permits/{holder.permit}/show/identity")
    phone.press("出示手机二维码")
    phone.page.wait_for_url("**/code")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(phone.page.locator(".qr").screenshot())))
    return str(found.text)


def read(checker: Visitor, address: str) -> str:
    checker.open(address.removeprefix(checker.base))
    checker.press("查看")
    return str(checker.page.locator("main").inner_text())
