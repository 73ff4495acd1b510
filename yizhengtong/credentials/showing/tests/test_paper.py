"""The code on paper: what it says, who believes it, and what nobody can make of it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import cbor2
import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings

from yizhengtong.credentials.formats.signing import ES256, Checker
from yizhengtong.credentials.keys.queries import Use, checkers, signer
from yizhengtong.credentials.showing import code_fields, paper
from yizhengtong.credentials.showing.models import PaperCode
from yizhengtong.credentials.showing.paper import BadCode, code_for, read
from yizhengtong.credentials.showing.purposes import purposes
from yizhengtong.kernel.dates import CHINA
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.permitting.permits.models import Permit

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 2)
A4_MODULES = 73
"""Of a QR code 36.5 mm wide at half a millimetre a module: what a telephone reads off an office printer's sheet."""


def fragment(text: str) -> str:
    return text.partition("#")[2]


def raw(text: str) -> list[object]:
    part = fragment(text)
    found: list[object] = cbor2.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def packed(parts: list[object]) -> str:
    return urlsafe_b64encode(cbor2.dumps(parts)).rstrip(b"=").decode()


def refused(text: str, known: Mapping[str, Checker] | None = None) -> str:
    with pytest.raises(BadCode) as problem:
        read(text, checkers(Use.CODE) if known is None else known)
    return problem.value.reason


def test_a_code_says_its_purpose_and_nothing_else(permit: Permit) -> None:
    content = read(code_for(permit, "age", ON), checkers(Use.CODE)).content
    assert content.purpose == "age"
    assert set(content.values) == {"name_masked", "over_18", "last_day"}
    assert content.values["over_18"] is True
    assert permit.person.name not in str(content.values)


@pytest.mark.parametrize("purpose", purposes())
def test_no_code_holds_more_than_its_purpose_says(permit: Permit, purpose: str) -> None:
    content = read(code_for(permit, purpose, ON), checkers(Use.CODE)).content
    assert set(content.values) <= set(purposes()[purpose].claims)
    assert permit.card["residence_address"] not in str(content.values)


def test_everything_personal_stands_behind_the_sign_that_no_browser_sends(permit: Permit) -> None:
    text = code_for(permit, "identity", ON)
    sent, _, kept = text.partition("#")
    assert sent == f"{settings.YZT_ADDRESS}/check/paper"
    assert kept


def test_a_code_is_good_for_the_days_of_its_purpose_and_not_longer(permit: Permit) -> None:
    days = purposes()["identity"].paper_days
    found = read(code_for(permit, "identity", ON), checkers(Use.CODE))
    over = datetime(2026, 11, 2, tzinfo=CHINA) + timedelta(days=days)
    assert not found.is_over(over - timedelta(seconds=1))
    assert found.is_over(over)


def test_a_code_is_never_good_for_longer_than_its_permit(permit: Permit) -> None:
    permit.last_valid_day = ON + timedelta(days=3)
    found = read(code_for(permit, "validity", ON), checkers(Use.CODE))
    assert found.is_over(datetime(2026, 11, 6, tzinfo=CHINA))
    assert not found.is_over(datetime(2026, 11, 5, 23, 59, tzinfo=CHINA))


def test_printed_again_the_same_day_it_is_the_same_code(permit: Permit) -> None:
    assert code_for(permit, "validity", ON) == code_for(permit, "validity", ON)
    assert code_for(permit, "validity", ON) != code_for(permit, "validity", ON + timedelta(days=1))
    assert PaperCode.objects.count() == 2


def test_what_changed_since_is_signed_anew_in_the_same_place(permit: Permit) -> None:
    first = code_for(permit, "residence", ON)
    permit.card["name"] = "王大明"
    second = code_for(permit, "residence", ON)
    assert read(second, checkers(Use.CODE)).content.values["name"] == "王大明"
    assert first != second
    assert PaperCode.objects.count() == 1


@pytest.mark.parametrize("state", ["lost", "suspended", "ended"])
def test_a_permit_that_is_not_good_gets_no_code(permit: Permit, state: str) -> None:
    permit.state = state
    with pytest.raises(Conflict, match=r"showing\.not_good"):
        code_for(permit, "validity", ON)


def test_a_permit_past_its_last_day_gets_no_code(permit: Permit) -> None:
    code_for(permit, "validity", permit.last_valid_day)
    with pytest.raises(Conflict, match=r"showing\.not_good"):
        code_for(permit, "validity", permit.last_valid_day + timedelta(days=1))


def test_there_are_no_other_purposes(permit: Permit) -> None:
    with pytest.raises(NotFound):
        code_for(permit, "everything", ON)


def test_every_bit_that_is_signed_counts(permit: Permit) -> None:
    header, _, payload, signature = raw(code_for(permit, "identity", ON))
    assert isinstance(payload, bytes)
    assert isinstance(signature, bytes)
    for at in range(0, len(payload), 7):
        changed = bytes([*payload[:at], payload[at] ^ 1, *payload[at + 1 :]])
        assert refused(packed([header, {}, changed, signature])) == "forged"
    for at in (0, 31, 32, 63):
        changed = bytes([*signature[:at], signature[at] ^ 1, *signature[at + 1 :]])
        assert refused(packed([header, {}, payload, changed])) == "forged"


def test_another_algorithm_in_the_header_finds_no_key(permit: Permit) -> None:
    header, _, payload, signature = raw(code_for(permit, "identity", ON))
    assert isinstance(header, bytes)
    named = cbor2.loads(header)
    for algorithm in ("none", "SM2", "HS256"):
        changed = cbor2.dumps({**named, code_fields.ALGORITHM: algorithm})
        assert refused(packed([changed, {}, payload, signature])) == "unknown_key"


def test_a_strangers_key_is_not_ours_and_a_lost_one_no_longer(permit: Permit) -> None:
    text = code_for(permit, "validity", ON)
    assert refused(text, {}) == "unknown_key"
    strangers = ec.generate_private_key(ec.SECP256R1())
    header, _, payload, _ = raw(text)
    assert isinstance(header, bytes)
    assert isinstance(payload, bytes)
    r, s = decode_dss_signature(strangers.sign(code_fields.to_sign(header, payload), ec.ECDSA(SHA256())))
    assert refused(packed([header, {}, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big")])) == "forged"


@pytest.mark.parametrize(
    "text",
    ["", "#", "x", "http://127.0.0.1:8000/check/paper#", "%00", "A" * 5000, "9" * 200, "hEOhASag", "gkA", "字", "____",
     urlsafe_b64encode(b"\x9f" * 300).decode(), urlsafe_b64encode(b"\x81" * 800).decode()],
)  # fmt: skip
def test_what_is_no_code_is_no_defect(text: str) -> None:
    assert refused(text, {}) in {"unreadable", "unknown_key"}


def test_parts_of_the_wrong_kind_are_no_defect(permit: Permit) -> None:
    header, unprotected, payload, signature = raw(code_for(permit, "validity", ON))
    for parts in (
        [header, {}, payload], [header, {1: 2}, payload, signature], [header, {}, "x", signature],
        [header, {}, payload, b"x"], [b"\x01", {}, payload, signature], [header, unprotected, 7, signature], 5, None,
        [cbor2.dumps({1: -7, 4: "x"}), {}, payload, signature], [cbor2.dumps({1: -7}), {}, payload, signature],
    ):  # fmt: skip
        assert refused(urlsafe_b64encode(cbor2.dumps(parts)).decode()) == "unreadable"


def test_a_signed_content_of_another_shape_is_no_defect(permit: Permit) -> None:
    key = signer(Use.CODE)
    header = code_fields.header_of(key.algorithm, key.key_id)
    shapes: list[object] = [{}, 7, {4: 1, 6: 1}, {4: "x", 6: 1, -65537: {0: "age"}}]
    oddities: list[dict[int, object]] = [
        {99: "x"}, {9: {}}, {1: [2]}, {1: ["/status-lists/x", 2]}, {1: [b"x", 2]}, {8: "x"},
    ]  # fmt: skip
    for odd in oddities:
        shapes.append({4: 1, 6: 1, -65537: {0: "age", **odd}})
    for content in shapes:
        payload = cbor2.dumps(content)
        text = code_fields.joined(header, payload, key.sign(code_fields.to_sign(header, payload)))
        assert refused(text) == "unreadable"


def test_any_library_of_signatures_checks_it(permit: Permit) -> None:
    """By the letter of RFC 9052: nothing of ours but the published key."""
    header, _, payload, signature = raw(code_for(permit, "school", ON))
    assert isinstance(signature, bytes)
    jwk = signer(Use.CODE).public_jwk
    x, y = (int.from_bytes(urlsafe_b64decode(jwk[name] + "=="), "big") for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    key.verify(der, cbor2.dumps(["Signature1", header, b"", payload]), ec.ECDSA(SHA256()))


@pytest.mark.parametrize("purpose", purposes())
def test_every_code_fits_where_paper_has_room(permit: Permit, purpose: str) -> None:
    permit.card["name"] = "欧阳䶮阿卜杜热合曼"
    permit.person.latin_name = "WOLFESCHLEGELSTEINHAUSENBERGERDORFF, CHANDRASEKHARA"
    drawn = segno.make(code_for(permit, purpose, ON), error="m", micro=False, boost_error=False)
    assert drawn.symbol_size(border=0)[0] <= (A4_MODULES if purpose != "identity" else 89)


def test_a_key_that_browsers_can_check_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    class Named:
        def __init__(self, algorithm: str) -> None:
            self.algorithm = algorithm

    for there, chosen in ((["SM2", "ES256"], "ES256"), (["ES256", "SM2"], "ES256"), (["SM2"], "SM2")):
        monkeypatch.setattr(paper, "signers", lambda _use, there=there: tuple(map(Named, there)))
        assert paper.signer_of_codes().algorithm == chosen
    assert code_fields.header_of(ES256, "A" * 43)[:4] == bytes([0xA2, 0x01, 0x26, 0x04])
