"""What `make new` begins a letter with, which must not be published with it."""

from collections.abc import Iterator

from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext


def begun(_: Gettext) -> tuple[str, str, str]:
    """The sentences that say how to go on."""
    return (
        _("Write your letter here, to one reader and about one thing. Begin with something that happened."),
        _("Headings begin with two #. A picture lies in images, and is written with a text that says what it shows:"),
        _("Remove what you don't need, and give the letter tags and a summary among the first lines."),
    )


def check_begun(source: Source, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for each of them in a letter that is no draft any more."""
    if source.status == "draft":
        return
    for sentence in begun(_):
        if (at := source.body.find(sentence)) >= 0:
            message = _('must not say "%(text)s": that is how a new letter begins; write your own text there')
            yield source.body_line + source.body.count("\n", 0, at), message % {"text": f"{sentence[:30]} …"}
