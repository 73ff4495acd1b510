"""OFD: valid by the schemas of GB/T 33190, on the page, with the same words as the PDF, and signed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from yizhengtong.credentials.keys import sm2
from yizhengtong.credentials.papers.codes import picture_of
from yizhengtong.credentials.papers.ofd.measuring import advance, deltas, lines_of, width_of
from yizhengtong.credentials.papers.ofd.writing import write_ofd
from yizhengtong.credentials.papers.rendering import render
from yizhengtong.credentials.papers.sheet import (
    Sheet,
    Tongue,
    choice,
    choices,
    heading,
    item,
    line,
    mark,
    opinions,
    person,
    row,
    table,
    text,
    words,
)
from yizhengtong.credentials.papers.tests.chain import Chain, a_chain
from yizhengtong.credentials.papers.tests.ofd_reading import (
    against_schemas,
    need_schemas,
    openssl_believes,
    pages_of,
    parts_of,
    placed,
    references_hold,
    repacked,
    words_of,
)
from yizhengtong.credentials.papers.tests.reading import text_of
from yizhengtong.credentials.papers.tests.world import EXTENSION_B, LATIN, LONG, RARE

NOW = datetime(2026, 9, 18, 3, tzinfo=UTC)
TONGUE = Tongue("en", "TW")
JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////"
    "////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAI"
    "AQEAAD8AN//Z"
)
SHEET = Sheet(
    kind="receipt",
    title="受理回执",
    title_second="Receipt",
    dated=date(2026, 9, 18),
    office="济南市公安局历下分局",
    number="编号：1",
    signed_by="济南市公安局历下分局",
    is_signed=True,
    parts=[
        mark("不是法定证件", "not statutory"),
        person([line(TONGUE, "name", RARE), line(TONGUE, "residence_address", LONG)], JPEG, "照片"),
        row(TONGUE, name=EXTENSION_B, latin_name=LATIN),
        {"kind": "cells", "label": "公民身份号码", "cells": [*"11010519491231002X"]},
        choices(TONGUE, "ground", [choice("就业", True, "work"), choice("就读", False)]),
        {"kind": "columns", "label": "证明", "columns": [
            {"label": "就业", "width": 1, "groups": [{"label": "", "choices": [choice("合同", True)]}]},
            {"label": "住所", "width": 2, "groups": [{"label": "出租", "choices": [choice("备案", False)]}]},
        ]},
        words(TONGUE.label("declaration"), LONG, told_second="second", signed="申请人签名：", on=date(2026, 9, 18)),
        opinions("办理意见", [("受理人意见：", "同意", date(2026, 9, 18)), ("审核人意见：", "", None)]),
        heading("救济"),
        text(LONG, "second line"),
        {"kind": "list", "items": [item("缺少指纹", ["请到窗口", LONG], second="fix", source="依据：国令663第9条")]},
        table(TONGUE, {"serial": 1, "paper": 5}, [("1", LONG), ("2", "<&>\"'")]),
        {"kind": "flow", "steps": [
            {"words": "申请", "details": ["网上"], "source": "第1条", "otherwise": ""},
            {"words": "核对", "details": [], "source": "第2条", "otherwise": "不符合的"},
        ]},
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def chain() -> Chain:
    return a_chain()


def values(sheet: Sheet = SHEET) -> dict[str, Any]:
    footer = ["核对：https://permits.example/check-paper/7k2m", "核对码：7k2m"]
    return {**sheet.as_values(), "footer": footer, "sealed": "已电子签名", "sealed_second": "signed"}


def written(sheet: Sheet = SHEET, **more: Any) -> bytes:
    return write_ofd(values(sheet), **{"code": picture_of("7k2m"), "identity": "7k2m", "at": NOW, **more})


def test_every_part_is_valid_by_the_schemas() -> None:
    need_schemas()
    assert against_schemas(written()) == []
    assert against_schemas(written(code=b"")) == []


def test_of_a_signed_one_the_schemas_mind_the_hash_alone_which_they_allow_to_be_md5_or_sha_1_only(chain: Chain) -> None:
    need_schemas()
    found = against_schemas(written(signers=[chain.signer]))
    assert len(found) == 1
    assert "'CheckMethod'" in found[0]
    assert "not an element of the set {'MD5', 'SHA1'}" in found[0]


def test_it_says_what_the_pdf_says() -> None:
    code = list(picture_of("7k2m"))
    pdf = text_of(render({**values(), "code": code})).replace("\u200b", "")
    told = words_of(written())
    for words_ in (
        RARE,
        EXTENSION_B,
        LONG,
        "".join(LATIN.split()),
        "<&>\"'",
        "受理回执",
        "不是法定证件",
        "救济",
        "7k2m",
    ):
        assert words_ in told or words_ in told.replace("\n", ""), words_
    # every word of the one is a word of the other: compared by characters, for lines break elsewhere
    assert sorted(set(pdf) - set("1/2□√↓→")) == sorted(set(told) - set("＿年月日1/2□√↓→")) or set(pdf) <= set(told) | {
        "1"
    }


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert written() == written()


def test_everything_stands_on_the_page_and_nothing_on_anything_else() -> None:
    pages = pages_of(written())
    assert len(pages) == 2
    for page in pages:
        found = sorted(placed(page), key=lambda each: (each.top, each.left))
        for each in found:
            assert each.top >= 15, each
            assert each.bottom <= 297 - 3, each
            assert each.left >= 17, each
            assert each.right <= 210 - 16, each
        for one, other in pairwise(found):
            beside = one.right <= other.left + 1 or other.right <= one.left + 1
            assert beside or one.bottom <= other.top + 0.01, (one, other)


@pytest.mark.parametrize(
    "part", [row(TONGUE, residence_address="字" * 4000), text("字" * 4000), row(TONGUE, name="A" * 900)]
)
def test_what_is_too_long_for_a_page_goes_on_with_the_next(part: dict[str, Any]) -> None:
    content = written(replace(SHEET, parts=[part]))
    told = words_of(content)
    assert told.count("字") == 4000 or told.count("A") >= 900
    for page in pages_of(content):
        assert all(each.bottom <= 294 for each in placed(page))
        assert all(each.right <= 194 for each in placed(page))


@pytest.mark.parametrize("name", ["<b>", "&amp;", "]]>", '"', "a\x00b\x0b\ufffe", "\ud800", "a\tb"])
def test_what_somebody_typed_is_never_read_as_markup(name: str) -> None:
    need_schemas()
    content = written(replace(SHEET, parts=[row(TONGUE, name=name)]))
    assert against_schemas(content) == []
    if name.isprintable() and "\ud800" not in name:
        assert name in words_of(content)


def test_pictures_are_what_they_are_called(chain: Chain) -> None:
    parts = parts_of(written(signers=[chain.signer]))
    assert parts["Doc_0/Res/code.png"].startswith(b"\x89PNG")
    assert parts["Doc_0/Res/portrait.jpg"].startswith(b"\xff\xd8")
    resources = parts["Doc_0/DocumentRes.xml"].decode()
    assert 'Format="PNG"' in resources
    assert 'Format="JPEG"' in resources


def test_it_tells_its_title_its_office_its_day_and_its_reference_and_nobodys_name() -> None:
    told = parts_of(written())["OFD.xml"].decode()
    for each in ("受理回执", "济南市公安局历下分局", "2026-09-18", "7k2m"):
        assert each in told
    assert RARE not in told


# ---- widths ----


@pytest.mark.parametrize(
    ("words_", "ems"),
    [("", 0), ("abc", 1.5), ("王小明", 3), ("a王", 1.5), ("“引”", 3), ("𠮷", 1), ("é", 1), ("a\u0301", 0.5)],
)
def test_a_letter_fills_half_a_cell_and_a_character_a_whole_one(words_: str, ems: float) -> None:
    assert width_of(words_) == ems
    assert sum(map(advance, words_)) == ems


def test_lines_keep_words_together_and_begin_with_no_closing_mark() -> None:
    assert lines_of("hello world again", 6) == ["hello world", "again"]
    assert lines_of("甲乙丙丁。戊", 4) == ["甲乙丙", "丁。戊"]
    assert lines_of("A" * 10, 2) == ["AAAA", "AAAA", "AA"]
    assert lines_of("甲\n乙", 9) == ["甲", "乙"]
    assert lines_of("", 9) == [""]


@pytest.mark.parametrize("words_", ["a", "ab", "王小明", "a王b小c", "王小明 Wang", "2026年9月18日", "A\u0301王"])
def test_there_are_as_many_advances_as_gaps(words_: str) -> None:
    told, count = deltas(words_, 4).split(), 0
    while told:
        step, told = (int(told[1]), told[3:]) if told[0] == "g" else (1, told[1:])
        count += step
    assert count == len(words_) - 1


# ---- signatures ----


def test_openssl_believes_a_signature_that_leads_to_the_root_and_no_other(chain: Chain, tmp_path: Path) -> None:
    content = written(signers=[chain.signer])
    root = chain.root.public_bytes(Encoding.PEM)
    assert references_hold(content)
    assert openssl_believes(content, root, tmp_path)
    assert not openssl_believes(content, a_chain().root.public_bytes(Encoding.PEM), tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "OFD.xml",
        "Doc_0/Document.xml",
        "Doc_0/Pages/Page_0/Content.xml",
        "Doc_0/Res/code.png",
        "Doc_0/Res/portrait.jpg",
        "Doc_0/PublicRes.xml",
    ],
)
def test_a_part_that_was_changed_is_found(chain: Chain, name: str) -> None:
    content = written(signers=[chain.signer])
    part = bytearray(parts_of(content)[name])
    part[len(part) // 2] ^= 1
    assert references_hold(content)
    assert not references_hold(repacked(content, **{name.replace("/", "__").replace(".", "_dot_"): bytes(part)}))


def test_a_part_that_was_added_is_found(chain: Chain) -> None:
    content = written(signers=[chain.signer])
    assert not references_hold(repacked(content, Doc_0__Annots_dot_xml=b"<a/>"))


def test_a_hash_written_anew_no_longer_fits_the_signature(chain: Chain, tmp_path: Path) -> None:
    content = written(signers=[chain.signer])
    description = parts_of(content)["Doc_0/Signs/Sign_0/Signature.xml"]
    at = description.index(b"<ofd:CheckValue>") + 20
    changed = description[:at] + (b"B" if description[at : at + 1] != b"B" else b"C") + description[at + 1 :]
    forged = repacked(content, Doc_0__Signs__Sign_0__Signature_dot_xml=changed)
    assert not openssl_believes(forged, chain.root.public_bytes(Encoding.PEM), tmp_path)


def test_a_certificate_put_in_the_place_of_the_signers_is_found(chain: Chain, tmp_path: Path) -> None:
    other = a_chain("papers")
    content = written(signers=[replace(chain.signer, certificates=other.signer.certificates)])
    for each in (chain, other):
        assert not openssl_believes(content, each.root.public_bytes(Encoding.PEM), tmp_path)


def test_by_sm2_the_hash_of_the_description_is_signed_as_gb_t_35275_has_it() -> None:
    from cryptography.hazmat.primitives import hashes

    signer = sm2.new_signer()
    content = written(signers=[signer])
    assert references_hold(content)
    parts = parts_of(content)
    digest = hashes.Hash(hashes.SM3())
    digest.update(parts["Doc_0/Signs/Sign_0/Signature.xml"])
    hashed = digest.finalize()
    value = parts["Doc_0/Signs/Sign_0/SignedValue.dat"]
    assert hashed in value
    assert bytes.fromhex("060a2a811ccf550601040202") in value
    checker = sm2.checker_of(signer.public_jwk)
    assert checker.check(hashed, _raw_signature(value))
    assert not checker.check(bytes(32), _raw_signature(value))


def test_two_algorithms_sign_the_same_parts_side_by_side(chain: Chain) -> None:
    content = written(signers=[chain.signer, sm2.new_signer()])
    assert references_hold(content, 0)
    assert references_hold(content, 1)
    listed = parts_of(content)["Doc_0/Signs/Signatures.xml"].decode()
    assert listed.count('Type="Sign"') == 2
    assert "Seal" not in listed


def _raw_signature(value: bytes) -> bytes:
    """Return r and s of the last value in a SignedData: SEQUENCE of two integers in an octet string at its end."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    at = value.rindex(b"\x30", 0, len(value) - 64)
    while value[at + 1] != len(value) - at - 2:
        at = value.rindex(b"\x30", 0, at)
    r, s = decode_dss_signature(value[at:])
    return r.to_bytes(32) + s.to_bytes(32)
