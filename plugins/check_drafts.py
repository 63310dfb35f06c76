"""Links to drafts lead somewhere in work, and would lead nowhere once published: then they stop the publication."""

from collections.abc import Iterator, Mapping
from typing import Any

from plugins.check_links import links
from plugins.findings import Finding
from plugins.sources import Source, address
from plugins.wording import Gettext


def check_drafts(written: list[Source], settings: Mapping[str, Any], _: Gettext) -> Iterator[Finding]:
    """Advice for each link of a published text to a draft, before it is too late to choose."""
    drafts = [source for source in written if source.status == "draft"]
    names = [name for source in drafts for name in (source.path.name, address(source, settings)) if name]
    message = _('the link "%(link)s" leads to a draft; publish that too, or the site can\'t be published')
    for source in written if names else ():
        if source.status == "draft" or not any(name in source.body for name in names):
            continue
        for link in links(source.body):
            if any(link.target.partition("#")[0].endswith(name) for name in names):
                line = source.body_line + source.body.count("\n", 0, link.offset)
                yield Finding(str(source.path), line, message % {"link": link.target}, "advice")
