"""The tables that stand beside the code, read by libyaml: a process that starts waits for them."""

from pathlib import Path
from typing import Any

import yaml


def read_yaml(path: Path) -> Any:
    """Return the plain values of a YAML file of ours in UTF-8. Raises OSError, UnicodeDecodeError, yaml.YAMLError.

    For files of this house alone: libyaml ends the process at one that is nested a hundred thousand deep.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
