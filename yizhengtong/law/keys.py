"""Every key a pack may set: its type, its unit, what it answers of D1–D28, and which of two values is better.

A `condition` may locally never be stricter than the nation's, a `right` never poorer (S2-42); `neutral` keys say how a
thing is done or called, and every place may say it its own way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

from yizhengtong.law import favours
from yizhengtong.law.favours import Favour
from yizhengtong.law.floating import (
    ApplicationStep,
    CardFeature,
    CardFunction,
    CardPrint,
    Channel,
    CountsFrom,
    Crossing,
    DataGroup,
    DataItem,
    EndGround,
    EndorsementCountsFrom,
    ExemptGroup,
    FormField,
    Indicator,
    OnlineEntries,
    Overdue,
    Penalty,
    RegistrationChannel,
    RegistrationExemption,
    ReportDuty,
    SystemRule,
    Voucher,
)
from yizhengtong.law.registers import RegisterProof
from yizhengtong.law.values import (
    AfterHousehold,
    BreachContent,
    BreachTold,
    CardItem,
    Claim,
    DataUse,
    Delivery,
    EndorsementWindow,
    Extension,
    Fee,
    FormStep,
    Limit,
    Natural,
    NoticeContent,
    NumberPrefixes,
    Positive,
    ProofRule,
    ProxyRule,
    ReaderDocument,
    ReportClock,
    ResidenceMeasure,
    Retention,
    Role,
    SettlementDocument,
    SettlementGround,
    SettlementNotice,
    SettlementOutput,
    SettlementRefusal,
    Travel,
    Validity,
    VoidGround,
)

Kind = Literal["condition", "right", "neutral"]
Unit = Literal["hour", "workday", "day", "month", "year", "fen", "flag", "choice", "list", "record", "count", "text"]
PhotoMode = Literal["captured_on_site", "receipt_brought", "either"]
MoveMode = Literal["replaced_on_move", "endorsed_on_same_card", "new_permit_ends_old", "changed_within_county"]
PointKind = Literal["police_station", "household_hall", "online", "entrusted_body", "community_window", "exit_entry"]


@dataclass(frozen=True)
class Key:
    """What a key means. `unit` None: the unit is that of the value itself (a limit's own unit)."""

    name: str
    type: Any
    kind: Kind
    unit: Unit | None
    favours: Favour
    answers: str = ""

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        if isinstance(self.type, type) and hasattr(self.type, "model_fields"):
            return TypeAdapter(self.type)
        return TypeAdapter(self.type, config=ConfigDict(strict=True))

    def unit_of(self, value: object) -> str:
        """The unit that goes with a value of this key."""
        return self.unit or str(getattr(value, "unit", None) or "record")


def favoured(key: str, a: object, b: object) -> int | None:
    """Which value of `key` is better for the applicant: 1 the first, -1 the second, 0 neither, None: not comparable."""
    return KEYS[key].favours(a, b)


def _keys() -> Iterable[Key]:
    yield from _conditions()
    yield from _rights()
    yield from _ways()
    yield from _elsewhere()
    yield from _privacy()
    yield from _registration()
    yield from _domestic_permit()
    yield from _conversion()
    yield from _confirming()


def _conditions() -> Iterable[Key]:
    better = favours.one_is
    yield Key("residence.requirement", ResidenceMeasure, "condition", "record", favours.residence, "D4")
    yield Key("residence.gap_tolerance_days", Natural, "condition", "day", favours.higher, "D6")
    yield Key("residence.registration_required", bool, "condition", "flag", better(False), "D4")
    yield Key("residence.report_within", Limit, "condition", None, favours.longer_limit, "D12")
    yield Key("claims.any_of", tuple[Claim, ...], "condition", "list", favours.more_choices)
    yield Key("employment.proofs", tuple[ProofRule, ...], "condition", "list", favours.proofs, "D7")
    yield Key("dwelling.proofs", tuple[ProofRule, ...], "condition", "list", favours.proofs, "D7")
    yield Key("study.proofs", tuple[ProofRule, ...], "condition", "list", favours.proofs, "D7")
    yield Key("application.voluntary", bool, "condition", "flag", better(True))
    yield Key("travel_document.accepted", tuple[Travel, ...], "condition", "list", favours.more_choices)
    yield Key("travel_document.refused", tuple[Travel, ...], "condition", "list", favours.fewer_demands)
    yield Key("fingerprint.required", bool, "condition", "flag", better(False), "D8")
    yield Key("photo.receipt_accepted", bool, "condition", "flag", better(True), "D8")
    yield Key("replacement.return_old_card", bool, "condition", "flag", better(False))


def _rights() -> Iterable[Key]:
    better = favours.one_is
    yield Key("issue.limit", Limit, "right", None, favours.limit, "D1")
    yield Key("issue.remote_extension", Extension, "right", None, favours.extension, "D1")
    yield Key("issue.supplement_pauses", bool, "right", "flag", better(False), "D23")
    for name in ("first", "replace", "reissue", "endorse", "register"):
        yield Key(f"fee.{name}", Fee, "right", "fen", favours.fee, "D2")
    yield Key("fee.third_party_allowed", bool, "right", "flag", better(False), "D2")
    yield Key("proxy.rules", tuple[ProxyRule, ...], "right", "list", favours.proxies, "D3")
    yield Key("proxy.minor_under_age", Positive, "right", "year", favours.higher, "D3")
    yield Key("validity", Validity, "right", None, favours.validity, "D10")
    yield Key("delivery.modes", tuple[Delivery, ...], "right", "list", favours.more_choices, "D25")
    yield Key("booking.modes", tuple[Literal["online", "ticket_on_site"], ...], "right", "list", favours.more_choices)
    yield Key("permit.proves_identity", bool, "right", "flag", better(True))
    yield Key("permit.refusal_forbidden", bool, "right", "flag", better(True))
    yield Key("receipt.required", bool, "right", "flag", better(True), "D25")
    yield Key("notice.one_time", bool, "right", "flag", better(True), "D20")
    yield Key("notice.one_time_limit", Limit, "right", None, favours.limit, "D20")
    yield Key("refusal.reasons_required", bool, "right", "flag", better(True))
    yield Key("remedy.reconsideration", Limit, "right", None, favours.longer_limit)
    yield Key("remedy.lawsuit", Limit, "right", None, favours.longer_limit)
    yield Key("decide.automatic_approval", bool, "right", "flag", favours.same, "D24")
    yield Key("acceptance.points_per_county", Positive, "right", "count", favours.higher)
    yield Key("acceptance.kinds", tuple[PointKind, ...], "right", "list", favours.more_choices)
    yield Key("rating.fix_limit", Limit, "right", None, favours.limit)
    yield Key("entitlements.equal_treatment", bool, "right", "flag", better(True), "D13")
    yield Key("reader.id_types", tuple[ReaderDocument, ...], "right", "list", favours.more_choices, "D21")


def _ways() -> Iterable[Key]:
    way = favours.neutral
    yield Key("residence.days_become_months", bool, "neutral", "flag", way, "D5")
    yield Key("photo.mode", PhotoMode, "neutral", "choice", way, "D8")
    yield Key("form.mode", tuple[FormStep, ...], "neutral", "list", way, "D9")
    yield Key("form.name", str, "neutral", "text", way, "D9")
    for name in ("archive", "work", "log"):
        yield Key(f"retention.{name}", Retention, "neutral", "record", way, "D11")
    yield Key("move.mode", MoveMode, "neutral", "choice", way, "D12")
    yield Key("move.report_within", Limit, "neutral", None, way, "D12")
    yield Key("decide.officers", tuple[Role, ...], "neutral", "list", way, "D24")
    yield Key("promise.kind", Literal["internal_promise", "statutory"], "neutral", "choice", way, "D20")
    yield Key("eform.statutory", bool, "neutral", "flag", way, "D27")
    yield Key("issuer.level", Literal["county", "city", "province"], "neutral", "choice", way)
    yield Key("number.prefixes", NumberPrefixes, "neutral", "record", way)
    yield Key("card.items", tuple[CardItem, ...], "neutral", "list", way)
    yield Key("void.grounds", tuple[VoidGround, ...], "neutral", "list", way)
    yield Key("permit.crosses_border", bool, "neutral", "flag", way)


def _elsewhere() -> Iterable[Key]:
    """Keys of other permits and of readings: typed, so that every value seen is comparable."""
    yield Key("endorsement.late", Literal["restart", "exclude_gap"], "neutral", "choice", favours.neutral, "D22")
    yield Key("endorsement.window", EndorsementWindow, "neutral", "record", favours.neutral, "D22")
    yield Key("settle.grounds", tuple[SettlementGround, ...], "condition", "list", favours.neutral, "D18")
    yield Key("settle.docs", tuple[SettlementDocument, ...], "condition", "list", favours.fewer_demands, "D19")
    yield Key("settle.health_certificate_months", Positive, "condition", "month", favours.higher, "D19")
    yield Key("settle.refusal_grounds", tuple[SettlementRefusal, ...], "condition", "list", favours.fewer_demands)
    yield Key("settle.notice", tuple[SettlementNotice, ...], "neutral", "list", favours.neutral)
    yield Key("settle.outputs", tuple[SettlementOutput, ...], "neutral", "list", favours.neutral)
    yield Key("settle.notice_validity", Limit, "right", None, favours.longer_limit)
    yield Key("household.needs", tuple[SettlementOutput, ...], "condition", "list", favours.fewer_demands)
    yield Key("identity_card.duty_on_registration", bool, "neutral", "flag", favours.neutral)
    yield Key("identity_card.issue_limit", Limit, "right", None, favours.limit)
    yield Key("identity_card.refusal_forbidden", bool, "right", "flag", favours.one_is(True))
    yield Key("residence_permit.after_household_registration", AfterHousehold, "neutral", "choice", favours.neutral)


def _privacy() -> Iterable[Key]:
    """Keys of the law of personal data."""
    way = favours.neutral
    yield Key("minor.under_age", Positive, "neutral", "year", way)
    yield Key("minor.access_needs_approval", bool, "neutral", "flag", way)
    yield Key("minor.sensitive_under_age", Positive, "neutral", "year", way)
    yield Key("consent.uses", tuple[DataUse, ...], "neutral", "list", way)
    yield Key("consent.notice_contents", tuple[NoticeContent, ...], "neutral", "list", way)
    yield Key("consent.refusal_is_remembered", bool, "neutral", "flag", way)
    yield Key("rights.answer_within", Limit, "neutral", None, way)
    yield Key("rights.refusal_gives_reasons", bool, "neutral", "flag", way)
    yield Key("retention.provision", Retention, "neutral", None, way, "D11")
    for who in ("critical", "central", "other", "national_security"):
        yield Key(f"breach.report_{who}", ReportClock, "neutral", "hour", way)
    yield Key("breach.tells", tuple[BreachTold, ...], "neutral", "list", way)
    yield Key("breach.notice_contents", tuple[BreachContent, ...], "neutral", "list", way)
    yield Key("breach.tells_guardians", bool, "neutral", "flag", way)


def _registration() -> Iterable[Key]:
    """The duty to register of the floating population, and what others must report."""
    way, better = favours.neutral, favours.one_is
    yield Key("registration.crossing", Crossing, "neutral", "choice", way, "D14")
    yield Key("registration.from_days", Positive, "condition", "day", favours.higher)
    yield Key("registration.exempt", tuple[RegistrationExemption, ...], "condition", "list", favours.exemptions)
    yield Key("registration.reporters", tuple[ReportDuty, ...], "neutral", "list", way)
    yield Key("registration.change_within", Limit, "condition", None, favours.longer_limit, "D12")
    yield Key("registration.proxy_rules", tuple[ProxyRule, ...], "right", "list", favours.proxies, "D3")
    yield Key("registration.channels", tuple[RegistrationChannel, ...], "right", "list", favours.more_choices)
    yield Key("registration.vouchers", tuple[Voucher, ...], "right", "list", favours.more_choices)
    yield Key("registration.data_items", tuple[DataItem, ...], "neutral", "list", way)
    yield Key("residence.counts_from", CountsFrom, "condition", "choice", better("arrival"), "D4")
    yield Key("residence.districts_are_one", bool, "condition", "flag", better(True), "D4")
    yield Key("residence.exempt_groups", tuple[ExemptGroup, ...], "condition", "list", favours.more_choices)
    yield Key("penalties", tuple[Penalty, ...], "neutral", "list", way)
    yield Key("information.confidential", bool, "right", "flag", better(True))


def _domestic_permit() -> Iterable[Key]:
    """The domestic permit: card, endorsement, end of its functions."""
    way, better = favours.neutral, favours.one_is
    yield Key("application.in_person", bool, "condition", "flag", better(False), "D3")
    yield Key("card.front", tuple[CardPrint, ...], "neutral", "list", way)
    yield Key("card.back", tuple[CardPrint, ...], "neutral", "list", way)
    yield Key("card.size", Literal["citizen_card"], "neutral", "choice", way)
    yield Key("card.features", tuple[CardFeature, ...], "neutral", "list", way)
    yield Key("card.data_groups", tuple[DataGroup, ...], "neutral", "list", way)
    yield Key("card.functions", tuple[CardFunction, ...], "neutral", "list", way, "D13")
    yield Key("endorsement.counts_from", EndorsementCountsFrom, "neutral", "choice", way)
    yield Key("endorsement.overdue", Overdue, "neutral", "choice", way)
    yield Key("endorsement.refused_when_ineligible", bool, "condition", "flag", better(False))
    yield Key("endorsement.reminders", tuple[Natural, ...], "right", "day", favours.more_choices)
    yield Key("endorsement.reminder_required", bool, "right", "flag", better(True))
    yield Key("functions.end_grounds", tuple[EndGround, ...], "neutral", "list", way)
    yield Key("fee.change", Fee, "right", "fen", favours.fee, "D2")
    yield Key("fee.exchange", Fee, "right", "fen", favours.fee, "D2")
    yield Key("points.indicators", tuple[Indicator, ...], "neutral", "list", way)
    yield Key("points.published", bool, "right", "flag", better(True))


def _conversion() -> Iterable[Key]:
    """Mutual recognition: a permit or registrations elsewhere in the province become an electronic permit here."""
    way, better = favours.neutral, favours.one_is
    yield Key("conversion.residence", ResidenceMeasure, "condition", "record", favours.residence, "D6")
    for claim in ("employment", "dwelling", "study"):
        yield Key(f"conversion.{claim}.proofs", tuple[ProofRule, ...], "condition", "list", favours.proofs, "D7")
    yield Key("conversion.limit", Limit, "right", None, favours.limit, "D1")
    yield Key("conversion.push_limit", Limit, "right", None, favours.limit)
    yield Key("conversion.push_to", Literal["provincial_data_platform"], "neutral", "choice", way)
    yield Key("conversion.cancels_all_earlier", bool, "neutral", "flag", way, "D12")
    yield Key("conversion.form", tuple[FormField, ...], "neutral", "list", way, "D9")
    yield Key("conversion.flow_chart", str, "neutral", "text", way)
    yield Key("application.steps", tuple[ApplicationStep, ...], "neutral", "list", way, "D9")
    yield Key("application.channels", tuple[Channel, ...], "right", "list", favours.more_choices)
    yield Key("application.online_entries", OnlineEntries, "neutral", "record", way)
    yield Key("application.online_first", bool, "neutral", "flag", way)
    yield Key("decide.automatic_items", tuple[str, ...], "neutral", "list", way, "D24")
    yield Key("decide.system_rules", tuple[SystemRule, ...], "neutral", "list", way, "D24")
    yield Key("messages.completion_fee", Fee, "right", "fen", favours.fee, "D2")
    yield Key("messages.customisable", bool, "right", "flag", better(True))


def _confirming() -> Iterable[Key]:
    """What registers confirm instead of papers (免证办)."""
    yield Key("confirm.registers", tuple[RegisterProof, ...], "right", "list", favours.neutral)
    yield Key("confirm.at_submission", tuple[str, ...], "right", "list", favours.more_choices)


KEYS: Mapping[str, Key] = MappingProxyType({key.name: key for key in _keys()})
