"""Days in a site.toml that the publication of a site looks at: no test may break when they have passed."""

import re
from datetime import UTC, datetime, timedelta

from tests.statement import reviewed_today


def publishable(toml: str) -> str:
    """A site.toml, like the project's own, reviewed today, with a security.txt that holds for most of a year."""
    day = (datetime.now(UTC) + timedelta(days=300)).date()
    return re.sub(r"(?m)^expires = .*", f"expires = {day}", reviewed_today(toml))
