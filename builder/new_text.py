"""What a new letter says: its header, and a beginning that shows how to go on and passes every check."""

from datetime import datetime

from common.facts import Facts
from plugins.check_begun import begun
from plugins.wording import Gettext


def letter(title: str, slug: str, moment: datetime, writer: str, facts: Facts, _: Gettext) -> str:
    """The file's text: header lines, and a beginning that says how to go on."""
    titles = [each.title for each in facts.writers if each.name == writer and each.title]
    how, headings, last = begun(_)
    lines = [
        f"Title: {title}",
        f"Date: {moment:%Y-%m-%d %H:%M}",
        *([f"Author: {writer}"] if writer else []),
        f"Slug: {slug}",
        "Tags:",
        "Summary:",
        "Status: draft",
        "",
        how,
        "",
        "## " + _("A heading"),
        "",
        headings,
        "",
        "```",
        _('![Two cranes over the harbour](/images/name.jpg "The quay in March.")'),
        "```",
        "",
        last,
        "",
        "***",
        "",
        f"**{writer or facts.organisation}**  ",
        *(titles or [facts.organisation]),
        "",
    ]
    return "\n".join(lines)
