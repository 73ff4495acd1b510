"""Addresses that are told, the secrets they are told by, subscriptions, and notices on their way."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.models import RelyingParty

_LONGEST_URL = 300


class EndpointState(models.TextChoices):
    """PENDING: it has not proved that it knows its secret, and is told nothing else."""

    PENDING = "pending"
    ON = "on"
    ENDED = "ended"


class Endpoint(models.Model):
    """An address that a relying party registered. `failures`: in a row. `is_test`: told of nothing but trials."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(RelyingParty, models.PROTECT, related_name="+")
    url = models.CharField(max_length=_LONGEST_URL)
    is_test = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=EndpointState.choices, default=EndpointState.PENDING)
    failures = models.IntegerField(default=0)
    rests_until = models.DateTimeField(null=True, help_text="Nothing is sent before, after failures or when asked to.")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["party", "url", "is_test"], condition=~Q(state="ended"), name="webhooks_address_once"
            ),
        )

    def __str__(self) -> str:
        return self.state


class Secret(models.Model):
    """What notices to an address are signed with; `until`: an older one, which still signs beside the newest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="secrets")
    secret = PersonalText(help_text="Base64, sealed like personal data.")
    made_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["endpoint"], condition=Q(until=None), name="webhooks_one_newest_secret"),
        )

    def __str__(self) -> str:
        return str(self.made_at)


class Subscription(models.Model):
    """That a relying party is told of one permit at one address, because it checked it for a purpose.

    `ended_because`: party, by its own hand or because it may not check any more; permit; basis. What ended for want of
    a basis looks alive to the relying party, in all that it can do: it is not to learn that a holder has shut it out.
    """

    ALIVE_TO_PARTY: ClassVar = Q(ended_at=None) | Q(ended_because="basis")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(RelyingParty, models.PROTECT, related_name="+")
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="subscriptions")
    person_id = models.UUIDField()
    permit_id = models.UUIDField()
    purpose = models.CharField(max_length=24)
    check_id = models.UUIDField()
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=8, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["endpoint", "permit_id", "purpose"],
                condition=Q(ended_at=None),
                name="webhooks_subscribed_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="") | Q(ended_at__isnull=False) & ~Q(ended_because=""),
                name="webhooks_ended_for_a_reason",
            ),
        )
        indexes = (
            models.Index(fields=["permit_id"], condition=Q(ended_at=None), name="webhooks_of_permit"),
            models.Index(fields=["person_id"], name="webhooks_of_person"),
            models.Index(fields=["ended_at"], name="webhooks_subscription_over"),
        )

    def __str__(self) -> str:
        return self.purpose


class DeliveryState(models.TextChoices):
    """DEAD: given up, and sent again on demand. DROPPED: the basis fell away before it was sent."""

    WAITING = "waiting"
    SENDING = "sending"
    DEAD = "dead"
    ACKNOWLEDGED = "acknowledged"
    DROPPED = "dropped"


class DeliveryKind(models.TextChoices):
    STATE = "state"
    CHALLENGE = "challenge"
    TEST = "test"


class Delivery(models.Model):
    """One notice on its way to one address. Its body is made of these columns, the same at every attempt."""

    UNSETTLED: ClassVar = ("waiting", "sending")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    subscription = models.ForeignKey(Subscription, models.CASCADE, null=True, related_name="deliveries")
    kind = models.CharField(max_length=10, choices=DeliveryKind.choices)
    event_id = models.UUIDField(null=True)
    position = models.BigIntegerField(default=0, help_text="Of the event: those of one subscription go in this order.")
    told = models.CharField(max_length=12, default="", help_text="The class of state.")
    happened_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    give_up_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    status = models.SmallIntegerField(null=True, help_text="Of the last answer; none: there was none.")
    failure = models.CharField(max_length=64, default="")
    queued_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["subscription", "event_id"], name="webhooks_one_notice_an_event"),
            models.CheckConstraint(
                condition=Q(kind="state", subscription__isnull=False, event_id__isnull=False)
                | ~Q(kind="state") & Q(subscription=None, event_id=None),
                name="webhooks_notice_of_something",
            ),
        )
        indexes = (
            models.Index(
                fields=["endpoint", "not_before"], condition=Q(state__in=["waiting", "sending"]), name="webhooks_next"
            ),
            models.Index(fields=["endpoint", "-queued_at"], name="webhooks_listed"),
            models.Index(fields=["settled_at"], name="webhooks_settled"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
