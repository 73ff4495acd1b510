"""Every table is decided about, and every policy has a name of its own."""

import pytest
from django.apps import apps

from tests.contract.world import World
from tests.trust.roles.looking import OTHERS, PERSON_OF
from yizhengtong.foundation.vault.fields import PersonalField
from yizhengtong.project.roles import rows as whose
from yizhengtong.project.roles.applying import unnamed
from yizhengtong.project.roles.statements import WEB, policies, rights_of
from yizhengtong.project.roles.tables import TABLES


@pytest.mark.django_db
def test_every_table_is_decided_about(world: World) -> None:
    assert unnamed() == [], "name them in yizhengtong/project/roles/tables.py"


def test_every_table_with_a_personal_column_has_row_policies_or_keeps_that_column_from_the_web() -> None:
    for model in apps.get_models():
        personal = {field.column for field in model._meta.get_fields() if isinstance(field, PersonalField)}
        if not personal:
            continue
        table = TABLES[model._meta.db_table]
        seen = rights_of(WEB, table).get("SELECT", None)
        is_kept = seen is None or (bool(seen) and personal.isdisjoint(seen))
        is_by_row = table.rows is not None and table.rows not in (whose.STAFF_MEMBER, whose.OFFICE)
        assert is_kept or is_by_row, model._meta.db_table


def test_every_table_that_names_a_person_has_row_policies() -> None:
    for model in apps.get_models():
        names = {"person_id", "person", "case", "case_id", "application"}
        table = TABLES.get(model._meta.db_table)  # a model without a table of its own is not there
        if (
            table is not None
            and names & {field.name for field in model._meta.get_fields() if hasattr(field, "column")}
            and table.web
        ):
            assert table.rows is not None or "select" not in table.web, model._meta.db_table


def test_every_table_with_rows_is_looked_at_here() -> None:
    by_row = {name for name, table in TABLES.items() if table.rows not in (None, whose.HISTORY)}
    looked_at = set(PERSON_OF) | OTHERS | {name for name in by_row if name.startswith("importing_")}
    assert by_row <= looked_at, by_row - looked_at


def test_every_policy_of_the_web_has_a_name_of_its_own_command() -> None:
    names = [(each.table, each.name) for each in policies()]
    assert len(names) == len(set(names))
