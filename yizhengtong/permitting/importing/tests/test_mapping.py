"""The mapping of an operator's own file: what is wrong with it is told, whatever it holds."""

from pathlib import Path

import pytest

from yizhengtong.kernel.errors import Invalid
from yizhengtong.permitting.importing.mapping import read_mapping


@pytest.mark.parametrize(
    "content",
    [b"columns: [", b"\xff\xfe\xff", b"columns: 3", b"&a [*a]", b"[" * 200_000],
    ids=["not YAML", "not UTF-8", "another shape", "within itself", "nested too deeply"],
)
def test_a_mapping_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        read_mapping(path)
    assert refused.value.code == "importing.mapping_wrong"


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        read_mapping(tmp_path / "nothing.yaml")
