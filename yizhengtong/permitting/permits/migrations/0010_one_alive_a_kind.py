# A suspended permit lives too. The new rule is built beside the old one, which is narrower and goes after it.

from django.db import migrations, models

_BUILD = """
    CREATE UNIQUE INDEX CONCURRENTLY permits_one_alive_a_kind ON permits_permit (person_id, kind)
    WHERE state IN ('ordered', 'made', 'held', 'lost', 'suspended')
"""


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('permits', '0009_due_of_office'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_BUILD, 'DROP INDEX CONCURRENTLY permits_one_alive_a_kind')],
            state_operations=[
                migrations.AddConstraint(
                    model_name='permit',
                    constraint=models.UniqueConstraint(
                        condition=models.Q(('state__in', ('ordered', 'made', 'held', 'lost', 'suspended'))),
                        fields=('person', 'kind'),
                        name='permits_one_alive_a_kind',
                    ),
                ),
            ],
        ),
    ]
