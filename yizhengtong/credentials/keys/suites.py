"""Which algorithms a deployment signs with, by its choice (`YZT_CRYPTO`). One signature is made by the first."""

from collections.abc import Mapping

from django.conf import settings

from yizhengtong.credentials.keys.models import Algorithm

ALGORITHMS_OF: Mapping[str, tuple[str, ...]] = {
    "international": (Algorithm.ES256,),
    "national": (Algorithm.SM2,),
    "both": (Algorithm.ES256, Algorithm.SM2),
}


def algorithms() -> tuple[str, ...]:
    """Return the algorithms of this deployment, the first one first."""
    return ALGORITHMS_OF[settings.YZT_CRYPTO]
