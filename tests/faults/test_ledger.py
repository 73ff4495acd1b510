"""The ledger keeps what was acknowledged, and says when it is damaged itself."""

from pathlib import Path

import pytest

from faults.ledger import Entry, Ledger, read_ledger


def test_an_entry_is_acknowledged_only_by_the_line_that_says_so(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    first, second = Entry("k1", "accept", "cas_1"), Entry("k2", "review", "cas_1")
    for entry in (first, second):
        entry.attempts.append(f"{entry.key}-1")
        ledger.sending(entry)
    first.attempts.append("k1-2")
    ledger.sending(first)
    first.status, first.facts = 200, {"id": "cas_1"}
    ledger.acknowledged(first)
    ledger.close()
    read = {entry.key: entry for entry in read_ledger(tmp_path / "ledger")}
    assert read["k1"].attempts == ["k1-1", "k1-2"]
    assert read["k1"].is_acknowledged
    assert not read["k2"].is_acknowledged


def test_a_damaged_line_is_told(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    entry = Entry("k1", "accept", "cas_1", ["k1-1"])
    ledger.sending(entry)
    path = tmp_path / "ledger"
    path.write_bytes(path.read_bytes().replace(b"accept", b"reject"))
    with pytest.raises(ValueError, match="damaged"):
        read_ledger(path)
