"""Why a comment is declined or hidden: the law's grounds and the published rules, by their codes."""

from collections.abc import Callable, Mapping

from common.language import marked as _

LEGAL_GROUNDS = {
    "hot": _("Unlawful threats"),
    "integritet": _("Unlawful breach of privacy"),
    "uppvigling": _("Incitement to crime"),
    "hets": _("Agitation against a population group"),
    "barnpornografi": _("Child pornography"),
    "valdsskildring": _("Unlawful depiction of violence"),
    "terrorism": _("Public provocation to terrorism"),
    "upphovsratt": _("Breach of copyright"),
}
"""What must be removed: the Act on Responsibility for Electronic Bulletin Boards (1998:112), section 5."""


def reasons(rules: Mapping[str, str], gettext: Callable[[str], str]) -> dict[str, str]:
    """All reasons, code to text: the law's grounds, then the published `rules` of site.toml."""
    return {code: gettext(name) for code, name in LEGAL_GROUNDS.items()} | dict(rules)
