"""Relying parties: who may check, for which purposes, on which basis, by which keys; and how their requests fared."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.bounds import (
    LATENCIES_MS,
    LONGEST_BASIS,
    LONGEST_KEY_NAME,
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_REASON,
    LONGEST_URI,
)

_CODE = 24
_HASH = 32


class Environment(models.TextChoices):
    """`test` answers from the test people alone."""

    TEST = "test"
    PRODUCTION = "production"


class RelyingParty(models.Model):
    """An organisation that checks permits.

    `purposes`: those granted, as `PurposeGrant` tells them in full; kept here so that a check asks one row. `key_hash`:
    of the key of release 0.1, which that release's code still looks up; here only `RelyingPartyKey` counts.
    `is_active`: false while suspended and when ended, for the same code.
    """

    class State(models.TextChoices):
        TEST = "test"  # registered itself: the sandbox is open, nothing was asked
        APPLIED = "applied"  # asked for purposes and waits for an officer
        APPROVED = "approved"
        SUSPENDED = "suspended"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=LONGEST_NAME)
    legal_basis = models.CharField(max_length=LONGEST_BASIS)
    purposes = ArrayField(models.CharField(max_length=_CODE))
    key_hash = models.BinaryField(max_length=_HASH, unique=True)
    is_active = models.BooleanField(default=True)
    registered_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State.choices, default=State.APPROVED, db_default=State.APPROVED)
    credit_code = models.CharField(max_length=18, default="", db_default="", help_text="统一社会信用代码.")
    quota_a_day = models.IntegerField(null=True, help_text="Requests in a legal day; none: what everybody has.")
    reason = models.CharField(
        max_length=LONGEST_REASON, default="", db_default="", help_text="Why it is suspended or ended."
    )
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return self.name


class RelyingPartyMember(models.Model):
    """An account that acts for an organisation. One account acts for one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="members")
    account_id = models.UUIDField(unique=True)
    contact = PersonalText(help_text="How an officer reaches this member.")
    added_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.account_id)


class Invitation(models.Model):
    """A code by which one more account joins an organisation: once, within days. Only a hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="invitations")
    code_hash = models.BinaryField(max_length=_HASH, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.expires_at)


class PurposeGrant(models.Model):
    """A purpose an organisation asked for, on which legal basis, and what an officer answered.

    `claims`: what it may be told at most: no more than the purpose holds, and what the officer left of it.
    """

    class State(models.TextChoices):
        APPLIED = "applied"
        GRANTED = "granted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="grants")
    purpose = models.CharField(max_length=_CODE)
    legal_basis = models.CharField(max_length=LONGEST_BASIS)
    claims = ArrayField(models.CharField(max_length=_CODE), default=list)
    state = models.CharField(max_length=9, choices=State.choices, default=State.APPLIED)
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField(default=timezone.now)
    reviewed_by = models.UUIDField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=LONGEST_REASON, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["relying_party", "purpose"],
                condition=Q(state__in=["applied", "granted"]),
                name="relying_parties_purpose_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "withdrawn"]) | ~Q(reason=""), name="relying_parties_reason_given"
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"


class RelyingPartyKey(models.Model):
    """One key of an organisation. Of a secret only its hash is kept; of the others what is public anyway.

    `fingerprint`: SHA-256 of the secret, of the JWK (RFC 7638), of the certificate; nobody may register a key twice,
    not even one that was revoked. `name`: by which an assertion calls it (`kid`).
    """

    class Kind(models.TextChoices):
        SECRET = "secret"  # noqa: S105 a kind of key
        JWK = "jwk"
        CERTIFICATE = "certificate"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    label = models.CharField(max_length=LONGEST_LABEL, default="", help_text="What the organisation calls it.")
    name = models.CharField(max_length=LONGEST_KEY_NAME, default="")
    fingerprint = models.BinaryField(max_length=_HASH)
    public = models.JSONField(default=dict)
    not_before = models.DateTimeField(default=timezone.now)
    not_after = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=9, default="", help_text="replaced, leaked, suspended, ended.")
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["fingerprint"], name="relying_parties_key_once"),
            models.UniqueConstraint(
                fields=["relying_party", "name"],
                condition=Q(revoked_at=None) & ~Q(name=""),
                name="relying_parties_key_name_once",
            ),
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="relying_parties_key_ends"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.environment}"


class RelyingPartyAddress(models.Model):
    """An https address an organisation registered: compared letter by letter, never a pattern."""

    class Kind(models.TextChoices):
        REDIRECT = "redirect"
        LOGOUT = "logout"
        WEBHOOK = "webhook"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    uri = models.CharField(max_length=LONGEST_URI)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["relying_party", "kind", "uri"], name="relying_parties_address_once"),
        )

    def __str__(self) -> str:
        return self.kind


class SpentAssertion(models.Model):
    """An assertion or a nonce that was shown once: `key` is a hash of the key's id and of what it named."""

    key = models.BinaryField(primary_key=True, max_length=_HASH)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return bytes(self.key).hex()


def no_buckets() -> list[int]:
    """Return the buckets of a minute in which nothing was answered yet."""
    return [0] * (len(LATENCIES_MS) + 1)


class Minute(models.Model):
    """How many requests of a party in one minute ended in one way, and how long they took. `code`: of the problem."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="minutes")
    at = models.DateTimeField(help_text="Begin of the minute.")
    environment = models.CharField(max_length=10, choices=Environment.choices)
    way = models.CharField(max_length=_CODE)
    outcome = models.CharField(max_length=8, help_text="answered, refused or failed.")
    code = models.CharField(max_length=64, default="")
    count = models.IntegerField()
    buckets = ArrayField(models.IntegerField(), default=no_buckets)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["relying_party", "at", "environment", "way", "outcome", "code"],
                name="relying_parties_minute_once",
            ),
        )
        indexes = (models.Index(fields=["at"], name="relying_parties_minute_at"),)

    def __str__(self) -> str:
        return f"{self.way} {self.outcome}"


class DayUse(models.Model):
    """How many units of its quota a party has used in a legal day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="days")
    day = models.DateField()
    environment = models.CharField(max_length=10, choices=Environment.choices)
    units = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["relying_party", "day", "environment"], name="relying_parties_day_once"),
        )

    def __str__(self) -> str:
        return str(self.day)
