"""Reading what a wallet asks for (OpenID4VCI 1.0, sections 8.2, 9.1 and 11.1). Unknown parameters are ignored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.strict import read_object
from yizhengtong.credentials.issuance.models import Batch
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem

_LONGEST_ID = 128


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """Which form, and the proofs of the keys it is to be bound to."""

    configuration_id: str
    proofs: Any


@dataclass(frozen=True, slots=True)
class Notification:
    """What became of the copies of one answer."""

    notification_id: str
    event: str


def read_body(body: bytes, fault: Fault = Fault.INVALID_REQUEST) -> dict[str, Any]:
    """Return a JSON object in which each parameter stands once. Raises IssuanceProblem."""
    try:
        return read_object(body, "request.malformed")
    except FormatProblem as problem:
        raise IssuanceProblem(fault, "the body must be a JSON object that names each parameter once") from problem


def read_credential_request(payload: Mapping[str, Any], known: Collection[str]) -> CredentialRequest:
    """Return what is asked for. `known`: every configuration.

    A data set is named as its configuration is: there is one a person and form. Raises IssuanceProblem.
    """
    identifier, configuration = payload.get("credential_identifier"), payload.get("credential_configuration_id")
    if (identifier is None) == (configuration is None):
        raise _invalid("either credential_identifier or credential_configuration_id must be there")
    wanted = configuration if identifier is None else identifier
    if not isinstance(wanted, str):
        raise _invalid("the credential must be named by a string")
    if wanted not in known:
        fault = Fault.UNKNOWN_CONFIGURATION if identifier is None else Fault.UNKNOWN_IDENTIFIER
        raise IssuanceProblem(fault, "no such credential is issued here")
    return CredentialRequest(wanted, payload.get("proofs"))


def read_transaction_id(payload: Mapping[str, Any]) -> str:
    """Return the id of what was to be collected later. Raises IssuanceProblem."""
    given = payload.get("transaction_id")
    if not isinstance(given, str):
        raise _invalid("transaction_id must be there")
    if not given or len(given) > _LONGEST_ID:
        raise IssuanceProblem(Fault.INVALID_TRANSACTION, "no such transaction")
    return given


def read_notification(payload: Mapping[str, Any]) -> Notification:
    """Return what a wallet tells. Raises IssuanceProblem."""
    given, event = payload.get("notification_id"), payload.get("event")
    described = payload.get("event_description", "")
    is_readable = isinstance(given, str) and isinstance(described, str)
    if not is_readable or not isinstance(event, str) or event not in Batch.Event.values:
        raise IssuanceProblem(Fault.INVALID_NOTIFICATION, "notification_id and a known event must be there")
    if not given or len(str(given)) > _LONGEST_ID:
        raise IssuanceProblem(Fault.INVALID_NOTIFICATION_ID, "no such notification id")
    return Notification(str(given), event)


def _invalid(description: str) -> IssuanceProblem:
    return IssuanceProblem(Fault.INVALID_REQUEST, description)
