"""Accounts, offices, staff."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id

_SESSION_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"  # Django's own


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts for Django's own commands and allauth."""

    def create_user(self, username: str, password: str | None = None) -> "Account":
        account = self.model(username=username)
        account.set_password(password)
        account.save()
        return account

    def create_superuser(self, username: str, password: str | None = None) -> "Account":
        account = self.create_user(username, password)
        account.is_staff = account.is_superuser = True
        account.save()
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    """Something that can sign in. What it may do follows from a staff member or a person that names it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=8, default="zh-Hans")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open Django's own administration pages.")
    is_demonstration = models.BooleanField(default=False, help_text="Cannot sign in when in production.")
    is_reporter = models.BooleanField(
        default=False, db_default=False, help_text="Reports where others live, and is no resident's."
    )
    date_joined = models.DateTimeField(default=timezone.now)
    one_time_until = models.DateTimeField(
        null=True, help_text="Until when the password is the one on a slip from the window; none once it was changed."
    )

    sessions_ended = models.SmallIntegerField(
        default=0, db_default=0, help_text="How often all sessions were ended while the password stayed."
    )

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    def __str__(self) -> str:
        return str(self.pk)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must have been begun with: Django's hash, until sessions were ended apart from it."""
        begun_with = f"{self.password} {self.sessions_ended}" if self.sessions_ended else self.password
        return salted_hmac(_SESSION_SALT, begun_with, secret=secret, algorithm="sha256").hexdigest()


class OfficeKind(models.TextChoices):
    """What an office is, as far as the law asks who takes something in."""

    POLICE = "police"  # 公安局、派出所、户政办证大厅
    EXIT_ENTRY = "exit_entry"  # 公安机关出入境管理机构, county level or above
    ENTRUSTED = "entrusted"  # 受委托的社区服务机构


class Office(models.Model):
    """A police bureau, station or hall. `path` holds the codes from the root: an office covers all below it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=80)
    region = models.CharField(max_length=6, help_text="GB/T 2260 code.")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=255, unique=True)
    kind = models.CharField(
        max_length=12, choices=OfficeKind.choices, default=OfficeKind.POLICE, db_default=OfficeKind.POLICE
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name

    def covers(self, other_path: str) -> bool:
        """Whether the office at `other_path` is this one or lies below it."""
        return other_path == self.path or other_path.startswith(f"{self.path}.")


@keeps_history()
class StaffMember(models.Model):
    """An officer: one account, one office, some roles."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(Account, models.PROTECT, related_name="staff_member")
    office = models.ForeignKey(Office, models.PROTECT, related_name="staff")
    name = PersonalText()
    roles = ArrayField(models.CharField(max_length=16, choices=[(role.value, role.name) for role in Role]))
    is_serving = models.BooleanField(default=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(roles=[]), name="accounts_staff_has_a_role"),)

    def __str__(self) -> str:
        return str(self.pk)


class StaffRequest(models.Model):
    """A change of who may do what, proposed by one administrator and confirmed by another.

    `office_path` is that of `office`: where the officer is to serve. `name` only for an appointment. A merge has no
    officer: `office` goes into `target` once it is confirmed, in the background; `failure`: code of why it did not.
    """

    class Kind(models.TextChoices):
        APPOINT = "appoint"
        ROLES = "roles"
        MOVE = "move"
        PASSWORD = "password"  # noqa: S105 a kind of request
        MERGE = "merge"

    class State(models.TextChoices):
        OPEN = "open"
        CONFIRMED = "confirmed"
        DECLINED = "declined"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=255)
    target = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="requests")
    username = models.CharField(max_length=64, default="")
    name = PersonalText(null=True)
    roles = ArrayField(models.CharField(max_length=16), default=list)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True, help_text="When a merge was carried out, or failed.")
    failure = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="confirmed") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="accounts_second_person_confirms",
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(state="open"), name="accounts_one_open_request_a_member"
            ),
            models.UniqueConstraint(
                fields=["office"], condition=Q(state="open", kind="merge"), name="accounts_one_open_merge_an_office"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class AccountRecovery(models.Model):
    """A resident's lost account: one officer saw person and document and asked, another did too and gave it back."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        DECLINED = "declined"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="recoveries")
    office_id = models.UUIDField()
    office_path = models.CharField(max_length=255)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="accounts_second_officer_recovers",
            ),
            models.UniqueConstraint(fields=["account"], condition=Q(state="open"), name="accounts_one_open_recovery"),
        )

    def __str__(self) -> str:
        return self.state


class AccountPhone(models.Model):
    """The telephone number of an account, sealed. Only one account may have verified a number."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(Account, models.CASCADE, related_name="phone")
    phone = PersonalText()
    phone_index = models.BinaryField(max_length=16)
    is_verified = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["phone_index"], condition=Q(is_verified=True), name="accounts_phone_verified_once"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class IdentityLink(models.Model):
    """Which account somebody enters who is known to an identity service by `subject`; real-name sign-in (S4-11)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="identities")
    service = models.CharField(max_length=32, help_text="Its code in the settings.")
    subject = PersonalText(help_text="By what the service knows the person; says nothing elsewhere.")
    subject_index = models.BinaryField(max_length=16)
    level = models.CharField(max_length=32, default="", help_text="How far the service checked, in its own words.")
    proved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["service", "subject_index"], name="accounts_identity_once"),
            models.UniqueConstraint(fields=["service", "account"], name="accounts_one_identity_a_service"),
        )

    def __str__(self) -> str:
        return self.service
