"""Counts the codes sent to one address, whoever asked: the web process sees a person's own codes only."""

from django.db import migrations

_FUNCTION = """
    CREATE FUNCTION notifications_codes_sent(asked_index bytea, asked_since timestamptz)
    RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
        SELECT count(*) FROM notifications_challenge WHERE address_index = asked_index AND at >= asked_since
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_messages")]

    operations = [migrations.RunSQL(_FUNCTION, "DROP FUNCTION notifications_codes_sent(bytea, timestamptz)")]
