"""Files whose time is over go whole: rows, answers and all."""

from datetime import datetime

from yizhengtong.foundation.forgetting import forget_rows
from yizhengtong.verification.bulk.models import BulkFile

_AT_ONCE = 100


def forget_files(*, before: datetime) -> int:
    """Delete files that ended before an instant. Returns how many."""
    return forget_rows(BulkFile.objects.filter(ended_at__lt=before), act="bulk.forget", named="files", at_once=_AT_ONCE)
