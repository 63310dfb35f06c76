"""What a new letter says: its header, and a beginning that shows how to go on and passes every check."""

from datetime import datetime

from common.facts import Facts
from plugins.wording import Gettext


def letter(title: str, slug: str, moment: datetime, writer: str, facts: Facts, _: Gettext) -> str:
    """The file's text: header lines, and a beginning that says how to go on."""
    titles = [each.title for each in facts.writers if each.name == writer and each.title]
    lines = [
        f"Title: {title}",
        f"Date: {moment:%Y-%m-%d %H:%M}",
        *([f"Author: {writer}"] if writer else []),
        f"Slug: {slug}",
        "Tags:",
        "Summary:",
        "Status: draft",
        "",
        _("Write your letter here, to one reader and about one thing. Begin with something that happened."),
        "",
        "## " + _("A heading"),
        "",
        _("Headings begin with two #. A picture lies in images, and is written with a text that says what it shows:"),
        "",
        "```",
        _('![Two cranes over the harbour](/images/name.jpg "The quay in March.")'),
        "```",
        "",
        _("Remove what you don't need, and give the letter tags and a summary among the first lines."),
        "",
        "***",
        "",
        f"**{writer or facts.organisation}**  ",
        *(titles or [facts.organisation]),
        "",
    ]
    return "\n".join(lines)
