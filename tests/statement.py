"""The accessibility statement in the sites that tests build: reviewed on the day when they run."""

import re
from datetime import UTC, datetime

STATEMENT = """
[accessibility]
status = "partly"
reviewed = {today}
updated = {today}
review = "self"
method = "Allt har prövats."
[[accessibility.not_accessible]]
kind = "not_compliant"
content = "Kommentarer på andra språk är inte märkta."
requirement = "WCAG 3.1.2"
why = "Vi publicerar dem som de är skrivna."
"""


def statement() -> str:
    """A whole table [accessibility], to stand at the end of a site.toml."""
    return STATEMENT.format(today=_today())


def reviewed_today(toml: str) -> str:
    """A site.toml, like the project's own, with today's date for the review: it can be published."""
    return re.sub(r"(?m)^(reviewed|updated) = .*", rf"\1 = {_today()}", toml)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
