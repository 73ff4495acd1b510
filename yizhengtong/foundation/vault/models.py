"""Keys, wrapped by a master key that is not in the database; and how far a rotation has come. No personal data."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class DataKey(models.Model):
    """One key by its id, which stands in every envelope. Id 0 is no key: what 0.1.0 left open (docs/adr/0023)."""

    class Kind(models.TextChoices):
        DATA = "data"
        INDEX = "index"

    class State(models.TextChoices):
        ACTIVE = "active"
        RETIRING = "retiring"
        RETIRED = "retired"

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    suite = models.CharField(max_length=12)
    master = models.CharField(max_length=64, help_text="Name of the master key that wraps it.")
    wrapped = models.BinaryField(help_text="Empty for id 0, and once destroyed.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    made_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kind"], condition=Q(state="active"), name="vault_one_active_a_kind"),
            models.CheckConstraint(condition=Q(id__gte=0, id__lt=2**32), name="vault_id_fits_an_envelope"),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.state}"


class RotationPosition(models.Model):
    """How far the values of one holding have been sealed anew with a key: `last` is the key of the last row seen."""

    to_key = models.ForeignKey(DataKey, models.CASCADE, related_name="positions")
    holding = models.CharField(max_length=80)
    last = models.CharField(max_length=120, default="")
    changed = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["to_key", "holding"], name="vault_one_position_a_holding"),)

    def __str__(self) -> str:
        return f"{self.holding} {self.changed}"
