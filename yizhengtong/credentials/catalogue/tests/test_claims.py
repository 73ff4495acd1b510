"""What credentials say of a permit: its card in the shape of each format, and nothing that is not there."""

from base64 import b64decode
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.support.city import City, a_city
from tests.support.issuers import Authority, Key
from tests.support.papers import photo_jpeg
from tests.support.people import a_resident
from yizhengtong.credentials.catalogue.portraits import LARGEST_BYTES, LARGEST_PIXELS, scaled
from yizhengtong.credentials.catalogue.queries import claims_of, credential_types, types_of
from yizhengtong.credentials.formats import mdoc, sd_jwt
from yizhengtong.credentials.formats.sd_jwt_reading import open_sd_jwt
from yizhengtong.credentials.keys import sm2
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.documents.services import discard_document, store_document
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.values import Validity
from yizhengtong.permitting.permits.kinds import HMT, SETTLEMENT, ZHEJIANG_ELECTRONIC
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.tests.zhejiang import CARD, QINGYUAN, RUIAN, a_county, a_permit

ON = date(2026, 11, 21)
NAMESPACE = "cn.yizhengtong.residence_permit.1"
FIVE_YEARS = Validity(n=5, unit="year", endorsement="none")
AGES = {"14": True, "16": True, "18": True, "60": False, "65": False}


@pytest.fixture
def town(db: None) -> City:
    return a_city()


def a_zhejiang_permit(**more: Any) -> Permit:
    return a_permit(a_county(more.pop("place", RUIAN)), a_resident(since=None), **more)


def an_hmt_permit(region: Any = "TW", place: str = RUIAN) -> Permit:
    card = {
        "name": "林小美", "sex": "F", "birth_date": "2010-11-22", "residence_address": "和平路47号",
        "authority": "济南市公安局历下区分局", "travel_document_number": "12345678",
    }  # fmt: skip
    who = a_resident(region=region, sex="F", birth_date=date(2010, 11, 22), since=None)
    return a_permit(a_county(place), who, kind=HMT, validity=FIVE_YEARS, card=card, on=date(2026, 9, 18))


@pytest.mark.row("S3-16")
def test_a_zhejiang_permit_says_what_its_card_says(town: City) -> None:
    permit = a_zhejiang_permit()
    flat = claims_of(permit, ON).flat
    assert flat == {
        "name": CARD["name"], "sex": 1, "nation": "汉", "birthdate": "1980-05-06", "age_equal_or_over": AGES,
        "identity_number": CARD["identity_number"], "document_number": permit.number, "region": RUIAN,
        "household_address": CARD["hukou_address"], "residence_address": CARD["residence_address"],
        "issuing_authority": "瑞安市公安局", "date_of_issuance": "2021-01-01", "endorsed_until": "2021-12-31",
    }  # fmt: skip
    elements = claims_of(permit, ON).elements[NAMESPACE]
    assert elements["birth_date"] == date(1980, 5, 6)
    assert (elements["age_over_18"], elements["age_over_60"]) == (True, False)
    assert elements["issue_date"] == date(2021, 1, 1)
    assert "expiry_date" not in elements, "it has no last day"


def test_a_county_whose_law_knows_the_electronic_permit_says_that_it_is_statutory(town: City) -> None:
    electronic = a_zhejiang_permit(place=QINGYUAN, kind=ZHEJIANG_ELECTRONIC, on=date(2026, 3, 1))
    assert claims_of(electronic, ON).flat["statutory"] is True
    assert "statutory" not in claims_of(a_zhejiang_permit(), ON).flat, "where the law does not say, nothing is said"


@pytest.mark.row("D27", "S1-031")
def test_an_hmt_permit_is_marked_as_not_statutory_and_named_by_the_region(town: City) -> None:
    permit = an_hmt_permit()
    flat = claims_of(permit, ON).flat
    assert flat["statutory"] is False
    assert flat["permit_name"] == "台湾居民居住证"
    assert (flat["sex"], flat["issue_count"]) == (2, 1)
    assert (flat["travel_document_number"], flat["document_number"]) == ("12345678", permit.number)
    assert (flat["date_of_issuance"], flat["date_of_expiry"]) == ("2026-09-18", permit.last_valid_day.isoformat())
    assert "identity_number" not in flat
    assert claims_of(an_hmt_permit("MO", QINGYUAN), ON).flat["permit_name"] == "港澳居民居住证"


def test_an_age_is_reached_on_the_birthday(town: City) -> None:
    permit = an_hmt_permit()
    assert claims_of(permit, date(2026, 11, 21)).flat["age_equal_or_over"]["16"] is False
    assert claims_of(permit, date(2026, 11, 22)).flat["age_equal_or_over"]["16"] is True


def test_a_settlement_permit_says_nothing_of_being_statutory(town: City) -> None:
    card = {
        "name": "林小美",
        "sex": "F",
        "birth_date": "1990-01-02",
        "settles_at": "厦门市某路1号",
        "authority": "某局",
    }
    permit = a_permit(
        a_county(RUIAN), a_resident(region="TW", since=None), kind=SETTLEMENT, validity=FIVE_YEARS, card=card
    )
    flat = claims_of(permit, ON).flat
    assert flat["settlement_address"] == "厦门市某路1号"
    assert not {"statutory", "permit_name", "endorsed_until"} & flat.keys()


def test_types_of_a_permit_are_those_of_its_kind_in_both_formats(town: City) -> None:
    assert [each.configuration_id for each in types_of(a_zhejiang_permit())] == [
        "zhejiang_permit_sd_jwt", "zhejiang_permit_mdoc",
    ]  # fmt: skip


def test_no_name_or_number_shows_where_claims_are_shown(town: City) -> None:
    assert CARD["name"] not in repr(claims_of(a_zhejiang_permit(), ON))


def test_the_photograph_is_there_as_a_small_jpeg_and_its_reading_is_on_record(town: City) -> None:
    who = a_resident(since=None)
    photo = store_document(
        content=photo_jpeg(),
        declared_type="image/jpeg",
        kind="photo",
        person_id=who.person.pk,
        by=who.principal,
        purpose="application",
    )
    permit = a_permit(a_county(RUIAN), who, photo_id=photo.pk)
    before = Entry.objects.count()
    claims = claims_of(permit, ON)
    assert Entry.objects.count() == before + 1
    portrait = claims.elements[NAMESPACE]["portrait"]
    assert claims.flat["picture"].startswith("data:image/jpeg;base64,")
    assert b64decode(claims.flat["picture"].split(",")[1]) == portrait
    with Image.open(BytesIO(portrait)) as image:
        assert image.format == "JPEG"
        assert image.width <= LARGEST_PIXELS[0]
    assert len(portrait) < 40_000
    discard_document(document_id=photo.pk, by=SYSTEM, purpose="test")
    assert "picture" not in claims_of(permit, ON).flat, "a credential without a picture still says the rest"


def test_a_photograph_that_is_not_there_is_left_out(town: City) -> None:
    assert "picture" not in claims_of(a_zhejiang_permit(photo_id=new_id()), ON).flat


def test_a_small_picture_is_not_made_larger() -> None:
    written = BytesIO()
    Image.new("RGBA", (30, 40), (10, 20, 30, 40)).save(written, "PNG")
    with Image.open(BytesIO(scaled(written.getvalue()))) as image:
        assert (image.size, image.mode) == ((30, 40), "RGB")


def test_a_picture_that_is_small_enough_stays_as_it_was_kept() -> None:
    kept = a_jpeg((358, 441))
    assert scaled(kept) == kept


@pytest.mark.parametrize("picture", [{"size": (359, 441)}, {"size": (358, 442)}, {"mode": "L"}])
def test_any_other_is_made_so(picture: dict[str, Any]) -> None:
    with Image.open(BytesIO(scaled(a_jpeg(**picture)))) as image:
        assert image.mode == "RGB"
        assert image.width <= LARGEST_PIXELS[0]
        assert image.height <= LARGEST_PIXELS[1]


def test_a_picture_of_too_many_bytes_is_encoded_anew() -> None:
    written = BytesIO()
    Image.effect_noise(LARGEST_PIXELS, 90).convert("RGB").save(written, "JPEG", quality=95)
    assert len(written.getvalue()) > LARGEST_BYTES
    assert len(scaled(written.getvalue())) < len(written.getvalue())


def test_what_an_image_says_beside_its_pixels_is_left_out() -> None:
    said = Image.Exif()
    said[0x010E] = "where it was taken"
    assert b"where it was taken" in a_jpeg(exif=said)
    assert b"where it was taken" not in scaled(a_jpeg(exif=said))
    assert b"a remark" not in scaled(a_jpeg(comment=b"a remark"))


def a_jpeg(size: tuple[int, int] = (30, 40), mode: str = "RGB", **beside: Any) -> bytes:
    written = BytesIO()
    Image.new(mode, size, 90).save(written, "JPEG", quality=90, **beside)
    return written.getvalue()


def test_every_type_can_be_issued_and_read_in_both_formats(town: City) -> None:
    permit, holder, authority = a_zhejiang_permit(), Key(), Authority()
    claims, kind = claims_of(permit, ON), credential_types()["zhejiang_permit_sd_jwt"]
    signer = authority.signer()
    text = sd_jwt.issue(
        claims.flat, kind.disclosable, vct=kind.vct, issuer="https://issuer.example", signer=signer,
        holder_jwk=holder.jwk, iat=1_795_300_000, exp=1_795_400_000,
    )  # fmt: skip
    found = open_sd_jwt(text, signer.checkers, now=1_795_300_000, vct=kind.vct).claims
    assert {name: found[name] for name in claims.flat} == claims.flat
    assert text.count("~") == len(claims.flat) - 1 + len(AGES) + 1
    assert mdoc.issue(
        claims.elements, doctype="cn.yizhengtong.zhejiang_permit.1", signer=signer, device_key_jwk=holder.jwk,
        signed_at=authority.begins, valid_from=authority.begins, valid_until=authority.begins,
    )  # fmt: skip


def test_a_deployment_may_sign_by_sm2_what_readers_of_sm2_open(town: City) -> None:
    signer, kind = sm2.new_signer(), credential_types()["zhejiang_permit_sd_jwt"]
    text = sd_jwt.issue(
        claims_of(a_zhejiang_permit(), ON).flat, kind.disclosable, vct=kind.vct, issuer="https://issuer.example",
        signer=signer, holder_jwk=None, iat=1_795_300_000, exp=1_795_400_000,
    )  # fmt: skip
    checkers = {signer.key_id: sm2.checker_of(signer.public_jwk)}
    opened = open_sd_jwt(text, checkers, now=1_795_300_000)
    assert (opened.header["alg"], opened.claims["name"]) == ("SM2", CARD["name"])
