"""A page's worth of law about one thing to apply for: what is asked, how it goes, how long, how much, where, by whom.

Pure: a law in, what a guide tells out. What an item does not name is not there; what a pack marks not found is there
and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yizhengtong.foundation.texts import knows
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.findings import Source
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ItemStep, RequiredDocument, ServiceItem
from yizhengtong.law.schema import Names
from yizhengtong.law.values import Certainty
from yizhengtong.permitting.applications.rules.proofs import proofs_of
from yizhengtong.permitting.applications.rules.settlement import is_listed, tests_no_ground
from yizhengtong.permitting.casework.guiding.sayings import Saying, Told, name_of_evidence, proof, told_all

REGISTRATION, IDENTITY_CARD = "floating.registration", "settlement.identity_card"
"""Guides of what is no item of a pack: the duty to register, and the card that a settlement is handed over to."""

SUBJECTS = ("hmt", "settlement", "floating")
"""The laws that speak of something to apply for, in the order in which guides are listed."""


@dataclass(frozen=True, slots=True)
class AskedCondition:
    """A condition: code of its title, where it stands, and what the place's law says of it."""

    rule: str
    title: str
    source: Source
    certainty: Certainty
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedPaper:
    """A paper: its names, when it is asked in words and as the pack says it, and the kinds any one of which will do."""

    code: str
    name: Names
    when: Saying
    asked_when: str
    any_of: tuple[str, ...]
    source: Source
    certainty: Certainty
    kinds: tuple[Saying, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a guide: code of its heading and what is told there."""

    title: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """What there is to know of `code`. `item` None: it is no item of a pack."""

    code: str
    law: Law
    item: ServiceItem | None
    conditions: tuple[AskedCondition, ...]
    papers: tuple[AskedPaper, ...]
    steps: tuple[ItemStep, ...]
    sections: tuple[Section, ...]

    @property
    def permit_kind(self) -> str:
        """The kind of permit that comes of it; the guide's own word where no permit does."""
        return self.item.permit_kind if self.item else self.code.partition(".")[2]


def guides_of(law: Law) -> list[str]:
    """Return the codes of all guides that a law allows, in its order."""
    codes = list(law.items)
    if law.subject == "floating" and law.values.get("residence.registration_required"):
        codes.insert(0, REGISTRATION)
    if "identity_card.duty_on_registration" in law:
        codes.append(IDENTITY_CARD)
    return codes


def guide_of(law: Law, code: str) -> Guide:
    """Return the guide of an item, of registering, or of the identity card. Raises NotFound where the law has none."""
    if code not in guides_of(law):
        raise NotFound("not_found")
    if code in _WITHOUT_ITEM:
        return Guide(code, law, None, (), (), (), _sections(law, _WITHOUT_ITEM[code]))
    item = law.items[code]
    return Guide(
        code,
        law,
        item,
        tuple(conditions_of(law, item)),
        tuple(papers_of(law, item)),
        item.steps,
        _sections(law, _sections_of(item)),
    )


def conditions_of(law: Law, item: ServiceItem) -> Iterable[AskedCondition]:
    """Return the conditions of an item with what the place's law says of each."""
    for condition in item.conditions:
        if condition.rule == "health_certificate_is_recent" and not is_listed("health_certificate", law):
            continue
        keys = _KEYS_OF_RULES.get(condition.rule, ())
        yield AskedCondition(
            condition.rule,
            title_of_rule(condition.rule, law),
            condition.source,
            condition.certainty,
            told_all(law, keys),
        )


def title_of_rule(rule: str, law: Law) -> str:
    """Return the code of a condition's title."""
    if rule == "settlement_ground_holds" and tests_no_ground(law.value("settle.grounds")):
        return "settlement.any_wish"
    known = (f"guide.rule_{rule}", f"applications.{rule}", f"settlement.{rule.removeprefix('settlement_')}")
    return next((code for code in known if knows(code)), f"residence.{rule}")


def papers_of(law: Law, item: ServiceItem) -> Iterable[AskedPaper]:
    """Return the papers that the place asks for: those it does not list, or whose ground it does not test, left out."""
    for document in item.documents:
        if _may_be_asked(document, law):
            yield AskedPaper(
                document.code,
                document.name,
                _when(document, law),
                document.when,
                document.any_of,
                document.source,
                document.certainty,
                tuple(_kinds(document, law, item)),
            )


def _may_be_asked(document: RequiredDocument, law: Law) -> bool:
    kind, _, word = document.when.partition(":")
    if kind == "listed":
        return is_listed(word, law)
    if kind == "tested":
        grounds = law.value("settle.grounds")
        return not tests_no_ground(grounds) and any(word in (each.ground, _plain(each.ground)) for each in grounds)
    return True


def _plain(ground: str) -> str:
    return ground.removeprefix("alone_with_")


def _when(document: RequiredDocument, law: Law) -> Saying:
    kind, _, word = document.when.partition(":")
    if kind == "claim":
        return Saying("guide.when_claim", {"claim": f"applications.claim_{word}"})
    if kind == "ground":
        return Saying("guide.when_ground", {"ground": f"applications.ground_{word}"})
    if kind == "tested":
        return Saying("guide.when_ground", {"ground": f"settlement.ground_{_plain(word)}"})
    if kind == "minor":
        return Saying("guide.when_minor", {"n": law.value("proxy.minor_under_age")})
    if kind == "listed":
        return Saying("guide.when_always")
    return Saying(f"guide.when_{word or kind}")


def _kinds(document: RequiredDocument, law: Law, item: ServiceItem) -> Iterable[Saying]:
    kind, _, word = document.when.partition(":")
    rules = proofs_of(law, item, word) if kind == "claim" else ()
    if rules:
        return [each for rule in rules for each in proof(law, rule)]
    if len(document.any_of) == 1 and name_of_evidence(law, document.any_of[0]) == document.name.model_dump(
        by_alias=True
    ):
        return []
    return [Saying("guide.proof", {"name": name_of_evidence(law, each)}) for each in document.any_of]


def _sections(law: Law, wanted: Mapping[str, Sequence[str]]) -> tuple[Section, ...]:
    found = (Section(title, told_all(law, keys)) for title, keys in wanted.items())
    return tuple(section for section in found if section.told)


def _sections_of(item: ServiceItem) -> Mapping[str, Sequence[str]]:
    is_conversion = item.outcome == "conversion"
    return {
        "guide.section_time": (item.limit, *_TIME[item.limit == "issue.limit"]),
        "guide.section_fee": (item.fee, "fee.third_party_allowed"),
        "guide.section_where": _WHERE,
        "guide.section_how": _HOW,
        "guide.section_proxy": ("application.in_person", "proxy.rules"),
        "guide.section_outcome": (*(_OF_CONVERSION if is_conversion else ()), *_OUTCOME),
        "guide.section_refusal": _REFUSAL,
    }


_TIME: Mapping[bool, Sequence[str]] = {
    True: ("issue.remote_extension", "issue.supplement_pauses"),
    False: ("conversion.push_limit", "issue.supplement_pauses"),
}
_WHERE = (
    *("acceptance.kinds", "application.channels", "application.online_entries", "application.online_first"),
    "acceptance.points_per_county",
)
_HOW = (
    *("booking.modes", "form.mode", "photo.mode", "photo.receipt_accepted", "fingerprint.required"),
    *("receipt.required", "notice.one_time", "notice.one_time_limit", "decide.officers", "decide.automatic_approval"),
    *("delivery.modes", "messages.completion_fee"),
)
_OUTCOME = (
    *("validity", "endorsement.window", "endorsement.overdue", "settle.outputs", "settle.notice_validity"),
    *("household.needs", "move.mode", "move.report_within", "replacement.return_old_card", "permit.proves_identity"),
    *("permit.refusal_forbidden", "permit.crosses_border", "eform.statutory"),
)
_OF_CONVERSION = ("conversion.cancels_all_earlier",)
_REFUSAL = ("refusal.reasons_required", "remedy.reconsideration", "remedy.lawsuit")

_WITHOUT_ITEM: Mapping[str, Mapping[str, Sequence[str]]] = {
    REGISTRATION: {
        "guide.section_who": (
            *("residence.registration_required", "registration.crossing", "registration.from_days"),
            "registration.exempt",
        ),
        "guide.section_time": ("residence.report_within", "registration.change_within"),
        "guide.section_fee": ("fee.register", "fee.change"),
        "guide.section_where": ("registration.channels",),
        "guide.section_proxy": ("registration.proxy_rules",),
        "guide.section_others": ("registration.reporters",),
        "guide.section_outcome": ("registration.vouchers", "residence.counts_from", "information.confidential"),
    },
    IDENTITY_CARD: {
        "guide.section_who": ("identity_card.duty_on_registration", "household.needs"),
        "guide.section_time": ("identity_card.issue_limit",),
        "guide.section_fee": ("fee.third_party_allowed",),
        "guide.section_outcome": (
            *("identity_card.refusal_forbidden", "residence_permit.after_household_registration"),
            "information.confidential",
        ),
    },
}

_KEYS_OF_RULES: Mapping[str, Sequence[str]] = {
    "holds_accepted_travel_document": ("travel_document.accepted",),
    "holds_valid_entry_document": ("travel_document.accepted",),
    "has_lived_here_long_enough": ("residence.requirement", "residence.registration_required"),
    "has_one_of_three": ("claims.any_of",),
    "minor_is_represented": ("proxy.minor_under_age",),
    "lives_away_from_household_registration": ("registration.crossing",),
    "is_registered_long_enough": (
        *("residence.requirement", "residence.counts_from", "residence.districts_are_one"),
        *("residence.gap_tolerance_days", "residence.exempt_groups"),
    ),
    "registrations_add_up": ("conversion.residence", "residence.gap_tolerance_days", "residence.exempt_groups"),
    "proves_one_of_three": ("claims.any_of",),
    "endorsement_window_is_open": ("endorsement.window", "endorsement.overdue"),
    "settlement_ground_holds": ("settle.grounds",),
    "health_certificate_is_recent": ("settle.health_certificate_months",),
    "no_refusal_ground_is_known": ("settle.refusal_grounds",),
    "acknowledges_cancellation": ("conversion.cancels_all_earlier",),
    "applies_of_own_will": ("application.voluntary",),
}
