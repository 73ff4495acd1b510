"""The permit as a document: what stands on it, when there is one, and that it leads to the root of the deployment."""

import io
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from PIL import Image

from tests.settlement.taipei import Jinan
from tests.support.cases import case_at, fresh
from tests.support.law import TODAY
from tests.support.people import a_principal, a_resident
from yizhengtong.credentials.keys.publication import roots
from yizhengtong.credentials.keys.queries import Use, checkers
from yizhengtong.credentials.papers import permit_sheets, services
from yizhengtong.credentials.papers.codes import picture_of
from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.credentials.papers.queries import check_paper, papers_of_case, papers_of_permit, sheet_of_permit
from yizhengtong.credentials.papers.services import Printed, print_case_paper, print_permit_paper
from yizhengtong.credentials.papers.sheet import PaperFormat, Tongue
from yizhengtong.credentials.papers.tests.ofd_reading import (
    against_schemas,
    need_schemas,
    parts_of,
    references_hold,
    words_of,
)
from yizhengtong.credentials.papers.tests.reading import fonts_of, has_gaps, is_tagged, text_of
from yizhengtong.credentials.papers.tests.test_pades import judged
from yizhengtong.credentials.papers.tests.world import EXTENSION_B, RARE, conversion, every_case, settled
from yizhengtong.credentials.showing import paper
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.tests.qingyuan import RUIAN, County, a_card, a_mainlander, half_a_year
from yizhengtong.permitting.permits.models import Permit

pytestmark = pytest.mark.django_db
ORIGIN = "https://permits.example"


def an_hmt_permit(jinan: Jinan, name: str = RARE) -> Permit:
    case, _ = case_at(jinan.city, CaseState.COMPLETED, resident=a_resident(name=name))
    return Permit.objects.select_related("person").get(case_id=case.pk)


def an_electronic_permit(qingyuan: County, ruian: County, name: str = EXTENSION_B) -> Permit:
    case = conversion(qingyuan, ruian, name=name)
    return Permit.objects.select_related("person").get(case_id=case.pk)


def printed(permit: Permit, form: PaperFormat = PaperFormat.PDF, language: str = "zh-Hans") -> Printed:
    kind = papers_of_permit(permit, TODAY)[0]
    return print_permit_paper(
        permit=permit, kind=kind, language=language, origin=ORIGIN, by=a_principal(), on=TODAY, form=form
    )


def test_the_permit_of_a_hong_kong_resident_is_a_copy_marked_as_no_statutory_document(jinan: Jinan) -> None:
    """D27: a convenience, marked so, without fingerprints."""
    permit = an_hmt_permit(jinan)
    assert papers_of_permit(permit, TODAY) == ["permit_copy"]
    told = text_of(printed(permit).content)
    assert "港澳居民居住证电子副本" in told
    assert "不是法定证件" in told
    assert "本件不含指纹信息" in told
    for value in (permit.card["name"], permit.number, permit.card["travel_document_number"], permit.authority,
                  "签发次数", "有效期限", "2026年9月18日", "2031年9月18日"):  # fmt: skip
        assert value in told, value


def test_all_eleven_items_of_the_card_but_the_fingerprints_stand_on_it(jinan: Jinan) -> None:
    permit = an_hmt_permit(jinan)
    sheet, _, _ = sheet_of_permit(permit, "permit_copy", Tongue(), TODAY, a_principal())
    lines = next(part for part in sheet.parts if part["kind"] == "person")["lines"]
    assert [each["label"] for each in lines] == [
        "姓名", "性别", "出生日期", "居住地住址", "公民身份号码", "有效期限", "签发机关", "签发次数", "出入境证件号码",
    ]  # fmt: skip


@pytest.mark.row("D27")
def test_an_electronic_permit_of_zhejiang_is_the_permit_and_says_nothing_else(qingyuan: County, ruian: County) -> None:
    permit = an_electronic_permit(qingyuan, ruian)
    assert papers_of_permit(permit, TODAY) == ["electronic_permit"]
    told = text_of(printed(permit).content)
    assert "浙江省居住证（电子）" in told
    assert "不是法定证件" not in told
    for value in (EXTENSION_B, permit.number, str(permit.card["identity_number"]), "签注有效期至", "庆元县", "民族"):
        assert value in told, value


def test_a_card_of_zhejiang_has_a_copy_and_no_electronic_permit(ruian: County) -> None:
    who = a_mainlander(half_a_year(RUIAN))
    card = a_card(who, ruian)
    Permit.objects.filter(pk=card.pk).update(state="held", handed_over_on=TODAY)
    card = Permit.objects.select_related("person").get(pk=card.pk)
    assert papers_of_permit(card, TODAY) == ["permit_copy"]


@pytest.mark.parametrize("changes", [{"state": "ordered"}, {"state": "made"}, {"state": "lost"},
                                     {"state": "ended", "ended_on": TODAY}])  # fmt: skip
def test_a_permit_that_is_not_in_its_holders_hands_has_no_document(jinan: Jinan, changes: dict[str, object]) -> None:
    permit = an_hmt_permit(jinan)
    Permit.objects.filter(pk=permit.pk).update(**changes)
    permit.refresh_from_db()
    assert papers_of_permit(permit, TODAY) == []
    with pytest.raises(NotFound):
        print_permit_paper(permit=permit, kind="permit_copy", language="en", origin=ORIGIN, by=a_principal(), on=TODAY)


def test_on_its_last_day_there_is_a_document_and_on_the_day_after_there_is_none(jinan: Jinan) -> None:
    permit = an_hmt_permit(jinan)
    last = permit.last_valid_day
    assert papers_of_permit(permit, last) == ["permit_copy"]
    assert papers_of_permit(permit, last + timedelta(days=1)) == []


def test_the_case_that_granted_a_permit_has_its_document_too(qingyuan: County, ruian: County) -> None:
    case = conversion(qingyuan, ruian)
    assert papers_of_case(case)[-1] == "electronic_permit"
    by_case = print_case_paper(case=case, kind="electronic_permit", language="zh-Hans", origin=ORIGIN, by=a_principal())
    permit = Permit.objects.select_related("person").get(case_id=case.pk)
    assert by_case.reference == printed(permit).reference


def test_pdf_and_ofd_are_one_paper_with_one_reference_and_the_same_words(qingyuan: County, ruian: County) -> None:
    need_schemas()
    permit = an_electronic_permit(qingyuan, ruian)
    pdf, ofd = printed(permit), printed(permit, PaperFormat.OFD)
    assert pdf.reference == ofd.reference
    assert (pdf.filename, ofd.filename) == ("electronic_permit.pdf", "electronic_permit.ofd")
    assert (pdf.media_type, ofd.media_type) == ("application/pdf", "application/ofd")
    assert IssuedPaper.objects.filter(kind="electronic_permit").count() == 1
    for value in (EXTENSION_B, permit.number, str(permit.card["identity_number"]), permit.authority, pdf.reference):
        assert value in words_of(ofd.content), value
        assert value in text_of(pdf.content), value
    assert all("CheckMethod" in each for each in against_schemas(ofd.content))
    assert permit.card["name"] not in parts_of(ofd.content)["OFD.xml"].decode()


def test_a_permit_signed_here_leads_to_the_root_that_is_published(jinan: Jinan) -> None:
    permit = an_hmt_permit(jinan)
    made = printed(permit)
    root = roots()[0]
    assert judged(made.content, root.certificate).bottom_line
    assert references_hold(printed(permit, PaperFormat.OFD).content)
    assert is_tagged(made.content)
    assert not has_gaps(made.content)
    assert all(fonts_of(made.content).values())


def test_the_signed_page_says_who_signed_it_and_that_the_words_are_no_seal(jinan: Jinan) -> None:
    told = text_of(printed(an_hmt_permit(jinan)).content)
    assert "济南市公安局历下分局通过本平台电子签名" in told
    assert "不是印章" in told


def test_forms_that_somebody_is_to_sign_by_hand_are_not_signed_by_the_office(jinan: Jinan) -> None:
    case, _ = case_at(jinan.city, CaseState.RECEIVED)
    form, receipt = (
        print_case_paper(case=fresh(case), kind=kind, language="zh-Hans", origin=ORIGIN, by=a_principal())
        for kind in ("hmt_form", "submission_receipt")
    )
    assert b"/ETSI.CAdES.detached" not in form.content
    assert "电子签名" not in text_of(form.content)
    assert b"/ETSI.CAdES.detached" in receipt.content


def test_the_photograph_stands_in_both_and_opening_it_is_asked_for_by_whom(
    jinan: Jinan, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    drawn = io.BytesIO()
    Image.new("RGB", (600, 800), "teal").save(drawn, "JPEG")

    def open_document(**asked: object) -> tuple[object, bytes]:
        opened.append(asked)
        return SimpleNamespace(), drawn.getvalue()

    monkeypatch.setattr(permit_sheets, "open_document", open_document)
    permit = an_hmt_permit(jinan)
    pdf, ofd = printed(permit), printed(permit, PaperFormat.OFD)
    assert b"/DCTDecode" in pdf.content
    assert "Doc_0/Res/portrait.jpg" in parts_of(ofd.content)
    assert [each["document_id"] for each in opened] == [permit.photo_id] * 2
    assert {each["purpose"] for each in opened} == {"papers"}


def test_a_photograph_that_cannot_be_opened_leaves_the_rest(jinan: Jinan) -> None:
    permit = an_hmt_permit(jinan)  # its file was never written
    content = printed(permit).content
    assert b"/DCTDecode" not in content
    assert permit.number in text_of(content)


def test_a_document_printed_again_is_the_same_and_another_one_after_an_endorsement(
    qingyuan: County, ruian: County
) -> None:
    permit = an_electronic_permit(qingyuan, ruian)
    first = printed(permit)
    assert printed(permit).reference == first.reference
    Permit.objects.filter(pk=permit.pk).update(endorsed_until=permit.endorsed_until + timedelta(days=365))  # type: ignore[operator]
    permit.refresh_from_db()
    second = printed(permit)
    assert second.reference != first.reference
    standing = [check_paper(each.reference, TODAY) for each in (first, second)]
    assert [each.standing for each in standing if each] == ["replaced", "current"]


# ---- the code ----


def codes_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts of the codes that are drawn from now on."""
    drawn: list[str] = []

    def noted(text: str) -> bytes:
        drawn.append(text)
        return picture_of(text)

    monkeypatch.setattr(services, "picture_of", noted)
    return drawn


def test_a_permits_document_bears_the_code_of_the_permit_with_the_least_that_serves(
    jinan: Jinan, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, permit = codes_of(monkeypatch), an_hmt_permit(jinan, name="王小明")
    printed(permit)
    found = paper.read(drawn[0], checkers(Use.CODE))
    assert found.content.purpose == "validity"
    assert set(found.content.values) == {"kind", "name_masked", "number_masked", "last_day"}
    assert permit.number not in str(found.content.values)


def test_every_other_paper_bears_a_signed_statement_of_itself_and_of_nobody(
    jinan: Jinan, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = codes_of(monkeypatch)
    case, _ = case_at(jinan.city, CaseState.ACCEPTED)
    made = print_case_paper(case=case, kind="receipt", language="en", origin=ORIGIN, by=a_principal())
    found = paper.read(drawn[0], checkers(Use.CODE))
    assert found.content.purpose == paper.PAPER
    assert found.content.values == {
        "paper": "受理回执", "reference": made.reference, "dated": TODAY, "office": case.office.name,
    }  # fmt: skip
    assert found.content.status is None


@pytest.mark.parametrize("at", [-3, -40, -120])
def test_a_statement_with_another_letter_is_not_believed(
    jinan: Jinan, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    drawn = codes_of(monkeypatch)
    case, _ = case_at(jinan.city, CaseState.ACCEPTED)
    print_case_paper(case=case, kind="receipt", language="en", origin=ORIGIN, by=a_principal())
    text = drawn[0]
    changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    with pytest.raises(paper.BadCode):
        paper.read(changed, checkers(Use.CODE))


def test_the_code_on_the_page_is_read_by_a_stranger_and_says_what_was_signed(
    jinan: Jinan, monkeypatch: pytest.MonkeyPatch
) -> None:
    zxing = pytest.importorskip("zxingcpp")
    drawn = codes_of(monkeypatch)
    permit = an_hmt_permit(jinan)
    ofd = printed(permit, PaperFormat.OFD)
    picture = Image.open(io.BytesIO(parts_of(ofd.content)["Doc_0/Res/code.png"]))
    large = picture.convert("L").resize((picture.width * 6, picture.height * 6), Image.Resampling.NEAREST)
    framed = Image.new("L", (large.width + 48, large.height + 48), 255)
    framed.paste(large, (24, 24))
    assert [each.text for each in zxing.read_barcodes(framed)] == drawn


# ---- every paper as OFD ----


def test_every_paper_is_an_ofd_with_the_words_of_the_pdf_that_the_schemas_find_valid(
    jinan: Jinan, qingyuan: County, ruian: County
) -> None:
    need_schemas()
    for case, kind in every_case(jinan, qingyuan, ruian):
        made = [
            print_case_paper(case=case, kind=kind, language="en", origin=ORIGIN, by=a_principal(), form=form)
            for form in PaperFormat
        ]
        assert made[0].reference == made[1].reference
        assert all("CheckMethod" in each for each in against_schemas(made[1].content)), kind
        pdf, ofd = words_only(text_of(made[0].content)), words_only(words_of(made[1].content))
        assert pdf <= ofd, (kind, sorted(pdf - ofd))


def words_only(told: str) -> set[str]:
    """Return which Chinese characters stand on a paper."""
    return set(re.findall(r"[\u3400-\u9fff\U00020000-\U0003ffff]", told))


def test_a_settlement_permit_bears_the_permits_code_as_well(jinan: Jinan, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = codes_of(monkeypatch)
    case = settled(jinan)
    print_case_paper(case=case, kind="settlement_permit", language="zh-Hans", origin=ORIGIN, by=a_principal())
    print_case_paper(case=case, kind="approval_notice", language="zh-Hans", origin=ORIGIN, by=a_principal())
    purposes = [paper.read(each, checkers(Use.CODE)).content.purpose for each in drawn]
    assert purposes == ["validity", paper.PAPER]
