"""python -m builder html | publish | check | new | hook | serve | watch: what the Makefile calls."""

import argparse
import gc
import sys
from collections.abc import Callable
from pathlib import Path

from builder.places import ROOT, Places, places


def html(where: Places) -> int:
    """Build the site once, as it is in work."""
    return _build_once(ROOT / "pelicanconf.py", where)


def publish(where: Places) -> int:
    """Build the site once, as it is published."""
    return _build_once(ROOT / "publishconf.py", where)


def check(where: Places, json: bool, staged: bool, files: list[str]) -> int:
    """Check the texts, or some of them, without building; with --json for programs."""
    from builder.checking import check as run
    from builder.staged import check_staged

    return check_staged(where, json) if staged else run(where, json, files)


def new(where: Places, title: str) -> int:
    """Begin a letter, as a draft."""
    from builder.new import new as run

    return run(where, title)


def hook(where: Places) -> int:
    """Have git check the letters of each commit before it is made."""
    from builder.hook import hook as run

    return run(where)


def serve(where: Places) -> int:
    """Preview the site with its service, and build it again at every change."""
    from builder.serve import serve as run

    return run(where)


def watch(where: Places) -> int:
    """Build at every change until the process that started this one is gone."""
    from builder.watch import watch as run

    return run(where)


def _build_once(conf: Path, where: Places) -> int:
    from builder.build import build
    from builder.words import advice_in_a_line, summary

    # A build makes many objects and throws few away: looking for garbage takes a twentieth of its time.
    gc.set_threshold(200_000, 20, 20)
    report = build(conf, where)
    for line in [*report.faults, *report.warnings, *advice_in_a_line(report, where)]:
        print(line, file=sys.stderr)
    print(summary(report, where), file=sys.stdout if report.ok else sys.stderr)
    return 0 if report.ok else 1


COMMANDS: dict[str, Callable[..., int]] = {
    "html": html,
    "publish": publish,
    "check": check,
    "new": new,
    "hook": hook,
    "serve": serve,
    "watch": watch,
}


def main() -> int:
    """Run one command; its exit code is 0 when all went well, 1 when something must be put right."""
    parser = argparse.ArgumentParser(
        prog="python -m builder",
        description="CONTENT, OUTPUT, DATA, PORT and SITE are read from the environment.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parsers = {name: commands.add_parser(name, help=command.__doc__) for name, command in COMMANDS.items()}
    parsers["check"].add_argument("--json", action="store_true", help="a list of {file, line, message, level}")
    parsers["check"].add_argument("--staged", action="store_true", help="what git is about to commit")
    parsers["new"].add_argument("title", metavar="TITLE", help="what the letter is called")
    parsers["check"].add_argument("files", nargs="*", metavar="FILE", help="tell of these alone")
    arguments = vars(parser.parse_args())
    return COMMANDS[arguments.pop("command")](places(), **arguments)


if __name__ == "__main__":
    sys.exit(main())
