"""Our own authority: founded once, certifying keys, taking back what a lost key had, replaced when it must be.

It certifies keys on P-256 only: what makes certificates here knows no SM2 (docs/adr/0057).
"""

from datetime import datetime, timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from yizhengtong.credentials.keys import certificates
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.holding import destroy_private, new_key, signer_for
from yizhengtong.credentials.keys.models import (
    Algorithm,
    Authority,
    Certificate,
    IssuerKey,
    KeyState,
    RevocationList,
    Use,
)
from yizhengtong.credentials.keys.noting import note
from yizhengtong.foundation.audit.trail import Actor

CERTIFIED = frozenset({Use.SD_JWT, Use.MDOC, Use.STATUS, Use.METADATA, Use.PAPER, Use.READER})
"""CODE is left out: a certificate has no room in a code on paper, and its checker has the keys."""
RENEWED_BEFORE = timedelta(days=60)
"""Ours: so long before it ends, a key in use gets another certificate."""
LIST_RENEWED_BEFORE = timedelta(days=15)


def authority_in_use() -> Authority | None:
    """Return the authority that certifies now."""
    return Authority.objects.filter(state=KeyState.ACTIVE).first()


def found_authority(by: Actor | None) -> Authority:
    """Return the authority that certifies now, made with its first list where there is none."""
    return authority_in_use() or _make(by)


def certify_keys(by: Actor | None) -> list[Certificate]:
    """Give every key that signs, or is about to, a certificate of the authority in use where it has none that lasts."""
    keys = IssuerKey.objects.filter(state__in=IssuerKey.SIGNING, algorithm=Algorithm.ES256, use__in=CERTIFIED)
    newest = _newest_certificates(keys)
    lacking = [key for key in keys.defer("secret").order_by("made_at", "pk") if not _lasts(newest.get(key.pk))]
    if not lacking:
        return []
    authority = found_authority(by)
    root = _root(authority)
    made = Certificate.objects.bulk_create(_certificate(key, authority, root) for key in lacking)
    for key in lacking:
        note("certify", key, by, [key.use])
    return made


def revoke_certificates(key: IssuerKey, by: Actor | None) -> None:
    """Take back whatever was said of a lost key, and publish that."""
    found = Certificate.objects.filter(key=key, revoked_at=None)
    concerned = set(found.values_list("authority_id", flat=True))
    found.update(revoked_at=timezone.now())
    for authority in Authority.objects.filter(pk__in=concerned).exclude(state=KeyState.LOST):
        _publish_list(authority, by)


def renew_lists(by: Actor | None) -> int:
    """Publish anew each list that ends soon. Returns how many. A lost authority has none any more."""
    soon, count = timezone.now() + LIST_RENEWED_BEFORE, 0
    for authority in Authority.objects.exclude(state=KeyState.LOST):
        if not RevocationList.objects.filter(authority=authority, next_at__gt=soon).exists():
            _publish_list(authority, by)
            count += 1
    return count


def replace(by: Actor | None, *, is_lost: bool) -> Authority:
    """Found another authority, which certifies every key anew. The one before stays believed, unless it is lost.

    Raises KeyProblem `keys.no_authority`.
    """
    before = authority_in_use()
    if before is None:
        raise KeyProblem("keys.no_authority")
    ended = Authority.objects.filter(pk=before.pk)
    if is_lost:
        ended.update(state=KeyState.LOST, secret=None)
        transaction.on_commit(lambda: destroy_private(before.label))
    else:
        ended.update(state=KeyState.RETIRED)
    note("lose_authority" if is_lost else "retire_authority", before, by)
    made = _make(by)
    certify_keys(by)
    return made


def _make(by: Actor | None) -> Authority:
    new = new_key(Algorithm.ES256)
    content = certificates.make_root(new.signer, address=settings.YZT_ADDRESS, now=_now())
    authority = Authority(
        key_id=new.public["kid"],
        public=new.public,
        secret=new.secret,
        label=new.label,
        certificate=content.public_bytes(Encoding.DER),
    )
    authority.save(force_insert=True)
    note("found_authority", authority, by)
    _publish_list(authority, by)
    return authority


def _root(authority: Authority) -> certificates.Root:
    content = x509.load_der_x509_certificate(bytes(authority.certificate))
    return certificates.Root(content, signer_for(authority), settings.YZT_ADDRESS)


def _certificate(key: IssuerKey, authority: Authority, root: certificates.Root) -> Certificate:
    content = certificates.certify(root, key.use, key.public, now=_now())
    return Certificate(
        authority=authority,
        key=key,
        serial=f"{content.serial_number:x}",
        content=content.public_bytes(Encoding.DER),
        valid_until=content.not_valid_after_utc,
    )


def _newest_certificates(keys: QuerySet[IssuerKey]) -> dict[UUID, Certificate]:
    found = Certificate.objects.filter(key__in=keys.values("pk")).select_related("authority")
    found = found.defer("authority__secret").order_by("made_at", "pk")
    return {certificate.key_id: certificate for certificate in found}


def _lasts(newest: Certificate | None) -> bool:
    """Whether a key's newest certificate lasts, is of the authority in use and names where we are reached."""
    if newest is None or newest.revoked_at or newest.authority.state != KeyState.ACTIVE:
        return False
    content = x509.load_der_x509_certificate(bytes(newest.content))
    is_ours = certificates.address_of(content) == settings.YZT_ADDRESS
    return is_ours and newest.valid_until > timezone.now() + RENEWED_BEFORE


def _publish_list(authority: Authority, by: Actor | None) -> None:
    """Write the list of an authority: what it took back and has not ended by itself."""
    root, now = _root(authority), _now()
    taken_back = authority.certificates.filter(revoked_at__isnull=False, valid_until__gt=now)
    number = (authority.revocation_lists.aggregate(last=Max("number"))["last"] or 0) + 1
    revoked = [(row.serial, row.revoked_at) for row in taken_back.order_by("revoked_at") if row.revoked_at]
    content = certificates.revocation_list(root, revoked, number=number, now=now)
    RevocationList.objects.create(
        authority=authority,
        number=number,
        content=content.public_bytes(Encoding.DER),
        next_at=now + certificates.LIST_LASTS,
    )
    note("publish_list", authority, by)


def _now() -> datetime:
    """Return the moment in whole seconds, as certificates tell it."""
    return timezone.now().replace(microsecond=0)
