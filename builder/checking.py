"""python -m builder check: every check of the texts, without building anything."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pelican.settings import read_settings

from builder.findings_report import report
from builder.places import ROOT, Places
from builder.words import site_gettext
from common.fact_values import FactsError
from plugins.check import find_all
from plugins.drawings import drawings
from plugins.findings import Finding, short
from plugins.pictures import on_disk
from plugins.sources import sources
from plugins.wording import Gettext, WordedError, why


def check(where: Places, json_wanted: bool = False, files: Iterable[str] = ()) -> int:
    """Tell all findings, or those in some files and folders, on stdout; 1 where something must be put right, else 0."""
    _ = site_gettext(where)
    found, wanted = findings(where), [on_disk(Path(file)).resolve() for file in files]
    if wanted and not _nowhere(where, _):
        with contextlib.suppress(FactsError):  # then nothing was looked at, and what is found says why
            found = list(_about(wanted, found, where, _))
    return report(found, _, json_wanted)


def _about(wanted: list[Path], found: list[Finding], where: Places, _: Gettext) -> Iterator[Finding]:
    """The findings in these files and folders and in what they depend on, and which of them nothing looks at."""
    looked_at = {path.resolve() for path, _is_letter in sources(_settings(where))}
    looked_at |= {where.site, *(Path(finding.path).resolve() for finding in found), *drawings(where.content)}
    for finding in found:
        path = Path(finding.path).resolve()
        if path == where.content or any(path.is_relative_to(one) for one in wanted):
            yield finding
    for one in wanted:
        if not one.exists():
            yield Finding(str(one), 1, _("must be a file or a folder; there is none of that name"))
        elif not any(path.is_relative_to(one) for path in looked_at):
            message = _("is not looked at: it is no letter or page in %(folder)s; their names end in .md")
            yield Finding(str(one), 1, message % {"folder": short(str(where.content))})


def findings(
    where: Places, is_looked_at: Callable[[Path], bool] = lambda _path: True, **settings: Any
) -> list[Finding]:
    """Everything there is to tell of the texts in these places, drafts included; see plugins.check.find_all."""
    _ = site_gettext(where)
    if nowhere := _nowhere(where, _):
        return [nowhere]
    try:
        return find_all(_settings(where, **settings), is_looked_at)
    except FactsError as error:
        return [Finding(str(error.file or where.site), error.line, error.sentence(_))]
    except WordedError as error:
        return [Finding(str(where.content), 1, error.told(_))]
    except OSError as error:
        message = _("must be readable and writable (%(why)s)") % {"why": why(error, _)}
        return [Finding(str(error.filename or where.content), 1, message)]


def _settings(where: Places, **settings: Any) -> dict[str, Any]:
    letters = ["letters"] if (where.content / "letters").is_dir() else [""]
    override = {"PATH": str(where.content), "ARTICLE_PATHS": letters, "ADVICE_AT_ONCE": None, **settings}
    return dict(read_settings(str(ROOT / "pelicanconf.py"), override=override))


def _nowhere(where: Places, _: Gettext) -> Finding | None:
    """What is told where there is nothing to look at."""
    if not where.content.is_dir():
        return Finding(str(where.content), 1, _("must be a folder of letters; CONTENT names it"))
    if not (where.theme / "templates").is_dir():
        return Finding(str(where.theme), 1, _('must be a folder with a folder "templates" in it; THEME names it'))
    return None
