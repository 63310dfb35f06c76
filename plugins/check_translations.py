"""What must be right about translations: each is one of something, in another language."""

from collections.abc import Iterator, Mapping
from typing import Any

from plugins.addresses import faulty
from plugins.sources import Source, original_address, slug
from plugins.wording import Gettext


def check_translations(
    written: list[Source], settings: Mapping[str, Any], _: Gettext
) -> Iterator[tuple[Source, int, str]]:
    """Yield (source, line, "must …") for translations of what is not there, or of a text in the same language."""

    def identity(source: Source) -> tuple[bool, str, str]:
        return source.is_letter, source.get("date")[:4], slug(source, settings)

    originals = {identity(source): source for source in written if not source.is_translation}
    unsure = {(source.is_letter, slug(source, settings)) for source in faulty(written, settings)}
    set_aside = {each for looked_for in settings.get("LOOKED_FOR", {}).values() for each in looked_for}
    for source in (each for each in written if each.is_translation and each.get("lang")):
        original = originals.get(identity(source))
        if original is None:
            if (source.is_letter, slug(source, settings)) in unsure or original_address(source, settings) in set_aside:
                continue
            message = _('a translation must have the slug and the year of its original; none has the slug "%(slug)s"')
        elif original.get("lang", settings["DEFAULT_LANG"]).lower() == source.get("lang").lower():
            message = _('a translation must be in another language than its original; both are in "%(lang)s"')
        else:
            continue
        named = {"slug": slug(source, settings), "lang": source.get("lang")}
        yield source, source.line("translation"), message % named
