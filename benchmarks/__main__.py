"""`python -m benchmarks [NAME]`: measure everything or one bench, print its figures, keep them."""

import importlib
import signal
import sys
from collections.abc import Sequence

from benchmarks.results import MEANINGS, keep


def main(names: Sequence[str]) -> int:
    """Measure the named benches, all without a name. Returns 2 for an unknown name, else 0.

    A missed target is told in its line and on the page; it is no failure of the measuring.
    """
    unknown = [name for name in names if name not in MEANINGS]
    if unknown:
        print(f"There is no bench {', '.join(unknown)}. There are: {', '.join(MEANINGS)}.", file=sys.stderr)
        return 2
    for name in names or tuple(MEANINGS):
        figures = []
        for figure in importlib.import_module(f"benchmarks.{name}").measure():
            print(figure.line, flush=True)
            figures.append(figure)
        keep(name, figures)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that what was started is ended
    sys.exit(main(sys.argv[1:]))
