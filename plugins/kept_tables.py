"""Small JSON files in DATA that save work between runs, and that nothing is lost with."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_table(file: Path) -> Mapping[str, Any]:
    """A JSON object in a file; an empty one where there is none that can be read."""
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def write_table(file: Path, table: Mapping[str, Any]) -> bool:
    """Put a JSON object in a file's place by a rename; False where the disk refuses."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as written:
            written.write(json.dumps(table, ensure_ascii=False).encode("utf-8", "replace"))
        Path(written.name).replace(file)
    except OSError:
        return False
    return True
