"""Prints, as JSON, what of persons a database holds and no log may: `python -m tests.observability.persons`."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import django


def main() -> None:
    django.setup()
    json.dump(sorted({text for text in personal() if len(text) >= _SHORTEST}), sys.stdout)


_SHORTEST = 2


def personal() -> Iterator[str]:
    from django.apps import apps

    from yizhengtong.foundation.vault.fields import PersonalText

    for model in apps.get_models():
        fields = [field.name for field in model._meta.concrete_fields if type(field) is PersonalText]
        for row in model._default_manager.all() if fields else ():
            yield from (getattr(row, name) or "" for name in fields)
    from yizhengtong.foundation.accounts.models import Account
    from yizhengtong.permitting.applications.models import Application

    yield from Account.objects.values_list("username", flat=True)
    for application in Application.objects.all():
        yield from _texts(application.answers)


def _texts(answers: dict[str, Any]) -> Iterator[str]:
    yield from (str(answers[name]) for name in ("phone", "residence_address", "delivery_address") if name in answers)


if __name__ == "__main__":
    main()
