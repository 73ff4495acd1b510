"""What a wallet's request fails with, by the names of OpenID4VCI 1.0 (sections 8.3.1.2, 9.3 and 11.3)."""

from enum import StrEnum


class Fault(StrEnum):
    """The `error` of an answer of 400."""

    INVALID_REQUEST = "invalid_credential_request"
    UNKNOWN_CONFIGURATION = "unknown_credential_configuration"
    UNKNOWN_IDENTIFIER = "unknown_credential_identifier"
    INVALID_PROOF = "invalid_proof"
    INVALID_NONCE = "invalid_nonce"
    INVALID_ENCRYPTION = "invalid_encryption_parameters"
    DENIED = "credential_request_denied"
    INVALID_TRANSACTION = "invalid_transaction_id"
    INVALID_NOTIFICATION_ID = "invalid_notification_id"
    INVALID_NOTIFICATION = "invalid_notification_request"


class IssuanceProblem(Exception):
    """A wallet's request that cannot be answered. `description`: printable ASCII for whoever writes wallets."""

    def __init__(self, fault: Fault, description: str) -> None:
        super().__init__(fault)
        self.fault = fault
        self.description = description


class NotAuthorized(Exception):
    """The access token is good, and not for what is asked (RFC 6750 3.1: `insufficient_scope`)."""
