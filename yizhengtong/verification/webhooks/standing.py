"""Whether a subscription still has its basis: asked again whenever something would be told."""

from datetime import date

from yizhengtong.registry.consents.queries import CHECK, may_use
from yizhengtong.verification.checks.blocks import is_blocked
from yizhengtong.verification.relying_parties.queries import granted
from yizhengtong.verification.webhooks.models import Subscription


def stands(subscription: Subscription, on: date) -> bool:
    """Whether a party may be told of a permit now: the purpose is granted, the holder agrees and has not shut it out.

    Subscribed under a match, which asked the same then (个人信息保护法 arts. 15, 23).
    """
    party = subscription.party
    return (
        party.is_active
        and granted(party, subscription.purpose)
        and may_use(subscription.person_id, f"{CHECK}{subscription.purpose}", on)
        and not is_blocked(subscription.person_id, party.pk)
    )
