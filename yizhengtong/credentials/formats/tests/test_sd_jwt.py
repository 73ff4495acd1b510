"""SD-JWT VC: what is written can be read; what was touched, put in or borrowed is caught by its name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.holders import only, opened
from tests.support.issuers import Authority, Key
from yizhengtong.credentials.formats import sd_jwt
from yizhengtong.credentials.formats.chains import resolver
from yizhengtong.credentials.formats.jose import sign_compact
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.sd_jwt_reading import Binding, Opened, open_sd_jwt, take_apart
from yizhengtong.credentials.formats.signing import SM2
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url, read_object, write_json

NOW = 1_795_300_000
ISSUER, VCT = "https://issuer.example", "https://issuer.example/credentials/types/zhejiang-permit/1"
CLAIMS = {"name": "姚小明", "region": "330381", "age_equal_or_over": {"18": True, "60": False}, "statutory": True}
DISCLOSABLE = ("name", "region", ("age_equal_or_over", "18"), ("age_equal_or_over", "60"))
STATUS = {"status_list": {"idx": 412, "uri": "https://issuer.example/status/7"}}
SIGNER, HOLDER, STRANGER = Key(), Key(key_id="holder"), Key()


def issued(signer: Key = SIGNER, **changes: Any) -> str:
    given: dict[str, Any] = {
        "vct": VCT, "issuer": ISSUER, "signer": signer, "holder_jwk": HOLDER.jwk, "iat": NOW, "exp": NOW + 86_400,
        "status": STATUS,
    }  # fmt: skip
    return sd_jwt.issue(CLAIMS, DISCLOSABLE, **{**given, **changes})


def read(text: str, *, now: int = NOW, binding: Binding | None = None, **expected: Any) -> Opened:
    return open_sd_jwt(text, SIGNER.checkers, now=now, binding=binding, **expected)


def refusal(text: str, **how: Any) -> str:
    with pytest.raises(FormatProblem) as found:
        read(text, **how)
    return found.value.code


def signed(payload: dict[str, Any], *disclosures: str, signer: Key = SIGNER, **header: Any) -> str:
    """Return an SD-JWT with any payload: what an issuer that goes wrong might sign."""
    claims = {"iss": ISSUER, "vct": VCT, "exp": NOW + 60, **payload}
    token = sign_compact({"typ": "dc+sd-jwt", **header}, claims, signer)
    return "~".join([token, *disclosures, ""])


def disclosure(*parts: Any) -> str:
    return encode_base64url(write_json({"": list(parts)})[4:-1])


def digest(text: str) -> str:
    return encode_base64url(sha256(text.encode()).digest())


def test_everything_that_is_disclosed_is_read_and_nothing_else() -> None:
    everything = read(issued(), vct=VCT, issuer=ISSUER)
    assert {name: everything.claims[name] for name in CLAIMS} == CLAIMS
    assert (everything.status, everything.disclosed, everything.is_key_bound) == (STATUS, 4, False)
    little = read(only(issued(), {"18"})).claims
    assert little["age_equal_or_over"] == {"18": True}
    assert not {"name", "region", "_sd", "_sd_alg"} & little.keys()


def test_the_token_names_nothing_that_it_hides() -> None:
    token = take_apart(issued()).token
    payload = read_object(token_payload(token), "x")
    assert set(payload) == {
        "iss",
        "vct",
        "iat",
        "exp",
        "cnf",
        "status",
        "statutory",
        "age_equal_or_over",
        "_sd",
        "_sd_alg",
    }
    assert set(payload["age_equal_or_over"]) == {"_sd"}
    assert payload["_sd"] == sorted(payload["_sd"])
    assert set(payload["cnf"]["jwk"]) == {"crv", "kty", "x", "y"}, "a kid would tell two credentials apart"


def token_payload(token: str) -> bytes:
    return decode_base64url(token.split(".")[1], "x")


def test_two_credentials_of_the_same_claims_share_no_digest_and_no_salt() -> None:
    texts = [issued(), issued()]
    shared = set.intersection(*({*take_apart(text).disclosures} for text in texts))
    assert shared == set()
    assert len({opened(each)[0] for text in texts for each in take_apart(text).disclosures}) == 8


def test_decoys_are_digests_of_nothing() -> None:
    text = issued(decoys=5)
    payload = read_object(token_payload(take_apart(text).token), "x")
    assert len(payload["_sd"]) == 2 + 5
    assert read(text).claims["name"] == CLAIMS["name"]


def test_a_private_key_is_never_written_into_a_credential() -> None:
    with pytest.raises(FormatProblem, match=r"jwk\.private"):
        issued(holder_jwk={**HOLDER.jwk, "d": "AAAA"})


@pytest.mark.parametrize(
    "name", ["_sd", "...", "_sd_alg", "iss", "cnf", "status", "vct", "exp", "nbf", "iat", "aka_vcts"]
)
def test_the_writer_refuses_names_that_mean_something_else(name: str) -> None:
    with pytest.raises(ValueError, match="reserved"):
        sd_jwt.issue({name: "x"}, (), vct=VCT, issuer=ISSUER, signer=SIGNER, holder_jwk=None, iat=NOW, exp=NOW + 1)


def test_a_path_into_what_is_no_object_is_refused_and_one_to_nothing_left_out() -> None:
    given: dict[str, Any] = {
        "vct": VCT, "issuer": ISSUER, "signer": SIGNER, "holder_jwk": None, "iat": NOW, "exp": NOW + 60,
    }  # fmt: skip
    with pytest.raises(ValueError, match="no object"):
        sd_jwt.issue({"ages": "18"}, [("ages", "18")], **given)
    text = sd_jwt.issue({"ages": {"18": True}}, [("ages", "60"), "name", ("ages", "18")], **given)
    assert (read(text).claims["ages"], text.count("~")) == ({"18": True}, 2)


def test_what_is_hidden_can_hide_something_itself() -> None:
    text = sd_jwt.issue(
        {"ages": {"18": True, "60": False}}, ["ages", ("ages", "60")], vct=VCT, issuer=ISSUER, signer=SIGNER,
        holder_jwk=None, iat=NOW, exp=NOW + 60,
    )  # fmt: skip
    assert read(text).claims["ages"] == {"18": True, "60": False}
    assert read(only(text, {"ages"})).claims["ages"] == {"18": True}
    assert refusal(only(text, {"60"})) == "sd_jwt.disclosure_unused"


def test_a_reserved_name_cannot_be_made_disclosable() -> None:
    with pytest.raises(ValueError, match="reserved"):
        sd_jwt.issue(
            {"a": {"...": 1}}, [("a", "...")], vct=VCT, issuer=ISSUER, signer=SIGNER, holder_jwk=None, iat=1, exp=2
        )


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (NOW + 86_400 + 59, ""), (NOW + 86_400 + 60, "sd_jwt.expired"), (NOW - 60, ""),
        (NOW - 61, "sd_jwt.issued_in_future"),
    ],
)  # fmt: skip
def test_it_is_good_from_its_issue_to_its_expiry_with_the_leeway_of_clocks(now: int, code: str) -> None:
    if code:
        assert refusal(issued(), now=now) == code
    else:
        read(issued(), now=now)


def test_it_is_not_good_before_its_day() -> None:
    assert refusal(issued(nbf=NOW + 61)) == "sd_jwt.not_yet_valid"
    read(issued(nbf=NOW + 60))


def test_it_is_not_good_without_an_end() -> None:
    token = sign_compact({"typ": "dc+sd-jwt"}, {"vct": VCT}, SIGNER)
    assert refusal(f"{token}~") == "sd_jwt.without_expiry"


@pytest.mark.parametrize("value", ["1795300001", True, [], {}, None])
def test_an_instant_is_a_number(value: Any) -> None:
    assert refusal(signed({"exp": value})) == "sd_jwt.malformed"


def test_type_and_issuer_are_those_that_were_asked_for() -> None:
    assert refusal(issued(), vct=VCT + "0") == "sd_jwt.wrong_vct"
    assert refusal(issued(), issuer=ISSUER + ".cn") == "sd_jwt.wrong_issuer"
    assert refusal(signed({"vct": 7})) == "sd_jwt.wrong_vct"


def test_another_key_did_not_sign_it() -> None:
    assert refusal(issued(replace(STRANGER, key_id=SIGNER.key_id))) == "jose.signature_wrong"
    assert refusal(issued(replace(STRANGER, key_id="unknown"))) == "jose.key_unknown"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "none"}, "jose.algorithm_refused"), ({"alg": "HS256"}, "jose.algorithm_refused"),
        ({"alg": "ES384"}, "jose.algorithm_refused"), ({"alg": SM2}, "jose.algorithm_refused"),
        ({"alg": ["ES256"]}, "jose.algorithm_refused"), ({"typ": "vc+sd-jwt"}, "jose.wrong_type"),
        ({"typ": "JWT"}, "jose.wrong_type"), ({"typ": None}, "jose.wrong_type"), ({"crit": ["x"]}, "jose.malformed"),
        ({"b64": False}, "jose.malformed"),
    ],
)  # fmt: skip
def test_a_header_that_says_something_else_is_refused_before_the_signature_is_looked_at(
    header: dict[str, Any], code: str
) -> None:
    token, *rest = issued().split("~")
    _, payload, signature = token.split(".")
    forged = encode_base64url(write_json({"alg": "ES256", "typ": "dc+sd-jwt", "kid": SIGNER.key_id, **header}))
    assert refusal("~".join([f"{forged}.{payload}.{signature}", *rest])) == code
    unsigned = "~".join([f"{forged}.{payload}.", *rest])
    assert refusal(unsigned) in {code, "jose.signature_wrong"}


def every_part(text: str) -> dict[str, Callable[[], str]]:
    """Return each part of a token changed by one character."""
    token, *disclosures, _ = text.split("~")
    header, payload, signature = token.split(".")

    def joined(*parts: str, shown: list[str] | None = None) -> str:
        return "~".join([".".join(parts), *(disclosures if shown is None else shown), ""])

    return {
        "header": lambda: joined(_changed(header), payload, signature),
        "payload": lambda: joined(header, _changed(payload), signature),
        "signature": lambda: joined(header, payload, _changed(signature)),
        "disclosure": lambda: joined(header, payload, signature, shown=[_changed(disclosures[0]), *disclosures[1:]]),
        "salt": lambda: joined(
            header, payload, signature, shown=[_with(disclosures[0], 0, "another"), *disclosures[1:]]
        ),
        "value": lambda: joined(header, payload, signature, shown=[_with(disclosures[0], 2, "李四"), *disclosures[1:]]),
        "name": lambda: joined(header, payload, signature, shown=[_with(disclosures[0], 1, "nom"), *disclosures[1:]]),
    }


def _changed(part: str) -> str:
    middle = len(part) // 2
    return part[:middle] + ("A" if part[middle] != "A" else "B") + part[middle + 1 :]


def _with(text: str, place: int, value: str) -> str:
    parts = opened(text)
    parts[place] = value
    return disclosure(*parts)


@pytest.mark.parametrize("part", ["header", "payload", "signature", "disclosure", "salt", "value", "name"])
def test_a_change_anywhere_is_caught(part: str) -> None:
    assert refusal(every_part(issued())[part]()).split(".")[0] in {"jose", "sd_jwt"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_byte_can_be_changed_added_or_cut(data: st.DataObject) -> None:
    text = issued_once()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda each: each != text[at]))
    for changed in (text[:at] + other + text[at + 1 :], text[:at], text[:at] + other + text[at:]):
        try:
            found = read(changed)
        except FormatProblem:
            continue
        assert found.disclosed < 4, changed
        assert text.startswith(changed), "only whole disclosures may be cut"


@cache
def issued_once() -> str:
    return issued()


def test_a_disclosure_of_another_credential_belongs_nowhere() -> None:
    mine, other = issued(), issued()
    assert refusal(mine + take_apart(other).disclosures[0] + "~") == "sd_jwt.disclosure_unused"


def test_a_disclosure_given_twice_is_refused() -> None:
    text = issued()
    assert refusal(text + take_apart(text).disclosures[0] + "~") == "sd_jwt.disclosure_twice"


def test_a_digest_that_stands_twice_is_refused_disclosed_or_not() -> None:
    hidden = disclosure("salt", "name", "姚小明")
    for shown in ((hidden,), ()):
        assert refusal(signed({"_sd": [digest(hidden)] * 2}, *shown)) == "sd_jwt.digest_twice"
        twice = {"_sd": [digest(hidden)], "inner": {"_sd": [digest(hidden)]}}
        assert refusal(signed(twice, *shown)) == "sd_jwt.digest_twice"


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_a_disclosure_cannot_bring_a_reserved_name(name: str) -> None:
    hidden = disclosure("salt", name, [])
    assert refusal(signed({"_sd": [digest(hidden)]}, hidden)) == "sd_jwt.reserved_name"


def test_a_disclosure_cannot_replace_what_stands_in_the_open() -> None:
    hidden = disclosure("salt", "region", "110000")
    assert refusal(signed({"region": "330381", "_sd": [digest(hidden)]}, hidden)) == "sd_jwt.claim_twice"
    pair = [disclosure(salt, "region", salt) for salt in ("a", "b")]
    assert refusal(signed({"_sd": [digest(each) for each in pair]}, *pair)) == "sd_jwt.claim_twice"


@pytest.mark.parametrize("name", ["status", "cnf", "nbf", "vct#integrity", "aka_vcts"])
def test_what_must_stand_in_the_open_cannot_be_hidden(name: str) -> None:
    hidden = disclosure("salt", name, 0)
    assert refusal(signed({"_sd": [digest(hidden)]}, hidden)) == "sd_jwt.claim_not_disclosable"


def test_nor_can_anything_inside_it() -> None:
    hidden = disclosure("salt", "idx", 1)
    inside = {"status": {"status_list": {"uri": "https://x", "_sd": [digest(hidden)]}}}
    for shown in ((hidden,), ()):
        assert refusal(signed(inside, *shown)) == "sd_jwt.claim_not_disclosable"


def test_elements_of_arrays_are_disclosed_in_their_place() -> None:
    hidden = [disclosure("a", "MO"), disclosure("b", "TW")]
    array = ["HK", *({"...": digest(each)} for each in hidden)]
    assert read(signed({"places": array}, *hidden)).claims["places"] == ["HK", "MO", "TW"]
    assert read(signed({"places": array}, hidden[1])).claims["places"] == ["HK", "TW"]
    assert read(signed({"places": array})).claims["places"] == ["HK"]
    assert refusal(signed({"places": [{"...": digest(hidden[0]), "x": 1}]}, hidden[0])) == "sd_jwt.reserved_name"
    assert refusal(signed({"...": "x"})) == "sd_jwt.reserved_name"


def test_a_disclosure_of_the_wrong_shape_is_refused() -> None:
    for parts in ((), ("salt",), ("salt", "name"), ("salt", "name", 1, 2), (1, "name", 2), ("salt", 1, 2)):
        hidden = disclosure(*parts)
        assert refusal(signed({"_sd": [digest(hidden)]}, hidden)) in {"sd_jwt.malformed", "sd_jwt.reserved_name"}
    assert refusal(signed({"_sd": "x"})) == "sd_jwt.malformed"
    assert refusal(signed({"_sd": [1]})) == "sd_jwt.malformed"


def test_digests_are_of_sha_256() -> None:
    assert refusal(signed({"_sd_alg": "md5"})) == "sd_jwt.digest_algorithm_refused"


def test_letters_that_no_token_has_are_refused() -> None:
    for letter in ("é", "\ud800", "\x00", " ", "\n", "="):
        assert refusal(issued().replace("~", f"{letter}~", 1)).split(".")[1] == "malformed"
        assert refusal(issued()[:-1] + f"{letter}~").split(".")[1] in {"malformed", "disclosure_unused"}


def test_depth_and_size_are_bounded() -> None:
    deep: Any = 1
    for _ in range(9):
        deep = [deep]
    assert refusal(signed({"deep": deep})) in {"sd_jwt.too_large", "jose.malformed"}
    assert refusal(issued() + "~" * 10) == "sd_jwt.malformed"
    assert refusal(issued() + "e30~" * 300) == "sd_jwt.too_large"
    assert refusal("x" * 1_000_001) == "sd_jwt.too_large"


def test_names_that_stand_twice_in_one_object_are_refused() -> None:
    head = encode_base64url(write_json({"alg": "ES256", "typ": "dc+sd-jwt", "kid": SIGNER.key_id}))
    body = encode_base64url(b'{"vct":"a","vct":"b","exp":9999999999}')
    signature = encode_base64url(SIGNER.sign(f"{head}.{body}".encode()))
    assert refusal(f"{head}.{body}.{signature}~") == "jose.malformed"


def test_the_signer_can_be_found_by_the_certificates_it_carries() -> None:
    at, authority = datetime.now(UTC), Authority()
    text = issued(authority.signer(is_for_mdoc=False), iat=NOW)
    assert open_sd_jwt(text, resolver([authority.root], at=at), now=NOW).claims["name"] == "姚小明"
    with pytest.raises(FormatProblem, match=r"chain\.untrusted"):
        open_sd_jwt(text, resolver([Authority().root], at=at), now=NOW)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8).filter(lambda name: name not in {"_sd", "...", "_sd_alg"}),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=5,
        ),
        max_size=6,
    )
)
def test_whatever_json_holds_comes_back_as_it_was(values: dict[str, Any]) -> None:
    claims = {f"x{name}": value for name, value in values.items() if _is_writable(name, value)}
    text = sd_jwt.issue(
        claims, tuple(claims), vct=VCT, issuer=ISSUER, signer=SIGNER, holder_jwk=None, iat=NOW, exp=NOW + 60
    )
    found = read(text).claims
    assert {name: found[name] for name in claims} == claims


def _is_writable(name: str, value: Any) -> bool:
    try:
        f"{name}{value}".encode()
    except UnicodeEncodeError:
        return False
    return "\\ud" not in repr(value)
