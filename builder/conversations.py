"""A build of nothing but conversations: of the letters that have new comments, and of what shows those comments.

The numbers of what became of comments, which are published beside them, are built so too. Its cost is that of those
pages, not of the site: it goes on from the last build, whose letters it still has. The letters' own pages are brought
first, as somebody waits for them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from builder.build import Made, collected, told
from builder.report import Report
from builder.sync import built_before, sync, workshop
from common.language import translations
from common.threads import published_name
from plugins.conversation import ConversationPages
from plugins.conversation_source import ConversationSource
from plugins.feeds import comment_feeds, newest_comments_feed, write
from plugins.page_writer import Waiting
from plugins.statistics_page import FILE as STATISTICS
from plugins.statistics_page import SAVE_AS as STATISTICS_PAGE
from plugins.statistics_page import StatisticsPage

Seen = Callable[[Report], None]
"""Called with what is changed when the letters' own pages are there; the lists, which grow with the site, come then."""


def build_conversations(made: Made, files: Iterable[str], seen: Seen = lambda _report: None) -> Report | None:
    """Build what these published files change; None where that takes a whole build, as something else is new.

    Whoever gets a report that is not ok has to build everything: what is at hand is then half old, half new.
    """
    known = {published_name(letter.uri): letter for letter in made.context["articles"]}
    names = sorted(files)
    letters = [known.get(name) for name in names if name != STATISTICS]
    last = made.report
    if not names or None in letters or any(_is_told_of(made, name, last.warnings) for name in names):
        return None  # a whole build has something to say, or to take back
    report = replace(last, changed=0, changed_files=[], warnings=[])
    with told(report, made.places), collected(report, made.places):
        comments = _read(made, letters)
        if STATISTICS in names:
            _count(made)
        if report.warnings or not all(every for _letter, every in comments):
            return None
        report.comments += sum(_attach(made, *pair) for pair in comments)
        _write(made, letters, report, seen)
    report.warnings = last.warnings
    made.report = report
    return report


def _is_told_of(made: Made, name: str, warnings: Iterable[str]) -> bool:
    """Whether something was wrong with that file."""
    return any(f"{made.places.conversations.rstrip('/')}/{name}" in warning for warning in warnings)


def _count(made: Made) -> None:
    """Have the page of numbers made anew."""
    made.writer.waiting = [page for page in made.writer.waiting if page.name != STATISTICS_PAGE]
    made.generator(StatisticsPage).generate_output(made.writer)


def _read(made: Made, letters: list[Any]) -> list[tuple[Any, list[Any]]]:
    settings = made.writer.settings
    gettext = translations(settings["FACTS"].language).gettext
    source = ConversationSource(settings["CONVERSATIONS"], Path(settings["DATA"], "conversations"), gettext)
    return [(letter, source.read(letter.uri)) for letter in letters]


def _attach(made: Made, letter: Any, comments: list[Any]) -> int:
    """Give a letter its comments; how many more there are than before."""
    before: int = letter.conversation.count
    letter.conversation = replace(letter.conversation, every=tuple(comments))
    assert made.writer.prints
    made.writer.prints.forget(letter)
    return int(letter.conversation.count) - before


def _write(made: Made, letters: list[Any], report: Report, seen: Seen) -> None:
    memory, output, facts = made.memory, made.places.output, made.writer.settings["FACTS"]
    memory.resume()
    made.writer.begin_again()
    with workshop(output) as folder:
        gone = _further_pages(made, letters)
        of_letters = {id(letter) for letter in letters}
        bring(made, (page for page in made.writer.waiting if id(page.named.get("article")) in of_letters))
        write(comment_feeds(letters, facts), made.writer)
        report.tell_changed(sync(folder, output, built_before(output) - gone))
        seen(report)
        bring(made, (page for page in made.writer.waiting if "article" not in page.named))
        write([newest_comments_feed(made.context["articles"], facts)], made.writer)
        report.tell_changed(sync(folder, output, built_before(output)))
    memory.settle()


def bring(made: Made, pages: Iterator[Waiting]) -> None:
    """Write those of some pages that are due."""
    made.writer.write_all(made.writer.due(pages))


def _further_pages(made: Made, letters: list[Any]) -> set[str]:
    """Have the second and further pages of these letters' conversations written; the names of those that are gone."""
    of_letters = {id(letter) for letter in letters}
    writer = made.writer
    old = [page for page in writer.waiting if "conversation" in page.named and id(page.named["article"]) in of_letters]
    writer.waiting = (
        [page for page in writer.waiting if not any(page is each for each in old)] if old else writer.waiting
    )
    before = len(writer.waiting)
    for letter in letters:
        made.generator(ConversationPages).write_pages(letter, writer)
    gone = {page.name for page in old} - {page.name for page in writer.waiting[before:]}
    made.memory.forget(gone)
    return gone
