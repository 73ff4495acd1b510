"""What was offered, which wallets hold copies of which permit, and which copies: never a copy itself, never its claims.

A copy is what one proof of a key got. Copies that one answer held are a batch.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalJSON
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person


class Offer(models.Model):
    """An offer a holder made to a wallet of theirs; gone soon after it ends."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference_hash = models.BinaryField(max_length=32, help_text="Of the secret in the offer's address.")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    permit = models.ForeignKey(Permit, models.PROTECT, related_name="+")
    made_by = models.UUIDField(help_text="The account: the holder's, or of who acts for them.")
    content = PersonalJSON(help_text="What the wallet is told, and the code that the holder is shown.")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["reference_hash"], name="issuance_one_offer_a_reference"),)
        indexes = (models.Index(fields=["person", "-id"], name="issuance_offers_of_person"),)

    def __str__(self) -> str:
        return str(self.expires_at)


class Wallet(models.Model):
    """A wallet that collected for a person: known by the key it binds its tokens to (RFC 9449)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="wallets")
    key_thumbprint = models.BinaryField(max_length=32, help_text="RFC 7638, of the key its tokens are bound to.")
    name = models.CharField(max_length=120, default="", help_text="As its provider is registered; empty: unknown.")
    grant_id = models.UUIDField(help_text="Under which it collected last (verification.authorization).")
    first_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, help_text="When the holder ended it; collecting anew begins it again.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "key_thumbprint"], name="issuance_one_wallet_a_key"),)

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """The copies of one answer: of one permit, in one form, signed with one key."""

    class Event(models.TextChoices):
        """What the wallet said became of them (OpenID4VCI 11.1)."""

        ACCEPTED = "credential_accepted"
        FAILURE = "credential_failure"
        DELETED = "credential_deleted"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    permit = models.ForeignKey(Permit, models.PROTECT, related_name="collected")
    wallet = models.ForeignKey(Wallet, models.CASCADE, related_name="batches")
    account_id = models.UUIDField(null=True, help_text="By whose leave: the holder's, or of who acts for them.")
    configuration_id = models.CharField(max_length=64)
    key_id = models.CharField(max_length=64, help_text="Of the issuer key that signed.")
    copies = models.SmallIntegerField()
    expires_on = models.DateField(help_text="The last day on which the copies are good.")
    notification_hash = models.BinaryField(max_length=32, null=True, help_text="Of the id the wallet was given.")
    collected_at = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=20, choices=Event.choices, default="")
    event_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="When they were ended (`ending`), or the wallet lost them.")
    due_at = models.DateTimeField(null=True, help_text="Since when they are to be collected anew.")
    renewed_at = models.DateTimeField(null=True, help_text="When the same wallet collected anew.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["notification_hash"], name="issuance_one_batch_a_notification"),
            models.CheckConstraint(condition=Q(copies__gt=0), name="issuance_no_empty_batch"),
        )
        indexes = (
            models.Index(fields=["permit", "-id"], name="issuance_of_permit"),
            models.Index(fields=["person", "-id"], name="issuance_of_person"),
            models.Index(fields=["key_id", "id"], condition=Q(ended_at=None, due_at=None), name="issuance_by_key"),
            models.Index(fields=["wallet", "configuration_id"], name="issuance_of_wallet"),
            models.Index(fields=["account_id"], condition=Q(ended_at=None), name="issuance_by_account"),
        )

    def __str__(self) -> str:
        return f"{self.configuration_id} {self.copies}"


class IssuedCredential(models.Model):
    """One copy: whose key it is bound to, as a thumbprint, and where its status stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="credentials")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key_thumbprint = models.BinaryField(max_length=32, help_text="RFC 7638, of the holder's key.")
    status_uri = models.CharField(max_length=255)
    status_index = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["status_uri", "status_index"], name="issuance_one_copy_a_status"),
        )
        indexes = (models.Index(fields=["person"], name="issuance_copies_of_person"),)

    def __str__(self) -> str:
        return str(self.status_index)


class SpentNonce(models.Model):
    """A nonce that a proof bore, so that none is borne twice. Unused ones are nowhere (`nonces`)."""

    nonce = models.BinaryField(max_length=32, primary_key=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.expires_at)


class Deferral(models.Model):
    """What a wallet asked for before it could be given: the public keys its copies will be bound to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transaction_hash = models.BinaryField(max_length=32, help_text="Of the id the wallet was given.")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    wallet_thumbprint = models.BinaryField(max_length=32)
    configuration_id = models.CharField(max_length=64)
    keys = models.JSONField(help_text="JSON Web Keys, public.")
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["transaction_hash"], name="issuance_one_deferral_an_id"),)
        indexes = (models.Index(fields=["person"], name="issuance_deferrals_of_person"),)

    def __str__(self) -> str:
        return self.configuration_id


class Renewal(models.Model):
    """An issuer key whose copies are to be collected anew, and how far marking them has come."""

    class Reason(models.TextChoices):
        ROTATED = "rotated"
        LOST = "lost"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    position = models.UUIDField(null=True, help_text="The batch up to which all are marked.")
    marked = models.IntegerField(default=0, help_text="Batches marked as due.")
    begun_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, help_text="When the last batch was marked.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["key_id", "reason"], name="issuance_renewed_once"),)

    def __str__(self) -> str:
        return f"{self.key_id} {self.reason}"
