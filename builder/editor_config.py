"""What the editor at /redigera/ is told of our letters, pages and pictures (https://sveltiacms.app/en/docs)."""

from typing import Any

from builder.editor_files import PICTURE_BYTES
from common.facts import LANGUAGES, Facts
from common.language import language_name
from plugins.sources import SLUG_CHARACTERS, Source
from plugins.wording import Gettext

Field = dict[str, Any]
DATE_FORMAT = "YYYY-MM-DD HH:mm"
REPOSITORY, BRANCH = "ordet/fritt", "main"


def configuration(facts: Facts, written: list[Source], origin: str, _: Gettext) -> dict[str, Any]:
    """The editor's configuration; `written` are the texts there are, whose values can be chosen too."""
    return {
        "backend": {
            "name": "gitea",
            "repo": REPOSITORY,
            "branch": BRANCH,
            "base_url": f"{origin}/redigera",
            "api_root": f"{origin}/redigera/api/v1",
            "auth_methods": ["token"],
        },
        "app_title": _("Write – %(site)s") % {"site": facts.title},
        "site_url": origin,
        "logo": {"src": "/icon-192.png", "show_in_header": True},
        "media_folder": "images",
        "public_folder": "/images",
        "media_libraries": {
            "default": {"config": {"slugify_filename": True, "max_file_size": PICTURE_BYTES, "multiple": False}}
        },
        "slug": {"encoding": "ascii", "clean_accents": True, "maxlength": SLUG_CHARACTERS // 2},
        "editor": {"preview": False},
        # Not for translations, which are files of their own: by its language å, ä and ö become a, a and o in names.
        "i18n": {
            "structure": "multiple_files",
            "locales": [facts.language],
            "default_locale": facts.language,
            "omit_default_locale_from_file_path": True,
        },
        "collections": [_letters(facts, written, _), _pages(facts, written, _)],
    }


def _letters(facts: Facts, written: list[Source], _: Gettext) -> dict[str, Any]:
    letters = [source for source in written if source.is_letter]
    fields = [
        _title(_),
        _date(_),
        _choice("author", _("Who writes"), {one.name: one.name for one in facts.writers}, letters)
        | {"required": False},
        {
            "name": "tags",
            "label": _("Topics"),
            "label_singular": _("Topic"),
            "hint": _("One or a few. Use the ones that other letters have where you can."),
            "widget": "list",
            "required": False,
        },
        _summary(_, _("One or two sentences that stand above the letter and in lists.")),
        {
            "name": "brief",
            "label": _("In short"),
            "hint": _("The letter in plain language, for those who find long texts hard. May be left empty."),
            "widget": "text",
            "required": False,
        },
        _body(_),
        _status(letters, _),
        _choice(
            "comments",
            _("Comments"),
            {"open": _("Open for new comments"), "closed": _("Closed for new comments")},
            letters,
        ),
        *_addressing(facts, letters, _),
        _modified(_),
    ]
    return _collection("letters", _("Letters"), _("Letter"), fields) | {
        "sortable_fields": {"fields": ["date", "title"], "default": {"field": "date", "direction": "descending"}},
        "view_filters": [{"label": _("Drafts"), "field": "status", "pattern": "draft"}],
    }


def _date(_: Gettext) -> dict[str, Any]:
    return {
        "name": "date",
        "label": _("Date and time"),
        "hint": _("When the letter is published, in local time."),
        "widget": "datetime",
        "format": DATE_FORMAT,
        "date_format": "YYYY-MM-DD",
        "time_format": "HH:mm",
        "default": "{{now}}",
    }


def _modified(_: Gettext) -> dict[str, Any]:
    return {
        "name": "modified",
        "label": _("Changed"),
        "hint": _("Fill in only when you change the meaning of a published letter, like 2026-11-20 08:00."),
        "widget": "string",
        "required": False,
        "pattern": [r"^(\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?)?$", _("Write it like 2026-11-20 08:00")],
    }


def _pages(facts: Facts, written: list[Source], _: Gettext) -> dict[str, Any]:
    pages = [source for source in written if not source.is_letter]
    order = {
        "name": "order",
        "label": _("Place in the footer"),
        "hint": _("A whole number; the lowest stands first."),
        "widget": "string",
        "required": False,
        "pattern": [r"^\d*$", _("Write a whole number")],
    }
    summary = _summary(_, _("One or two sentences on what the page is about."))
    fields = [_title(_), summary, _body(_), _status(pages, _), order, *_addressing(facts, pages, _)]
    return _collection("pages", _("Pages"), _("Page"), fields)


def _collection(name: str, label: str, singular: str, fields: list[Field]) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "label_singular": singular,
        "folder": name,
        "create": True,
        "nested": {"depth": 9},  # letters may lie in folders, of years perhaps
        "i18n": True,
        "format": "letter",  # see editor_start.js
        "identifier_field": "title",
        "slug": "{{slug}}",
        "fields": fields,
    }


def _title(_: Gettext) -> Field:
    return {"name": "title", "label": _("Title"), "widget": "string"}


def _summary(_: Gettext, hint: str) -> Field:
    return {"name": "summary", "label": _("Summary"), "hint": hint, "widget": "text", "required": False}


def _body(_: Gettext) -> Field:
    """Plain text, as written: a field that shows Markdown laid out would write the whole letter anew."""
    return {
        "name": "body",
        "label": _("The text"),
        "hint": _(
            "In Markdown: an empty line between paragraphs, ## and a space before a heading. A picture that was "
            "taken in under Pictures is shown where its name stands like this: "
            "`![What it shows](/images/name.jpg)`"
        ),
        "widget": "text",
        "required": False,
    }


def _status(written: list[Source], _: Gettext) -> Field:
    names = {"draft": _("Draft: shown in this preview only"), "published": _("To be published")}
    return _choice("status", _("State"), names, written)


def _addressing(facts: Facts, written: list[Source], _: Gettext) -> list[Field]:
    codes = dict.fromkeys([facts.language, *LANGUAGES])
    return [
        {
            "name": "slug",
            "label": _("Address"),
            "hint": _("The last part of the address: a-z, 0-9 and hyphens. Made of the title when it is empty."),
            "widget": "string",
            "required": False,
            "pattern": [r"^([a-z0-9]+(-[a-z0-9]+)*)?$", _("Write only a-z, 0-9 and single hyphens")],
        },
        _choice("lang", _("Language"), {code: language_name(code) for code in codes}, written),
        {
            "name": "translation",
            "label": _("A translation"),
            "hint": _("Of another text, with the same address and in another language."),
            "widget": "boolean",
            "required": False,
            "default": False,
        },
    ]


def _choice(name: str, label: str, options: dict[str, str], written: list[Source]) -> Field:
    """A field with a choice; what a text has already can be chosen, whatever it is. The first one is the default."""
    used = {source.get(name) if name == "author" else source.get(name).lower() for source in written}
    every = options | {value: value for value in sorted(used - {"", *options})}
    values = [{"label": shown, "value": value} for value, shown in every.items()]
    return {"name": name, "label": label, "widget": "select", "options": values, "default": next(iter(every), "")}
