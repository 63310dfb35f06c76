"""What is told of watched folders."""

import os
from pathlib import Path

from builder.folders import bursts


def test_a_name_that_is_no_utf_8_ends_no_watch(tmp_path: Path) -> None:
    """As an old archive leaves it when it is unpacked; whatever comes after it is seen."""
    seen = bursts(tmp_path)
    assert next(seen) is None
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/br\xe5k.md")).touch()
    assert next(found for found in seen if found != frozenset()) is None
    (tmp_path / "brev.md").touch()
    assert next(found for found in seen if found) == {str(tmp_path / "brev.md")}
