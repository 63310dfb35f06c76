"""python -m builder.told CONF: one build in a process of its own, whose report goes to stdout as JSON."""

import gc
import json
import sys
from typing import NoReturn

from builder.build import build
from builder.places import ROOT, places
from builder.report import leave
from builder.words import summary


def main(conf: str) -> NoReturn:
    """Build with the settings file `conf`, in the places that the environment names."""
    gc.set_threshold(200_000, 20, 20)  # as in builder.__main__
    where = places()
    report = build(ROOT / conf, where)
    print(json.dumps({**report.table(), "summary": summary(report, where)}), flush=True)
    leave(0 if report.ok else 1)


if __name__ == "__main__":
    main(sys.argv[1])
