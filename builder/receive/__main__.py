"""python -m builder.receive COMMAND FOLDER: the server's end of git push."""

import argparse
import io
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from builder.places import ROOT
from builder.receive.hooks import post_receive, pre_receive, reference_transaction
from builder.receive.house import House, read_house
from builder.receive.rollback import releases, rollback
from builder.receive.setting_up import setup
from builder.receive.talk import say, say_anyway, silent
from plugins.wording import WordedError, error_in_a_line

PUSHER_GONE = 1
COMMANDS = {
    "setup": "make the folder on the server, or bring its hooks up to date",
    "rollback": "show the version before, or that of a commit",
    "releases": "list the versions that can be gone back to",
    "pre-receive": "git's hook: check and build",
    "reference-transaction": "git's hook: show what was built",
    "post-receive": "git's hook: tell of it",
}


def main() -> int:
    """Run a command; 0 when all went well, 1 when something must be put right, which has been said."""
    parser = argparse.ArgumentParser(prog="deploy/receive", description="The server's end of git push.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told)
        command.add_argument("root", type=Path, metavar="FOLDER", help="where it all is, like /srv/ordetfritt")
        if name == "rollback":
            command.add_argument("to", nargs="?", default="", metavar="COMMIT")
    arguments = parser.parse_args()
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8")  # whatever the server's own language is
    os.umask(0o022)  # the web server reads what is built
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    return run(arguments.command, read_house(arguments.root.resolve()), getattr(arguments, "to", ""))


def run(command: str, house: House, to: str) -> int:
    """The same with its house; what goes wrong is said in words."""
    _ = house.words()
    if command != "setup" and not house.repository.is_dir():
        message = _('SERVER must be a folder that "deploy/receive setup" has made; "%(folder)s" is none')
        say_anyway(message % {"folder": house.root})
        return 1
    try:
        return _run(command, house, to)
    except BrokenPipeError:  # whoever pushed has gone; git takes nothing in
        return PUSHER_GONE
    except WordedError as error:
        say_anyway(error.told(_))
    except OSError as error:
        message = _("The server could not write what it must (%(why)s). The published site is untouched.")
        say_anyway(message % {"why": error.strerror or error})
    except Exception as error:  # whoever pushes can't help it, and must know at least that nothing has happened
        place = error_in_a_line(error, ROOT)
        message = _("Something went wrong that nobody foresaw: %(error)s. The published site is untouched.")
        say_anyway(message % {"error": place})
    return 1


def _run(command: str, house: House, to: str) -> int:
    pushed = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape")
    if command == "pre-receive":
        return pre_receive(house, pushed, say)
    if command == "reference-transaction":
        return reference_transaction(house, pushed, silent)  # git would send it between its own lines
    if command == "post-receive":
        return post_receive(house, pushed, say_anyway)
    if command == "rollback":
        return rollback(house, to, say_anyway)
    return setup(house, say) if command == "setup" else releases(house, say)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)  # by way of every `finally`


if __name__ == "__main__":
    sys.exit(main())
