"""The field type of personal data: text, a date or JSON in a `bytea` column behind an envelope.

A value is opened when it is read from the instance, not when the row is fetched: only then the row's key is known,
to which the envelope is bound (table, column, primary key), and rows that are only listed are never opened.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from yizhengtong.foundation.vault.envelope import Place, is_sealed_with_the_key_in_use, open_envelope, seal


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value as it lies in the database."""

    envelope: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """A content and its envelope, kept beside an opened value: what did not change is not sealed anew, and its row
    stays equal byte for byte, so that a change that changes nothing leaves no history."""

    place: Place
    content: bytes = field(repr=False)
    envelope: bytes = field(repr=False)

    def holds(self, content: bytes, place: Place) -> bool:
        """Whether the envelope is what sealing this content there would mean now."""
        return self.content == content and self.place == place and is_sealed_with_the_key_in_use(self.envelope)


class _Opening:
    """The attribute of a personal field: opens a sealed value the first time it is read."""

    def __init__(self, field: "PersonalField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        if isinstance(value, Sealed):
            value = self.field.open(value, instance)
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class PersonalField(models.Field):  # type: ignore[type-arg]
    """What the three personal fields share. Filtering by one is refused: use its blind index."""

    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 Django's signature
        return "bytea"

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002 Django's signature
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed(self._sealed(type(self).encode(value), model_instance))

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise FieldError(f"{self.name}: personal data is written through an instance, never in bulk updates")
        return value.envelope

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name}: personal data is not searched; use its blind index")
        return super().get_lookup(lookup_name)

    def open(self, value: Sealed, instance: models.Model) -> Any:
        place = self.place(instance)
        content = open_envelope(value.envelope, place)
        instance.__dict__[self._known] = _Known(place, content, value.envelope)
        return type(self).decode(content)

    def _sealed(self, content: bytes, instance: models.Model) -> bytes:
        place = self.place(instance)
        known: _Known | None = instance.__dict__.get(self._known)
        if known is not None and known.holds(content, place):
            return known.envelope
        envelope = seal(content, place)
        instance.__dict__[self._known] = _Known(place, content, envelope)
        return envelope

    @property
    def _known(self) -> str:
        return f"_{self.attname}_known"

    def place(self, instance: models.Model) -> Place:
        """Return where an instance's value is sealed to; a history row opens as the row it is the history of."""
        source = getattr(instance, "pgh_tracked_model", None)
        if source is not None:
            return Place(source._meta.db_table, self.column or "", str(instance.pgh_obj_id))  # type: ignore[attr-defined]
        return Place(instance._meta.db_table, self.column or "", str(instance.pk))


class PersonalText(PersonalField):
    """Text such as a name, a number, an address, a phone."""

    @staticmethod
    def encode(value: str) -> bytes:
        return value.encode()

    @staticmethod
    def decode(value: bytes) -> str:
        return value.decode()


class PersonalDate(PersonalField):
    """A date such as a birth date."""

    @staticmethod
    def encode(value: date) -> bytes:
        return value.isoformat().encode()

    @staticmethod
    def decode(value: bytes) -> date:
        return date.fromisoformat(value.decode())


class PersonalJSON(PersonalField):
    """A small document such as the answers of an application."""

    @staticmethod
    def encode(value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @staticmethod
    def decode(value: bytes) -> Any:
        return json.loads(value)
