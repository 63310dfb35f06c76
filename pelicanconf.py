"""Pelican's settings for work, only what differs from its defaults: drafts are shown, links begin at the root."""

import logging
import sys
from pathlib import Path

_root = str(Path(__file__).resolve().parent)
if _root not in sys.path:  # the pelican command does not look for modules beside its settings
    sys.path.insert(0, _root)

from builder.places import places, template_cache  # noqa: E402
from common.facts import read_facts  # noqa: E402
from common.language import translations  # noqa: E402
from plugins.sources import newest_first, page_order  # noqa: E402

_places = places()
FACTS = read_facts(_places.site)
_gettext = translations(FACTS.language).gettext
DATA = str(_places.data)
SITE = str(_places.site)
CONVERSATIONS = _places.conversations

PATH = str(_places.content)
OUTPUT_PATH = str(_places.output)
THEME = str(_places.theme)
ARTICLE_PATHS = ["letters"] if (_places.content / "letters").is_dir() else [""]
IGNORE_FILES = [".*", "*~", "README.md"]

SITENAME = FACTS.title
SITESUBTITLE = FACTS.subtitle
AUTHOR = FACTS.writers[0].name if FACTS.writers else FACTS.organisation
DEFAULT_LANG = FACTS.language
TIMEZONE = FACTS.time_zone
DEFAULT_DATE_FORMAT = ""
LOCALE = ["C.UTF-8", "C"]  # Babel writes the dates; the machine's locale must not

PLUGINS = [
    "plugins.incremental",
    "plugins.page_writer",
    "plugins.check",
    "plugins.letter_reader",
    "plugins.page_frame",
    "plugins.translations",
    "plugins.picture_files",
    "plugins.writers",
    "plugins.neighbours",
    "plugins.conversation",
    "plugins.scheduled",
    "plugins.unpublished",
    "plugins.statistics_page",
    "plugins.search",
    "plugins.statement",
    "plugins.share_pictures",
    "plugins.feeds",
    "plugins.json_feed",
    "plugins.security_txt",
    "plugins.icons",
    "plugins.letters_json",
    "plugins.moved",
    "plugins.look",
]
READERS = dict.fromkeys(["rst", "html", "htm", "markdown", "mkd", "mdown"])  # letters are .md files
MARKDOWN = {
    "extensions": [
        "tables",
        "footnotes",
        "attr_list",
        "sane_lists",
        "fenced_code",
        "plugins.typography",
        "plugins.letter_anatomy",
        "plugins.safe_html",
    ],
    "extension_configs": {
        "footnotes": {"BACKLINK_TITLE": _gettext("Back to where footnote {} stands")},
        "tables": {"use_align_attribute": True},  # the content security policy forbids style attributes
    },
    "output_format": "html",
}
LOG_FILTER = [  # plugins.check_links tells it better
    (logging.WARNING, "Empty alt attribute for image %s in %s"),
    (logging.WARNING, "Unable to find '%s', skipping url replacement."),
]
ADVICE_AT_ONCE = (
    10  # texts, those written last, that one build advises on anew; plugins.advice keeps the advice in DATA
)
JINJA_ENVIRONMENT = {
    "autoescape": True,
    "bytecode_cache": template_cache(_places),
    "auto_reload": False,  # each build has an environment of its own
    "trim_blocks": True,
    "lstrip_blocks": True,
}
TEMPLATE_EXTENSIONS = [".html", ".xml", ".txt"]
FORMATTED_FIELDS: list[str] = []  # titles and summaries are plain text, typeset by the letter reader
FILENAME_METADATA = ""
USE_FOLDER_AS_CATEGORY = False

ARTICLE_URL = ARTICLE_LANG_URL = "{date:%Y}/{slug}/"
ARTICLE_SAVE_AS = ARTICLE_LANG_SAVE_AS = "{date:%Y}/{slug}/index.html"
ARTICLE_TRANSLATION_ID = None  # plugins.translations finds them, in less time
PAGE_TRANSLATION_ID = "original"  # set by plugins.letter_reader
PAGE_URL = PAGE_LANG_URL = "{slug}/"
PAGE_SAVE_AS = PAGE_LANG_SAVE_AS = "{slug}/index.html"
ARTICLE_ORDER_BY, PAGE_ORDER_BY = newest_first, page_order
DRAFT_URL = DRAFT_LANG_URL = DRAFT_PAGE_URL = DRAFT_PAGE_LANG_URL = "utkast/{slug}/"
DRAFT_SAVE_AS = DRAFT_LANG_SAVE_AS = DRAFT_PAGE_SAVE_AS = DRAFT_PAGE_LANG_SAVE_AS = "utkast/{slug}/index.html"
TAG_URL, TAG_SAVE_AS = "amnen/{slug}/", "amnen/{slug}/index.html"
AUTHOR_URL, AUTHOR_SAVE_AS = "forfattare/{slug}/", "forfattare/{slug}/index.html"
CATEGORY_SAVE_AS = ""

DIRECT_TEMPLATES = ["index", "archives", "404", "sitemap", "robots"]
INDEX_URL = ""
ARCHIVES_URL, ARCHIVES_SAVE_AS = "arkiv/", "arkiv/index.html"
SITEMAP_SAVE_AS = "sitemap.xml"
ROBOTS_SAVE_AS = "robots.txt"
DEFAULT_PAGINATION = 10
PAGINATED_TEMPLATES = {"index": None}
PAGINATION_PATTERNS = [
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/sida/{number}/", "{base_name}/sida/{number}/index.html"),
]

# plugins.feeds writes the feeds, with absolute addresses in work as well
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None
