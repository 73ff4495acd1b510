"""The names of SD-JWT VC and SD-JWT, pinned: what moves while the draft moves stands here alone.

SD-JWT and key binding: RFC 9901. SD-JWT VC: draft-ietf-oauth-sd-jwt-vc-19 (August 2026); its names have stood still
since revision 12. The `status` claim: draft-ietf-oauth-status-list-21, written by whoever allocates the index.
"""

TYPE = "dc+sd-jwt"
KEY_BINDING_TYPE = "kb+jwt"

DIGESTS, DIGEST_ALGORITHM, ARRAY_DIGEST = "_sd", "_sd_alg", "..."
SHA_256 = "sha-256"
RESERVED = frozenset({DIGESTS, DIGEST_ALGORITHM, ARRAY_DIGEST})

VCT, ISSUER, CONFIRMATION, STATUS = "vct", "iss", "cnf", "status"
ISSUED_AT, EXPIRES, NOT_BEFORE = "iat", "exp", "nbf"
VCT_INTEGRITY, OTHER_TYPES = "vct#integrity", "aka_vcts"
NEVER_DISCLOSABLE = frozenset({ISSUER, NOT_BEFORE, EXPIRES, CONFIRMATION, VCT, VCT_INTEGRITY, OTHER_TYPES, STATUS})
"""SD-JWT VC, Registered JWT Claims: what must stand in the open, with everything inside."""

SD_HASH, AUDIENCE, NONCE = "sd_hash", "aud", "nonce"

NAME, DESCRIPTION, DISPLAY, LOCALE, LABEL = "name", "description", "display", "locale", "label"
CLAIMS, PATH, MANDATORY, DISCLOSABLE = "claims", "path", "mandatory", "sd"
ALWAYS, NEVER = "always", "never"
"""Type Metadata: whether a claim must be disclosable."""
