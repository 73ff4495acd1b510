"""For development and demonstrations: messages as lines of JSON in a file of ours alone. Production refuses it."""

import fcntl
import json
import os
from pathlib import Path

from yizhengtong.foundation.notifications.channels.contract import Accepted, Known, Outgoing


class FileWay:
    """Appends to `FOLDER/CHANNEL.jsonl`. A key that is there already is not written again."""

    repeats_safely = True

    def __init__(self, folder: Path, channel: str) -> None:
        self.name, self.path = f"file-{channel}", folder / f"{channel}.jsonl"

    def send(self, outgoing: Outgoing) -> Accepted:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = {"key": outgoing.key, "to": outgoing.address, "subject": outgoing.subject, "text": outgoing.text}
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not any(json.loads(each)["key"] == outgoing.key for each in file):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return Accepted((f"file:{outgoing.key}",))

    def ask(self, key: str) -> Known:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        return Known.HAS_IT if any(json.loads(each)["key"] == key for each in lines) else Known.HAS_IT_NOT

    def close(self) -> None:
        """Nothing is kept open."""
