"""make bench: run every measurement and print one table, ratios against a peer of the same run."""

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import building, lighthouse, page, posting, size, visible
from tests.bench.row import Row

MEASUREMENTS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "lighthouse": lighthouse.measure,
    "page": page.measure,
    "posting": posting.measure,
    "visible": visible.measure,
    "building": building.measure,
    "size": size.measure,
}


def main(names: list[str]) -> int:
    """Run the named measurements, or all; 1 where a goal is missed, 2 where a name is unknown."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    logging.getLogger().setLevel(logging.ERROR)
    print(f"{'what':<46} {'measured':>22} {'goal':>22}")
    missed = 0
    for name in names or MEASUREMENTS:
        with tempfile.TemporaryDirectory(prefix="ordetfritt-bench-") as folder:
            for row in MEASUREMENTS[name](Path(folder)):
                print(f"{row.what:<46} {row.measured:>22} {row.goal:>22}  {row.verdict}", flush=True)
                missed += row.met is False
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
