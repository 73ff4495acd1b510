"""Relying parties: who may check, for which purposes, with which key."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from yizhengtong.kernel.ids import new_id


class RelyingParty(models.Model):
    """An organisation that checks permits. Its key is 256 random bits, kept only as a hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    legal_basis = models.CharField(max_length=200)
    purposes = ArrayField(models.CharField(max_length=24))
    key_hash = models.BinaryField(max_length=32, unique=True)
    is_active = models.BooleanField(default=True)
    registered_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
