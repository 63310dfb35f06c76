"""python -m builder check: every check of the texts, without building anything."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pelican.settings import read_settings

from builder.findings_report import report
from builder.places import ROOT, Places
from builder.words import site_gettext
from common.fact_values import FactsError
from plugins.check import find_all
from plugins.findings import Finding
from plugins.pictures import on_disk
from plugins.wording import WordedError, why


def check(where: Places, json_wanted: bool = False, files: Iterable[str] = ()) -> int:
    """Tell all findings, or those in some files, on stdout; 1 where something must be put right, else 0."""
    _ = site_gettext(where)
    wanted = {on_disk(Path(file)).resolve() for file in files}
    found = [finding for finding in findings(where) if not wanted or Path(finding.path).resolve() in wanted]
    message = _("must be a file; there is none of that name")
    missing = [Finding(str(file), 1, message) for file in wanted if not file.is_file()]
    return report([*missing, *found], _, json_wanted)


def findings(
    where: Places, is_looked_at: Callable[[Path], bool] = lambda _path: True, **settings: Any
) -> list[Finding]:
    """Everything there is to tell of the texts in these places, drafts included; see plugins.check.find_all."""
    _ = site_gettext(where)
    if not where.content.is_dir():
        return [Finding(str(where.content), 1, _("must be a folder of letters; CONTENT names it"))]
    if not (where.theme / "templates").is_dir():
        return [Finding(str(where.theme), 1, _('must be a folder with a folder "templates" in it; THEME names it'))]
    try:
        letters = ["letters"] if (where.content / "letters").is_dir() else [""]
        override = {"PATH": str(where.content), "ARTICLE_PATHS": letters, "ADVICE_AT_ONCE": None, **settings}
        return find_all(read_settings(str(ROOT / "pelicanconf.py"), override=override), is_looked_at)
    except FactsError as error:
        return [Finding(str(error.file or where.site), error.line, error.sentence(_))]
    except WordedError as error:
        return [Finding(str(where.content), 1, error.told(_))]
    except OSError as error:
        message = _("must be readable and writable (%(why)s)") % {"why": why(error, _)}
        return [Finding(str(error.filename or where.content), 1, message)]
