"""The photograph of a permit, small enough to be looked at on a telephone and too small to be printed as a card's."""

from base64 import b64encode
from io import BytesIO

from django.db import transaction
from PIL import Image

from yizhengtong.foundation.audit.trail import Actor
from yizhengtong.foundation.documents.services import open_document
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.permitting.permits.models import Permit

_SIZE = (180, 240)
_QUALITY = 70


def small_photo(permit: Permit, by: Actor) -> str:
    """Return a JPEG in base64; empty where the permit has none or it cannot be opened. The opening is on record."""
    if permit.photo_id is None:
        return ""
    try:
        with transaction.atomic():  # a savepoint: what fails here does not end the request
            _, content = open_document(document_id=permit.photo_id, by=by, purpose="own data")
    except (NotFound, Conflict):  # gone, or not yet known to be harmless: shown without
        return ""
    return _shrunk(content)


def _shrunk(content: bytes) -> str:
    with Image.open(BytesIO(content)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail(_SIZE)
    drawn = BytesIO()
    picture.save(drawn, "JPEG", quality=_QUALITY, optimize=True)
    return b64encode(drawn.getvalue()).decode()
