"""CloudEvents 1.0 in HTTP structured mode: one JSON document an event. No Django.

The extension `sequence` orders the events to one destination; `partitionkey` is the same for events of one person and
tells nothing else.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CONTENT_TYPE = "application/cloudevents+json"
MOST_BYTES = 64 * 1024
_TYPE_PREFIX = "cn.yizhengtong"
_NEEDED = ("specversion", "id", "source", "type")
_NAME = re.compile(r"[a-z0-9]{1,20}")
_TEXTS = (*_NEEDED, "subject", "time", "dataschema", "datacontenttype", "sequence", "partitionkey")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around the data. `time` has a zone; `subject` is an opaque id."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    sequence: str
    partitionkey: str


def type_of(subject: str, what: str, version: int = 1) -> str:
    """Return the type of an event: `cn.yizhengtong.permit.issued.v1`."""
    return f"{_TYPE_PREFIX}.{subject}.{what}.v{version}"


def write(envelope: Envelope, data: Mapping[str, Any]) -> str:
    """Return the document, one form for one event."""
    document = {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": envelope.dataschema,
        "sequence": envelope.sequence,
        "partitionkey": envelope.partitionkey,
        "data": data,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def read(body: bytes) -> dict[str, Any]:
    """Return an event as it came. Raises ValueError for what is no CloudEvent 1.0."""
    try:
        document = json.loads(body, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(document, dict) or document.get("specversion") != "1.0":
        raise ValueError("no CloudEvent 1.0")
    if not all(isinstance(document.get(name), str) and document[name] for name in _NEEDED):
        raise ValueError("an attribute is missing")
    texts = [document[name] for name in _TEXTS if name in document]
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        raise ValueError("an attribute is no printable text")
    if not all(_NAME.fullmatch(name) for name in document if name not in {"data", "data_base64"}):
        raise ValueError("an attribute has a name that CloudEvents does not allow")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: two readers would read two events."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
