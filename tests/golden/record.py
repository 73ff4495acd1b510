"""Record the golden decisions of a release: `.venv/bin/python -m tests.golden.record 0.2.0`.

Run once at a release, with the packs of the checkout. A folder that exists is never written again: what a release
decided does not change. A later release that decides one of them otherwise has to say why, and change its own code or
packs, not these files.
"""

import os
import sys


def main(release: str) -> int:
    """Write the release's folder; returns the exit code."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
    django.setup()
    from tests.golden import decisions
    from tests.golden.questions import questions
    from yizhengtong.law.reading import load

    asked = questions()
    try:
        decisions.write(release, asked, load())
    except FileExistsError:
        print(f"{release} is recorded already", file=sys.stderr)
        return 1
    print(f"{len(asked)} decisions recorded for {release}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
