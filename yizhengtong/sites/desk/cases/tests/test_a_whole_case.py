"""A case from the counter to the card by the desk's pages alone, with three officers."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.support.cases import an_application, fresh, received
from tests.support.people import a_resident
from yizhengtong.foundation.documents.tests.files import jpeg
from yizhengtong.foundation.notifications.models import Delivery, Message
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.sites.desk.cases.asking import today
from yizhengtong.sites.desk.tests.desk import Desk, address_of, window_of, words_as_found

pytestmark = pytest.mark.django_db


def a_case(**answers: Any) -> Case:
    who = a_resident()
    return received(who, an_application(who, on=today(), **answers), on=today())


def at_the_window(desk: Desk, case: Case, *, without: str = "") -> None:
    """Receive the visitor, print the form, capture everything."""
    window = window_of(case)
    assert desk.post("clerk", f"{window}/arrived").status_code == 302
    assert desk.post("clerk", f"{window}/form").status_code == 302
    captures = {"photo": jpeg(), "fingerprints": jpeg(), "signed-form": jpeg()}
    for kind, content in captures.items():
        if kind != without:
            file = SimpleUploadedFile("x.jpg", content, "image/jpeg")
            answer = desk.post("clerk", f"{window}/capture/{kind}", file=file)
            assert answer.status_code == 302, (kind, answer.content.decode())


def judge_all(desk: Desk, case: Case, who: str = "reviewer", **changes: str) -> None:
    case = fresh(case)
    answer = desk.post(who, f"{address_of(case)}/judgement", version=case.version, **words_as_found(case, **changes))
    assert answer.status_code == 302, answer.content.decode()


@pytest.mark.row("S2-18")
@pytest.mark.row("S3-31")
@pytest.mark.row("S4-13")
def test_a_case_goes_from_the_window_to_the_card_by_pages_alone(desk: Desk) -> None:
    case = a_case()
    at_the_window(desk, case)
    assert desk.step("clerk", case, "accept", opinion="材料齐全").status_code == 302
    assert fresh(case).receipt_number
    judge_all(desk, case)
    assert desk.step("reviewer", case, "review", recommends="grant", opinion="建议批准").status_code == 302
    assert desk.step("approver", case, "approve", opinion="同意").status_code == 302
    page = desk.get("approver", address_of(case)).content.decode()
    for name in ("李受理", "王审核", "张审批", "材料齐全", "建议批准", "同意"):
        assert name in page
    assert desk.step("clerk", case, "record_made").status_code == 302
    assert desk.step("clerk", case, "hand_over", tracking_number="").status_code == 302
    assert fresh(case).state == "completed"


@pytest.mark.row("S3-33")
@pytest.mark.row("S4-17")
def test_a_refusal_tells_everything_once_after_it_was_shown(desk: Desk) -> None:
    case = a_case()
    at_the_window(desk, case, without="fingerprints")
    desk.step("clerk", case, "accept", opinion="")
    judge_all(desk, case, document__dwelling_proof="unmet")
    desk.step("reviewer", case, "review", recommends="refuse", opinion="不符")
    preview = desk.get("approver", f"{address_of(case)}/step/refuse").content.decode()
    for words in ("指纹", "已核对原件", "国办发〔2018〕81号"):
        assert words in preview
    assert desk.step("approver", case, "refuse", opinion="不予批准").status_code == 302
    notice = case.notices.get()
    assert len(notice.findings) >= 2
    page = desk.get("clerk", address_of(case)).content.decode()
    assert "行政复议" in page
    assert "指纹" in page


@pytest.mark.parametrize("action", ["request_supplement", "review"])
@pytest.mark.row("S4-17")
def test_the_step_stays_closed_until_every_line_is_judged(desk: Desk, action: str) -> None:
    case = a_case()
    at_the_window(desk, case, without="fingerprints")
    desk.step("clerk", case, "accept", opinion="")
    page = desk.get("reviewer", address_of(case)).content.decode()
    assert f'disabled aria-describedby="why-{action}"' in page
    refused = desk.step("reviewer", case, action, recommends="refuse", opinion="")
    assert refused.status_code == 422
    assert fresh(case).state == "accepted"
    assert not case.notices.exists()
    judge_all(desk, case)
    page = desk.get("reviewer", address_of(case)).content.decode()
    assert f'disabled aria-describedby="why-{action}"' not in page
    assert desk.step("reviewer", case, action, recommends="refuse", opinion="").status_code == 302


def test_refusing_stays_closed_while_a_line_is_in_doubt(desk: Desk) -> None:
    case = a_case()
    at_the_window(desk, case)
    desk.step("clerk", case, "accept", opinion="")
    judge_all(desk, case, document__dwelling_proof="doubtful")
    desk.step("reviewer", case, "review", recommends="refuse", opinion="")
    page = desk.get("approver", address_of(case)).content.decode()
    assert 'disabled aria-describedby="why-refuse"' in page
    assert desk.step("approver", case, "refuse", opinion="").status_code == 409
    assert fresh(case).state == "reviewed"
    desk.step("approver", case, "send_back", opinion="先告知")
    assert desk.step("reviewer", case, "request_supplement").status_code == 302
    assert "已核对原件" in desk.get("reviewer", address_of(case)).content.decode()


def test_a_doubt_without_a_reason_is_not_kept_and_what_was_typed_stands_again(desk: Desk) -> None:
    case = a_case()
    fields = {
        **words_as_found(case),
        "document.dwelling_proof.word": "doubtful",
        "condition.form_is_signed.reason": "改天签",
    }
    answer = desk.post("clerk", f"{address_of(case)}/judgement", version=case.version, **fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请写明疑点" in page
    assert "改天签" in page
    assert not case.judgements.exists()


def test_who_changed_what_is_told_and_what_was_typed_is_kept_when_a_page_is_stale(desk: Desk) -> None:
    case = a_case()
    at_the_window(desk, case)
    page = desk.get("clerk", f"{address_of(case)}/step/accept").content.decode()
    read_at = page.partition('name="read_at" value="')[2].partition('"')[0].replace("&#x2B;", "+")
    old = fresh(case).version
    judge_all(desk, case, "reviewer")
    answer = desk.post("clerk", f"{address_of(case)}/step/accept", version=old, read_at=read_at, opinion="我写的意见")
    page = answer.content.decode()
    assert answer.status_code == 412
    assert "我写的意见" in page
    assert "王审核" in page
    assert fresh(case).state == "received"


def test_an_officer_who_signed_reads_why_the_others_must_be_somebody_else(desk: Desk) -> None:
    case = a_case()
    at_the_window(desk, case)
    desk.step("clerk", case, "accept", opinion="")
    assert "三名不同的工作人员" in desk.get("clerk", address_of(case)).content.decode()
    assert "三名不同的工作人员" not in desk.get("reviewer", address_of(case)).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/step/accept",
        "/judgement",
        "/look/photo",
        "/permit/void",
        "/alike/per_00000000000000000000000000",
        "/minor",
    ],
)
def test_a_case_of_another_office_is_nothing_there(desk: Desk, address: str) -> None:
    case = a_case()
    for answer in (
        desk.get("elsewhere", address_of(case) + address),
        desk.post("elsewhere", address_of(case) + address),
    ):
        assert answer.status_code == 404
        assert "王小明" not in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/arrived",
        "/form",
        "/capture/photo",
        "/capture/fingerprints",
        "/capture/signed-form",
        "/photo-receipt",
        "/papers/dwelling_proof",
    ],
)
def test_a_visit_at_another_office_is_nothing_there(desk: Desk, address: str) -> None:
    case = a_case()
    for answer in (desk.get("elsewhere", window_of(case) + address), desk.post("elsewhere", window_of(case) + address)):
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("who", "action"),
    [("reviewer", "accept"), ("approver", "accept"), ("auditor", "accept"), ("auditor", "request_supplement")],
)
def test_a_step_of_another_role_is_forbidden_and_changes_nothing(desk: Desk, who: str, action: str) -> None:
    case = a_case()
    at_the_window(desk, case)
    assert desk.get(who, f"{address_of(case)}/step/{action}").status_code == 403
    assert desk.step(who, case, action, opinion="").status_code == 403
    assert fresh(case).state == "received"


def test_only_clerks_capture(desk: Desk) -> None:
    case = a_case()
    for kind in ("photo", "fingerprints", "signed-form"):
        file = SimpleUploadedFile("x.jpg", jpeg(), "image/jpeg")
        assert desk.post("reviewer", f"{window_of(case)}/capture/{kind}", file=file).status_code == 403
    assert fresh(case).photo_id is None


def test_a_paper_is_shown_to_who_may_open_its_case_alone(desk: Desk) -> None:
    case = a_case()
    at_the_window(desk, case)
    shown = desk.get("reviewer", f"{address_of(case)}/look/photo")
    assert (shown.status_code, shown["Content-Type"], shown["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert "sandbox" in shown["Content-Security-Policy"]
    other = a_case()
    assert desk.get("reviewer", f"{address_of(other)}/look/photo").status_code == 404
    page = desk.get("reviewer", f"{address_of(case)}?paper=photo&zoom=3").content.decode()
    assert 'class="zoom-3"' in page
    assert "/look/photo" in page


def test_an_application_is_taken_back_at_the_window_by_its_applicants_wish(desk: Desk) -> None:
    case = a_case()
    assert desk.step("clerk", case, "withdraw").status_code == 302
    assert fresh(case).state == "withdrawn"


def test_two_alike_stand_side_by_side_with_what_differs(desk: Desk) -> None:
    case = a_case()
    other = a_resident()  # the same name and birth date
    link = f"{address_of(case)}/alike/{public_id('per', other.person.pk)}"
    assert "其他辖区" in desk.get("clerk", address_of(case)).content.decode()
    assert desk.get("clerk", link).status_code == 404
    received(other, an_application(other, on=today()), on=today())
    assert link in desk.get("clerk", address_of(case)).content.decode()
    page = desk.get("clerk", link).content.decode()
    assert other.number in page
    assert "不同" in page
    stranger = a_resident(name="李大海")
    received(stranger, an_application(stranger, on=today()), on=today())
    assert desk.get("clerk", f"{address_of(case)}/alike/{public_id('per', stranger.person.pk)}").status_code == 404


def test_a_case_page_asks_a_bounded_number_of_statements(desk: Desk, django_assert_max_num_queries: object) -> None:
    case = a_case()
    at_the_window(desk, case)
    desk.step("clerk", case, "accept", opinion="")
    judge_all(desk, case)
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        assert desk.get("reviewer", address_of(case)).status_code == 200


@pytest.mark.row("S4-16")
def test_a_case_shows_what_became_of_its_messages_and_no_address(desk: Desk) -> None:
    case = a_case()
    told = Message.objects.create(
        person_id=case.person_id, kind="received", dedupe_key=str(new_id()), object_kind="case", object_id=case.pk,
        is_due=True, language="zh-Hans", subject="", text="",
    )  # fmt: skip
    Delivery.objects.create(
        message=told, person_id=case.person_id, kind="received", is_due=True, channel="sms", state="failed",
        not_before=timezone.now(), expires_at=timezone.now(), address="+85255500100", subject="", text="",
        settled_at=timezone.now(),
    )  # fmt: skip
    page = desk.get("clerk", address_of(case)).content.decode()
    assert "短信" in page
    assert "+85255500100" not in page
    assert '<span class="tag bad">' in page.partition('id="messages-title"')[2]


@pytest.mark.parametrize("zoom", ["²", "٣", "9", "", "1e1", "④"])
def test_an_odd_size_of_a_paper_is_the_usual_one_or_a_known_one(desk: Desk, zoom: str) -> None:
    who = a_resident()
    case = received(who, an_application(who, on=today()), on=today())
    assert desk.get("clerk", f"{address_of(case)}?zoom={zoom}").status_code == 200
