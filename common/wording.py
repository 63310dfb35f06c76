"""Errors that are told to a person, in the language of whoever reads them."""

from collections.abc import Callable

Gettext = Callable[[str], str]


class WordedError(Exception):
    """An error told to a person: `message` is an English msgid, `values` go into it by name."""

    def __init__(self, message: str = "", **values: object) -> None:
        super().__init__(message % values)
        self.message = message
        self.values = values

    def told(self, gettext: Gettext) -> str:
        """The sentence in the language of `gettext`; a "why" that the system gave too, where it is a common one."""
        why = self.values.get("why")
        values = self.values | {"why": gettext(why)} if isinstance(why, str) and why else self.values
        return gettext(self.message) % values
