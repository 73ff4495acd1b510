# Whether somebody is shut out is asked across all persons, whoever reads: the function runs as the owner of the tables
# and says yes or no. The other tells who says that a travel document is theirs, their name and birth date as they lie
# sealed, what they last answered to one use, and whether they shut the one relying party out. Residents add numbers that
# nobody has proved: whether it is theirs who was shown, checks/finding.py compares.
# The third runs as whoever asks, under their row policies: it names the number that a relying party was shown while it
# looks that number up, and no longer; by statements of their own that took three of them.

import django.db.models.deletion
import django.utils.timezone
import yizhengtong.kernel.ids
from django.db import migrations, models


_IS_BLOCKED = """
    CREATE FUNCTION checks_is_blocked(person uuid, party uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN EXISTS (
            SELECT FROM checks_block WHERE checks_block.person_id = person AND checks_block.relying_party_id = party
        );
    END $$;
    REVOKE ALL ON FUNCTION checks_is_blocked(uuid, uuid) FROM PUBLIC;
"""
_HOLDER = """
    CREATE FUNCTION checks_holder(asked_kind varchar, asked_index bytea, asked_use varchar, asked_party uuid)
    RETURNS TABLE (
        person_id uuid, name bytea, latin_name bytea, birth_date bytea, answer varchar, is_blocked boolean
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN QUERY SELECT number.person_id, person.name, person.latin_name, person.birth_date,
            (SELECT consent.answer FROM consents_consent consent
                WHERE consent.person_id = number.person_id AND consent.use = asked_use
                ORDER BY consent.id DESC LIMIT 1),
            EXISTS (SELECT FROM checks_block WHERE checks_block.person_id = number.person_id
                AND checks_block.relying_party_id = asked_party)
            FROM people_personnumber number JOIN people_person person ON person.id = number.person_id
            WHERE number.kind = asked_kind AND number.number_index = asked_index AND number.is_current;
    END $$;
    REVOKE ALL ON FUNCTION checks_holder(varchar, bytea, varchar, uuid) FROM PUBLIC;
"""
_PERMIT = """
    CREATE FUNCTION checks_permit(asked_index bytea, asked_kinds varchar[], asked_use varchar, asked_party uuid)
    RETURNS TABLE (
        id uuid, person_id uuid, name bytea, latin_name bytea, birth_date bytea, answer varchar, is_blocked boolean,
        state varchar, valid_from date, last_valid_day date, counted_from date, endorsed_until date,
        years_count_from date, end_reason varchar
    )
    LANGUAGE plpgsql AS $$
    DECLARE
        before text := coalesce(current_setting('yzt.asked', true), '');
    BEGIN
        PERFORM set_config('yzt.asked', encode(asked_index, 'hex'), true);
        RETURN QUERY SELECT permit.id, permit.person_id, person.name, person.latin_name, person.birth_date,
            (SELECT consent.answer FROM consents_consent consent
                WHERE consent.person_id = permit.person_id AND consent.use = asked_use
                ORDER BY consent.id DESC LIMIT 1),
            checks_is_blocked(permit.person_id, asked_party),
            permit.state, permit.valid_from, permit.last_valid_day, coalesce(permit.counted_from, permit.valid_from),
            permit.endorsed_until, permit.years_count_from, permit.end_reason
            FROM permits_permit permit JOIN people_person person ON person.id = permit.person_id
            WHERE permit.number_index = asked_index AND permit.kind = ANY(asked_kinds)
            ORDER BY permit.issued_at DESC, permit.id DESC LIMIT 1;
        PERFORM set_config('yzt.asked', before, true);
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("checks", "0002_ways_and_outcomes"),
        ("relying_parties", "0001_initial"),
        ("people", "0009_claims"),
        ("consents", "0001_initial"),
        ("permits", "0005_suspension_and_endorsement"),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.UUIDField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "relying_party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blocks",
                        to="relying_parties.relyingparty",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person_id", "relying_party"), name="checks_block_once")
                ],
            },
        ),
        migrations.RunSQL(_IS_BLOCKED, "DROP FUNCTION checks_is_blocked(uuid, uuid)"),
        migrations.RunSQL(_HOLDER, "DROP FUNCTION checks_holder(varchar, bytea, varchar, uuid)"),
        migrations.RunSQL(_PERMIT, "DROP FUNCTION checks_permit(bytea, varchar[], varchar, uuid)"),
    ]
