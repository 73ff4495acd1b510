"""Which constraint of the database refused a row."""

from django.db import IntegrityError


def broken_constraint(error: IntegrityError) -> str:
    """Return the name of the constraint that was broken, empty when the driver does not tell it."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
