"""What the last release left behind: its migrations, and which of its tables are too large to stand still."""

VERSION = "0.1.0"
COMMIT = "28156af9930f0324da9798aec94eed40d3307b4e"
"""The release's commit: the upgrade test runs its code."""

APPS = frozenset({
    "accounts", "applications", "audit", "casework", "checks", "documents", "events", "law", "people", "permits",
    "relying_parties", "residence", "web",
})  # fmt: skip
MIGRATIONS = frozenset((app, "0001_initial") for app in APPS)
"""Exempt from judgement: no database of an older release exists."""

BIG_TABLES = frozenset({
    "accounts_account", "applications_application", "applications_applicationevent", "applications_evidence",
    "audit_entry", "casework_appointment", "casework_appointmentevent", "casework_case", "casework_caseevent",
    "casework_decision", "casework_journalentry", "casework_judgement", "casework_judgementevent", "casework_notice",
    "checks_check", "documents_document", "events_event", "people_person", "people_personevent",
    "people_personnumber", "people_personnumberevent", "people_representation",
    "people_representationevent", "applications_evidenceevent", "permits_permit",
    "permits_permitevent", "residence_registration", "residence_registrationevent", "web_idempotentanswer",
    "django_session",
})  # fmt: skip
"""They grow with persons and cases: nothing may scan, rewrite or lock them while people work."""
