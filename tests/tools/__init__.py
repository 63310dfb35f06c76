"""Programs from npm that tests measure with; install.sh puts them into node_modules, as package-lock.json has them."""

import os
import shutil
from pathlib import Path

import pytest

MODULES = Path(__file__).parent / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"


def is_missing(program: str) -> bool:
    """Whether `node` or `java`, or what it would run, is not there."""
    return not (shutil.which(program) and (MODULES / ".installed").exists())


def needs(program: str) -> pytest.MarkDecorator:
    """Leave a test out where `node` or `java` or its tools are missing; with REQUIRE_BROWSER it fails instead."""
    out = is_missing(program) and not os.environ.get("REQUIRE_BROWSER")
    return pytest.mark.skipif(out, reason=f"no {program}, or no tools; see tests/tools/install.sh")
