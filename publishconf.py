"""Pelican's settings for publication: pelicanconf's, but absolute addresses, no drafts, no letters of a later date."""

import os
from pathlib import Path

from pelican.settings import get_settings_from_file

_work = get_settings_from_file(str(Path(__file__).with_name("pelicanconf.py")))
globals().update(_work)

NEW_VERSION = not os.environ.get("RENEWAL")  # a version that is public already is kept up to date on any day
SITEURL = _work["FACTS"].url
DRAFT_SAVE_AS = DRAFT_LANG_SAVE_AS = DRAFT_PAGE_SAVE_AS = DRAFT_PAGE_LANG_SAVE_AS = ""
FUTURE_LETTERS = False  # not WITH_FUTURE_DATES: Pelican makes drafts of them, and knows no night when clocks are moved
