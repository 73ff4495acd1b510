"""A request of a client, as the protocol sees it: nothing of Django's."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from yizhengtong.verification.authorization.dpop import Proof, check_proof
from yizhengtong.verification.authorization.jwts import BadToken
from yizhengtong.verification.authorization.nonces import is_ours, new_nonce, nonces_are_asked
from yizhengtong.verification.authorization.problems import OAuthProblem, invalid_dpop_proof, invalid_request
from yizhengtong.verification.authorization.replays import is_first_shown

DPOP = "DPoP"


@dataclass(frozen=True, slots=True)
class Sent:
    """`url`: the endpoint's address as clients know it. `headers`: without regard to case. Parameters: each once."""

    method: str
    url: str
    headers: Mapping[str, str]
    parameters: Mapping[str, str] = field(repr=False)
    now: float = field(default_factory=time.time)

    def needed(self, name: str) -> str:
        """Return a parameter. Raises invalid_request where there is none."""
        value = self.parameters.get(name, "")
        if not value:
            raise invalid_request(f"{name} is missing")
        return value

    def proof(self) -> Proof | None:
        """Return the DPoP proof that came along; None without one. Shown once, it is no proof any more.

        Raises invalid_dpop_proof, and use_dpop_nonce where nonces are asked (RFC 9449 8).
        """
        brought = self.headers.get(DPOP, "")
        if not brought:
            return None
        try:
            proof = check_proof(brought, method=self.method, url=self.url, now=self.now)
            ensure_nonce(proof, self.now)
            ensure_first_shown(proof)
        except BadToken as bad:
            raise invalid_dpop_proof(f"The DPoP proof is not good: {bad}") from bad
        return proof


def ensure_nonce(proof: Proof, now: float) -> None:
    """Raise use_dpop_nonce unless the proof holds a nonce of ours, where one is asked."""
    if nonces_are_asked() and not is_ours(proof.nonce, now):
        nonce = new_nonce(now)
        raise OAuthProblem("use_dpop_nonce", "A nonce of this server is needed in the DPoP proof", nonce=nonce)


def ensure_first_shown(proof: Proof) -> None:
    """Raise BadToken for a proof that was shown before."""
    if not is_first_shown("dpop", proof.thumbprint, proof.jti, expires_at=proof.expires_at):
        raise BadToken("it was used before")
