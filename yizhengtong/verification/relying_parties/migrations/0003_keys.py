"""The keys and purposes of release 0.1 get rows of their own. What that release's code reads stays as it is."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

from yizhengtong.kernel.ids import new_id

_LASTS = timedelta(days=400)


def give_rows(apps, _schema_editor):
    party_model = apps.get_model("relying_parties", "RelyingParty")
    key_model = apps.get_model("relying_parties", "RelyingPartyKey")
    grant_model = apps.get_model("relying_parties", "PurposeGrant")
    now = timezone.now()
    for party in party_model.objects.filter(keys=None):
        key_model.objects.create(
            id=new_id(), relying_party=party, kind="secret", environment="production",
            fingerprint=bytes(party.key_hash), not_before=party.registered_at, not_after=now + _LASTS,
        )
        for purpose in party.purposes:
            # Told nothing but whether it matches, as before: claims are for an officer to grant.
            grant_model.objects.create(
                id=new_id(), relying_party=party, purpose=purpose, legal_basis=party.legal_basis, claims=[],
                state="granted", asked_at=party.registered_at, reviewed_at=party.registered_at,
            )


class Migration(migrations.Migration):

    dependencies = [
        ("relying_parties", "0002_organisations"),
    ]

    operations = [
        migrations.RunPython(give_rows, migrations.RunPython.noop),
    ]
