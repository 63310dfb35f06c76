"""Writes /tillganglighet/, the accessibility statement with its feedback form, from [accessibility] in site.toml."""

from typing import Any

from pelican import signals
from pelican.generators import Generator
from pelican.writers import Writer

from plugins.sources import STATEMENT


class StatementPage(Generator):  # type: ignore[misc]
    """Writes the page, also where there is no statement yet: the form is needed all the same."""

    def generate_output(self, writer: Writer) -> None:
        """Called by Pelican."""
        writer.write_file(f"{STATEMENT.lstrip('/')}index.html", self.get_template("accessibility"), self.context)


def register() -> None:
    """Called by Pelican."""
    signals.get_generators.connect(_page)


def _page(_pelican: Any) -> type[Generator]:
    return StatementPage
