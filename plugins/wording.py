"""How errors are told: in the site's language where a writer reads them, in one line where a programmer does."""

import traceback
from pathlib import Path

from jinja2 import TemplateNotFound, TemplateSyntaxError

from common.language import marked as _
from common.wording import Gettext as Gettext
from common.wording import WordedError as WordedError

REASONS = (
    _("Permission denied"),
    _("No such file or directory"),
    _("Not a directory"),
    _("Is a directory"),
    _("File name too long"),
    _("Too many levels of symbolic links"),
    _("No space left on device"),
    _("Disk quota exceeded"),
    _("Read-only file system"),
    _("Input/output error"),
)
"""Why the system could not do something, as os.strerror has it."""


ENDED = "the builder must keep running, but it ended with exit code %(code)d; look at the lines above"


_NO_TEMPLATE = _('%(place)s: the template "%(name)s" must be there; the theme has none of that name')


def why(error: OSError, gettext: Gettext) -> str:
    """Why the system could not do something, in the language of `gettext` where it is a common reason."""
    return gettext(error.strerror) if error.strerror else str(error)


def missing_template(error: TemplateNotFound, theme: Path) -> WordedError:
    """That the theme lacks a template, told with the place in the theme that names it, if there is one."""
    frames = traceback.extract_tb(error.__traceback__)
    named = [f"{frame.filename}:{frame.lineno}" for frame in frames if Path(frame.filename).is_relative_to(theme)]
    return WordedError(_NO_TEMPLATE, place=[str(theme), *named][-1], name=error.name)


def error_in_a_line(error: Exception, theme: Path) -> str:
    """An unforeseen error as `file:line: what`, with the place in the theme where it arose if there is one."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}: {error.message}"
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(theme)]
    frame = (inside or frames)[-1]
    return f"{frame.filename}:{frame.lineno}: {type(error).__name__}: {error}"
