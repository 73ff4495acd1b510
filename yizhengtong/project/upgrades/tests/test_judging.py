"""Which migrations may run while the last release's code works, and which may not."""

from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.expressions import RawSQL

from yizhengtong.project.upgrades.judging import MEANINGS, judge, judge_all, takes_away
from yizhengtong.project.upgrades.released import APPS, BIG_TABLES, MIGRATIONS

INDEX = models.Index(fields=["state"], name="some_index")
CHECK = models.CheckConstraint(condition=models.Q(version__gt=0), name="some_check")
ONCE = models.UniqueConstraint(fields=["version"], name="some_once")


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


@pytest.fixture(scope="module")
def released(loader: MigrationLoader) -> ProjectState:
    return loader.project_state(sorted(MIGRATIONS))


def codes(released: ProjectState, *operations: Any, **attributes: Any) -> list[str]:
    """Return the codes of the faults of a migration of casework."""
    given = {"operations": list(operations), "dependencies": [], **attributes}
    migration = type("Migration", (migrations.Migration,), given)("0099_new", "casework")
    return [fault.code for fault in judge(migration, released, released)]


def test_every_migration_of_this_checkout_may_run_beside_the_last_release(loader: MigrationLoader) -> None:
    assert [str(fault) for fault in judge_all(loader)] == []


def test_the_big_tables_are_tables_of_the_last_release(released: ProjectState) -> None:
    tables = {
        model.options.get("db_table") or f"{app}_{name}"
        for (app, name), model in released.models.items()
        if app in APPS
    }
    assert BIG_TABLES - {"django_session"} <= tables


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (models.CharField(max_length=8, null=True), []),
        (models.CharField(max_length=8, db_default="x"), []),
        (models.CharField(max_length=8), ["not_null"]),
        (models.CharField(max_length=8, default="x"), ["not_null"]),
        (models.BigIntegerField(db_default=RawSQL("nextval('s')", ())), ["rewrites"]),
        (models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()", ())), []),
        (models.CharField(max_length=8, null=True, db_index=True), ["index_blocks"]),
        (models.CharField(max_length=8, null=True, unique=True), ["index_blocks"]),
        (models.ForeignKey("casework.case", models.PROTECT, null=True, db_index=False), ["foreign_key_scans"]),
        (models.ForeignKey("casework.case", models.PROTECT, null=True, db_index=False, db_constraint=False), []),
    ],
)
def test_a_new_column_of_a_big_table(released: ProjectState, field: Any, expected: list[str]) -> None:
    assert codes(released, migrations.AddField("case", "new", field)) == expected


def test_a_new_column_of_a_small_table_must_still_let_old_code_write(released: ProjectState) -> None:
    assert codes(released, migrations.AddField("decision", "n", models.IntegerField(null=True, db_index=True)))
    migration = type(
        "Migration",
        (migrations.Migration,),
        {"operations": [migrations.AddField("office", "n", models.IntegerField())], "dependencies": []},
    )("0099_new", "accounts")
    assert [fault.code for fault in judge(migration, released, released)] == ["not_null"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (models.CharField(max_length=41), ["retypes"]),
        (models.TextField(), ["retypes"]),
        (models.CharField(max_length=39), ["retypes", "rewrites"]),
        (models.IntegerField(), ["retypes", "rewrites"]),
        (models.CharField(max_length=40, null=True), []),
        (models.CharField(max_length=40, db_index=True), ["index_blocks"]),
    ],
)
def test_a_changed_column_of_a_big_table(released: ProjectState, field: Any, expected: list[str]) -> None:
    assert codes(released, migrations.AlterField("case", "item", field)) == expected


def test_a_column_that_was_empty_may_not_become_obligatory(released: ProjectState) -> None:
    assert codes(released, migrations.AlterField("case", "due_on", models.DateField())) == ["not_null"]


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("case", "item"),
        migrations.RenameField("case", "item", "thing"),
        migrations.RenameModel("Case", "Thing"),
        migrations.DeleteModel("Decision"),
        migrations.AlterModelTable("case", "things"),
        migrations.RunSQL("ALTER TABLE casework_case DROP COLUMN item", ""),
        migrations.RunSQL("drop table casework_case", ""),
        migrations.RunSQL(["SELECT 1", "ALTER TABLE x RENAME TO y"], ""),
    ],
)
def test_what_takes_away_must_say_that_it_is_a_contract_step(released: ProjectState, operation: Any) -> None:
    assert "takes_away" in codes(released, operation)
    assert codes(released, operation, contract=True) == []
    migration = type("Migration", (migrations.Migration,), {"operations": [operation]})("0099", "casework")
    assert takes_away(migration)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (migrations.AddIndex("case", INDEX), ["index_blocks"]),
        (migrations.RemoveIndex("case", "casework_queue"), ["index_blocks"]),
        (AddIndexConcurrently("case", INDEX), []),
        (migrations.AddConstraint("case", CHECK), ["constraint_scans"]),
        (migrations.AddConstraint("case", ONCE), ["constraint_blocks"]),
        (AddConstraintNotValid("case", CHECK), []),
    ],
)
def test_indexes_and_constraints_of_a_big_table(released: ProjectState, operation: Any, expected: list[str]) -> None:
    assert codes(released, operation) == expected


def test_a_constraint_may_be_checked_in_its_own_time(released: ProjectState) -> None:
    state = released.clone()
    AddConstraintNotValid("case", CHECK).state_forwards("casework", state)
    migration = type("Migration", (migrations.Migration,), {"operations": [ValidateConstraint("case", "some_check")]})
    assert judge(migration("0099", "casework"), state, released) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE INDEX x ON casework_case (state)", ["index_blocks"]),
        ('CREATE UNIQUE INDEX x ON ONLY "casework_case" (state)', ["index_blocks"]),
        ("CREATE INDEX CONCURRENTLY x ON casework_case (state)", []),
        ("CREATE INDEX x ON accounts_office (code)", []),
        ("ALTER TABLE casework_case ADD CONSTRAINT c CHECK (true)", ["constraint_scans"]),
        ("ALTER TABLE casework_case ADD CONSTRAINT c CHECK (true) NOT VALID", []),
        ("ALTER TABLE casework_case ALTER COLUMN item TYPE text", ["rewrites"]),
        ("ALTER TABLE casework_case ALTER item SET NOT NULL", ["rewrites"]),
        ("UPDATE casework_case SET version = 1", ["touches_every_row"]),
        ("delete from audit_entry", ["touches_every_row"]),
        ("UPDATE accounts_office SET name = name", []),
        ("-- DROP TABLE x\nSELECT 1 /* UPDATE casework_case */", []),
    ],
)
def test_statements_are_read(released: ProjectState, statement: str, expected: list[str]) -> None:
    assert codes(released, migrations.RunSQL(statement, "")) == expected


def test_everything_needs_a_way_back(released: ProjectState) -> None:
    assert codes(released, migrations.RunPython(lambda *_: None)) == ["no_way_back"]
    assert codes(released, migrations.RunPython(lambda *_: None, migrations.RunPython.noop)) == []
    assert codes(released, migrations.RunSQL("SELECT 1")) == ["no_way_back"]


def test_without_a_transaction_there_is_one_step(released: ProjectState) -> None:
    other = models.Index(fields=["item"], name="other_index")
    steps = [AddIndexConcurrently("case", INDEX), AddIndexConcurrently("case", other)]
    assert codes(released, *steps, atomic=False) == ["several_steps"]
    assert codes(released, steps[0], atomic=False) == []


def test_a_table_that_no_release_knows_may_change_freely(released: ProjectState) -> None:
    fresh = migrations.CreateModel("Fresh", [("id", models.BigAutoField(primary_key=True))])
    operations = [
        fresh,
        migrations.AddField("fresh", "n", models.IntegerField(unique=True)),
        migrations.RemoveField("fresh", "n"),
    ]
    assert codes(released, *operations) == []


def test_what_is_wrapped_is_judged_too(released: ProjectState) -> None:
    wrapped = migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL("DROP TABLE casework_case", "")], state_operations=[]
    )
    assert codes(released, wrapped) == ["takes_away"]


def test_a_fault_that_somebody_weighed_is_taken_with_its_reason(released: ProjectState) -> None:
    operation = migrations.AddIndex("case", INDEX)
    assert codes(released, operation, accepted={"index_blocks": "the table is empty"}) == []
    assert codes(released, operation, accepted={"index_blocks": ""}) == ["index_blocks"]


def test_every_fault_has_a_meaning_in_the_operators_page() -> None:
    from yizhengtong.project.configuration import ROOT

    page = (ROOT / "docs/operations.md").read_text()
    assert [code for code in MEANINGS if f"`{code}`" not in page] == []
