"""The question as wallets read it: Digital Credentials Query Language (OpenID4VP 1.0, section 6)."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from yizhengtong.credentials.catalogue.types import ClaimType, Format
from yizhengtong.verification.presentations.carried import Wanted


def query_of(wanted: Sequence[Wanted]) -> dict[str, Any]:
    """Return the query: any one of these credentials, with just these claims."""
    return {
        "credentials": [_credential(each) for each in wanted],
        "credential_sets": [{"options": [[each.type.configuration_id] for each in wanted]}],
    }


def _credential(wanted: Wanted) -> dict[str, Any]:
    kind = wanted.type
    is_mdoc = kind.format == Format.MDOC
    asked: dict[str, Any] = {
        "id": kind.configuration_id,
        "format": str(kind.format),
        "meta": {"doctype_value": kind.doctype} if is_mdoc else {"vct_values": [kind.vct]},
    }
    if wanted.all:
        asked["claims"] = [_claim(each, is_mdoc=is_mdoc) for each in wanted.all]
    if wanted.optional:
        asked["claim_sets"] = _sets(wanted)
    return asked


def _claim(claim: ClaimType, *, is_mdoc: bool) -> dict[str, Any]:
    """Return one claim. Of an mdoc the holder is told that the reader means to keep it: who fetches it may."""
    return {"id": claim.code, "path": list(claim.path), **({"intent_to_retain": True} if is_mdoc else {})}


def _sets(wanted: Wanted) -> list[list[str]]:
    """Return which claims serve, the best first: with all that a permit may lack, down to none of it."""
    needed, optional = [each.code for each in wanted.needed], [each.code for each in wanted.optional]
    sizes = range(len(optional), -1 if needed else 0, -1)  # no set is empty
    return [[*needed, *chosen] for size in sizes for chosen in combinations(optional, size)]
