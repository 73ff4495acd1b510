"""Whether a sign-in still opens anything: each time it is used, whatever was true when it began."""

from django.utils import timezone

from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.checks.blocks import is_blocked_among
from yizhengtong.verification.openid.claims import permit_of
from yizhengtong.verification.openid.models import Consent, SignIn
from yizhengtong.verification.relying_parties.queries import granted


def permit_behind(sign_in: SignIn) -> Permit | None:
    """Return the permit that a sign-in tells of. None where it, the consent, the party's purpose or the permit ended.

    None, too, where the holder has shut the party out. All these answer alike: who asks learns of none of them.
    """
    now, consent = timezone.now(), _CONSENT.first(sign_in.consent_id)
    if consent is None:
        return None
    sign_in.consent = consent
    if sign_in.ended_at is not None or consent.ended_at is not None or consent.expires_at <= now:
        return None
    if not granted(sign_in.relying_party, consent.purpose):
        return None
    return permit_of(sign_in.person_id, legal_day(now))


_CONSENT = Prepared(lambda key: Consent.objects.filter(~is_blocked_among("person_id", "relying_party_id"), pk=key))
"""A consent to a party that is not shut out."""
