"""The pictures of the tour: whose browser shows which page, in which width, size and language, after which steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser

from tests.pages.browser import DESK, visiting
from tests.pages.checking import SCHOOL, App
from tests.pages.codes import path_of, seen_code
from tests.pages.conftest import Town
from yizhengtong.project.demonstration.journeys.checking import PURPOSE


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its file, what it shows, whose browser, which address, how it is looked at.

    `begins`: how the address comes about, where others act first. `through`: parts of the addresses of links that are
    followed from there, one after the other. `fills`: what is typed in then. `sends`: whether that form is sent.
    `presses`: the words of a button that is pressed at the end. `printed`: as the page comes out of a printer.
    """

    name: str
    shows: str
    who: str
    path: str
    through: tuple[str, ...] = ()
    presses: str = ""
    begins: Callable[[Browser, Town], str] | None = None
    fills: Callable[[Town], Mapping[str, Any]] | None = None
    sends: bool = False
    printed: bool = False
    width: int = 360
    language: str = "zh-Hans"
    large: bool = False


def phone_code(browser: Browser, town: Town) -> str:
    """The holder holds out a code on the phone; return what a camera reads."""
    with visiting(browser, town.base, token=town.tokens["holder"]) as phone:
        phone.open(f"/permits/{town.checked.permit_id}/show/identity")
        phone.press("出示手机二维码")
        phone.page.wait_for_url("**/code")
        return path_of(seen_code(phone.page))


def paper_code(browser: Browser, town: Town) -> str:
    """The holder has printed a code; return what a camera reads."""
    with visiting(browser, town.base, token=town.tokens["holder"], width=DESK) as desk:
        desk.open(f"/permits/{town.checked.permit_id}/show/identity/print")
        return path_of(seen_code(desk.page))


def sign_in_address(_browser: Browser, town: Town) -> str:
    """An app sends a resident here; return where."""
    return App(town.journeys).address()


def code_and_birth_date(town: Town) -> dict[str, Any]:
    """What a holder tells a school: the code, and the day they were born."""
    return {"code": town.checked.code, "birth_date": town.holder.somebody.birth_date, "need": SCHOOL}


def document_shown(town: Town) -> dict[str, Any]:
    """What a customer shows a shop."""
    checked = town.checked
    return {"purpose": PURPOSE, "number": checked.customers_permit["number"], "name": checked.customer.somebody.name}


RESIDENTS = (
    Picture("front", "The first page", "nobody", "/"),
    Picture("front-desk", "The first page on a wide screen, in English", "nobody", "/", width=1280, language="en"),
    Picture("guide", "A guide page, every step with its article", "nobody", "/guide", ("/guide/hmt.first_issue",)),
    Picture("when", "When will I qualify?", "nobody", "/when"),
    Picture("service-points", "Service points, as in Taiwan", "nobody", "/service-points", language="zh-Hant-TW"),
    Picture("fraud", "Beware of fraud, in large type", "nobody", "/fraud", large=True),
    Picture("sign-in", "Signing in", "nobody", "/sign-in"),
    Picture("home", "What is mine", "holder", "/home"),
    Picture("home-large", "In large type, as in Hong Kong", "holder", "/home", large=True, language="zh-Hant-HK"),
    Picture("permit", "My permit, and what it entitles to", "holder", "/permits", ("/permits/pmt_",)),
    Picture("wallet", "A permit for a wallet", "holder", "/permits", ("/permits/pmt_", "/wallet"),
            presses="生成二维码"),
    Picture("show", "What will be shown, before it is shown", "holder", "/permits",
            ("/permits/pmt_", "/show", "/show/identity")),
    Picture("code", "A code that changes every 30 seconds", "holder", "/permits",
            ("/permits/pmt_", "/show", "/show/age"), presses="出示手机二维码"),
    Picture("print", "A code to print, checked without a network", "holder", "/permits",
            ("/permits/pmt_", "/show", "/show/identity", "/print")),
    Picture("residence", "My residence, each period with its source", "holder", "/residence"),
    Picture("data-use", "Who used my data", "holder", "/data-use"),
    Picture("apply", "What can be applied for, and why the rest cannot", "holder", "/apply/items?place=370102"),
    Picture("case", "A case: state, promised day, what happens next", "holder", "/cases", ("/cases/cas_",)),
    Picture("messages", "Messages", "holder", "/messages"),
)  # fmt: skip
SHOPS = (
    Picture("check", "Where a shop begins, in English", "nobody", "/check", language="en"),
    Picture("check-phone", "1. The code on the customer's phone, read by a camera, in English", "nobody", "",
            begins=phone_code, language="en"),
    Picture("check-phone-told", "1. What it told, once", "nobody", "", begins=phone_code, presses="查看"),
    Picture("check-paper", "2. A page that checks a code on paper by itself", "nobody", "/check/paper"),
    Picture("check-paper-told", "2. The code on paper is genuine, and the permit valid", "nobody", "",
            begins=paper_code),
    Picture("check-share", "3. A share code and a birth date, from a customer who is elsewhere", "nobody",
            "/check/share", fills=code_and_birth_date),
    Picture("check-share-told", "3. The photograph, and just what the purpose needs", "nobody", "/check/share",
            fills=code_and_birth_date, sends=True),
    Picture("check-share-print", "3. The record of the check, as printed", "nobody", "/check/share", width=1280,
            fills=code_and_birth_date, sends=True, printed=True),
    Picture("partner", "4. The portal of a registered organisation", "shop", "/partner", width=1280),
    Picture("partner-check", "4. A member types what the customer shows", "shop", "/partner/check",
            fills=document_shown),
    Picture("partner-check-told", "4. Match or none: nothing comes back that was not typed", "shop", "/partner/check",
            fills=document_shown, sends=True),
)  # fmt: skip
HOLDERS = (
    Picture("checks", "Who checked my permit", "holder", "/data-use/checks"),
    Picture("check-one", "One check: not me, or shut out", "customer", "/data-use/checks", ("/data-use/checks/chk_",)),
    Picture("alerts", "Which checks I am told of", "holder", "/data-use/checks/alerts"),
    Picture("share-what", "What a landlord will see, before a code is made", "customer", "/permits",
            ("/permits/pmt_", "/share", "/share/new", "/share/new/rent")),
    Picture("share-made", "A share code, shown once", "customer", "/permits",
            ("/permits/pmt_", "/share", "/share/new", "/share/new/rent"), sends=True),
    Picture("shares", "Who opened my share codes, as in Hong Kong", "holder", "/permits", ("/permits/pmt_", "/share"),
            language="zh-Hant-HK"),
    Picture("numbers", "Two numbers, one person, as in Hong Kong", "holder", "/numbers", language="zh-Hant-HK"),
    Picture("sign-in-consent", "An app asks to sign me in with my real name", "customer", "", begins=sign_in_address),
    Picture("sign-in-consent-large", "The same in English and large type", "customer", "", begins=sign_in_address,
            language="en", large=True),
    Picture("consents", "All I agreed to, in one list", "holder", "/data-use/consents"),
)  # fmt: skip
OFFICERS = (
    Picture("desk-sign-in", "Signing in at the desk", "nobody", "/desk/sign-in", width=1280),
    Picture("desk-queue", "A clerk's queue with its clocks", "demo-clerk", "/desk/", width=1280),
    Picture("desk-case", "Papers beside the checklist", "demo-reviewer", "/desk/?state=all", ("/desk/cases/cas_",),
            width=1280),
    Picture("desk-window", "The window's day", "demo-clerk", "/desk/window/", width=1280),
    Picture("desk-figures", "Figures of a head of office", "demo-supervisor", "/desk/figures", width=1280),
    Picture("desk-doubt", "A doubted check, answered by a day that is named", "demo-supervisor", "/desk/check-tickets",
            ("/desk/check-tickets/ctk_",), width=1280),
    Picture("desk-numbers", "A question about two numbers", "demo-supervisor", "/desk/link-questions",
            ("/desk/link-questions/lkt_",), width=1280),
    Picture("desk-law", "The packs and what changes when", "demo-supervisor", "/desk/law", width=1280),
    Picture("desk-phone", "The queue on a phone, in large type", "demo-clerk", "/desk/", large=True),
)  # fmt: skip
SECTIONS: Mapping[str, tuple[Picture, ...]] = {
    "Residents": RESIDENTS,
    "Four ways in which a shop without an IT department checks a permit": SHOPS,
    "What the holder sees of it, and decides": HOLDERS,
    "Officers": OFFICERS,
}
"""In the order in which they are taken: what shops do is seen by holders afterwards."""
