"""For every table: what each role may do with it, and whose rows are whose for the web.

A table that is not named here is closed to every process, and `bin/yzt roles check` says so. Rights are words of SQL;
`select(id, state)` gives two columns. Worker, sealer and auditor see every row of what they are granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from yizhengtong.project.roles import rows as whose
from yizhengtong.project.roles.rows import Rows

READ = "select"
ADD = "select insert"
KEEP = "select insert update"
WORK = "select insert update delete"


@dataclass(frozen=True, slots=True)
class Table:
    """What the roles may do with a table; `rows` None: it holds nobody's rows."""

    web: str = ""
    worker: str = ""
    sealer: str = ""
    auditor: str = ""
    rows: Rows | None = None


def _sign_in() -> Table:
    """What sign-in itself rests on: it is read before anybody is known, so no row is anybody's yet."""
    return Table(WORK, WORK)


def _framework() -> Table:
    return Table(READ, READ)


def _personal(rows: Rows, web: str = KEEP, worker: str = WORK) -> Table:
    return Table(web, worker, rows=rows)


def _history() -> Table:
    """Row history: the trigger writes as whoever changed the row. The web reads none of it."""
    return Table("insert", "select insert delete", rows=whose.HISTORY)


def _of_case(web: str = KEEP, worker: str = WORK) -> Table:
    return _personal(whose.of_case(), web, worker)


TABLES: Mapping[str, Table] = {
    # Django and its packages
    "account_emailaddress": _sign_in(),
    "account_emailconfirmation": _sign_in(),
    "accounts_account": Table(KEEP, WORK),
    "accounts_account_groups": _framework(),
    "accounts_account_user_permissions": _framework(),
    "auth_group": _framework(),
    "auth_group_permissions": _framework(),
    "auth_permission": _framework(),
    "cache_entries": _sign_in(),
    "django_content_type": _framework(),
    "django_migrations": _framework(),
    "django_session": _sign_in(),
    "mfa_authenticator": _sign_in(),
    "pghistory_context": Table(),
    # Background work: the web queues, and the rest is the worker's.
    "procrastinate_jobs": Table("select(id, queueing_lock, scheduled_at, status) insert", WORK),
    "procrastinate_events": Table("insert", WORK),
    "procrastinate_periodic_defers": Table("", WORK),
    "procrastinate_workers": Table("", WORK),
    # foundation
    "accounts_office": Table("select insert update(id, name)", KEEP, rows=whose.OFFICE),
    "accounts_staffmember": Table(
        "select(id, account_id, office_id, roles, is_serving) insert update(office_id, roles, is_serving)",
        KEEP,
        rows=whose.STAFF_MEMBER,
    ),
    "accounts_staffrequest": _personal(whose.STAFF_REQUEST, KEEP, KEEP),
    "accounts_accountrecovery": _personal(whose.RECOVERY),
    "accounts_staffmemberevent": _history(),
    "accounts_accountphone": _personal(whose.way_in("accounts_accountphone"), WORK),
    "accounts_identitylink": _personal(whose.way_in("accounts_identitylink"), WORK),
    "audit_entry": Table(ADD, ADD, READ, READ, rows=whose.AUDIT),
    "audit_link": Table("", READ, ADD, READ),
    "audit_position": Table("", READ, KEEP, READ),
    "audit_checkpoint": Table("", READ, ADD, READ),
    "audit_expiry": Table("", ADD, READ, READ),
    "audit_statement": Table("", READ, ADD, READ),
    "documents_document": _personal(whose.of_person()),
    "events_event": Table("insert", WORK),
    "events_subscription": Table("", WORK),
    "exchange_destination": Table(KEEP, KEEP),
    "exchange_push": _personal(
        whose.PUSH,
        "select(id, destination_id, position, event_id, kind, person_id, stream, object_kind, object_id, told, state,"
        " attempts, not_before, status, failure, reason, happened_at, queued_at, handed_over_at, acknowledged_at,"
        " leased_until) update(state, body, failure, not_before, reason, leased_until)",
    ),
    "exchange_sendingkey": Table("insert", READ),
    "notifications_message": _personal(whose.of_person(), "select update(read_at)"),
    "notifications_delivery": _personal(whose.of_person()),
    "notifications_part": Table("", WORK),
    "notifications_contact": _personal(whose.of_person(), WORK, READ),
    "notifications_challenge": _personal(whose.of_person(), KEEP, "select delete"),
    "notifications_preference": _personal(whose.of_person(), KEEP, READ),
    "notifications_template": Table(KEEP, READ),
    "vault_datakey": Table(READ, KEEP),
    "vault_rotationposition": Table("", WORK),
    "web_bucket": Table(WORK, WORK),
    "web_idempotentanswer": _personal(whose.ANSWER),
    # law
    "law_edition": Table(
        "select insert update(state, proposed_by, proposed_at, confirmed_by, confirmed_at)", KEEP, rows=whose.EDITION
    ),
    "law_packtext": Table(ADD, ADD, rows=whose.PACK_TEXT),
    # registry
    "people_person": _personal(whose.PERSON),
    "people_personevent": _history(),
    "people_personnumber": _personal(whose.of_person()),
    "people_personnumberevent": _history(),
    "people_representation": _personal(whose.REPRESENTATION),
    "people_representationevent": _history(),
    "people_minorapproval": _personal(whose.MINOR_APPROVAL),
    "people_minorapprovalevent": _history(),
    "consents_consent": _personal(whose.CONSENT, ADD, ADD),
    "residence_registration": _personal(whose.of_person()),
    "residence_registrationevent": _history(),
    "residence_reporter": _personal(whose.REPORTER),
    "residence_reporterevent": _history(),
    "residence_report": _personal(whose.REPORT),
    "residence_reportevent": _history(),
    # permitting
    "applications_application": _personal(whose.APPLICATION),
    "applications_applicationevent": _history(),
    "applications_evidence": _personal(whose.of_application()),
    "applications_evidenceevent": _history(),
    "applications_confirmation": _personal(
        whose.with_row_of("applications_application", "application_id"), ADD, "select insert delete"
    ),
    "casework_case": _personal(whose.CASE),
    "casework_caseevent": _history(),
    "casework_appointment": _of_case(),
    "casework_appointmentevent": _history(),
    "casework_judgement": _of_case(WORK),
    "casework_judgementevent": _history(),
    "casework_notice": _of_case("select insert update(answered_on)", "select insert update(answered_on)"),
    "casework_journalentry": _of_case(ADD, ADD),
    "casework_decision": _of_case(ADD, ADD),
    "casework_answering": Table(KEEP, "select update(office_id, office_path)", rows=whose.ANSWERING),
    "casework_answeringevent": _history(),
    "casework_conversionlist": Table("", KEEP),
    "casework_conversionrow": Table("", ADD),
    "permits_permit": _personal(whose.PERMIT),
    "permits_permitevent": _history(),
    "permits_numberseries": Table(KEEP, KEEP),
    "permits_endorsement": _personal(whose.with_row_of("permits_permit", "permit_id"), ADD, ADD),
    "permits_reminder": Table("", ADD),
    "permits_sweep": Table("", KEEP),
    "permits_bankaccount": _personal(whose.of_person(), "select insert delete", "select delete"),
    "settlement_voluntaryconfirmation": _personal(
        whose.with_row_of("applications_application", "application_id"), ADD, "select insert delete"
    ),
    "settlement_approvalnotice": _personal(whose.APPROVAL_NOTICE, ADD, ADD),
    "settlement_householdregistration": _personal(
        whose.with_row_of("settlement_approvalnotice", "notice_id"), ADD, ADD
    ),
    "importing_batch": _personal(whose.OF_OFFICE, READ),
    "importing_row": _personal(whose.with_row_of("importing_batch", "batch_id"), "select insert update"),
    "importing_proposal": _personal(whose.OF_OFFICE),
    "oversight_figure": Table(READ, WORK, rows=whose.OF_OFFICE),
    "oversight_simulation": Table(ADD, KEEP),
    # credentials
    "keys_issuerkey": Table(
        "select(id, key_id, use, algorithm, public, label, state, made_at, active_from, retired_at, lost_at)", KEEP
    ),
    "keys_authority": Table("select(id, key_id, public, certificate, state, made_at)", KEEP),
    "keys_certificate": Table(READ, KEEP),
    "keys_revocationlist": Table(READ, ADD),
    "showing_showing": _personal(whose.of_person()),
    "showing_phonecode": _personal(whose.with_row_of("showing_showing", "showing_id"), ADD),
    "showing_papercode": _personal(whose.of_person()),
    "status_statuslist": Table(ADD, KEEP),
    "status_entry": Table("select(list_id, position) insert", WORK),  # the web learns of no place whose it is
    "status_chunk": Table(READ, WORK),
    "status_change": Table("select(at) insert", WORK),
    "status_token": Table(READ, WORK),
    "issuance_offer": _personal(whose.only_resident(), "select insert delete", "select delete"),
    "issuance_wallet": _personal(whose.of_person()),
    "issuance_batch": _personal(whose.of_person()),
    "issuance_issuedcredential": _personal(whose.of_person(), ADD, "select delete"),
    "issuance_spentnonce": Table("insert", "select delete"),
    "issuance_deferral": _personal(whose.of_person(), WORK),
    "issuance_renewal": Table("", KEEP),
    "papers_issuedpaper": _personal(whose.of_person(), "select insert update(replaced_at)"),
    # rights
    "feedback_rating": _personal(
        whose.RATING,
        "select insert update(state, outcome, answer, answered_by, answered_at, answered_on, called_back_at,"
        " called_back_by, was_reached, call_back_words, version)",
    ),
    "feedback_ratingevent": _history(),
    "privacy_objection": _personal(whose.OBJECTION),
    "privacy_objectionevent": _history(),
    "privacy_correctionrequest": _personal(whose.CORRECTION),
    "privacy_correctionrequestevent": _history(),
    "privacy_deletionrequest": _personal(whose.only_resident()),
    "privacy_deletionrequestevent": _history(),
    "privacy_breach": _personal(whose.BREACH),
    "privacy_breachevent": _history(),
    "privacy_breachnotice": _personal(whose.BREACH),
    "privacy_breachnoticeevent": _history(),
    # verification
    "authorization_client": Table(READ, KEEP),
    "authorization_code": _sign_in(),
    "authorization_grant": _personal(whose.WALLET_GRANT),
    "authorization_pushedrequest": _sign_in(),
    "authorization_seenproof": Table("insert", "select delete"),
    "authorization_token": _sign_in(),
    "authorization_walletprovider": Table(READ, KEEP),
    "holders_alertchoice": _personal(whose.only_resident(), KEEP, "select delete"),
    "holders_ticket": _personal(
        whose.TICKET,
        "select insert update(state, answer, answered_by, answered_at, has_suspended, is_handed_up, version)",
        "select update(office_path) delete",
    ),
    "holders_ticketevent": _history(),
    "checks_block": _personal(whose.only_resident(), "select insert delete"),
    "bulk_bulkfile": _personal(whose.OF_PARTY, "select insert update(state, failure, ended_at)"),
    "bulk_bulkpart": _personal(whose.with_row_of("bulk_bulkfile", "file_id"), "select insert update(asked)"),
    "webhooks_endpoint": _personal(whose.OF_PARTY, "select insert update(state, ended_at)"),
    "webhooks_secret": _personal(
        whose.with_row_of("webhooks_endpoint", "endpoint_id"),
        "select(id, endpoint_id, made_at, until) insert update(until)",  # signed with by the worker alone
    ),
    "webhooks_subscription": _personal(whose.SUBSCRIPTION, "select insert update(ended_at, ended_because)"),
    "webhooks_delivery": _personal(
        whose.with_row_of("webhooks_endpoint", "endpoint_id"),
        "select insert update(state, not_before, give_up_at, settled_at, failure, leased_until)",
    ),
    "checks_check": _personal(whose.CHECK, ADD),
    "links_link": _personal(
        whose.LINK,
        "select insert update(state, ended_at, ended_by, end_reason)",
        "select update(office_path, state, ended_at, ended_by, end_reason) delete",
    ),
    "links_linkevent": _history(),
    "links_ticket": _personal(
        whose.LINK_TICKET,
        "select insert update(state, decision, remedy, answer, decided_at, decided_on, decided_by, version)",
        "select update",
    ),
    "links_ticketevent": _history(),
    "sharing_sharecode": _personal(whose.SHARE_CODE),
    "sharing_use": _personal(whose.SHARE_CODE_USE),
    "sharing_miss": Table(ADD, "select delete"),  # keyed hashes of what was typed: nobody's
    "openid_consent": _personal(whose.OPENID_CONSENT),
    "openid_signin": _personal(whose.OPENID_SIGN_IN),
    "openid_signinrequest": _sign_in(),
    "presentations_presentation": _personal(whose.PRESENTATION),
    "relying_parties_relyingparty": Table(
        "select insert update(state, is_active, reason, purposes, quota_a_day, decided_by, decided_at, version)",
        KEEP,
        rows=whose.RELYING_PARTY,
    ),
    "relying_parties_relyingpartymember": _personal(whose.PARTY_MEMBER, ADD, READ),
    "relying_parties_invitation": _personal(
        whose.INVITATION, "select insert update(expires_at) delete", "select delete"
    ),
    "relying_parties_purposegrant": _personal(
        whose.PURPOSE_GRANT, "select insert update(state, claims, reason, reviewed_by, reviewed_at)", KEEP
    ),
    "relying_parties_relyingpartykey": _personal(
        whose.PARTY_KEY, "select insert update(not_after, revoked_at, revoked_because, last_used_at)", KEEP
    ),
    "relying_parties_relyingpartyaddress": _personal(whose.PARTY_ADDRESS, "select insert delete", READ),
    "relying_parties_spentassertion": Table("insert", "select delete"),
    "relying_parties_minute": _personal(whose.party_figures("minute")),
    "relying_parties_dayuse": _personal(whose.party_figures("dayuse")),
}

SEQUENCES: Mapping[str, tuple[str, ...]] = {
    "casework_application_number": ("yzt_web", "yzt_worker"),
    "casework_receipt_number": ("yzt_web", "yzt_worker"),
    "events_event_sequence": ("yzt_web", "yzt_worker"),
    "exchange_push_position": ("yzt_worker",),
    "permits_document_number": ("yzt_web", "yzt_worker"),
    "residence_voucher_series": ("yzt_web", "yzt_worker"),
    "settlement_notice_number": ("yzt_web", "yzt_worker"),
}
"""Sequences that no column owns. Those of a column go with the right to insert."""

FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "accounts_of_phone(bytea)": ("yzt_web",),
    "accounts_of_identity(varchar, bytea)": ("yzt_web",),
    "yzt_persons()": ("yzt_web",),
    "yzt_serves_as(text[])": ("yzt_web",),
    "yzt_oversees(uuid)": ("yzt_web",),
    "yzt_sees_case(uuid)": ("yzt_web",),
    "yzt_sees_application(uuid)": ("yzt_web",),
    "yzt_was_asked(uuid)": ("yzt_web",),
    "audit_delete_expired(integer)": ("yzt_sealer",),
    "casework_found(varchar[], uuid[], text[], date, uuid, integer)": ("yzt_web", "yzt_worker"),
    "casework_waiting(uuid[], text[], date, uuid, integer)": ("yzt_web", "yzt_worker"),
    "casework_seats_taken(uuid, timestamptz[])": ("yzt_web", "yzt_worker"),
    "casework_presented(varchar, bytea)": ("yzt_web",),
    "casework_officer_names(uuid[])": ("yzt_web",),
    "papers_checked(bytea, date)": ("yzt_web",),
    "keys_signing()": ("yzt_web", "yzt_worker"),
    "issuance_offered(bytea)": ("yzt_web",),
    "presentations_held(varchar, integer, bytea, varchar)": ("yzt_web",),
    "status_hold(uuid)": ("yzt_web", "yzt_worker"),
    "bulk_waiting(boolean)": ("yzt_web",),
    "checks_holder(varchar, bytea, varchar, uuid)": ("yzt_web", "yzt_worker"),
    "checks_is_blocked(uuid, uuid)": ("yzt_web", "yzt_worker"),
    "checks_permit(bytea, varchar[], varchar, uuid)": ("yzt_web", "yzt_worker"),
    "links_behind(varchar, bytea)": ("yzt_web", "yzt_worker"),
    "links_claimed(varchar, bytea, uuid)": ("yzt_web",),
    "links_in_question(varchar, bytea)": ("yzt_web",),
    "links_release(uuid)": ("yzt_web",),
    "openid_sign_in(bytea, bytea)": ("yzt_web",),
    "people_claim(varchar, bytea, bytea, uuid)": ("yzt_web",),
    "people_number_is_taken(varchar, bytea)": ("yzt_web", "yzt_worker"),
    "people_numbered(text[], bytea[])": ("yzt_web", "yzt_worker"),
    "people_born_on(bytea[])": ("yzt_web", "yzt_worker"),
    "residence_voucher_standing(varchar, date)": ("yzt_web",),
    "settlement_standing(uuid)": ("yzt_web",),
    "showing_read(bytea)": ("yzt_web",),
    "sharing_of_place(uuid, integer)": ("yzt_web",),
    "operations_cases(date, integer)": ("yzt_web",),
    "operations_appointments(date)": ("yzt_web",),
    "operations_events(text[], integer)": ("yzt_web",),
    "operations_jobs(integer)": ("yzt_web",),
    "operations_documents(integer)": ("yzt_web",),
    "operations_trail()": ("yzt_web",),
    "operations_pushes(integer)": ("yzt_web",),
    "operations_messages(integer)": ("yzt_web",),
    "notifications_codes_sent(bytea, timestamptz)": ("yzt_web",),
    "operations_promises(timestamptz, date, integer)": ("yzt_web",),
}
"""Functions that run as the owner of the tables. One that is not named here is closed to every process."""
