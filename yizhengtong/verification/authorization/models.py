"""What was allowed to whom, and the hashes of the codes and tokens by which they show it.

Rows live as long as they are needed: minutes, or until the holder ends them; tasks.py deletes them after that.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person

_HASH = 32
THUMBPRINT = 43
"""Letters of a JWK's SHA-256 thumbprint (RFC 7638) in base64url."""
CLIENT_ID = 255


class WalletProvider(models.Model):
    """Who makes wallets and attests each of their installations by a key of theirs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    issuer = models.CharField(max_length=255, unique=True, help_text="`iss` of its attestations, compared as it is.")
    name = models.CharField(max_length=120)
    jwks = models.JSONField(help_text="Public keys, as a JWK set.")
    roots = ArrayField(models.TextField(), default=list, help_text="Certificates of authorities, as in `x5c`.")
    redirect_uris = ArrayField(
        models.CharField(max_length=500), default=list, help_text="None: any of a wallet's kind."
    )
    is_active = models.BooleanField(default=True)
    registered_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Client(models.Model):
    """A client known beforehand, with its addresses and keys. Wallets need not be."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client_id = models.CharField(max_length=CLIENT_ID, unique=True)
    name = models.CharField(max_length=120)
    redirect_uris = ArrayField(models.CharField(max_length=500))
    jwks = models.JSONField(null=True, help_text="Its public keys for private_key_jwt; none for a public client.")
    is_active = models.BooleanField(default=True)
    registered_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """What a person allowed one client to collect. Without `begun_at` nobody has taken it up yet."""

    class Kind(models.TextChoices):
        PRE_AUTHORIZED = "pre_authorized"
        CODE = "code"

    class End(models.TextChoices):
        HOLDER = "holder"
        CLIENT = "client"
        REPLAY = "replay"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="wallet_grants")
    account_id = models.UUIDField(help_text="Who gave it, as an account: the person's own, or of who acts for them.")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    client_id = models.CharField(max_length=CLIENT_ID, blank=True)
    client_name = models.CharField(max_length=120, blank=True, help_text="As registered or attested, never as claimed.")
    instance_thumbprint = models.CharField(max_length=THUMBPRINT, blank=True, help_text="Of the attested installation.")
    dpop_thumbprint = models.CharField(max_length=THUMBPRINT, blank=True, help_text="Empty for bearer tokens.")
    configuration_ids = ArrayField(models.CharField(max_length=80))
    has_details = models.BooleanField(default=False, help_text="Asked for by authorization_details (RFC 9396).")
    scope = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    renewed_at = models.DateTimeField(null=True, help_text="When tokens were given out last.")
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=8, choices=End.choices, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ended_at=None, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                                   name="authorization_ends_for_a_reason"),
        )  # fmt: skip
        indexes = (models.Index(fields=["person", "-id"], name="authorization_of_person"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class PushedRequest(models.Model):
    """An authorization request as a client pushed it (RFC 9126); answered once."""

    secret_hash = models.BinaryField(primary_key=True, max_length=_HASH)
    client_id = models.CharField(max_length=CLIENT_ID)
    client_name = models.CharField(max_length=120, blank=True)
    instance_thumbprint = models.CharField(max_length=THUMBPRINT, blank=True)
    dpop_thumbprint = models.CharField(max_length=THUMBPRINT)
    redirect_uri = models.CharField(max_length=500)
    state = models.CharField(max_length=500, blank=True)
    challenge = models.CharField(max_length=THUMBPRINT)
    configuration_ids = ArrayField(models.CharField(max_length=80))
    has_details = models.BooleanField()
    scope = models.CharField(max_length=500, blank=True)
    account_id = models.UUIDField(null=True, help_text="Who opened it first; nobody else answers it.")
    expires_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.client_id


class Code(models.Model):
    """An authorization code or a pre-authorized one. Used, it is kept beside its grant: a replay is noticed."""

    secret_hash = models.BinaryField(primary_key=True, max_length=_HASH)
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="codes")
    redirect_uri = models.CharField(max_length=500, blank=True)
    challenge = models.CharField(max_length=THUMBPRINT, blank=True)
    tx_code_hash = models.BinaryField(max_length=16, null=True)
    tries_left = models.SmallIntegerField(default=0, help_text="Of the transaction code.")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(tries_left__gte=0), name="authorization_tries_are_bounded"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"code of {self.grant_id}"


class Token(models.Model):
    """An access or refresh token. A refresh token used is kept until it would have ended: a second use is noticed.

    `is_lost`: it went out in an answer that never arrived, and another stands in its place.
    """

    class Kind(models.TextChoices):
        ACCESS = "access"
        REFRESH = "refresh"

    secret_hash = models.BinaryField(primary_key=True, max_length=_HASH)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="tokens")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    is_lost = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.kind} of {self.grant_id}"


class SeenProof(models.Model):
    """A proof that was shown once: `key` is a hash of its kind, its key and its `jti`."""

    key = models.BinaryField(primary_key=True, max_length=_HASH)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return bytes(self.key).hex()
