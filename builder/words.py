"""What the builder tells the person at the terminal, in the site's language."""

import os

from builder.places import Places
from builder.report import Report
from common.facts import language_of
from common.language import translations
from plugins.wording import Gettext


def site_gettext(where: Places) -> Gettext:
    """gettext in the site's language."""
    return translations(language_of(where.site)).gettext


def summary(report: Report, where: Places) -> str:
    """One line on what a build did."""
    _ = site_gettext(where)
    if not report.ok:
        return _("Not built. Things to put right: %(faults)d. The site that was there is untouched.") % {
            "faults": len(report.faults)
        }
    numbers = {
        "seconds": f"{report.seconds:.1f}",
        "letters": report.letters,
        "pages": report.pages,
        "comments": report.comments,
        "changed": report.changed,
        "folder": os.path.relpath(where.output),
    }
    return (
        _(
            "Built in %(seconds)s s. Letters: %(letters)d, pages: %(pages)d, comments: %(comments)d. "
            "Files changed in %(folder)s: %(changed)d"
        )
        % numbers
    )


def advice_in_a_line(report: Report, where: Places) -> list[str]:
    """One line on how much advice there is, as nobody reads a hundred of them in passing; none where there is none.

    It says so where there may be more, as not all texts have been read.
    """
    told = set(report.warnings)
    advice = [finding for finding in report.findings if finding["level"] == "advice"]
    number = sum("{file}:{line}: {message}".format_map(finding) not in told for finding in advice)
    _ = site_gettext(where)
    if report.unread:
        message = _('Advice on the texts so far: %(number)d. "make check" reads all of them, and tells it.')
    else:
        message = _('Advice on the texts: %(number)d. "make check" tells it.')
    return [message % {"number": number}] if number else []
