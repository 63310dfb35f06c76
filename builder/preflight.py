"""What must be right before the preview starts; each fault is one line that says what to do."""

import errno
import socket
from pathlib import Path

from builder.places import Places, check_sources
from common.facts import read_facts
from common.machine import obstacle
from plugins.wording import WordedError


class CannotServe(WordedError):
    """The preview can't start."""


def chosen_port(text: str) -> int:
    """The port as a number; CannotServe where it is none."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise CannotServe(
            'PORT must be a number from 1 to 65535, not "%(port)s"; for example: make serve PORT=8001',
            port=text,
        )
    return int(text)


def check_port(port: int) -> None:
    """Raise CannotServe where another program listens at that port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                message = "PORT %(port)d is taken by another program; choose another: make serve PORT=%(next)d"
            else:
                message = "PORT %(port)d can't be used (%(why)s); choose another: make serve PORT=%(next)d"
            other = port + 1 if port < 65535 else 8000
            raise CannotServe(message, port=port, next=other, why=error.strerror) from None


def check_places(where: Places) -> None:
    """Raise FactsError, NoPlace or CannotServe where site.toml, CONTENT, THEME, DATA or OUTPUT can't be right."""
    read_facts(where.site)
    check_sources(where)
    check_writable("DATA", where.data)
    check_writable("OUTPUT", where.output.parent)


def check_writable(name: str, folder: Path) -> None:
    """Raise CannotServe where no file can be made in the folder that the variable `name` stands for."""
    why = obstacle(folder)
    if why:
        raise CannotServe(
            '%(name)s must be a folder that can be written to, not "%(folder)s" (%(why)s); '
            "give another: make serve %(name)s=/path",
            name=name,
            folder=folder,
            why=why,
        )
