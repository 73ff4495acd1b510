"""A database that release 0.1.0 wrote holds open values: key 0 opens them until they have been sealed anew.

Its sessions go on (foundation.accounts.sessions): the old code serves while this runs, and nobody is signed out.
"""

from django.db import migrations


def let_key_0_open(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('accounts_account') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        cursor.execute("SELECT EXISTS (SELECT FROM accounts_account)")
        if not cursor.fetchone()[0]:
            return
    apps.get_model("vault", "DataKey").objects.create(
        id=0, kind="data", suite="open", master="", wrapped=b"", state="retiring"
    )


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]

    operations = [migrations.RunPython(let_key_0_open, migrations.RunPython.noop)]
