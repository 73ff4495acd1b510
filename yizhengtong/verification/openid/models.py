"""What relying parties asked of residents who sign in to them, what those agreed to, and each sign-in.

A client is a relying party: its name, keys and addresses are registered there. Codes and tokens are kept as hashes,
claims by name and never by value.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.models import RelyingParty

_HASH = 32
_THUMBPRINT = 43
_ADDRESS = 500
_CLAIM = 24
_PURPOSE = 24


def _claims(help_text: str = "") -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=_CLAIM), default=list, help_text=help_text)


class SignInRequest(models.Model):
    """What a relying party asked, pushed or through the browser, as it stands from then on; answered once."""

    secret_hash = models.BinaryField(primary_key=True, max_length=_HASH)
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="+")
    redirect_uri = models.CharField(max_length=_ADDRESS)
    state = models.CharField(max_length=500, blank=True)
    nonce = models.CharField(max_length=500, blank=True)
    challenge = models.CharField(max_length=_THUMBPRINT)
    dpop_thumbprint = models.CharField(max_length=_THUMBPRINT, blank=True)
    scope = models.CharField(max_length=200)
    purpose = models.CharField(max_length=_PURPOSE)
    claims = _claims()
    essential = _claims("Of the claims, those without which there is no sign-in.")
    prompt = ArrayField(models.CharField(max_length=16), default=list)
    max_age = models.IntegerField(null=True, help_text="Seconds since the resident proved who they are.")
    hinted = models.CharField(
        max_length=_THUMBPRINT, blank=True, help_text="The `sub` of whom the party means, if any."
    )
    account_id = models.UUIDField(null=True, help_text="Who opened it first; nobody else answers it.")
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.purpose


class Consent(models.Model):
    """What a person agreed that a relying party is told for a purpose, by sign-in; remembered until its end."""

    class End(models.TextChoices):
        HOLDER = "holder"
        REPLACED = "replaced"
        USE = "use", "the consent to this use of the law was withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    account_id = models.UUIDField()
    relying_party = models.ForeignKey(RelyingParty, models.PROTECT, related_name="openid_consents")
    purpose = models.CharField(max_length=_PURPOSE)
    asked = _claims("All that was asked then; what is not among `claims` was declined.")
    claims = _claims()
    given_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=8, choices=End.choices, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person_id", "relying_party", "purpose"], condition=Q(ended_at=None),
                                    name="openid_one_living_consent"),
            models.CheckConstraint(condition=Q(ended_at=None, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                                   name="openid_consent_ends_for_a_reason"),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.purpose


class SignIn(models.Model):
    """One sign-in of a person to a relying party: its code, its access token, and whether its end was told.

    `sid` names it before the party. `session`: under which name the browser's session lies here.
    """

    class End(models.TextChoices):
        HOLDER = "holder"
        SIGNED_OUT = "out"
        REPLAY = "replay"

    class Told(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        GIVEN_UP = "given_up"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sid = models.CharField(max_length=_THUMBPRINT, unique=True)
    consent = models.ForeignKey(Consent, models.CASCADE, related_name="sign_ins")
    relying_party = models.ForeignKey(RelyingParty, models.PROTECT, related_name="sign_ins")
    person_id = models.UUIDField(db_index=True)
    account_id = models.UUIDField(db_index=True)
    session = models.CharField(max_length=_HASH, db_index=True)
    scope = models.CharField(max_length=200)
    claims = _claims()
    nonce = models.CharField(max_length=500, blank=True)
    redirect_uri = models.CharField(max_length=_ADDRESS)
    challenge = models.CharField(max_length=_THUMBPRINT)
    dpop_thumbprint = models.CharField(max_length=_THUMBPRINT, blank=True)
    proved_at = models.DateTimeField(help_text="When the resident proved who they are: `auth_time`.")
    acr = models.CharField(max_length=16)
    code_hash = models.BinaryField(max_length=_HASH, unique=True)
    code_expires_at = models.DateTimeField()
    access_hash = models.BinaryField(max_length=_HASH, unique=True, null=True)
    access_expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    begun_at = models.DateTimeField(null=True, help_text="When the code was exchanged.")
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=8, choices=End.choices, blank=True)
    told = models.CharField(max_length=8, choices=Told.choices, blank=True, help_text="Of its end (back-channel).")
    tries = models.SmallIntegerField(default=0)
    tell_at = models.DateTimeField(null=True, help_text="When its end is told, or told again.")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ended_at=None, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                                   name="openid_sign_in_ends_for_a_reason"),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["tell_at"], condition=Q(told="waiting"), name="openid_ends_to_tell"),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.sid
