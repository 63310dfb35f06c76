"""A build of nothing but some letters' texts, where the change is in their words alone: the commonest edit of all.

Like a build of conversations (builder.conversations) it goes on from the last build, and its cost is that of the
letters' own pages, which are brought first, and of looking at what else shows their words. Where an edit may have to do
with other texts (a link, a picture, a mark, a line of the header, an error) the whole build is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.contents import Article, Content, SkipStub
from pelican.generators import ArticlesGenerator

from builder.build import Made, collected, told
from builder.conversations import bring
from builder.report import Report
from builder.sync import built_before, sync, workshop
from common.language import translations
from plugins.advice import adviser, keep_advice
from plugins.check_links import links
from plugins.check_source import check_source
from plugins.findings import Finding, short
from plugins.fingerprints import of_content, static_print
from plugins.last_good import keep_text
from plugins.marks import marks
from plugins.source_text import Unreadable
from plugins.sources import Source, read_source
from plugins.translations import every_letter


@dataclass(frozen=True)
class Edit:
    """A letter of the last build, and how it was read now."""

    letter: Any
    read: Any
    source: Source
    findings: list[Finding]


def build_texts(made: Made, files: Iterable[str]) -> Report | None:
    """Build what the words of these letters' files change; None where that takes a whole build.

    Whoever gets a report that is not ok has to build everything: what is at hand is then half old, half new.
    """
    if made.report.set_aside or made.writer.settings["NOT_YET"]:
        return None
    generator = made.generator(ArticlesGenerator)
    known = {str(letter.source_path): letter for letter in _all(generator)}
    letters = [known.get(file) for file in files]
    if not letters or None in letters:
        return None
    report = replace(made.report, changed=0, changed_files=[], warnings=[])
    with told(report, made.places), collected(report, made.places):
        made.memory.resume()
        edits = [_edit(made, generator, letter) for letter in letters]
        found = [edit for edit in edits if edit]
        if report.warnings or not report.ok or len(found) < len(edits):
            return None
        for edit in found:
            _apply(made, generator, edit)
        report.findings = _findings(report.findings, found)
        _write(made, generator, found, report)
        keep_advice(made.writer.settings)
    report.warnings = made.report.warnings
    made.report = report
    return report


def _all(generator: Any) -> list[Any]:
    drafts = [*generator.drafts, *generator.drafts_translations]
    return [*every_letter(generator), *generator.hidden_articles, *generator.hidden_translations, *drafts]


def _edit(made: Made, generator: Any, letter: Any) -> Edit | None:
    """How a letter reads now; None where more is new than its words."""
    settings, path = made.writer.settings, Path(letter.source_path)
    gettext = translations(settings["FACTS"].language).gettext
    old = settings["SOURCES"].get(path)
    try:
        source = read_source(path, is_letter=True)
    except (Unreadable, OSError):
        return None
    if old is None or _surroundings(old) != _surroundings(source) or any(check_source(source, settings, gettext)):
        return None
    advise = adviser(settings, gettext)
    before = [Finding(str(path), *remark, "advice").table() for remark in advise(old)]
    if any(table not in before for table in made.report.findings if table["file"] == short(str(path))):
        return None
    read = _read(generator, path)
    known = made.memory.objects.get(of_content(letter))
    if read is None or known is None or static_print(read) != known[1][2]:
        return None
    return Edit(letter, read, source, [Finding(str(path), *remark, "advice") for remark in advise(source)])


def _surroundings(source: Source) -> Any:
    """What of a text has to do with others, or they with it."""
    led = [(link.target, link.alt, link.decorative) for link in links(source.body)]
    return led, marks(source.body), {key: line.value for key, line in source.header.items()}


def _read(generator: Any, path: Path) -> Any:
    """The letter as Pelican reads it; None where it takes it for none."""
    read = generator.readers.read_file(
        base_path=generator.path,
        path=str(path.relative_to(generator.path)),
        content_class=Article,
        context=generator.context,
        preread_signal=signals.article_generator_preread,
        preread_sender=generator,
        context_signal=signals.article_generator_context,
        context_sender=generator,
    )
    return None if isinstance(read, SkipStub) or not read.is_valid() else read


def _apply(made: Made, generator: Any, edit: Edit) -> None:
    """Give the letter of the last build what was read now."""
    settings = made.writer.settings
    generator.cache_data("", edit.read)
    edit.letter.__dict__.update({key: value for key, value in edit.read.__dict__.items() if key != "translations"})
    settings["SOURCES"][edit.source.path] = edit.source
    Content.get_content.cache.clear()
    assert made.writer.prints
    made.writer.prints.forget(edit.letter)
    keep_text(edit.source.path, settings)


def _findings(tables: list[dict[str, Any]], edits: list[Edit]) -> list[dict[str, Any]]:
    files = {short(str(edit.source.path)) for edit in edits}
    new = [finding.table() for edit in edits for finding in edit.findings]
    kept = [table for table in tables if table["file"] not in files]
    return sorted([*kept, *new], key=lambda table: (table["file"], table["line"], table["message"]))


def _write(made: Made, generator: Any, edits: list[Edit], report: Report) -> None:
    output, of_letters = made.places.output, {id(edit.letter) for edit in edits}
    made.writer.begin_again()
    with workshop(output) as folder:
        bring(made, (page for page in made.writer.waiting if id(page.named.get("article")) in of_letters))
        report.tell_changed(sync(folder, output, built_before(output)))
        bring(made, (page for page in made.writer.waiting if "article" not in page.named))
        signals.article_writer_finalized.send(generator, writer=made.writer)
        report.tell_changed(sync(folder, output, built_before(output)))
    made.memory.settle()
