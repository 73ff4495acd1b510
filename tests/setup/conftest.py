"""Lets these tests import the scripts, which are no package: they run before the environment stands."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
