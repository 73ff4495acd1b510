"""Messages, what of them leaves the platform, where persons are reached, what they chose, and the templates."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id


class ChannelName(models.TextChoices):
    """The channels that leave the platform."""

    SMS = "sms"
    EMAIL = "email"


class Message(models.Model):
    """One message in a person's inbox. Told twice with the same key it is one message."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    kind = models.CharField(max_length=32)
    dedupe_key = models.CharField(max_length=128, help_text="Object and window: what it is told about, and which time.")
    object_kind = models.CharField(max_length=32)
    object_id = models.UUIDField()
    is_due = models.BooleanField(help_text="Asked for by law; else chosen by the person.")
    language = models.CharField(max_length=8)
    subject = PersonalText()
    text = PersonalText()
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person_id", "kind", "dedupe_key"], name="notifications_told_once"),
        )
        indexes = (
            models.Index(fields=["person_id", "-id"], name="notifications_inbox"),
            models.Index(fields=["object_id"], name="notifications_about"),
            models.Index(fields=["at"], name="notifications_message_age"),
        )

    def __str__(self) -> str:
        return self.kind


class DeliveryState(models.TextChoices):
    """Where a delivery stands. `unsure`: handed over, perhaps; whoever sent it died before it could note so."""

    WAITING = "waiting"
    SENDING = "sending"
    UNSURE = "unsure"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"


class Delivery(models.Model):
    """One message to one address by one channel. Its key is what providers know it by, for ever the same."""

    OPEN: ClassVar = ("waiting", "sending", "unsure")
    DEAD: ClassVar = ("failed", "expired", "unsure")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="deliveries")
    person_id = models.UUIDField()
    kind = models.CharField(max_length=32)
    is_due = models.BooleanField()
    channel = models.CharField(max_length=8, choices=ChannelName.choices)
    address = PersonalText()
    subject = PersonalText()
    text = PersonalText()
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField()
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    expires_at = models.DateTimeField()
    attempted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, default="", help_text="A code: why it did not go, or not yet.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["message", "channel"], condition=Q(message__isnull=False), name="notifications_one_a_channel"
            ),
        )
        indexes = (
            models.Index(fields=["not_before"], condition=Q(state="waiting"), name="notifications_waiting"),
            models.Index(fields=["attempted_at"], condition=Q(state="sending"), name="notifications_sending"),
            models.Index(fields=["-id"], condition=Q(state__in=["failed", "unsure"]), name="notifications_dead"),
            models.Index(fields=["person_id", "-at"], name="notifications_delivery_person"),
            models.Index(fields=["at"], name="notifications_delivery_age"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class Part(models.Model):
    """What a provider accepted, by the id it gave, and what it said became of it; whichever is known first."""

    provider_id = models.CharField(max_length=100, primary_key=True, help_text="With the channel's prefix.")
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, related_name="parts")
    state = models.CharField(max_length=9, default="", help_text="delivered, failed, or empty: nothing heard yet.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["at"], name="notifications_part_age"),)

    def __str__(self) -> str:
        return self.state or "unheard"


class Contact(models.Model):
    """Where a person is reached, confirmed by a code that was sent there. Without history: taken back it is gone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    channel = models.CharField(max_length=8, choices=ChannelName.choices)
    address = PersonalText()
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person_id", "channel"], name="notifications_one_contact"),)

    def __str__(self) -> str:
        return self.channel


class Challenge(models.Model):
    """A code that was sent to an address and waits to be said back. Only its keyed hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    channel = models.CharField(max_length=8, choices=ChannelName.choices)
    address = PersonalText()
    address_index = models.BinaryField(max_length=16)
    code_digest = models.BinaryField(max_length=32)
    tries = models.SmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    is_over = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (
            models.Index(fields=["person_id", "channel", "-id"], name="notifications_challenge_of"),
            models.Index(fields=["address_index", "-at"], name="notifications_challenge_to"),
            models.Index(fields=["at"], name="notifications_challenge_age"),
        )

    def __str__(self) -> str:
        return self.channel


class Preference(models.Model):
    """What a person chose: the channels of each kind, the language, the hours in which to be left alone."""

    person_id = models.UUIDField(primary_key=True)
    language = models.CharField(max_length=8, default="zh-Hans")
    channels = models.JSONField(default=dict, help_text="Kind → channels; a kind left out has the usual ones.")
    quiet_from = models.TimeField()
    quiet_until = models.TimeField()
    version = models.IntegerField(default=1)

    def __str__(self) -> str:
        return self.language


class Template(models.Model):
    """A version of the words of a kind, channel and language: proposed by one, put in use by another. Never changed."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        IN_USE = "in_use"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=32)
    channel = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    version = models.IntegerField()
    subject = models.CharField(max_length=120, default="")
    text = models.TextField()
    is_shipped = models.BooleanField(default=False, help_text="The words that came with a release, taken back.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "channel", "language", "version"], name="notifications_template_version"
            ),
            models.UniqueConstraint(
                fields=["kind", "channel", "language"], condition=Q(state="in_use"), name="notifications_one_in_use"
            ),
            models.UniqueConstraint(
                fields=["kind", "channel", "language"], condition=Q(state="proposed"), name="notifications_one_proposed"
            ),
            models.CheckConstraint(
                condition=~Q(state="in_use")
                | Q(is_shipped=True)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="notifications_two_persons",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} {self.language} {self.version}"
