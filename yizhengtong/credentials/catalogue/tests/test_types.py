"""The types of credentials: every item the law lists is there with its article, in four languages, and nothing more."""

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from yizhengtong.credentials.catalogue import schema
from yizhengtong.credentials.catalogue.metadata import document_of, type_metadata
from yizhengtong.credentials.catalogue.queries import CredentialType, Format, credential_types
from yizhengtong.credentials.catalogue.schema import FOUR_LANGUAGES, Types, shipped_types
from yizhengtong.law.reading import Library, pack_texts
from yizhengtong.permitting.permits.kinds import HMT, SETTLEMENT, ZHEJIANG
from yizhengtong.permitting.permits.tests.zhejiang import ISSUED, RUIAN, floating_law

TYPES = credential_types()


def written() -> dict[str, Any]:
    path = schema.__file__.replace("schema.py", "types.yaml")
    with open(path, encoding="utf-8") as file:
        found: dict[str, Any] = yaml.safe_load(file)
    return found


def test_each_permit_has_a_type_in_each_format() -> None:
    assert set(TYPES) == {
        "zhejiang_permit_sd_jwt", "zhejiang_permit_mdoc", "settlement_permit_sd_jwt", "settlement_permit_mdoc",
        "hmt_permit_sd_jwt", "hmt_permit_mdoc",
    }  # fmt: skip
    assert {kind for each in TYPES.values() for kind in each.kinds} == {HMT, SETTLEMENT, *ZHEJIANG}


def test_a_format_has_its_own_names_and_no_others() -> None:
    for each in TYPES.values():
        is_mdoc = each.format == Format.MDOC
        assert (bool(each.doctype), bool(each.namespace), bool(each.vct)) == (is_mdoc, is_mdoc, not is_mdoc)
    assert len({each.vct or each.doctype for each in TYPES.values()}) == len(TYPES)


@pytest.mark.row("S2-06", "D27")
def test_the_hmt_permit_says_what_81_lists_but_for_fingerprints_and_is_marked() -> None:
    law = Library.from_texts(pack_texts()).law("370102", "hmt", ISSUED)
    told = {claim.source.item for claim in TYPES["hmt_permit_mdoc"].claims if claim.source.item}
    assert told == {*law.value("card.items")} - {"fingerprints"}
    assert law.value("eform.statutory") is False
    assert all("fingerprint" not in claim.code for each in TYPES.values() for claim in each.claims)
    for each in (TYPES["hmt_permit_sd_jwt"], TYPES["hmt_permit_mdoc"]):
        assert each.statutory == "no"
        assert "非法定" in each.title("zh-Hans")
        assert "not statutory" in each.title("en")


@pytest.mark.row("S3-16")
def test_the_zhejiang_permit_says_what_663_lists() -> None:
    claims = TYPES["zhejiang_permit_mdoc"].claims
    assert {claim.source.item for claim in claims if claim.source.item} == {*floating_law(RUIAN).value("card.items")}
    assert all(claim.source.article == "4" for claim in claims if claim.source.item)


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_everything_has_words_in_four_languages(kind: CredentialType) -> None:
    assert all(set(words) == set(FOUR_LANGUAGES) for words in [*kind.titles.values(), kind.descriptions])
    for claim in kind.claims:
        assert set(claim.words) == set(FOUR_LANGUAGES)
        assert all(words.strip() and "{" not in words for words in claim.words.values())


@pytest.mark.row("S1-031", "D17")
def test_the_name_follows_the_region_of_its_holder() -> None:
    kind = TYPES["hmt_permit_sd_jwt"]
    assert kind.title("zh-Hant-TW", "TW") == "台灣居民居住證"
    assert kind.title("zh-Hans", "HK") == kind.title("zh-Hans", "MO") == "港澳居民居住证"
    assert kind.title("zh-Hans", "CN") == kind.title("zh-Hans")


def test_every_claim_is_disclosed_alone_but_for_whether_the_form_is_statutory() -> None:
    for each in TYPES.values():
        opened = {claim.code for claim in each.claims if claim.is_open}
        expected = {"statutory"} if each.format == Format.SD_JWT and each.permit != "settlement_permit" else set()
        assert opened == expected
        assert len(set(each.disclosable)) == len(each.claims) - len(opened)


def test_what_tells_most_of_a_person_is_never_ticked_beforehand() -> None:
    kept = {
        "sex", "nation", "birth_date", "identity_number", "travel_document_number", "document_number", "portrait",
        "household_address", "residence_address", "settlement_address", "issue_count",
    }  # fmt: skip
    for each in TYPES.values():
        assert all(claim.shown_freely is (claim.code not in kept) for claim in each.claims)


def test_ages_are_told_in_each_formats_own_way() -> None:
    flat, element = (
        [claim.path for claim in TYPES[f"zhejiang_permit_{name}"].claims if claim.years] for name in ("sd_jwt", "mdoc")
    )
    assert flat == [("age_equal_or_over", years) for years in ("14", "16", "18", "60", "65")]
    assert [path[1] for path in element] == [f"age_over_{years}" for years in (14, 16, 18, 60, 65)]
    assert all(len(path[1]) == len("age_over_18") for path in element), "ISO 18013-5: two digits"


def test_type_metadata_names_every_claim_and_whether_it_is_hidden() -> None:
    kind = TYPES["hmt_permit_sd_jwt"]
    told = type_metadata(kind)
    assert told["vct"] == kind.vct
    assert [each["locale"] for each in told["display"]] == list(FOUR_LANGUAGES)
    assert {tuple(claim["path"]): claim["sd"] for claim in told["claims"]} == {
        claim.path: "never" if claim.is_open else "always" for claim in kind.claims
    }
    assert [claim["path"] for claim in told["claims"] if claim.get("mandatory")] == [["statutory"]]
    assert document_of(kind) == document_of(kind)
    with pytest.raises(ValueError, match="only SD-JWT VC"):
        type_metadata(TYPES["hmt_permit_mdoc"])


def test_a_type_changes_its_vct_with_the_address_of_the_deployment(settings: Any) -> None:
    settings.YZT_ADDRESS = "https://permits.example"
    assert credential_types()["hmt_permit_sd_jwt"].vct == "https://permits.example/credentials/types/hmt-permit/1"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("claims", "name", "words", "en"), None), (("claims", "name", "shown_freely"), "perhaps"),
        (("claims", "name", "colour"), "red"), (("claims", "name", "mdoc"), "Name"),
        (("permits", "hmt_permit", "doctype"), "hmt"), (("permits", "hmt_permit", "vct"), "hmt"),
        (("permits", "hmt_permit", "kinds"), ["settlement"]), (("permits", "hmt_permit", "kinds"), []),
        (("permits", "hmt_permit", "claims", "shoe_size"), {"text": "x", "why": "y"}),
        (("permits", "hmt_permit", "claims", "name"), {"text": "x"}), (("permits", "hmt_permit", "titles"), {}),
        (("permits", "hmt_permit", "statutory"), "yes"), (("ages",), [{"years": 0, "why": "x"}]),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused(where: tuple[str, ...], value: Any) -> None:
    types = written()
    place = types
    for name in where[:-1]:
        place = place[name]
    place[where[-1]] = value
    with pytest.raises(ValidationError):
        Types.model_validate(types)
    assert shipped_types() == Types.model_validate(written())
