"""Destinations, the keys we sign with, and the outbox: one push for each event and destination."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id


class DestinationState(models.TextChoices):
    """PAUSED collects and sends nothing. ENDED collects nothing and forgets what waited."""

    ON = "on"
    PAUSED = "paused"
    ENDED = "ended"


class ContentKind(models.TextChoices):
    """How much of a thing is told: MINIMAL names nobody; LICENCE is the data set of an electronic licence (S4-15)."""

    MINIMAL = "minimal"
    LICENCE = "licence"


class Destination(models.Model):
    """A data platform that events are pushed to, and on which legal basis. `failures`: in a row, of the platform."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    url = models.CharField(max_length=300)
    legal_basis = models.CharField(max_length=200)
    content = models.CharField(max_length=8, choices=ContentKind.choices, default=ContentKind.MINIMAL)
    kinds = ArrayField(models.CharField(max_length=64))
    state = models.CharField(max_length=8, choices=DestinationState.choices, default=DestinationState.PAUSED)
    failures = models.IntegerField(default=0)
    rests_until = models.DateTimeField(null=True, help_text="Nothing is sent before, after failures or when asked to.")
    made_at = models.DateTimeField(default=timezone.now)
    after = models.BigIntegerField(
        db_default=RawSQL("nextval('events_event_sequence')", ()),
        editable=False,
        help_text="Events of a higher sequence are pushed. No clock says it: one that is set back would lose some.",
    )
    named_by = models.UUIDField(null=True, help_text="The officer who named it; none: the operator.")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(legal_basis=""), name="exchange_has_a_legal_basis"),
            models.CheckConstraint(condition=~Q(kinds=[]), name="exchange_follows_something"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.state}"


class SendingKey(models.Model):
    """A key we sign with for one destination; its id is the thumbprint of the public part."""

    id = models.CharField(max_length=64, primary_key=True)
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="keys")
    algorithm = models.CharField(max_length=24)
    public = models.JSONField(help_text="A JSON Web Key.")
    secret = PersonalText(help_text="The private part, sealed like personal data.")
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["destination"], condition=Q(is_active=True), name="exchange_one_key_a_destination"
            ),
        )

    def __str__(self) -> str:
        return self.id


class PushState(models.TextChoices):
    """DEAD stands in the way of the person's later ones until it is replayed or skipped."""

    WAITING = "waiting"
    SENDING = "sending"
    DEAD = "dead"
    ACKNOWLEDGED = "acknowledged"
    SKIPPED = "skipped"


_UNSETTLED = Q(state__in=["waiting", "sending", "dead"])


class Push(models.Model):
    """One event on its way to one destination. `stream`: those of one stream go in order, one at a time.

    `body` is what is sent, the same at every attempt; it goes once it is acknowledged.
    """

    UNSETTLED: ClassVar = ("waiting", "sending", "dead")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="pushes")
    position = models.BigIntegerField(help_text="From one sequence, in the order of the events.")
    event_id = models.UUIDField()
    kind = models.CharField(max_length=64)
    person_id = models.UUIDField(null=True)
    stream = models.UUIDField(help_text="The person; where an event has none, its object.")
    object_kind = models.CharField(max_length=32)
    object_id = models.UUIDField()
    body = PersonalText(null=True)
    told = ArrayField(models.CharField(max_length=40), default=list, help_text="Names of the personal fields in it.")
    state = models.CharField(max_length=12, choices=PushState.choices, default=PushState.WAITING)
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, help_text="While SENDING: from then on another worker takes it.")
    status = models.SmallIntegerField(null=True, help_text="Of the last answer; none: there was none.")
    failure = models.CharField(max_length=64, default="", help_text="A code: why it did not go.")
    reason = models.CharField(max_length=200, default="", help_text="Why an operator skipped it.")
    happened_at = models.DateTimeField()
    queued_at = models.DateTimeField(default=timezone.now)
    handed_over_at = models.DateTimeField(null=True, help_text="When it was first sent.")
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["destination", "event_id"], name="exchange_one_push_an_event"),
            models.CheckConstraint(
                condition=~Q(state="acknowledged") | Q(acknowledged_at__isnull=False, body__isnull=True),
                name="exchange_acknowledged_forgets_its_body",
            ),
        )
        indexes = (
            models.Index(
                fields=["destination", "position"],
                condition=Q(state__in=["waiting", "sending"]),
                name="exchange_next",
            ),
            models.Index(fields=["destination", "stream", "position"], condition=_UNSETTLED, name="exchange_in_order"),
            models.Index(fields=["position"], condition=Q(state="dead"), name="exchange_dead"),
            models.Index(fields=["-acknowledged_at"], name="exchange_acknowledged"),
            models.Index(fields=["object_id"], name="exchange_about"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
