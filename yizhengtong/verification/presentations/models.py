"""What was asked of wallets, and what they showed, sealed, until the relying party has fetched it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalJSON
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.models import RelyingParty

PREFIX = "prs"


class State(models.TextChoices):
    """OPEN waits for a wallet. SHOWN: there is a result. REFUSED: the holder said no, or what came was not good."""

    OPEN = "open"
    SHOWN = "shown"
    REFUSED = "refused"
    FETCHED = "fetched"


class Presentation(models.Model):
    """One request of a relying party to a wallet, and its one answer. Nonce, state and addresses follow from the id."""

    class Why(models.TextChoices):
        """Why there is no result."""

        DECLINED = "declined"
        INVALID = "invalid"
        EXPIRED = "expired"
        ENDED = "ended"
        SUSPENDED = "suspended"
        LACKING = "lacking"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.PROTECT, related_name="+")
    is_test = models.BooleanField(default=False, help_text="Asked with a test key: only test people answer it.")
    purpose = models.CharField(max_length=24)
    claims = ArrayField(models.CharField(max_length=24), help_text="What is told, at most.")
    configuration_ids = ArrayField(models.CharField(max_length=64), help_text="The credentials that serve.")
    client_id = models.CharField(max_length=80, help_text="Ours, when it was asked.")
    is_encrypted = models.BooleanField(help_text="direct_post.jwt, else direct_post.")
    redirect_uri = models.CharField(max_length=500, blank=True, help_text="Empty: the wallet is on another device.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    why = models.CharField(max_length=12, choices=Why.choices, blank=True)
    person_id = models.UUIDField(null=True)
    result = PersonalJSON(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(result__isnull=True) | Q(state=State.SHOWN), name="presentations_result_until_fetched"
            ),
            models.CheckConstraint(
                condition=Q(state=State.REFUSED) & ~Q(why="") | ~Q(state=State.REFUSED) & Q(why=""),
                name="presentations_refused_for_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"
