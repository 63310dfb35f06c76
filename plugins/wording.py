"""How errors are told: in the site's language where a writer reads them, in one line where a programmer does."""

import traceback
from collections.abc import Callable
from pathlib import Path

from jinja2 import TemplateSyntaxError

Gettext = Callable[[str], str]


ENDED = "the builder must keep running, but it ended with exit code %(code)d; look at the lines above"


class WordedError(Exception):
    """An error told to a person: `message` is an English msgid, `values` go into it by name."""

    def __init__(self, message: str = "", **values: object) -> None:
        super().__init__(message % values)
        self.message = message
        self.values = values

    def told(self, gettext: Gettext) -> str:
        """The sentence in the language of `gettext`."""
        return gettext(self.message) % self.values


def error_in_a_line(error: Exception, theme: Path) -> str:
    """An unforeseen error as `file:line: what`, with the place in the theme where it arose if there is one."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}: {error.message}"
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(theme)]
    frame = (inside or frames)[-1]
    return f"{frame.filename}:{frame.lineno}: {type(error).__name__}: {error}"
