"""What a permit is called where it is shown."""

import pytest

from yizhengtong.credentials.showing.claims import values_of
from yizhengtong.credentials.showing.tests.conftest import NOON
from yizhengtong.credentials.showing.wording import worded
from yizhengtong.foundation.texts import say
from yizhengtong.permitting.permits.models import Permit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("region", "kind", "name"),
    [
        ("HK", "hmt", "港澳居民居住证"),
        ("MO", "hmt", "港澳居民居住证"),
        ("TW", "hmt_taiwan", "台湾居民居住证"),
    ],
)
def test_the_name_follows_the_region_as_on_the_card(permit: Permit, region: str, kind: str, name: str) -> None:
    """D17, S1-031: a permit of somebody from Taiwan is not one of a resident of Hong Kong or Macao."""
    permit.person.region = region
    shown = values_of(permit, ["kind"], NOON.date())
    assert shown == {"kind": kind}
    assert worded(shown, say) == [("证件种类", name)]
