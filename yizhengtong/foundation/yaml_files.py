"""The tables that stand beside the code, read by libyaml: a process that starts waits for them."""

from pathlib import Path
from typing import Any

import yaml


def read_yaml(path: Path) -> Any:
    """Return the plain values of a YAML file in UTF-8. Raises OSError, UnicodeDecodeError, yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
