"""Conditions and papers of every service item: what each asks, pure and without a clock.

`conditions` is the table; `hmt`, `floating` and `settlement` hold what each permit asks, `registration` where and how
long somebody is registered, `proofs` what each kind of proof must show, `documents` and `papers` the papers.
"""

from yizhengtong.permitting.applications.rules.conditions import CONDITIONS, IN_PERSON, look_at_conditions
from yizhengtong.permitting.applications.rules.documents import is_asked_for, is_handed_in, is_shown
from yizhengtong.permitting.applications.rules.hmt import (
    applies_of_own_will,
    fingerprints_are_captured,
    form_is_signed,
    ground_for_replacement_holds,
    has_one_of_three,
    holds_accepted_travel_document,
    holds_no_living_permit,
    holds_permit_of_this_kind,
    is_hong_kong_macao_or_taiwan_resident,
    minor_is_represented,
    permit_is_reported_lost,
    photo_is_available,
)
from yizhengtong.permitting.applications.rules.papers import look_at_documents
from yizhengtong.permitting.applications.rules.proofs import proven_claims, standings
from yizhengtong.permitting.applications.rules.shapes import Condition, Conditions

__all__ = [
    "CONDITIONS",
    "IN_PERSON",
    "Condition",
    "Conditions",
    "applies_of_own_will",
    "fingerprints_are_captured",
    "form_is_signed",
    "ground_for_replacement_holds",
    "has_one_of_three",
    "holds_accepted_travel_document",
    "holds_no_living_permit",
    "holds_permit_of_this_kind",
    "is_asked_for",
    "is_handed_in",
    "is_hong_kong_macao_or_taiwan_resident",
    "is_shown",
    "look_at_conditions",
    "look_at_documents",
    "minor_is_represented",
    "permit_is_reported_lost",
    "photo_is_available",
    "proven_claims",
    "standings",
]
