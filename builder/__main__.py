"""python -m builder html | publish | check | new | hook | serve | watch | live: what the Makefile calls."""

import argparse
import gc
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from builder.places import ROOT, Places, places


def html(where: Places) -> int:
    """Build the site once, as it is in work."""
    _build_once(ROOT / "pelicanconf.py", where)


def publish(where: Places) -> int:
    """Build the site once, as it is published."""
    _build_once(ROOT / "publishconf.py", where)


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


def live(_where: Places) -> int:
    """On the server: build again what was pushed, when a conversation changes or a letter's moment comes."""
    from builder.live import live as run
    from builder.live import root_of_server

    return run(root_of_server())


def _build_once(conf: Path, where: Places) -> NoReturn:
    from builder.build import build
    from builder.findings_report import is_coloured, tinted
    from builder.report import leave
    from builder.words import advice_in_a_line, summary

    # A build makes many objects and throws few away: looking for garbage takes a twentieth of its time.
    gc.set_threshold(200_000, 20, 20)
    report = build(conf, where)
    coloured = is_coloured(sys.stderr)
    lines = [tinted(line, "error", coloured) for line in report.faults]
    lines += [tinted(line, "advice", coloured) for line in report.warnings]
    for line in [*lines, *advice_in_a_line(report, where)]:
        print(line, file=sys.stderr)
    print(summary(report, where), file=sys.stdout if report.ok else sys.stderr)
    leave(0 if report.ok else 1)


COMMANDS: dict[str, Callable[..., int]] = {
    "html": html,
    "publish": publish,
    "check": check,
    "new": new,
    "hook": hook,
    "serve": serve,
    "watch": watch,
    "live": live,
}


def _parted(arguments: list[str]) -> list[str]:
    """What `make check ARGS=…` gives in one: the name of a file, with spaces or without, or several arguments."""
    if len(arguments) != 2 or arguments[0] != "check" or " " not in arguments[1]:
        return arguments
    from plugins.pictures import is_file, on_disk

    return arguments if is_file(on_disk(Path(arguments[1]))) else ["check", *shlex.split(arguments[1])]


def main() -> int:
    """Run one command; its exit code is 0 when all went well, 1 when something must be put right."""
    parser = argparse.ArgumentParser(
        prog="python -m builder",
        description="CONTENT, OUTPUT, DATA, PORT, SITE and SERVER are read from the environment.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parsers = {name: commands.add_parser(name, help=command.__doc__) for name, command in COMMANDS.items()}
    parsers["check"].add_argument("--json", action="store_true", help="a list of {file, line, message, level}")
    parsers["check"].add_argument("--staged", action="store_true", help="what git is about to commit")
    parsers["new"].add_argument("title", metavar="TITLE", help="what the letter is called")
    parsers["check"].add_argument("files", nargs="*", metavar="FILE", help="tell of these alone")
    arguments = vars(parser.parse_args(_parted(sys.argv[1:])))
    return COMMANDS[arguments.pop("command")](places(), **arguments)


if __name__ == "__main__":
    sys.exit(main())
