"""What the builder tells the person at the terminal, in the site's language."""

import os

from builder.places import Places
from builder.report import Report
from common.fact_values import FactsError
from common.facts import read_facts
from common.language import translations
from plugins.wording import Gettext


def site_gettext(where: Places) -> Gettext:
    """gettext in the site's language; English while site.toml can't be read."""
    try:
        return translations(read_facts(where.site).language).gettext
    except FactsError:
        return lambda text: text


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
