"""Status lists: which copy of a credential has which place, what the places say, and the tokens signed over them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.credentials.formats.status_list import BITS_OF_SUSPENSION
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.permits.models import Permit

PREFIX = "stl"
PATH = "status-lists"
ENTRIES = 5_000_000
"""Places of a list (ours): so many that who asks for it says nothing, and still 80 kB with one in a hundred revoked."""
CHUNK_BYTES = 8192


class StatusList(models.Model):
    """One list. Open: places are given out. Closed: no more. Expired: every credential on it has, and it is gone.

    `address`: the deployment's when the list was opened; credentials carry it, so that it never changes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.CharField(max_length=200)
    bits = models.SmallIntegerField(default=BITS_OF_SUSPENSION)
    size = models.IntegerField(default=ENTRIES, help_text="Places.")
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    dirty_since = models.DateTimeField(null=True, help_text="Since when its newest token says less than its chunks.")
    compared_at = models.DateTimeField(null=True, help_text="When all its places were last compared with the permits.")
    differences = models.IntegerField(default=0, help_text="Places found to differ then, and put right.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["address"], condition=Q(closed_at=None), name="status_one_open_list"),
            models.CheckConstraint(condition=Q(bits__in=[1, 2, 4, 8]), name="status_bits"),
            models.CheckConstraint(condition=Q(size__gt=0), name="status_has_places"),
            models.CheckConstraint(
                condition=Q(expired_at=None) | Q(closed_at__isnull=False), name="status_closed_before_it_expires"
            ),
        )

    def __str__(self) -> str:
        return f"{self.size} {'open' if self.closed_at is None else 'closed'}"

    @property
    def uri(self) -> str:
        """What the credentials name it by, and its tokens as their subject."""
        return f"{self.address}/{PATH}/{public_id(PREFIX, self.pk)}"


class Entry(models.Model):
    """A place that one copy of a credential has for good; `until`: its last day.

    Without a permit it was forgotten with its person: the place stays taken and says invalid.
    """

    pk = models.CompositePrimaryKey("list_id", "position")
    list = models.ForeignKey(StatusList, models.PROTECT, related_name="entries", db_index=False)
    position = models.IntegerField()
    permit = models.ForeignKey(Permit, models.SET_NULL, null=True, related_name="+")
    until = models.DateField()
    is_withdrawn = models.BooleanField(default=False, help_text="This copy alone is no longer good: its holder's word.")

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(position__gte=0), name="status_place_is_in_the_list"),)
        indexes = (models.Index(fields=["until"], condition=Q(permit__isnull=False), name="status_named_until"),)

    def __str__(self) -> str:
        return str(self.position)


class Chunk(models.Model):
    """What some consecutive places of a list say, packed. One that is not there says valid everywhere."""

    pk = models.CompositePrimaryKey("list_id", "number")
    list = models.ForeignKey(StatusList, models.PROTECT, related_name="chunks", db_index=False)
    number = models.IntegerField()
    packed = models.BinaryField(max_length=CHUNK_BYTES)

    def __str__(self) -> str:
        return str(self.number)


class Change(models.Model):
    """That something happened to a permit, until its entries say so: one row a happening, deleted with the deed.

    With `list_id` and `position` it withdraws that copy.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    permit_id = models.UUIDField()
    list_id = models.UUIDField(null=True)
    position = models.IntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(list_id=None, position=None) | Q(list_id__isnull=False, position__isnull=False),
                name="status_withdraws_one_copy",
            ),
        )

    def __str__(self) -> str:
        return str(self.at)


class Token(models.Model):
    """A signed list as it was served from `issued_at` until the next one. `cwt` empty: its algorithm has none.

    `is_new`: it says something else than the one before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    list = models.ForeignKey(StatusList, models.PROTECT, related_name="tokens", db_index=False)
    issued_at = models.DateTimeField(help_text="Whole seconds.")
    expires_at = models.DateTimeField()
    key_id = models.CharField(max_length=64)
    is_new = models.BooleanField()
    jwt = models.BinaryField()
    cwt = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["list", "issued_at"], name="status_one_token_an_instant"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="status_token_lasts"),
        )

    def __str__(self) -> str:
        return str(self.issued_at)
