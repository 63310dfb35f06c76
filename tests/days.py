"""Days in a site.toml that the publication of a site looks at: no test may break when they have passed."""

import re
from datetime import UTC, datetime, timedelta


def publishable(toml: str) -> str:
    """A site.toml, like the project's own, of which security.txt holds for the better part of a year from today."""
    day = (datetime.now(UTC) + timedelta(days=300)).date()
    return re.sub(r"(?m)^expires = .*", f"expires = {day}", toml)
