"""python -m builder.told CONF: one build in a process of its own, whose report goes to stdout as JSON."""

import gc
import json
import sys
from dataclasses import asdict
from typing import Any

from builder.build import build
from builder.places import ROOT, places
from builder.report import Report
from builder.words import summary


def report_table(report: Report, told: str) -> dict[str, Any]:
    """The report as JSON has it, with `ok` and the summary in words."""
    return {**asdict(report), "ok": report.ok, "summary": told}


def main(conf: str) -> int:
    """Build with the settings file `conf`, in the places that the environment names."""
    gc.set_threshold(200_000, 20, 20)  # as in builder.__main__
    where = places()
    report = build(ROOT / conf, where)
    print(json.dumps(report_table(report, summary(report, where))), flush=True)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
