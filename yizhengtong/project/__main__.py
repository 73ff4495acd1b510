"""`python -m yizhengtong.project up`: what `make up` runs once the environment stands."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one of the project's commands and return its exit code, 2 for a word it does not know."""
    if list(arguments[:1]) != ["up"]:
        print("usage: python -m yizhengtong.project up", file=sys.stderr)
        return 2
    from yizhengtong.project import up  # imported here: a wrong word needs nothing of it

    return int(up.main() or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
