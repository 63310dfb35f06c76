"""Pelican's settings for the preview of a branch: pelicanconf's, drafts and all, marked and without comment forms."""

import os
from pathlib import Path

from pelican.settings import get_settings_from_file

_work = get_settings_from_file(str(Path(__file__).with_name("pelicanconf.py")))
globals().update(_work)

WITHOUT_COMMENTS = True  # nobody builds it again when one is hidden
BRANCH = os.environ.get("BRANCH", "")
PLUGINS = [*_work["PLUGINS"], "plugins.branch_preview"]
