"""One test for many values, where making what it runs on takes much longer than each of them."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

Test = Callable[..., None]


def each(name: str, values: Iterable[Any]) -> Callable[[Test], Test]:
    """Run a test's body for every value of a parameter, one after another on the same fixtures.

    For what is refused, and leaves nothing behind for the next; otherwise there is pytest's `parametrize`. The first
    value that fails is named.
    """
    values = list(values)

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def run(**given: Any) -> None:
            for value in values:
                try:
                    test(**given, **{name: value})
                except BaseException as error:
                    error.add_note(f"{name} = {value!r}"[:200])
                    raise

        signature = inspect.signature(test)
        kept = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        run.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return run

    return decorate
