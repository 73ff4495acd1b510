"""Column types of PostgreSQL that Django has no field for."""

from django.db import models


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's xid8: the transaction that wrote the row, by which a reader knows what is complete."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 Django's signature
        return "xid8"
