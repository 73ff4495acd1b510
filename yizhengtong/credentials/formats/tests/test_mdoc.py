"""mdoc: what is written can be read; what was touched, put in, borrowed or shown by others is caught by its name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.holders import shown_mdoc
from tests.support.issuers import Authority, Key
from yizhengtong.credentials.formats import mdoc, transcripts
from yizhengtong.credentials.formats.cose import PROTECTED_ES256, sign1, signed_bytes
from yizhengtong.credentials.formats.mdoc_reading import OpenedMdoc, open_device_response, open_issuer_signed
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import SM2

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
NAMESPACE, DOCTYPE = "cn.yizhengtong.residence_permit.1", "cn.yizhengtong.zhejiang_permit.1"
ELEMENTS = {
    "name": "姚小明", "birth_date": date(1980, 5, 6), "age_over_18": True, "portrait": b"\xff\xd8" * 200, "sex": 1,
    "issue_count": 70_000,
}  # fmt: skip
READ = {**ELEMENTS, "birth_date": "1980-05-06"}
STATUS = {"status_list": {"idx": 412, "uri": "https://issuer.example/status/7"}}
AUTHORITY = Authority()
SIGNER, HOLDER = AUTHORITY.signer(), Key(key_id="holder")
TRANSCRIPT = transcripts.openid4vp(
    client_id="x509_san_dns:reader.example", nonce="n-0S6_WzA2Mj", response_uri="https://reader.example/answer",
    thumbprint=None,
)  # fmt: skip


def issued(**changes: Any) -> bytes:
    given: dict[str, Any] = {
        "doctype": DOCTYPE, "signer": SIGNER, "device_key_jwk": HOLDER.jwk, "signed_at": NOW, "valid_from": NOW,
        "valid_until": NOW + 14 * DAY, "status": STATUS,
    }  # fmt: skip
    return mdoc.issue(changes.pop("items", {NAMESPACE: ELEMENTS}), **{**given, **changes})


def read(data: Any, *, at: datetime = NOW, doctype: str = DOCTYPE, roots: list[bytes] | None = None) -> OpenedMdoc:
    return open_issuer_signed(data, roots or [AUTHORITY.root], at=at, doctype=doctype)


def refusal(data: Any, **how: Any) -> str:
    with pytest.raises(FormatProblem) as found:
        read(data, **how)
    return found.value.code


def shown(data: bytes | None = None, holder: Key = HOLDER, transcript: bytes = TRANSCRIPT, **what: Any) -> bytes:
    return shown_mdoc(data or issued(), holder, transcript, doctype=DOCTYPE, **what)


def answer_refusal(data: bytes, transcript: bytes = TRANSCRIPT) -> str:
    with pytest.raises(FormatProblem) as found:
        open_device_response(data, [AUTHORITY.root], at=NOW, doctype=DOCTYPE, transcript=transcript)
    return found.value.code


def changed(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return an mdoc after a change to it as it was read."""
    whole = cbor2.loads(data)
    change(whole)
    return cbor2.dumps(whole)


def resigned(change: Callable[[dict[str, Any]], object], signer: Key = SIGNER) -> bytes:
    """Return an mdoc whose issuer itself signed something changed."""
    whole = cbor2.loads(issued())
    mso = cbor2.loads(cbor2.loads(whole["issuerAuth"][2]).value)
    mso["validityInfo"] = {
        name: cbor2.CBORTag(0, f"{at:%Y-%m-%dT%H:%M:%SZ}") for name, at in mso["validityInfo"].items()
    }
    change(mso)
    payload = cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(mso)))
    whole["issuerAuth"] = cbor2.loads(sign1(payload, signer))
    return cbor2.dumps(whole)


def test_everything_is_read_as_it_was_written() -> None:
    found = read(issued())
    assert found.elements == {NAMESPACE: READ}
    assert (found.doctype, found.status, found.is_device_signed) == (DOCTYPE, STATUS, False)
    assert (found.signed_at, found.valid_from, found.valid_until) == (NOW, NOW, NOW + 14 * DAY)


def test_what_is_written_is_the_only_way_to_write_it() -> None:
    data = issued()
    whole = cbor2.loads(data)
    payload = cbor2.loads(whole["issuerAuth"][2])
    mso = cbor2.loads(payload.value)
    assert list(mso) == [
        "status",
        "docType",
        "version",
        "validityInfo",
        "valueDigests",
        "deviceKeyInfo",
        "digestAlgorithm",
    ]
    assert (mso["version"], mso["digestAlgorithm"]) == ("1.0", "SHA-256")
    assert list(mso["valueDigests"][NAMESPACE]) == list(range(len(ELEMENTS)))
    assert b"\xc0\x74" in payload.value, "instants are tagged text of whole seconds"
    assert b"\xd9\x03\xec\x6a1980-05-06" in data, "days are tagged 1004"
    assert list(whole["issuerAuth"][1]) == [33]


def test_an_mdoc_without_status_has_none() -> None:
    assert read(issued(status=None)).status is None


def test_two_mdocs_of_the_same_elements_share_no_digest_and_no_order() -> None:
    items = [[cbor2.loads(each.value) for each in cbor2.loads(issued())["nameSpaces"][NAMESPACE]] for _ in range(8)]
    assert all(len(item["random"]) >= 16 for group in items for item in group)
    assert len({item["random"] for group in items for item in group}) == 8 * len(ELEMENTS)
    assert len({tuple(item["digestID"] for item in group) for group in items}) > 1


def test_many_elements_and_long_ones_are_written_right() -> None:
    items = {NAMESPACE: {f"e{n}": "x" * n * 100 for n in range(30)}, "another": {"e": [date(2026, 1, 1), {"a": NOW}]}}
    found = read(issued(items=items)).elements
    assert found[NAMESPACE] == items[NAMESPACE]
    assert found["another"] == {"e": ["2026-01-01", {"a": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}]}


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        issued(signed_at=NOW.replace(tzinfo=None))


def test_sm2_has_no_place_in_cose() -> None:
    with pytest.raises(FormatProblem, match=r"cose\.algorithm_refused"):
        issued(signer=replace(SIGNER, algorithm=SM2))


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW - timedelta(seconds=60), ""), (NOW - timedelta(seconds=61), "mdoc.signed_in_future"),
        (NOW + 14 * DAY + timedelta(seconds=60), ""), (NOW + 14 * DAY + timedelta(seconds=61), "mdoc.expired"),
    ],
)  # fmt: skip
def test_it_is_good_between_its_instants_with_the_leeway_of_clocks(at: datetime, code: str) -> None:
    if code:
        assert refusal(issued(), at=at) == code
    else:
        read(issued(), at=at)


def test_it_is_not_good_before_its_day() -> None:
    assert refusal(issued(valid_from=NOW + DAY)) == "mdoc.not_yet_valid"


def test_doctype_and_version_are_those_asked_for() -> None:
    assert refusal(issued(), doctype="org.iso.18013.5.1.mDL") == "mdoc.wrong_doctype"
    assert refusal(resigned(lambda mso: mso.update(version="2.0"))) == "mdoc.wrong_version"


def test_only_a_trusted_authority_leads_to_the_signer() -> None:
    assert refusal(issued(), roots=[Authority().root]) == "chain.untrusted"
    assert refusal(issued(signer=Authority(name="Test IACA").signer())) == "chain.untrusted", (
        "the same name is no proof"
    )
    assert refusal(issued(signer=Key())) == "chain.malformed"


def test_the_certificate_is_made_for_signing_mdocs() -> None:
    assert refusal(issued(signer=AUTHORITY.signer(is_for_mdoc=False))) == "chain.wrong_use"
    assert refusal(issued(signer=AUTHORITY.signer(is_authority=True))) == "chain.wrong_use"


def test_the_certificate_is_good_when_it_signs_and_when_it_is_read() -> None:
    late = AUTHORITY.signer(begins=NOW - 10 * DAY, lasts=9 * DAY)
    assert refusal(issued(signer=late)) == "chain.expired"
    assert refusal(issued(signer=AUTHORITY.signer(begins=NOW + DAY))) == "chain.not_yet_valid"
    before = issued(signer=AUTHORITY.signer(begins=NOW - DAY), signed_at=NOW - 2 * DAY)
    assert refusal(before) == "mdoc.signed_outside_certificate"
    assert refusal(issued(), at=NOW + timedelta(days=100)) == "chain.expired"


def test_another_key_did_not_sign_it() -> None:
    assert refusal(issued(signer=replace(Key(), certificates=SIGNER.certificates))) == "mdoc.signature_wrong"


def _change_auth(place: int, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda whole: whole["issuerAuth"].__setitem__(place, value)


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        (0, cbor2.dumps({1: -8}), "cose.algorithm_refused"), (0, cbor2.dumps({}), "cose.algorithm_refused"),
        (0, b"", "cose.algorithm_refused"), (0, cbor2.dumps({1: 5}), "cose.algorithm_refused"),
        (0, None, "mdoc.malformed"), (1, {}, "chain.malformed"), (1, {33: b"no"}, "chain.malformed"),
        (1, {33: [1]}, "chain.malformed"), (2, None, "mdoc.signature_wrong"), (2, b"x", "mdoc.signature_wrong"),
        (3, b"", "mdoc.signature_wrong"), (3, b"\x00" * 64, "mdoc.signature_wrong"),
        (3, b"\xff" * 64, "mdoc.signature_wrong"),
    ],
)  # fmt: skip
def test_a_seal_that_says_something_else_is_refused(place: int, value: Any, code: str) -> None:
    assert refusal(changed(issued(), _change_auth(place, value))) == code


def _item(whole: dict[str, Any], place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = cbor2.loads(whole["nameSpaces"][NAMESPACE][place].value)
    return found


def _put(whole: dict[str, Any], item: dict[str, Any], place: int = 0) -> None:
    whole["nameSpaces"][NAMESPACE][place] = cbor2.CBORTag(24, cbor2.dumps(item))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"elementValue": "李四"}, "mdoc.digest_wrong"), ({"elementIdentifier": "nom"}, "mdoc.digest_wrong"),
        ({"random": b"x" * 24}, "mdoc.digest_wrong"), ({"random": b"x" * 15}, "mdoc.random_too_short"),
        ({"digestID": 99}, "mdoc.digest_unknown"), ({"digestID": True}, "mdoc.malformed"),
        ({"digestID": "0"}, "mdoc.malformed"), ({"elementIdentifier": 1}, "mdoc.malformed"),
        ({"extra": 1}, "mdoc.digest_wrong"),
    ],
)  # fmt: skip
def test_an_element_that_was_touched_is_caught(change: dict[str, Any], code: str) -> None:
    assert refusal(changed(issued(), lambda whole: _put(whole, {**_item(whole), **change}))) == code


def test_an_element_cannot_be_shown_twice_or_borrowed() -> None:
    twice = changed(issued(), lambda whole: whole["nameSpaces"][NAMESPACE].append(whole["nameSpaces"][NAMESPACE][0]))
    assert refusal(twice) == "mdoc.element_twice"
    other = cbor2.loads(issued())["nameSpaces"][NAMESPACE][0]
    borrowed = changed(issued(), lambda whole: whole["nameSpaces"][NAMESPACE].__setitem__(0, other))
    assert refusal(borrowed) in {"mdoc.digest_wrong", "mdoc.element_twice"}
    moved = changed(issued(), lambda whole: whole["nameSpaces"].update(other=whole["nameSpaces"].pop(NAMESPACE)))
    assert refusal(moved) == "mdoc.digest_unknown"


def test_elements_can_be_left_out() -> None:
    little = changed(
        issued(), lambda whole: whole["nameSpaces"].update({NAMESPACE: whole["nameSpaces"][NAMESPACE][2:3]})
    )
    assert read(little).elements == {NAMESPACE: {"age_over_18": True}}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"digestAlgorithm": "MD5"}, "mdoc.digest_algorithm_refused"), ({"validityInfo": {}}, "mdoc.malformed"),
        ({"deviceKeyInfo": {"deviceKey": {1: 1}}}, "mdoc.device_key_refused"),
        ({"valueDigests": {}}, "mdoc.digest_unknown"),
        ({"deviceKeyInfo": {"deviceKey": {1: 2, -1: 1, -2: b"x", -3: b"y"}}}, "mdoc.device_key_refused"),
        ({"deviceKeyInfo": {}}, "mdoc.malformed"),
    ],
)  # fmt: skip
def test_an_issuer_that_goes_wrong_is_not_believed(change: dict[str, Any], code: str) -> None:
    assert refusal(resigned(lambda mso: mso.update(change))) == code


@pytest.mark.parametrize(
    "text", ["2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00.5Z", "2026-13-01T00:00:00Z", 7]
)
def test_instants_are_in_utc_and_whole_seconds(text: Any) -> None:
    assert refusal(resigned(lambda mso: mso["validityInfo"].update(signed=cbor2.CBORTag(0, text)))) == "mdoc.malformed"


def test_the_device_signs_for_one_session() -> None:
    found = open_device_response(
        shown(elements={"name"}), [AUTHORITY.root], at=NOW, doctype=DOCTYPE, transcript=TRANSCRIPT
    )
    assert (found.is_device_signed, found.elements) == (True, {NAMESPACE: {"name": "姚小明"}})
    for other in (
        {"nonce": "other"}, {"client_id": "x509_san_dns:other"}, {"response_uri": "https://x"},
        {"thumbprint": b"x" * 32},
    ):  # fmt: skip
        said: dict[str, Any] = {
            "client_id": "x509_san_dns:reader.example", "nonce": "n-0S6_WzA2Mj", "thumbprint": None,
            "response_uri": "https://reader.example/answer",
        }  # fmt: skip
        transcript = transcripts.openid4vp(**{**said, **other})
        assert answer_refusal(shown(), transcript) == "mdoc.device_signature_wrong"


def test_somebody_elses_device_cannot_show_it() -> None:
    assert answer_refusal(shown(holder=Key())) == "mdoc.device_signature_wrong"


def _document(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    return changed(data, lambda whole: change(whole["documents"][0]))


def test_an_answer_of_another_shape_is_refused() -> None:
    assert answer_refusal(changed(shown(), lambda whole: whole.update(status=10))) == "mdoc.refused_by_device"
    assert answer_refusal(changed(shown(), lambda whole: whole.update(version="2.0"))) == "mdoc.malformed"
    assert answer_refusal(changed(shown(), lambda whole: whole["documents"].clear())) == "mdoc.malformed"
    assert answer_refusal(_document(shown(), lambda each: each.update(docType="x"))) == "mdoc.wrong_doctype"
    assert answer_refusal(_document(shown(), lambda each: each["deviceSigned"].pop("deviceAuth"))) == "mdoc.malformed"
    mac: dict[str, Any] = {"deviceMac": [PROTECTED_ES256, {}, None, b"x" * 32]}
    assert (
        answer_refusal(_document(shown(), lambda each: each["deviceSigned"].update(deviceAuth=mac)))
        == "mdoc.device_signature_missing"
    )


def test_the_device_says_nothing_of_its_own() -> None:
    own = cbor2.CBORTag(24, cbor2.dumps({NAMESPACE: {"name": "李四"}}))
    touched = _document(shown(), lambda each: each["deviceSigned"].update(nameSpaces=own))
    assert answer_refusal(touched) == "mdoc.device_elements_refused"


def test_a_signature_of_the_issuer_is_none_of_the_device() -> None:
    def put(each: dict[str, Any]) -> None:
        each["deviceSigned"]["deviceAuth"]["deviceSignature"] = each["issuerSigned"]["issuerAuth"]

    assert answer_refusal(_document(shown(), put)) == "mdoc.device_signature_wrong"


def test_the_handover_is_that_of_the_published_example() -> None:
    """OpenID4VP 1.0, B.2.6.1: the example's inputs and its SessionTranscript."""
    found = transcripts.openid4vp(
        client_id="x509_san_dns:example.com", nonce="exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA",
        response_uri="https://example.com/response",
        thumbprint=bytes.fromhex("4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047"),
    )  # fmt: skip
    assert found.hex() == (
        "83f6f682714f70656e494434565048616e646f7665725820"
        "048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac"
    )


def test_the_browsers_handover_binds_the_origin() -> None:
    one, other = (transcripts.browser(origin=each, nonce="n", thumbprint=None) for each in ("https://a", "https://b"))
    assert one != other
    assert cbor2.loads(one)[2] == ["OpenID4VPDCAPIHandover", sha256(cbor2.dumps(["https://a", "n", None])).digest()]


ONCE = issued()


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_byte_can_be_changed_added_or_cut(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(ONCE) - 1))
    other = bytes([ONCE[at] ^ data.draw(st.integers(1, 255))])
    for touched in (ONCE[:at] + other + ONCE[at + 1 :], ONCE[:at], ONCE[:at] + other + ONCE[at:], ONCE + other):
        with pytest.raises(FormatProblem):
            read(touched)


def test_the_signature_is_over_what_the_standard_says() -> None:
    """RFC 9052 4.4: an array of context, protected header, nothing, payload."""
    assert signed_bytes(PROTECTED_ES256, b"x" * 300) == cbor2.dumps(["Signature1", PROTECTED_ES256, b"", b"x" * 300])


def test_a_document_that_says_nothing_but_its_type_is_read() -> None:
    """8.3.2.1.2.2: `nameSpaces` is left out where nothing is disclosed."""
    response = cbor2.loads(shown())
    del response["documents"][0]["issuerSigned"]["nameSpaces"]
    opened = open_device_response(
        cbor2.dumps(response), [AUTHORITY.root], at=NOW, doctype=DOCTYPE, transcript=TRANSCRIPT
    )  # fmt: skip
    assert (opened.elements, opened.is_device_signed) == ({}, True)
    response["documents"][0]["issuerSigned"]["nameSpaces"] = None
    with pytest.raises(FormatProblem, match=r"mdoc\.malformed"):
        open_device_response(
            cbor2.dumps(response), [AUTHORITY.root], at=NOW, doctype=DOCTYPE, transcript=TRANSCRIPT
        )  # fmt: skip
