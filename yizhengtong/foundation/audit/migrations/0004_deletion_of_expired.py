from django.db import migrations

_DELETION = """
    CREATE FUNCTION audit_delete_expired(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    DECLARE
        deleted bigint;
    BEGIN
        DELETE FROM audit_entry WHERE id IN (
            SELECT entry.id
            FROM (
                SELECT expiry.retention, max(expiry.up_to) AS up_to
                FROM audit_expiry expiry JOIN audit_statement statement ON statement.expiry_id = expiry.id
                GROUP BY expiry.retention
            ) AS stated
            JOIN audit_entry entry ON entry.retention = stated.retention
            JOIN audit_link link ON link.entry_id = entry.id
                AND link.retention = stated.retention AND link.sequence <= stated.up_to
            LIMIT most
        );
        GET DIAGNOSTICS deleted = ROW_COUNT;
        RETURN deleted;
    END $$
"""


class Migration(migrations.Migration):
    """The one way in which an entry's content goes: what a checkpoint states as expired, by who may call this."""

    dependencies = [
        ('audit', '0003_entry_transaction_index'),
    ]
    operations = [
        migrations.RunSQL(_DELETION, "DROP FUNCTION audit_delete_expired(integer)"),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION audit_delete_expired(integer) FROM PUBLIC", migrations.RunSQL.noop
        ),
    ]
