from django.db import migrations

_BUILD = """
    CREATE UNIQUE INDEX CONCURRENTLY permits_one_living_a_kind ON permits_permit (person_id, kind)
    WHERE state IN ('ordered', 'made', 'held', 'lost')
"""


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('permits', '0010_one_alive_a_kind'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL('DROP INDEX CONCURRENTLY permits_one_living_a_kind', _BUILD)],
            state_operations=[
                migrations.RemoveConstraint(model_name='permit', name='permits_one_living_a_kind'),
            ],
        ),
    ]
