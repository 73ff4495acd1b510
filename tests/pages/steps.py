"""What residents and officers do in a browser, step by step: links followed, fields filled in, buttons pressed."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.pages import hands
from tests.pages.browser import Visitor
from tests.support.waiting import wait_for
from yizhengtong.project.demonstration.operating import Operator, sent_to
from yizhengtong.project.demonstration.people import Newcomer, Somebody, paper_jpeg, photo_jpeg

_ERRORS = ".errors, .notice.bad"


def follow(visitor: Visitor, part: str) -> None:
    """Follow the link of the content whose address has this part."""
    press(visitor, visitor.page.locator(f'main a[href*="{part}"]:visible').first)


def press(visitor: Visitor, wanted: Locator) -> None:
    """Press a link or a button, and wait for the page that follows."""
    if visitor.by_keyboard:
        hands.press_on(visitor, wanted)
        return
    with visitor.page.expect_navigation():
        wanted.click()


def fill(visitor: Visitor, fields: Mapping[str, Any]) -> None:
    """Fill in fields by their names: texts, days, choices, ticks, files."""
    for name, value in fields.items():
        field = visitor.page.locator(f'main [name="{name}"]')
        kind = field.first.evaluate("e => e.type")
        if kind == "radio":
            _choose(visitor, field, name, value)
        elif kind == "checkbox":
            for each in value if isinstance(value, (list, tuple)) else [None]:
                tick(visitor, field if each is None else visitor.page.locator(f'main [name="{name}"][value="{each}"]'))
        elif kind == "file":
            _hand(visitor, field, {"name": "paper.jpg", "mimeType": "image/jpeg", "buffer": value})
        elif kind == "select-one":
            field.select_option(value)
        else:
            _write(visitor, field, value.isoformat() if isinstance(value, date) else str(value))


def tick(visitor: Visitor, box: Locator) -> None:
    """Tick a box."""
    if visitor.by_keyboard:
        hands.tick(visitor, box)
    else:
        box.check()


def _choose(visitor: Visitor, group: Locator, name: str, value: Any) -> None:
    if visitor.by_keyboard:
        hands.choose(visitor, group, value)
    else:
        visitor.page.locator(f'main [name="{name}"][value="{value}"]').check()


def _hand(visitor: Visitor, field: Locator, file: Any) -> None:
    if visitor.by_keyboard:
        hands.hand_file(visitor, field, file)
    else:
        field.set_input_files(file)


def _write(visitor: Visitor, field: Locator, text: str) -> None:
    if visitor.by_keyboard:
        hands.type_in(visitor, field, text)
    else:
        field.fill(text)


def send(visitor: Visitor, fields: Mapping[str, Any] | None = None, *, button: str = "main form button.main") -> None:
    """Fill in and send the form; fail with what the page says when it refuses."""
    fill(visitor, fields or {})
    before = visitor.page.url
    press(visitor, visitor.page.locator(f"{button}:visible").first)
    errors = visitor.page.locator(_ERRORS)
    assert not errors.count(), f"{before}: {errors.first.inner_text()}"


def sign_in_by_phone(visitor: Visitor, operator: Operator, number: str) -> None:
    """Make an account, or enter one, by the code that comes to a telephone."""
    _go(visitor, "/sign-in")
    follow(visitor, "/sign-in/phone")
    address = number.replace(" ", "")
    before = len(sent_to(operator, address))
    send(visitor, {"phone": number})
    newest = wait_for(lambda: (texts := sent_to(operator, address))[: len(texts) - before], "a message")[0]
    code = re.search(r"\d{6}", newest.replace(" ", ""))
    assert code is not None
    send(visitor, {"phone_code": code.group()})


def register(visitor: Visitor, who: Somebody | Newcomer) -> None:
    """Say who one is, one thing a page."""
    visitor.open("/me/register")
    follow(visitor, "/me/register/region")
    is_mainland = isinstance(who, Newcomer)
    send(visitor, {"region": "CN" if isinstance(who, Newcomer) else who.region})
    send(visitor, {"name": who.name, "birth_date": who.birth_date, "sex": who.sex})
    if isinstance(who, Newcomer):
        send(visitor, {"number": who.number})
        send(visitor, {"province": "510000"})
        send(visitor, {"hukou_region": "511302", "hukou_address": "演示街9号", "nation": "汉"})
    else:
        send(visitor, {"kind": who.kind, "number": who.number, "valid_until": who.valid_until})
    assert is_mainland or who.number in visitor.page.content()
    send(visitor)


def register_stay(visitor: Visitor, region: str, address: str, start: date) -> None:
    """Say where one lives since when."""
    visitor.open("/residence/new")
    send(visitor, {"region": region, "address": address, "start": start})


def begin(visitor: Visitor, place: str, item: str, **ground: str) -> None:
    """Choose the place and what to apply for, and open the draft; read and agree to what comes first."""
    visitor.open("/apply")
    send(visitor, {"place": place})
    follow(visitor, f"item={item}")
    send(visitor, ground)
    for first in ("promise", "notice"):
        if visitor.page.locator(f'main a[href$="/{first}"]').count():
            follow(visitor, f"/{first}")
        while visitor.path.endswith(f"/{first}"):
            send(visitor)


def answer(visitor: Visitor, steps: Mapping[str, Mapping[str, Any]]) -> None:
    """Go from the task list, or from step to step, to each step that the item has, fill it in; end at the list.

    What an item asks follows from its pack; what is left open is refused at the submission.
    """
    tasks = re.match(r"/applications/[^/?]+", visitor.path)
    assert tasks is not None, visitor.path
    for name, fields in steps.items():
        address = f"{tasks.group()}/{name}"
        if _is_at(visitor, address):  # the page before led here
            send(visitor, fields)
            continue
        _go(visitor, tasks.group())
        if visitor.page.locator(f'main a[href*="{address}"]').count():
            follow(visitor, address)
            send(visitor, fields)
    _go(visitor, tasks.group())


def _is_at(visitor: Visitor, address: str) -> bool:
    return visitor.path.partition("?")[0] == address


def _go(visitor: Visitor, address: str) -> None:
    """Open an address, unless its page is there already."""
    if not _is_at(visitor, address):
        visitor.open(address)


def hand_in(visitor: Visitor, papers: Mapping[str, str]) -> None:
    """Photograph papers: document and kind."""
    tasks = visitor.path.partition("?")[0]
    for code, kind in papers.items():
        _go(visitor, tasks)
        follow(visitor, f"/papers/{code}")
        fields = {**kind_of_paper(visitor, kind), "file": paper_jpeg(kind)}
        send(visitor, fields, button='main form[enctype="multipart/form-data"] button.main')
    _go(visitor, tasks)


def kind_of_paper(visitor: Visitor, kind: str) -> dict[str, str]:
    """Return the field that says which kind of a paper it is, where there is a choice."""
    return {"kind": kind} if visitor.page.locator('main [name="kind"][type="radio"]').count() else {}


def submit(visitor: Visitor) -> str:
    """Check the answers, declare, submit; return the address of the case."""
    tasks = visitor.path.partition("?")[0]
    visitor.open(f"{tasks}/check")
    follow(visitor, "/confirm")
    for box in visitor.page.locator('main form [type=checkbox]:not([name="asks_for_officer"])').all():
        tick(visitor, box)
    send(visitor)
    return case_shown(visitor)


def case_shown(visitor: Visitor) -> str:
    """Return the address of the case whose submission is confirmed here, with its number."""
    case = re.match(r"/cases/[^/?]+", visitor.path)
    assert case is not None, visitor.path
    expect(visitor.page.locator("main .number").first).to_be_visible()
    return case.group()


def open_permit(visitor: Visitor) -> Page:
    """Go to one's newest permit."""
    visitor.open("/permits")
    follow(visitor, "/permits/pmt_")
    return visitor.page


def book(visitor: Visitor, case: str) -> None:
    """Book the first free time."""
    visitor.open(f"{case}/appointment")
    free = visitor.page.locator('main [name="starts_at"]').first.get_attribute("value")
    send(visitor, {"starts_at": free})


def receive(clerk: Visitor, case: str, *, captures: Sequence[str] = ("photo", "fingerprints")) -> None:
    """At the window: the visitor is here, photograph and fingerprints are taken, the form is printed and signed."""
    window = f"/desk/window{case}"
    clerk.open(window)
    send(clerk, button='main form[action$="/arrived"] button')
    for kind in captures:
        follow(clerk, f"/capture/{kind}")
        content = photo_jpeg() if kind == "photo" else paper_jpeg(kind)
        send(clerk, {"file": content}, button='main form[enctype="multipart/form-data"] button.main')
    send(clerk, button='main form[action$="/form"] button')
    follow(clerk, "/capture/signed-form")
    send(clerk, {"file": paper_jpeg("signed")}, button='main form[enctype="multipart/form-data"] button.main')


def scan(clerk: Visitor, case: str, papers: Mapping[str, str]) -> None:
    """At the window: papers that the applicant brought are taken in, document and kind."""
    clerk.open(f"/desk/window{case}")
    for code, kind in papers.items():
        follow(clerk, f"/papers/{code}")
        send(clerk, {"kind": kind, "file": paper_jpeg(kind)}, button='main form[enctype="multipart/form-data"] button')


def take_step(officer: Visitor, case: str, action: str, **said: Any) -> None:
    """Take a step in a case: from its page to what the step will do, and do it."""
    _to_step(officer, case, action)
    send(officer, said, button="main form button")
    assert f"done={action}" in officer.path, officer.path


def _to_step(officer: Visitor, case: str, action: str) -> None:
    """Go to the page of a step, from the case's page as it is or as it is now."""
    if not _is_at(officer, f"/desk{case}") or not officer.page.locator(f'main a[href*="/step/{action}"]').count():
        officer.open(f"/desk{case}")
    follow(officer, f"/step/{action}")


def refuse(officer: Visitor, case: str, **said: Any) -> int:
    """Refuse after reading the notice as the applicant will; return how many reasons it gives."""
    _to_step(officer, case, "refuse")
    reasons = officer.page.locator("main .findings > li").count()
    send(officer, said, button="main form button")
    assert "done=refuse" in officer.path, officer.path
    return reasons


def judge_all(officer: Visitor, case: str) -> None:
    """Judge every line as met."""
    _go(officer, f"/desk{case}")
    names = officer.page.locator('main [name$=".word"][value="met"]').evaluate_all("all => all.map(e => e.name)")
    send(officer, dict.fromkeys(names, "met"), button='main form[action*="/judgement"] button.main')


def judge_as_found(officer: Visitor, case: str) -> None:
    """Judge every line as the rules find it; what they leave open is seen as met."""
    _go(officer, f"/desk{case}")
    words: dict[str, str] = officer.page.locator("main .lines > li").evaluate_all(
        """all => Object.fromEntries(all.map(line =>
          [line.querySelector("[name$='.word']").name, line.querySelector(".tag.bad") ? "unmet" : "met"]))"""
    )
    send(officer, words, button='main form[action*="/judgement"] button.main')


def register_household(clerk: Visitor, notice: str, permit: str) -> None:
    """At the household register: with one paper the other is named as missing; with both it is noted."""
    clerk.open("/desk/window/")
    follow(clerk, "/desk/household")
    check = 'main form[action="/desk/household"] button'
    fill(clerk, {"settlement_permit_number": permit})
    press(clerk, clerk.page.locator(check))
    seen(clerk, "缺少《批准定居通知书》")
    send(clerk, {"approval_notice_number": notice}, button=check)
    send(clerk, button='main form[action$="/registration"] button')
    seen(clerk, "应当申领居民身份证")


def seen(visitor: Visitor, words: str) -> Locator:
    """Expect words on the page."""
    found = visitor.page.locator("main").get_by_text(words).first
    expect(found).to_be_visible()
    return found
