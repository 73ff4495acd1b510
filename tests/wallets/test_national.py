"""SM2 by sm-crypto, which browsers and mini programs sign and check with: it believes us, and we believe it."""

from typing import Any

import pytest

from tests.wallets.strangers import needs, run
from yizhengtong.credentials.keys import sm2

DATA = "居住证 a permit".encode()


@pytest.fixture(autouse=True)
def _needs_sm_crypto() -> None:
    needs("sm-crypto")


def _ask(**request: str) -> dict[str, Any]:
    answer: dict[str, Any] = run("sm2.js", request)
    return answer


def test_sm_crypto_believes_what_we_sign_and_nothing_else() -> None:
    signer = sm2.new_signer()
    point, signature = "04" + sm2.point_of(signer.public_jwk).hex(), signer.sign(DATA).hex()
    asked = {"act": "verify", "public": point, "signature": signature}
    assert _ask(**asked, data=DATA.hex())["valid"] is True
    assert _ask(**asked, data=(DATA + b".").hex())["valid"] is False


def test_we_believe_what_sm_crypto_signs_and_nothing_else() -> None:
    answer = _ask(act="sign", data=DATA.hex())
    checker = sm2.checker_of(sm2.jwk_of(bytes.fromhex(answer["public"])[1:]))
    signature = bytes.fromhex(answer["signature"])
    assert checker.check(DATA, signature)
    assert not checker.check(DATA + b".", signature)
