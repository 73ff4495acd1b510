"""A home folder of its own for the test run, named before the settings are read: loaded by pytest's `-p` option."""

import os
import tempfile

HOME = tempfile.TemporaryDirectory(prefix="yzt-test-")
os.environ["YZT_HOME"] = HOME.name
os.environ.pop("YZT_PRODUCTION", None)
