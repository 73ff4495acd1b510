"""Whose rows are whose, as PostgreSQL's row policies say it for the web's role.

The second line: services and queries ask first, and these stand where one forgets. Every other role that is granted a
table sees all its rows. Expressions are SQL over the table's columns; a reader without one sees nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Expressions = Mapping[str, str]
"""Kind of reader → expression; `*` stands for every reader."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows seen, and those that may be added, changed (locked, too) and left behind by a change: seen if not said."""

    seen: Expressions
    added: Expressions | None = None
    changed: Expressions | None = None
    left: Expressions | None = field(default=None)

    @property
    def policies(self) -> Mapping[str, tuple[str, str]]:
        """Return command → (USING, WITH CHECK), each empty where the command has none."""
        seen = by_reader(self.seen)
        changed = seen if self.changed is None else by_reader(self.changed)
        return {
            "SELECT": (seen, ""),
            "INSERT": ("", seen if self.added is None else by_reader(self.added)),
            "UPDATE": (changed, changed if self.left is None else by_reader(self.left)),
            "DELETE": (changed, ""),
        }


def by_reader(expressions: Expressions) -> str:
    """Return one expression that asks who reads."""
    if set(expressions) <= {"*"}:
        return expressions.get("*", "false")
    cases = " ".join(f"WHEN '{reader}' THEN {expression}" for reader, expression in expressions.items())
    return f"CASE current_setting('yzt.reader', true) {cases} ELSE false END"


ACTOR = "current_setting('yzt.actor', true)"
_KNOWN = "current_setting('yzt.known', true)"
_OFFICE = "current_setting('yzt.office', true)"
# Written out, and no functions of SQL: those PostgreSQL would parse anew whenever it plans a statement.


def _asked(column: str, otherwise: str) -> str:
    """What this reader's functions said yes to before, in the same request, is not asked again."""
    return f"starts_with({_KNOWN}, {ACTOR} || ' ') AND strpos({_KNOWN}, {column}::text) > 0 OR {otherwise}"


def _own(column: str) -> str:
    return _asked(column, f"{column} = ANY (yzt_persons())")


def _overseen(column: str) -> str:
    return _asked(column, f"yzt_oversees({column})")


def _covered(column: str = "office_path") -> str:
    """An officer's office and all below it: paths hold the codes from the root."""
    return f"{_OFFICE} <> '' AND starts_with({column} || '.', {_OFFICE} || '.')"


def of_person(column: str = "person_id") -> Rows:
    """Rows of one person: a resident's own and those acted for; an officer's as far as yzt_oversees says."""
    return Rows({"resident": _own(column), "staff": _overseen(column)})


def only_resident(column: str = "person_id") -> Rows:
    """Rows of one person for that person."""
    return Rows({"resident": _own(column)})


def of_case(column: str = "case_id") -> Rows:
    """Rows that belong to a case: seen by who sees that one."""
    return Rows({"*": _asked(column, f"yzt_sees_case({column})")})


def of_application(column: str = "application_id") -> Rows:
    """Rows that belong to an application: seen by who sees that one."""
    return Rows({"*": _asked(column, f"yzt_sees_application({column})")})


def with_row_of(table: str, column: str) -> Rows:
    """Rows that belong to a row of another table: seen by who sees that one."""
    return Rows({"*": f"EXISTS (SELECT FROM {table} whole WHERE whole.id = {column})"})


REPORTER = Rows(
    {"reporter": f"account_id::text = {ACTOR}", "staff": _covered()},
    added={"resident": f"account_id::text = {ACTOR}"},
    left={"staff": _covered()},
)
REPORT = Rows(
    {
        "reporter": "EXISTS (SELECT FROM residence_reporter own WHERE own.id = reporter_id)",
        "resident": _own("person_id"),
        "staff": _covered(),
    },
    added={"reporter": "person_id IS NULL AND EXISTS (SELECT FROM residence_reporter own WHERE own.id = reporter_id)"},
    changed={"resident": _own("person_id"), "staff": _covered()},
)
"""What somebody reported; a person's once it is found out whose it is."""
PERSON = Rows(
    {"resident": _own("id"), "staff": _overseen("id"), "partner": "yzt_was_asked(id)"},
    added={
        "resident": f"account_id IS NULL OR account_id::text = {ACTOR}",
        "staff": "account_id IS NULL AND yzt_serves_as('{clerk,registrar}')",
    },
    changed={"resident": _own("id"), "staff": _overseen("id")},
)
REPRESENTATION = Rows(
    {
        "resident": f"{_own('representative_id')} OR {_own('represented_id')}",
        "staff": f"{_overseen('represented_id')} OR {_overseen('representative_id')}",
    },
    added={
        "resident": f"({_own('representative_id')}) AND ({_own('represented_id')})",
        "staff": f"({_overseen('representative_id')}) AND ({_overseen('represented_id')})"
        " AND yzt_serves_as('{clerk}')",
    },
)
"""Declared by who acts; at the window noted by the clerk before whom both stand."""
APPLICATION = Rows(
    {
        "resident": _own("person_id"),
        "staff": _asked("id", "yzt_sees_application(id)"),
    },
    added={
        "resident": _own("person_id"),
        "staff": f"({_overseen('person_id')}) AND state = 'draft' AND yzt_serves_as('{{clerk}}')",
    },
)
"""A clerk begins one only for who stands at the window, and hands it in within the same transaction."""
OF_OFFICE = Rows({"staff": _covered()})
CASE = Rows({"resident": _own("person_id"), "staff": _covered()})
PERMIT = Rows(
    {
        "resident": _own("person_id"),
        "staff": f"{_covered()} OR {_overseen('person_id')}",
        "partner": "number_index = decode(current_setting('yzt.asked', true), 'hex')",
    },
    changed={"resident": _own("person_id"), "staff": f"{_covered()} OR {_overseen('person_id')}"},
)
APPROVAL_NOTICE = Rows(
    {
        "resident": _own("person_id"),
        "staff": "EXISTS (SELECT FROM casework_case whole WHERE whole.id = case_id) OR EXISTS ("
        "SELECT FROM accounts_office acting WHERE acting.path = current_setting('yzt.office', true)"
        " AND acting.region = settlement_approvalnotice.region)",
    },
    added={"staff": "EXISTS (SELECT FROM casework_case whole WHERE whole.id = case_id)"},
    changed={},
)
"""The office that approved, and the household register of the county that is settled in."""
CHECK = Rows(
    {"resident": _own("person_id"), "partner": f"relying_party_id::text = {ACTOR}"},
    added={
        "*": "relying_party_id IS NULL"
        f" OR current_setting('yzt.reader', true) = 'partner' AND relying_party_id::text = {ACTOR}"
    },
    changed={},
)
"""Added by the relying party it is of; by anybody where somebody without an account was given a code."""
_AT_THE_TOP = "current_setting('yzt.office', true) <> '' AND strpos(current_setting('yzt.office', true), '.') = 0"
_OF_AREA = (
    f"EXISTS (SELECT FROM accounts_office acting WHERE acting.id = audit_entry.office_id AND {_covered('acting.path')})"
)
AUDIT = Rows(
    {"resident": _own("person_id"), "staff": f"actor_id::text = {ACTOR} OR {_AT_THE_TOP} OR {_OF_AREA}"},
    added={"*": f"actor_id IS NULL OR actor_id::text = {ACTOR}"},
    changed={},
)
MINOR_APPROVAL = Rows(
    {"resident": _own("person_id"), "staff": f"{_covered()} OR {_overseen('person_id')}"},
    added={"resident": f"({_own('person_id')}) AND officer_id IS NULL", "staff": _overseen("person_id")},
    changed={"staff": f"{_covered()} OR {_overseen('person_id')}"},
)
"""Seen where it was asked, too: a child at a window whom nobody there has had to do with yet."""
CONSENT = Rows(
    {"resident": _own("person_id"), "staff": _overseen("person_id"), "partner": "yzt_was_asked(person_id)"},
    added={"resident": _own("person_id")},
    changed={},
)
OBJECTION = Rows(
    {
        "resident": _own("person_id"),
        "staff": f"{_covered()} OR office_path = '' AND {_AT_THE_TOP}",
    },
    added={"resident": _own("person_id")},
    changed={"staff": f"{_covered()} OR office_path = '' AND {_AT_THE_TOP}"},
)
TICKET = Rows(
    {"resident": _own("person_id"), "staff": f"{_covered()} OR office_path = '' AND {_AT_THE_TOP}"},
    added={"resident": f"({_own('person_id')}) AND state = 'open'"},
    changed={"staff": f"{_covered()} OR office_path = '' AND {_AT_THE_TOP}"},
)
"""What a holder said of a check, and the office that answers: the relying party sees none of it."""
CORRECTION = Rows(
    {"resident": _own("person_id"), "staff": _covered()},
    added={"resident": _own("person_id")},
    changed={"staff": _covered()},
)
RATING = Rows(
    {"resident": _own("person_id"), "staff": _covered()},
    added={"resident": f"({_own('person_id')}) AND opened_by IS NULL", "staff": f"{_covered()} AND given_by IS NULL"},
    changed={"staff": _covered()},
)
"""Given by the applicant; at the window on a page that an officer of the area opened (rights/feedback)."""
LINK_TICKET = Rows(
    {"resident": _own("person_id"), "staff": _covered()},
    changed={"staff": _covered()},
)
"""Asked by the holder or an officer of the area that looks after the permit, decided by a head of it."""
_ASKED_ABOUT = f"""EXISTS (
        SELECT FROM links_ticket asked WHERE asked.travel_kind = links_link.travel_kind
            AND asked.travel_index = links_link.travel_index AND asked.state = 'open'
            AND {_covered("asked.office_path")}
    )"""
LINK = Rows(
    {
        "resident": _own("person_id"),
        "staff": f"{_overseen('person_id')} OR {_ASKED_ABOUT}",
        "partner": "yzt_was_asked(person_id)",
    },
    added={"resident": _own("person_id"), "staff": _overseen("person_id")},
    changed={"resident": _own("person_id"), "staff": f"{_overseen('person_id')} OR {_ASKED_ABOUT}"},
)
"""One in question is seen, and may be ended, by the office that answers, whoever looks after its holder."""
BREACH = Rows({"staff": _AT_THE_TOP}, added={"staff": "true"})
"""The register is the deployment's; whoever finds one may write it down."""
PUSH = Rows({"staff": f"{_AT_THE_TOP} OR {_overseen('person_id')}"}, added={}, changed={"staff": _AT_THE_TOP})
"""Looked after by the office above all others; who decides a case sees when its permit was acknowledged (S4-15)."""
_GRANT_USED = {"resident": _own("person_id"), "nobody": "id::text = current_setting('yzt.asked', true)"}
WALLET_GRANT = Rows(
    {
        "staff": _overseen("person_id"),
        **_GRANT_USED,
    },
    added=_GRANT_USED,
    changed=_GRANT_USED,
)
"""A person's own; a wallet's, which nobody knows yet, the one that its code or token names. Who looks after the person
counts those that hold no copy, and changes none."""
SHARE_CODE = Rows(
    {"resident": _own("person_id"), "nobody": "encode(code_hash, 'hex') = current_setting('yzt.asked', true)"},
    added={"resident": _own("person_id")},
)
SHARE_CODE_USE = Rows(
    {"resident": _own("person_id"), "nobody": "encode(view_hash, 'hex') = current_setting('yzt.asked', true)"},
    added={"resident": _own("person_id")},
)
"""A person's own; of whoever shows a secret the one row that its keyed hash names. What a code tells is read in the
name of who made it, and so is the use of it written."""
OF_PARTY = Rows({"partner": f"party_id::text = {ACTOR}"})
"""A relying party's own."""
SUBSCRIPTION = Rows(
    {"partner": f"party_id::text = {ACTOR}", "resident": _own("person_id")},
    added={"partner": f"party_id::text = {ACTOR}"},
    changed={"partner": f"party_id::text = {ACTOR}"},
)
"""The relying party's that is told; its holder sees who is."""
PRESENTATION = Rows(
    {
        "partner": f"relying_party_id::text = {ACTOR}",
        "nobody": "id::text = current_setting('yzt.asked', true)",
    },
    added={"partner": f"relying_party_id::text = {ACTOR}"},
)
"""The relying party's that asked; a wallet's, which nobody knows, the one that its address names."""
_OWN_ALONE = {"resident": _own("person_id")}
OPENID_SIGN_IN = Rows({**_OWN_ALONE, "staff": _overseen("person_id")}, added=_OWN_ALONE, changed=_OWN_ALONE)
"""A person's own. `openid_sign_in` gives whoever shows a code or a token the one row that its hash names."""
OPENID_CONSENT = Rows({**_OWN_ALONE, "staff": _overseen("person_id")}, added=_OWN_ALONE, changed=_OWN_ALONE)


def _of_member(table: str, party: str = "relying_party_id") -> str:
    """Whether the reader is an account that acts for the organisation of a row; named in full, for members have one."""
    return f"""EXISTS (
        SELECT FROM relying_parties_relyingpartymember acting
        WHERE acting.relying_party_id = relying_parties_{table}.{party} AND acting.account_id::text = {ACTOR}
    )"""


def _members(table: str) -> Expressions:
    """An organisation's account is a resident's until the request in which it registered is over."""
    return dict.fromkeys(("resident", "reporter"), _of_member(table))


_REVIEWS = f"{_AT_THE_TOP} AND yzt_serves_as('{{supervisor}}')"
_BEFORE_REVIEW = "state IN ('test', 'applied') AND purposes = '{}' AND quota_a_day IS NULL"
_OWN_BEFORE_REVIEW = f"{_of_member('relyingparty', 'id')} AND {_BEFORE_REVIEW}"
RELYING_PARTY = Rows(
    {"*": "true"},
    added=dict.fromkeys(("resident", "reporter"), _BEFORE_REVIEW),
    changed={"staff": _REVIEWS, "resident": _OWN_BEFORE_REVIEW, "reporter": _OWN_BEFORE_REVIEW},
)
"""Who may check is no secret. Registered by itself without a purpose; what it may then do, a reviewer says."""
PARTY_MEMBER = Rows(
    {**dict.fromkeys(("resident", "reporter"), f"account_id::text = {ACTOR}"), "staff": _REVIEWS},
    added=dict.fromkeys(("resident", "reporter"), f"account_id::text = {ACTOR}"),
    changed={},
)
INVITATION = Rows({"resident": "true", "reporter": "true"}, added={"reporter": _of_member("invitation")})
"""Only hashes: whoever joins finds the one whose code they hold."""
_OWN_GRANT = _of_member("purposegrant")
PURPOSE_GRANT = Rows(
    {"*": "true"},
    added={"reporter": f"{_OWN_GRANT} AND state = 'applied' AND reviewed_by IS NULL"},
    changed={"staff": _REVIEWS, "reporter": f"{_OWN_GRANT} AND state = 'applied'"},
    left={"staff": _REVIEWS, "reporter": f"{_OWN_GRANT} AND state = 'withdrawn'"},
)
"""Asked for by the organisation, granted by a reviewer alone."""
_OF_THE_CALLER = f"relying_party_id::text = {ACTOR}"
PARTY_KEY = Rows(
    {"*": "true"},
    added=_members("relyingpartykey"),
    changed={**_members("relyingpartykey"), "partner": _OF_THE_CALLER, "staff": _REVIEWS},
)
"""Hashes and what is public: read before anybody is known. A key makes no key, and may stop one."""
PARTY_ADDRESS = Rows({"*": "true"}, added=_members("relyingpartyaddress"), changed=_members("relyingpartyaddress"))


def party_figures(table: str) -> Rows:
    """Counted while a party's own request runs; read by it, its members and who reviews it."""
    counted = {"partner": _OF_THE_CALLER}
    return Rows({**_members(table), **counted, "staff": _REVIEWS}, added=counted, changed=counted)


_READER = "current_setting('yzt.reader', true)"
ANSWER = Rows(
    {"*": f"caller = {_READER} || ':' || {ACTOR} OR {_READER} = 'partner' AND caller = 'sandbox:' || {ACTOR}"}
)
"""A relying party's answers to its test keys stand apart from those in earnest: `web.callers` names both."""


def way_in(table: str) -> Rows:
    """What opens an account: its own reader's; taken away by the officer who confirms that it was lost, never given."""
    own = f"account_id::text = {ACTOR}"
    lost = f"""current_setting('yzt.reader', true) = 'staff' AND EXISTS (
        SELECT FROM accounts_accountrecovery lost
        WHERE lost.account_id = {table}.account_id AND lost.state = 'open' AND lost.asked_by::text <> {ACTOR}
    )"""
    return Rows({"*": f"{own} OR {lost}"}, added={"*": own}, left={"*": own})


RECOVERY = Rows(
    {"staff": _covered()},
    added={"staff": f"{_covered()} AND asked_by::text = {ACTOR} AND state = 'open' AND yzt_serves_as('{{clerk}}')"},
    left={
        "staff": f"{_covered()} AND decided_by::text = {ACTOR}"
        " AND (state = 'declined' OR decided_by <> asked_by AND yzt_serves_as('{clerk,supervisor}'))"
    },
)
"""Asked for by a clerk in their own name, brought about by another officer in theirs."""
HISTORY = Rows({}, added={"*": "pg_trigger_depth() > 0"})
"""Written by the trigger of the table it is the history of, and by nothing else."""
ANSWERING = Rows({"*": "true"}, added={"staff": _covered()}, changed={"staff": "yzt_covers(office_path)"})
"""Who answers for a rule of the system anybody may know; the area's own officers name them."""
_SERVES_HERE = f"EXISTS (SELECT FROM accounts_office own WHERE own.id = office_id AND {_covered('own.path')})"
_ADMINISTERS = "yzt_serves_as('{administrator}')"
_ASKED_FOR = f"""EXISTS (
    SELECT FROM accounts_staffrequest asked
    WHERE asked.state = 'open' AND asked.proposed_by::text <> {ACTOR}
        AND asked.office_id = accounts_staffmember.office_id
"""
STAFF_MEMBER = Rows(
    {"*": "true"},
    added={
        "staff": f"""{_SERVES_HERE} AND {_ADMINISTERS} AND {_ASKED_FOR} AND asked.kind = 'appoint'
            AND asked.roles = accounts_staffmember.roles)"""
    },
    changed={"staff": f"{_SERVES_HERE} AND {_ADMINISTERS}"},
    left={
        "staff": f"""{_SERVES_HERE} AND {_ADMINISTERS} AND (NOT is_serving OR {_ASKED_FOR}
            AND asked.member_id = accounts_staffmember.id
            AND (asked.kind = 'move' OR asked.kind = 'roles' AND asked.roles = accounts_staffmember.roles)))"""
    },
)
"""Seen by every reader in the columns that are granted, none of them personal.

Changed by an administrator of the area: who ends a service acts alone, and whoever gains something does so by what
another administrator has proposed.
"""
STAFF_REQUEST = Rows(
    {"staff": _covered()},
    added={"staff": f"{_covered()} AND {_ADMINISTERS} AND proposed_by::text = {ACTOR} AND state = 'open'"},
    left={"staff": f"{_covered()} AND {_ADMINISTERS} AND decided_by::text = {ACTOR}"},
)
"""Proposed by an administrator in their own name, decided by one in theirs; that these are two is a constraint."""
OFFICE = Rows(
    {"*": "true"},
    added={"staff": f"{_covered('path')} AND {_ADMINISTERS}"},
    changed={"*": "true"},
    left={"staff": f"{_covered('path')} AND {_ADMINISTERS}"},
)
"""Read by everybody and locked, where PostgreSQL asks for the right to update; made and named by administrators."""
_CHANGES_LAW = f"{_AT_THE_TOP} AND yzt_serves_as('{{supervisor,administrator}}')"
EDITION = Rows(
    {"*": "true"},
    added={"staff": f"{_CHANGES_LAW} AND proposed_by::text = {ACTOR} AND confirmed_by IS NULL AND state = 'draft'"},
    changed={"*": "true"},
    left={
        "staff": f"""{_CHANGES_LAW} AND (state <> 'in_force' OR confirmed_by::text = {ACTOR}
            AND confirmed_by IS DISTINCT FROM proposed_by AND proposed_by IS NOT NULL)"""
    },
)
"""The law is public. A draft is kept by who may change the law, and in force only by another of them."""
PACK_TEXT = Rows({"*": "true"}, added={"staff": _CHANGES_LAW}, changed={})
