"""The journeys by clicks: residents on their phones, each officer at a desk of their own, on one served platform."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.pages import steps
from tests.pages.browser import DESK, Visitor, visiting
from tests.pages.checking import App
from tests.pages.conftest import Town
from tests.pages.line import Line
from tests.pages.looking import LOOKS, wrong_with
from tests.pages.telling import (
    ADDRESS,
    HMT_ANSWERS,
    HMT_PAPERS,
    ZHEJIANG_PAPERS,
    Desks,
    accepted,
    answers_for,
    card_of_ruian,
    granted,
    handed_over,
    made_known,
    new_number,
    registered,
    token_of,
)
from yizhengtong.kernel.dates import add_months
from yizhengtong.project.demonstration.client import Refused
from yizhengtong.project.demonstration.journeys.qingyuan import BY_PERMIT, BY_STAYS, FIRST_STAY, GAP, SECOND_STAY
from yizhengtong.project.demonstration.journeys.ruian import DAYS_LATE, DAYS_LEFT, LONG_ENOUGH, TOO_SHORT
from yizhengtong.project.demonstration.journeys.settling import PAPERS
from yizhengtong.project.demonstration.officers import EXIT_ENTRY, LIXIA, QINGYUAN, RUIAN
from yizhengtong.project.demonstration.parties import APP_ADDRESS
from yizhengtong.project.demonstration.people import newcomer, paper_jpeg, somebody

ON_A_PHONE = LOOKS[:2]
"""Both sizes of type; every other look at every address is test_every_page's."""


@pytest.fixture(scope="module")
def desks(town: Town, browser: Browser) -> Iterator[Desks]:
    """Every officer's own browser."""
    desks = Desks(town, browser)
    yield desks
    desks.close()


def looks_right(visitor: Visitor, *, large: bool = False) -> None:
    found = wrong_with(visitor.page, ON_A_PHONE[large:])
    assert not found, "\n".join(found)


def test_a_resident_of_hong_kong_gets_a_permit_in_jinan(town: Town, browser: Browser, desks: Desks) -> None:
    """Sign-in, application, visit, three officers, card in the hand: all by clicks."""
    clerk, reviewer, approver = desks.of("demo")
    with visiting(browser, town.base) as resident:
        registered(town, resident)
        steps.begin(resident, LIXIA, "hmt.first_issue")
        steps.answer(resident, HMT_ANSWERS)
        steps.hand_in(resident, HMT_PAPERS)
        case = steps.submit(resident)
        steps.book(resident, case)
        steps.receive(clerk, case)
        accepted(clerk, case)
        granted(reviewer, approver, case)
        handed_over(clerk, case)
        resident.open("/permits")
        steps.follow(resident, "/permits/pmt_")
        expect(resident.page.locator("main .number").first).to_be_visible()
        looks_right(resident)


def test_a_newcomer_of_ruian_whom_a_landlord_reported_gets_the_card(town: Town, browser: Browser, desks: Desks) -> None:
    """The report with its source on the phone; half a year later the application, the visit and the decision."""
    told = town.journeys
    lodger = told.newcomer(told.landlord())
    clerk, reviewer, approver = desks.of("demo-ruian")
    with visiting(browser, town.base, token=token_of(lodger)) as resident:
        resident.open("/residence")
        steps.seen(resident, "出租人报送")
        assert resident.page.locator('main a[href$="/voucher.pdf"]').count() == 1
        told.let_days_pass(lodger, LONG_ENOUGH)
        steps.begin(resident, RUIAN, "floating.first_issue")
        steps.answer(resident, answers_for(RUIAN, ["employment"]))
        steps.hand_in(resident, ZHEJIANG_PAPERS)
        case = steps.submit(resident)
        steps.receive(clerk, case, captures=("photo",))
        accepted(clerk, case)
        granted(reviewer, approver, case)
        handed_over(clerk, case)
        steps.open_permit(resident)
        assert resident.page.locator("main .tag.good.big").count() == 1
        assert not resident.page.locator('main a[href="/apply/endorsement"]').count(), "its window is not open yet"
        looks_right(resident)


def test_a_card_of_ruian_is_endorsed_in_its_window_and_after_a_forgotten_year_late(
    town: Town, browser: Browser, desks: Desks
) -> None:
    """One tap uses what was said before; the late one is suspended in words and has the functions back."""
    told = town.journeys
    holder, permit = card_of_ruian(told)
    told.let_days_pass(holder, (told.today - add_months(told.today + timedelta(days=DAYS_LEFT + 1), -12)).days)
    with visiting(browser, town.base, token=token_of(holder)) as resident:

        def endorsed_until() -> date:
            return date.fromisoformat(told.own_permit(holder, permit["id"])["endorsement"]["endorsed_until"])

        first = endorsed_until()
        endorse_by_one_tap(resident, desks)
        second = endorsed_until()
        assert (second - first).days in {365, 366}
        told.let_days_pass(holder, (second - told.today).days + DAYS_LATE)
        told.operator_sweeps()
        steps.open_permit(resident)
        assert resident.page.locator("main .tag.bad.big").count() == 1
        looks_right(resident)
        endorse_by_one_tap(resident, desks)
        assert endorsed_until() > told.today
        steps.open_permit(resident)
        assert resident.page.locator("main .tag.good.big").count() == 1


def endorse_by_one_tap(resident: Visitor, desks: Desks) -> None:
    """From the permit's page, by its link; the police station takes in the papers, two officers endorse."""
    steps.open_permit(resident)
    steps.follow(resident, "/apply/endorsement")
    steps.send(resident)
    case = steps.case_shown(resident)
    clerk, reviewer, approver = desks.of("demo-ruian")
    steps.scan(clerk, case, ZHEJIANG_PAPERS)
    accepted(clerk, case)
    granted(reviewer, approver, case)


def test_who_is_refused_in_ruian_reads_every_reason_with_its_article_and_mend(
    town: Town, browser: Browser, desks: Desks
) -> None:
    """Two months only, no papers, no photograph: what the approver is shown before is what the resident reads."""
    told = town.journeys
    lodger = told.newcomer(told.landlord())
    told.let_days_pass(lodger, TOO_SHORT)
    clerk, reviewer, approver = desks.of("demo-ruian")
    with visiting(browser, town.base, token=token_of(lodger)) as resident:
        steps.begin(resident, RUIAN, "floating.first_issue")
        steps.answer(resident, answers_for(RUIAN, ["employment"]))
        case = steps.submit(resident)
        steps.receive(clerk, case, captures=())
        accepted(clerk, case)
        steps.judge_as_found(reviewer, case)
        steps.take_step(reviewer, case, "review", recommends="refuse", opinion="条件不符")
        reasons = steps.refuse(approver, case, opinion="条件不符")
        resident.open(case)
        told_all = resident.page.locator("main li.card:has(.tag.bad)")
        assert told_all.count() == reasons >= 5
        for reason in told_all.all():
            assert "依据" in reason.inner_text()
        assert resident.page.locator("main li.card a.button").count(), "a page that mends it"
        assert resident.page.get_by_text("行政复议").count()
        looks_right(resident)


def test_a_card_of_ruian_is_recognised_in_qingyuan_within_minutes(town: Town, browser: Browser) -> None:
    """Type 1: promise, form, nothing to upload, confirm: named rules approve, and the old card ends."""
    told = town.journeys
    holder, _ = card_of_ruian(told)
    told.end_stay(holder)
    told.declare_stay(holder, QINGYUAN)
    told.registers_know(holder)
    with visiting(browser, town.base, token=token_of(holder)) as resident:
        steps.begin(resident, QINGYUAN, BY_PERMIT)
        steps.answer(resident, answers_for(QINGYUAN, ["employment"]))
        resident.open(steps.submit(resident))
        assert resident.page.locator("main .tag.good").count()
        looks_right(resident)
        permits = resident.open("/permits").locator("main .tag")
        assert permits.count() == 2
        assert resident.page.locator("main .tag.good").count() == 1, "the old card has ended"


def test_registrations_in_two_counties_are_added_up_in_qingyuan_and_a_gap_goes_to_officers(
    town: Town, browser: Browser, desks: Desks
) -> None:
    """Type 2: no rule refuses it; the reviewer sees why it came, two officers decide, the permit is electronic."""
    told = town.journeys
    mover = told.resident(newcomer(told.today))
    told.declare_stay(mover, RUIAN)
    told.let_days_pass(mover, FIRST_STAY)
    told.end_stay(mover)
    told.let_days_pass(mover, GAP)
    told.declare_stay(mover, QINGYUAN)
    told.let_days_pass(mover, SECOND_STAY)
    told.registers_know(mover)
    reviewer, approver = desks["demo-qingyuan-reviewer"], desks["demo-qingyuan-approver"]
    with visiting(browser, town.base, token=token_of(mover)) as resident:
        steps.begin(resident, QINGYUAN, BY_STAYS)
        steps.answer(resident, answers_for(QINGYUAN, ["employment"]))
        case = steps.submit(resident)
        reviewer.open(f"/desk{case}")
        steps.seen(reviewer, "互认")
        granted(reviewer, approver, case)
        steps.open_permit(resident)
        assert resident.page.locator("main .tag.good.big").count() == 1
        looks_right(resident)


def test_in_large_traditional_type_an_old_taiwan_resident_settles_until_the_household_register(
    town: Town, browser: Browser, desks: Desks
) -> None:
    """The neutral notice first, then the exit–entry office; with both papers the police register the household."""
    settler = town.journeys.resident(somebody(town.journeys.today, region="TW", age=72), subject="settlement")
    token, (clerk, reviewer, approver) = token_of(settler), desks.of("demo-ee")
    with visiting(browser, town.base, language="zh-Hant-TW", large=True, token=token) as resident:
        steps.begin(resident, LIXIA, "settlement.approval", ground="lineal_kin")
        assert resident.page.evaluate("document.documentElement.lang") == "zh-Hant-TW"
        looks_right(resident, large=True)
        steps.answer(resident, {**answers_for(LIXIA, []), "point": {"service_point": EXIT_ENTRY}})
        steps.hand_in(resident, {"travel_document": "mtp_five_year", **PAPERS})
        case = steps.submit(resident)
        assert "大陆" not in resident.page.inner_text("body")
        accepted(clerk, case)
        granted(reviewer, approver, case)
        handed_over(clerk, case)
        notice = resident.open(case).locator("main p .number").first.inner_text()
        looks_right(resident, large=True)
        permit = steps.open_permit(resident).locator("main dd.number").first.inner_text()
        steps.register_household(desks["demo-clerk"], notice, permit)
        resident.open(case)
        steps.seen(resident, "應當申領居民身份證")
        assert not resident.page.locator("main .steps li").nth(1).count(), "nothing else is left to do"


def test_without_javascript_one_applies_books_and_is_taken_in(town: Town, browser: Browser) -> None:
    """Neither the resident's phone nor the clerk's browser runs scripts."""
    today, clerk_token = town.journeys.today, town.tokens["demo-clerk"]
    token = token_of(town.journeys.resident(somebody(today, region="TW")))
    with (
        visiting(browser, town.base, javascript=False, token=token) as resident,
        visiting(browser, town.base, javascript=False, width=DESK, token=clerk_token) as clerk,
    ):
        steps.register_stay(resident, LIXIA, ADDRESS, add_months(today, -8))
        steps.begin(resident, LIXIA, "hmt.first_issue")
        steps.answer(resident, HMT_ANSWERS)
        steps.hand_in(resident, {"travel_document": "mtp_five_year", "dwelling_proof": "lease"})
        case = steps.submit(resident)
        steps.book(resident, case)
        assert resident.path.startswith(case)
        steps.receive(clerk, case)
        accepted(clerk, case)


def test_a_landlord_opens_a_share_code_and_its_holder_sees_it_and_ends_it(town: Town, browser: Browser) -> None:
    """Two telephones: what is told for renting and no more, a wrong purpose, the look in the history, the end."""
    number, birth_date = town.checked.customers_permit["number"], town.checked.customer.somebody.birth_date
    with (
        visiting(browser, town.base, token=town.tokens["customer"]) as holder,
        visiting(browser, town.base) as landlord,
    ):
        steps.open_permit(holder)
        for part in ("/share", "/share/new", "/share/new/rent"):
            steps.follow(holder, part)
        steps.send(holder, {"days": 3, "uses": 2})
        code = holder.page.locator("main .typed code").inner_text()
        looks_right(holder)
        landlord.open("/check")
        steps.follow(landlord, "/check/share")
        typed = {"code": code, "birth_date": birth_date}
        steps.send(landlord, {**typed, "need": "bank"})
        steps.seen(landlord, "这个授权码不是为这件事生成的")
        looks_right(landlord)
        steps.send(landlord, typed)
        assert landlord.path == "/check/share/result", "the address names nobody"
        told = landlord.page.locator("main").inner_text()
        assert (number[-4:] in told, number in told, "居住证有效" in told) == (True, False, True)
        assert landlord.page.locator("main img.portrait").count() == 1
        looks_right(landlord)
        steps.send(landlord)  # done: taken from this device
        assert landlord.path == "/check/share"
        holder.open("/home")
        steps.follow(holder, "/data-use/checks")
        steps.follow(holder, "/data-use/checks/chk_")
        steps.seen(holder, "对方没有在本平台登记")
        steps.follow(holder, "/share")
        steps.seen(holder, "有授权码的人")
        steps.follow(holder, "/end")
        steps.send(holder, button="main form button.danger")
        steps.seen(holder, "已由您作废")
        steps.fill(landlord, typed)
        steps.press(landlord, landlord.page.locator("main form button.main"))
        assert "没有查到" in landlord.page.locator(".errors").inner_text()


def test_a_resident_signs_in_to_an_app_and_takes_the_consent_back(town: Town, browser: Browser) -> None:
    """Who asks, what for, what is told: one of two claims is agreed to, told, listed, and ended for good."""
    app = App(town.journeys)
    with visiting(browser, town.base, token=town.tokens["customer"], leaves_to=APP_ADDRESS) as resident:
        resident.open(app.address())
        assert not resident.page.locator("main :checked").count(), "nothing is ticked beforehand"
        steps.seen(resident, "app.example")
        looks_right(resident)
        steps.fill(resident, {"claims": ["over_18"]})
        with (
            resident.page.expect_event("framenavigated", lambda frame: frame.url.startswith("chrome-error:")),
            resident.page.expect_request(lambda sent: sent.url.startswith(APP_ADDRESS)) as left,
        ):
            resident.page.locator('main button[value="yes"]').click(no_wait_after=True)
        asking = app.come_back(left.value.url)
        assert set(asking.get("/openid/userinfo")) == {"sub", "over_18"}
        resident.open("/data-use/consents")
        steps.follow(resident, "/data-use/sign-ins/")
        steps.seen(resident, "已满18周岁")
        looks_right(resident)
        steps.send(resident, button="main form button.danger")
        assert not resident.page.locator('main a[href*="/data-use/sign-ins/"]').count()
        with pytest.raises(Refused):
            asking.get("/openid/userinfo")
        resident.open("/openid/logout")
        looks_right(resident)


@pytest.fixture
def line(town: Town) -> Iterator[Line]:
    """A slow line to the platform."""
    line = Line(town.journeys.port)
    yield line
    line.close()


def test_an_upload_that_is_cut_off_loses_nothing_and_is_sent_again(town: Town, browser: Browser, line: Line) -> None:
    """A slow line that drops in the middle: the draft stands as it was, and the paper comes the second time."""
    applicant = town.journeys.resident(somebody(town.journeys.today))
    town.journeys.declare_stay(applicant, LIXIA, months=8)
    with visiting(browser, line.base, token=token_of(applicant)) as resident:
        steps.begin(resident, LIXIA, "hmt.first_issue")
        steps.answer(resident, {name: HMT_ANSWERS[name] for name in ("facts", "address")})
        tasks = resident.path
        steps.follow(resident, "/papers/travel_document")
        paper = resident.path
        form = resident.page.locator('main form[enctype="multipart/form-data"]')
        steps.fill(resident, {**steps.kind_of_paper(resident, "hrp"), "file": paper_jpeg("hrp") + b"\0" * 400_000})
        line.drops_after = 150_000
        with resident.page.expect_event("requestfailed") as cut_off:
            form.locator("button.main").click(no_wait_after=True)
        assert cut_off.value.method == "POST"
        resident.page.wait_for_url("chrome-error://**")
        line.mend()
        assert ADDRESS in resident.open(f"{tasks}/check").content()
        resident.open(paper)
        assert not resident.page.locator("main .tasks .tag.good").count()
        resident.open(tasks)
        steps.hand_in(resident, {"travel_document": "hrp"})
        resident.open(paper)
        assert resident.page.locator("main .tasks .tag.good").count() == 1


def test_by_keyboard_alone_one_signs_in_applies_and_is_taken_in(town: Town, browser: Browser) -> None:
    """No mouse on either side: skip link, tabs, arrows, space and return; the focus is seen wherever it goes."""
    clerk_token = town.tokens["demo-clerk"]
    with (
        visiting(browser, town.base, width=DESK, by_keyboard=True) as resident,
        visiting(browser, town.base, width=DESK, by_keyboard=True, token=clerk_token) as clerk,
    ):
        steps.sign_in_by_phone(resident, town.journeys.beside, new_number())
        made_known(town, resident)
        resident.open("/home")
        resident.page.keyboard.press("Tab")
        assert resident.page.evaluate("document.activeElement.getAttribute('href')") == "#content"
        resident.page.keyboard.press("Enter")
        assert resident.page.evaluate("location.hash") == "#content"
        steps.begin(resident, LIXIA, "hmt.first_issue")
        steps.answer(resident, HMT_ANSWERS)
        steps.hand_in(resident, HMT_PAPERS)
        case = steps.submit(resident)
        steps.book(resident, case)
        steps.receive(clerk, case)
        accepted(clerk, case)


def test_a_form_that_was_wrong_says_so_at_its_fields_and_takes_the_focus(town: Town, browser: Browser) -> None:
    with visiting(browser, town.base, token=town.tokens["newcomer"]) as resident:
        resident.open("/residence/new")
        steps.fill(resident, {"address": ADDRESS, "start": town.journeys.today + timedelta(days=400)})
        with resident.page.expect_navigation():
            resident.page.locator("main form button.main").click()
        assert resident.page.evaluate("document.activeElement.matches('.errors')")
        assert resident.page.locator('[name="address"]').input_value() == ADDRESS
        found = wrong_with(resident.page)
    assert not found, "\n".join(found)


def test_after_the_session_has_ended_one_comes_back_to_what_was_typed(town: Town, browser: Browser) -> None:
    number = new_number()
    with visiting(browser, town.base) as resident:
        steps.sign_in_by_phone(resident, town.journeys.beside, number)
        made_known(town, resident)
        resident.open("/residence/new")
        steps.fill(resident, {"region": LIXIA, "address": ADDRESS, "start": town.journeys.today - timedelta(days=90)})
        resident.context.clear_cookies(name="sessionid")
        with resident.page.expect_navigation():
            resident.page.locator("main form button.main").click()
        assert resident.path.startswith("/sign-in?")
        assert resident.page.locator("main .notice").count()
        steps.sign_in_by_phone(resident, town.journeys.beside, number)
        assert resident.path == "/residence/new"
        assert resident.page.locator('[name="address"]').input_value() == ADDRESS


def test_pages_print_without_what_is_of_use_on_a_screen_only(town: Town, browser: Browser) -> None:
    with visiting(browser, town.base, width=DESK, token=town.tokens["holder"]) as holder:
        holder.open("/permits")
        holder.page.emulate_media(media="print")
        assert not holder.page.locator("header.top").is_visible()
        assert not holder.page.locator("footer").is_visible()
        assert holder.page.locator("h1").is_visible()
