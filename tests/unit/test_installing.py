"""What is installed on the way says so beside what the command itself prints, which programs may read."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builder.places import ROOT


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script that must succeed."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


def test_what_python_needs_is_installed_without_a_word_on_stdout(tmp_path: Path) -> None:
    """make check ARGS=--json is JSON from its first line, also after an update."""
    for lock in ("requirements-build.lock", "requirements.lock"):
        (tmp_path / lock).touch()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/pip").symlink_to(Path(sys.prefix, "bin/pip"))
    done = run(str(ROOT / "deploy/venv"), "requirements.lock", folder=tmp_path)
    assert (done.stdout, "requirements.lock" in done.stderr) == ("", True)


@pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed")
def test_what_writers_use_is_installed_without_a_word_on_stdout(tmp_path: Path) -> None:
    """make serve does so on the way."""
    shutil.copy(ROOT / "deploy/npm/install", tmp_path)
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    lock = {"name": "x", "lockfileVersion": 3, "requires": True, "packages": {"": {}}}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    (tmp_path / "node_modules").mkdir()
    done = run(str(tmp_path / "install"), folder=tmp_path)
    assert (done.stdout, "/redigera/" in done.stderr) == ("", True)
    assert (tmp_path / "node_modules/.installed").is_file()
