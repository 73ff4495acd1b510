"""A small Jinan in which everything that is sealed holds something: cases, history, files, sessions, tasks."""

import json
from collections.abc import Iterator
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from procrastinate.contrib.django import app

from tests.support.cases import case_at
from tests.support.city import City, a_city
from tests.support.papers import paper_jpeg
from tests.support.people import Resident, a_principal
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.phones import keep_phone
from yizhengtong.foundation.accounts.sessions import SessionStore
from yizhengtong.foundation.documents.services import store_document
from yizhengtong.foundation.vault.envelope import open_envelope
from yizhengtong.foundation.web.models import IdempotentAnswer
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.project.sealed import sealed_tables

PHONE = "+852 5550 0199"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def fill() -> tuple[City, Resident]:
    """Fill every sealed table and the folder of files; return the city and a resident with a permit."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")  # the library's tables outlive a test
    city = a_city()
    case_at(city, CaseState.REFUSED)
    _, resident = case_at(city, CaseState.COMPLETED)
    account = Account.objects.create_user("resident-wang", "Longer-than-8")
    keep_phone(account, PHONE, is_verified=True)
    TOTP.activate(account, TOTP_SECRET)
    a_session(name="王小明")
    a_file(resident)
    IdempotentAnswer.objects.create(caller="x", key="12345678", fingerprint=bytes(32), body='{"name":"王小明"}')
    app.configure_task("tests.nothing", queue="tests").defer(name="王小明")
    return city, resident


def a_session(**content: Any) -> str:
    """Return the token of a new session that holds something."""
    session = SessionStore()
    session.update(content)
    session.create()
    return str(session.session_key)


def a_file(resident: Resident) -> str:
    """Keep a drawn paper of a resident; returns the name of its file."""
    document = store_document(
        content=paper_jpeg(str(new_id())), declared_type="image/jpeg", kind="evidence", person_id=resident.person.pk,
        by=a_principal(), purpose="test",
    )  # fmt: skip
    return str(document.stored_name)


def everything_opened() -> dict[tuple[str, str, str], Any]:
    """Return the content of every sealed value by table, column and row."""
    return dict(_opened())


def _opened() -> Iterator[tuple[tuple[str, str, str], Any]]:
    for table in sealed_tables():
        for column in table.columns:
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT "{table.key}"::text, {column.as_envelope}, {column.place_key} FROM "{table.table}"'  # noqa: S608 names of our own
                    f' WHERE "{column.name}" IS NOT NULL'
                )
                for key, envelope, bound_to in cursor.fetchall():
                    content = open_envelope(bytes(envelope), column.place(bound_to))
                    yield (table.table, column.name, key), json.loads(content) if "json" in column.written else content
