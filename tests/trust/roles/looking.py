"""Whose the rows of the world are, said apart from the policies, and statements that look for them."""

# ruff: noqa: S608 the names of tables come from the tables of the tests

from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction
from django.db.utils import ProgrammingError

_CASE = "(SELECT person_id FROM casework_case WHERE id = case_id)"
PERSON_OF = {
    "people_person": "id",
    "people_personnumber": "person_id",
    "people_representation": "represented_id",
    "residence_registration": "person_id",
    "residence_report": "person_id",
    "applications_application": "person_id",
    "applications_evidence": "(SELECT person_id FROM applications_application WHERE id = application_id)",
    "applications_confirmation": "(SELECT person_id FROM applications_application WHERE id = application_id)",
    "notifications_message": "person_id",
    "notifications_delivery": "person_id",
    "notifications_contact": "person_id",
    "notifications_challenge": "person_id",
    "notifications_preference": "person_id",
    "casework_case": "person_id",
    "casework_appointment": _CASE,
    "casework_judgement": _CASE,
    "casework_notice": _CASE,
    "casework_journalentry": _CASE,
    "casework_decision": _CASE,
    "permits_permit": "person_id",
    "permits_endorsement": "(SELECT person_id FROM permits_permit WHERE id = permit_id)",
    "permits_bankaccount": "person_id",
    "settlement_voluntaryconfirmation": "(SELECT person_id FROM applications_application WHERE id = application_id)",
    "settlement_approvalnotice": "person_id",
    "settlement_householdregistration": "(SELECT person_id FROM settlement_approvalnotice WHERE id = notice_id)",
    "documents_document": "person_id",
    "checks_check": "person_id",
    "holders_ticket": "person_id",
    "holders_alertchoice": "person_id",
    "checks_block": "person_id",
    "links_link": "person_id",
    "links_ticket": "person_id",
    "sharing_sharecode": "person_id",
    "sharing_use": "person_id",
    "openid_consent": "person_id",
    "openid_signin": "person_id",
    "audit_entry": "person_id",
    "people_minorapproval": "person_id",
    "consents_consent": "person_id",
    "privacy_objection": "person_id",
    "privacy_correctionrequest": "person_id",
    "privacy_deletionrequest": "person_id",
    "feedback_rating": "person_id",
    "papers_issuedpaper": "person_id",
    "authorization_grant": "person_id",
    "issuance_offer": "person_id",
    "issuance_wallet": "person_id",
    "issuance_batch": "person_id",
    "issuance_issuedcredential": "person_id",
    "issuance_deferral": "person_id",
    "showing_showing": "person_id",
    "showing_phonecode": "(SELECT person_id FROM showing_showing WHERE id = showing_id)",
    "showing_papercode": "person_id",
}
"""Whose a row is, said apart from the policies. Tables with rows but without a person are looked at by name below."""
KEY_OF = {"notifications_preference": "person_id", "holders_alertchoice": "person_id"}
"""The column that names a row, where it is not `id`."""
EMPTY_IN_THE_WORLD = {
    "casework_notice", "privacy_deletionrequest", "papers_issuedpaper", "feedback_rating", "authorization_grant",
    "issuance_offer", "issuance_wallet", "issuance_batch", "issuance_issuedcredential", "issuance_deferral",
    "showing_showing", "showing_phonecode", "showing_papercode", "holders_alertchoice",
    "sharing_use", "openid_consent", "openid_signin",
}  # fmt: skip
"""Of these the holder has none."""
NOT_FOR_THE_CASE = {"residence_report", "people_minorapproval", "privacy_objection", "privacy_correctionrequest",
                    "privacy_deletionrequest", "checks_block", "sharing_sharecode"}  # fmt: skip
"""Seen by offices of their own, or by nobody of an office: the office of a case need not find any."""
OF_PARTIES = {
    "bulk_bulkfile": "party_id",
    "bulk_bulkpart": "(SELECT party_id FROM bulk_bulkfile WHERE id = file_id)",
    "webhooks_endpoint": "party_id",
    "webhooks_secret": "(SELECT party_id FROM webhooks_endpoint WHERE id = endpoint_id)",
    "webhooks_subscription": "party_id",
    "webhooks_delivery": "(SELECT party_id FROM webhooks_endpoint WHERE id = endpoint_id)",
    "presentations_presentation": "relying_party_id",
    "relying_parties_minute": "relying_party_id",
    "relying_parties_dayuse": "relying_party_id",
}
"""Of which relying party a row is; it alone finds it, and those named in test_parties.py."""
KNOWN_OF_PARTIES = {
    "relying_parties_relyingparty",
    "relying_parties_purposegrant",
    "relying_parties_relyingpartykey",
    "relying_parties_relyingpartyaddress",
}
"""Read by everybody: names, hashes and what is public."""
OTHERS = {
    *OF_PARTIES,
    *KNOWN_OF_PARTIES,
    "relying_parties_relyingpartymember",
    "relying_parties_invitation",
    "privacy_breach",
    "privacy_breachnotice",
    "web_idempotentanswer",
    "accounts_accountphone",
    "accounts_accountrecovery",
    "accounts_identitylink",
    "accounts_office",
    "accounts_staffmember",
    "accounts_staffrequest",
    "oversight_figure",
    "exchange_push",
    "residence_reporter",
    "casework_answering",
    "law_edition",
    "law_packtext",
}


def run(statement: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def keys(table: str) -> set[UUID]:
    return {key for (key,) in run(f"SELECT {KEY_OF.get(table, 'id')} FROM {table}")}


def keys_of(table: str, persons: set[UUID]) -> set[UUID]:
    statement = f"SELECT {KEY_OF.get(table, 'id')} FROM {table} WHERE {PERSON_OF[table]} = ANY(%s)"
    return {key for (key,) in run(statement, list(persons))}


def is_refused(statement: str, *parameters: Any) -> bool:
    try:
        with transaction.atomic():
            run(statement, *parameters)
    except ProgrammingError as problem:
        if not isinstance(problem.__cause__, psycopg.errors.InsufficientPrivilege):
            raise
        return True
    return False
