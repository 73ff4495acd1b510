"""A list of 5,000,000 places, one in a hundred not valid, signed again and again.

`python -m benchmarks.fill_status PATH PID`, PID that of the database server. PATH gets the milliseconds of CPU of both
and the sizes of the tokens.

Limit: the same bytes, in memory, compressed as the highest level of zlib without looking for matches, and signed once.
"""

import json
import os
import random
import sys
import time
import zlib
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.conf import settings  # noqa: E402 Django first
from django.utils import timezone  # noqa: E402

from benchmarks.ground import cpu_seconds  # noqa: E402
from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, set_value  # noqa: E402
from yizhengtong.credentials.keys.queries import Use, signer  # noqa: E402
from yizhengtong.credentials.status.models import CHUNK_BYTES, Chunk, StatusList, Token  # noqa: E402
from yizhengtong.credentials.status.signing import packed, sign_list  # noqa: E402

REVOKED, ROUNDS, WARM_UP = 0.01, 20, 3
_MS = 1000


def main(path: Path, database: int) -> None:
    """Fill, sign, tell."""
    listed, signing = _filled(), signer(Use.STATUS)
    for _ in range(WARM_UP):
        _sign(listed)
    own, beside = time.process_time(), cpu_seconds(database)
    for _ in range(ROUNDS):
        _sign(listed)
    spent = time.process_time() - own + cpu_seconds(database) - beside
    content = packed(listed)
    begun = time.process_time()
    for _ in range(ROUNDS):
        packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
        signing.sign(packer.compress(content) + packer.flush())
    limit = time.process_time() - begun
    token = Token.objects.order_by("-issued_at")[0]
    told = {"ms": spent / ROUNDS * _MS, "limit_ms": limit / ROUNDS * _MS,
            "jwt_bytes": len(token.jwt), "cwt_bytes": len(token.cwt)}  # fmt: skip
    path.write_text(json.dumps(told))


def _filled() -> StatusList:
    listed = StatusList.objects.create(address=settings.YZT_ADDRESS)
    content = bytearray(-(-listed.size * listed.bits // 8 // CHUNK_BYTES) * CHUNK_BYTES)
    drawn = random.Random(6)
    for position in drawn.sample(range(listed.size), int(listed.size * REVOKED)):
        set_value(content, position, listed.bits, drawn.choice((INVALID, INVALID, SUSPENDED)))
    parts = [bytes(content[at : at + CHUNK_BYTES]) for at in range(0, len(content), CHUNK_BYTES)]
    Chunk.objects.bulk_create([Chunk(list=listed, number=at, packed=part) for at, part in enumerate(parts)])
    return listed


def _sign(listed: StatusList) -> None:
    """As after a change; the token of an instant ahead, so that none waits for the next second."""
    StatusList.objects.filter(pk=listed.pk).update(dirty_since=timezone.now())
    if not sign_list(listed.pk, signer(Use.STATUS)):
        raise RuntimeError("nothing was signed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
