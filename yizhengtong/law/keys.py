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
from yizhengtong.law.values import (
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
    Travel,
    Validity,
    VoidGround,
)

Kind = Literal["condition", "right", "neutral"]
Unit = Literal["hour", "workday", "day", "month", "year", "fen", "flag", "choice", "list", "record", "count", "text"]
PhotoMode = Literal["captured_on_site", "receipt_brought", "either"]
MoveMode = Literal["replaced_on_move", "endorsed_on_same_card", "new_permit_ends_old", "changed_within_county"]
PointKind = Literal["police_station", "household_hall", "online"]


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


KEYS: Mapping[str, Key] = MappingProxyType({key.name: key for key in _keys()})
