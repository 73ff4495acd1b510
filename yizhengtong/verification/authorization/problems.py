"""What the protocol answers when it refuses: the codes of the RFCs, their statuses, and their headers."""

from collections.abc import Mapping
from http import HTTPStatus

SIGNING_ALGORITHMS = ("ES256",)
"""Of proofs, attestations and assertions: the one that HAIP asks of everybody, and no other to confuse it with."""


class OAuthProblem(Exception):
    """A refusal by RFC 6749 section 5.2 and the RFCs that add codes. The description never holds what was sent.

    `header`: the challenge of WWW-Authenticate (RFC 9110 11.6.1), where there is one. `nonce`: a DPoP nonce to use.
    """

    def __init__(
        self,
        error: str,
        description: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        *,
        header: str = "",
        nonce: str = "",
    ) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status
        self.header, self.nonce = header, nonce

    def as_document(self) -> dict[str, str]:
        """Return the members of the answer; none without a code (RFC 6750 3.1: who brought nothing is told nothing)."""
        return {"error": self.error, "error_description": self.description} if self.error else {}

    def headers(self) -> Mapping[str, str]:
        """Return the headers that go with it."""
        told = {"WWW-Authenticate": self.header} if self.header else {}
        return {**told, "DPoP-Nonce": self.nonce} if self.nonce else told


def invalid_request(description: str) -> OAuthProblem:
    """RFC 6749 5.2."""
    return OAuthProblem("invalid_request", description)


def invalid_grant(description: str) -> OAuthProblem:
    """RFC 6749 5.2; one code for whatever is wrong with a code or a refresh token."""
    return OAuthProblem("invalid_grant", description)


def invalid_client(description: str) -> OAuthProblem:
    """RFC 6749 5.2: 401. No scheme of HTTP authentication was tried, so no challenge goes with it."""
    return OAuthProblem("invalid_client", description, HTTPStatus.UNAUTHORIZED)


def invalid_dpop_proof(description: str) -> OAuthProblem:
    """RFC 9449 5: at the token endpoint and at PAR."""
    return OAuthProblem("invalid_dpop_proof", description)


def refused_at_resource(error: str, description: str, *, scheme: str = "DPoP", nonce: str = "") -> OAuthProblem:
    """Return the 401 of a protected resource (RFC 6750 3, RFC 9449 7.1); both schemes where nothing came."""
    algorithms = f'algs="{" ".join(SIGNING_ALGORITHMS)}"'
    told = f'error="{error}", error_description="{description}"' if error else ""
    parts = {"DPoP": ", ".join(filter(None, [told, algorithms])), "Bearer": told}
    header = f"DPoP {algorithms}, Bearer" if not error else f"{scheme} {parts[scheme]}"
    return OAuthProblem(error, description, HTTPStatus.UNAUTHORIZED, header=header, nonce=nonce)
