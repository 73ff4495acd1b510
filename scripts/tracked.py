"""The files that are, or are about to be, in a commit."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BUILT = {".git", ".venv", ".tools", "var", "node_modules", "__pycache__"}


def committed_files(root: Path = ROOT) -> list[Path]:
    """Return the files git tracks or would add, sorted; all files but built ones where there is no git."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        paths = [path for path in root.rglob("*") if not _BUILT & set(path.relative_to(root).parts)]
    else:
        paths = [root / name for name in listed.split("\0") if name]
    return sorted(path for path in paths if path.is_file())
