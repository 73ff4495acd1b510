"""A chain leads to a root or is no chain: every certificate good at the time, each signed by an authority."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from tests.support.issuers import Authority, Key
from yizhengtong.credentials.formats.chains import MDOC_SIGNER, certificates_of, check_chain, checker_of_certificate
from yizhengtong.credentials.formats.problems import FormatProblem

ROOT = Authority()
NOW = ROOT.begins + timedelta(days=1)
(LEAF,) = ROOT.signer().certificates


def between() -> tuple[bytes, bytes]:
    """Return a certificate of an authority below the root, and that authority's own."""
    middle = ROOT.signer(key=Key(), is_for_mdoc=False, is_authority=True)
    below = Authority(key=middle, name="Test signer", begins=ROOT.begins)
    return below.signer().certificates[0], middle.certificates[0]


def refusal(chain: list[bytes], roots: list[bytes] | None = None, **how: Any) -> str:
    with pytest.raises(FormatProblem) as found:
        check_chain(chain, [ROOT.root] if roots is None else roots, at=how.pop("at", NOW), **how)
    return found.value.code


def test_a_signer_leads_to_its_root_with_or_without_it_in_the_chain() -> None:
    for chain in ([LEAF], [LEAF, ROOT.root]):
        assert checker_of_certificate(check_chain(chain, [ROOT.root], at=NOW, purpose=MDOC_SIGNER)).algorithm == "ES256"


def test_one_authority_may_stand_between() -> None:
    check_chain([*between()], [ROOT.root], at=NOW, purpose=MDOC_SIGNER)
    assert refusal([between()[0]]) == "chain.untrusted"


def test_the_order_of_a_chain_is_from_the_signer_upward() -> None:
    below, above = between()
    assert refusal([above, below]) == "chain.wrong_use"
    assert refusal([below, LEAF, above]) == "chain.untrusted"


def test_a_signer_cannot_make_signers() -> None:
    signer = ROOT.signer()
    forged = Authority(key=signer, name="Test signer", begins=ROOT.begins).signer().certificates[0]
    assert refusal([forged, signer.certificates[0]]) == "chain.untrusted"


def test_nobody_is_trusted_without_a_root() -> None:
    assert refusal([LEAF], []) == "chain.untrusted"
    assert refusal([LEAF], [LEAF]) == "chain.untrusted"


@pytest.mark.parametrize("chain", [[], [b""], [b"\x30"], [LEAF] * 5, [b"\x30" * 9000]])
def test_what_is_no_chain_is_refused(chain: list[bytes]) -> None:
    assert refusal(chain) == "chain.malformed"


def test_every_certificate_is_good_at_the_time() -> None:
    assert refusal([LEAF], at=ROOT.begins - timedelta(days=1)) == "chain.not_yet_valid"
    assert refusal([LEAF], at=ROOT.begins + timedelta(days=91)) == "chain.expired"
    short = Authority(begins=ROOT.begins, lasts=timedelta(hours=1))
    assert refusal([*short.signer().certificates], [short.root]) == "chain.expired", "the root has ended"


@pytest.mark.parametrize("written", [None, [], "AA==", [1], ["_"], ["AA"]])
def test_a_header_without_a_chain_is_refused(written: Any) -> None:
    with pytest.raises(FormatProblem, match=r"chain\.malformed"):
        certificates_of({"x5c": written})
    assert certificates_of({"x5c": [b64encode(LEAF).decode()]}) == [LEAF]
