"""Accounts, offices, staff."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id


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

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    def __str__(self) -> str:
        return str(self.pk)


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
