"""Issuer keys, the authority that certifies them, its certificates and the lists of those it took back.

No personal data. Private parts are sealed like personal data, or stay in a token and are named here by their label.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id


class Use(models.TextChoices):
    """What a key signs. CODE: codes on paper; PAPER: papers as PDF and OFD; STATUS: status lists.

    READER: requests to wallets to show something; OPENID: what OpenID Connect tells of who signed in.
    """

    SD_JWT = "sd_jwt"
    MDOC = "mdoc"
    STATUS = "status"
    METADATA = "metadata"
    CODE = "code"
    PAPER = "paper"
    READER = "reader"
    OPENID = "openid"


class Algorithm(models.TextChoices):
    """ES256 in every suite but the national one; SM2 in that and in `both`."""

    ES256 = "ES256"
    SM2 = "SM2"


class KeyState(models.TextChoices):
    """PENDING is published and signs nothing yet. RETIRED signs no more and checks. LOST does neither."""

    PENDING = "pending"
    ACTIVE = "active"
    RETIRED = "retired"
    LOST = "lost"


_HAS_A_PRIVATE_PART = Q(secret__isnull=False) | ~Q(label="")


class IssuerKey(models.Model):
    """One key. `key_id` is the thumbprint of its public part, which stays for good; the private one goes with it."""

    SIGNING: ClassVar = ("pending", "active")
    BELIEVED: ClassVar = ("pending", "active", "retired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key_id = models.CharField(max_length=64, unique=True)
    use = models.CharField(max_length=10, choices=Use.choices)
    algorithm = models.CharField(max_length=8, choices=Algorithm.choices)
    public = models.JSONField(help_text="A JSON Web Key.")
    secret = PersonalText(null=True, help_text="The private part, sealed; none once it signs no more, or in a token.")
    label = models.CharField(max_length=64, default="", help_text="Its name in the token; empty: it lies here.")
    state = models.CharField(max_length=8, choices=KeyState.choices, default=KeyState.PENDING)
    made_at = models.DateTimeField(default=timezone.now)
    active_from = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["use", "algorithm"], condition=Q(state="active"), name="keys_one_active_a_use"
            ),
            models.UniqueConstraint(
                fields=["use", "algorithm"], condition=Q(state="pending"), name="keys_one_pending_a_use"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["retired", "lost"]) | Q(secret__isnull=True), name="keys_ended_without_secret"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["pending", "active"]) | _HAS_A_PRIVATE_PART, name="keys_signs_with_something"
            ),
        )

    def __str__(self) -> str:
        return f"{self.use} {self.algorithm} {self.state}"


class Authority(models.Model):
    """The root that certifies our keys (ISO/IEC 18013-5 B.1: an IACA).

    One is active. A retired one stays believed and goes on publishing its list.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key_id = models.CharField(max_length=64, unique=True)
    public = models.JSONField(help_text="A JSON Web Key.")
    secret = PersonalText(null=True, help_text="The private part, sealed; none once it is lost.")
    label = models.CharField(max_length=64, default="", help_text="Its name in the token; empty: it lies here.")
    certificate = models.BinaryField(help_text="X.509 in DER, signed by itself.")
    state = models.CharField(max_length=8, choices=KeyState.choices, default=KeyState.ACTIVE)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["state"], condition=Q(state="active"), name="keys_one_active_authority"),
        )

    def __str__(self) -> str:
        return f"{self.key_id} {self.state}"


class Certificate(models.Model):
    """What an authority says of a key. `revoked_at`: from then on it stands in the authority's list."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="certificates")
    key = models.ForeignKey(IssuerKey, models.PROTECT, related_name="certificates")
    serial = models.CharField(max_length=40, unique=True, help_text="In hexadecimal.")
    content = models.BinaryField(help_text="X.509 in DER.")
    valid_until = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.serial


class RevocationList(models.Model):
    """A list of the certificates that an authority took back (RFC 5280 5); the newest is published."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="revocation_lists")
    number = models.IntegerField()
    content = models.BinaryField(help_text="In DER.")
    made_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(help_text="By when there is another.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["authority", "number"], name="keys_lists_are_numbered"),)

    def __str__(self) -> str:
        return str(self.number)
