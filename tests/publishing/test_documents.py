"""What is written about publishing is what there is."""

import re

import yaml

from builder.__main__ import COMMANDS
from builder.places import ROOT
from builder.receive.__main__ import COMMANDS as RECEIVING
from builder.receive.setting_up import SETTINGS

GUIDE = (ROOT / "docs/publicering.md").read_text(encoding="utf-8")
CODE = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "builder/receive").glob("*.py"))


def test_every_setting_is_documented() -> None:
    """In the guide, and in the file that setting up writes."""
    read = set(re.findall(r'settings\.get\("(\w+)"', CODE))
    assert read == set(re.findall(r"^# (\w+)=", SETTINGS, re.MULTILINE))
    assert read == set(re.findall(r"^\| `(\w+)` \|", GUIDE.partition("Kommentarstjänsten läser")[0], re.MULTILINE))


def test_the_commands_in_the_guide_exist() -> None:
    """Of deploy/receive, of make and of the unit."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    unit = (ROOT / "deploy/ordetfritt-builder.service").read_text(encoding="utf-8")
    assert set(re.findall(r"deploy/receive (\w+) /", GUIDE)) <= RECEIVING.keys()
    assert all(f"\n{name}:" in makefile for name in re.findall(r"    make (\w+)", GUIDE))
    assert re.findall(r"-m builder (\w+)", unit)[0] in COMMANDS


def test_every_variable_of_the_workflows_is_documented() -> None:
    """Whoever copies one must know what to set."""
    used = set()
    for name in ("github-actions.yml", "gitlab-ci.yml"):
        text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
        assert yaml.safe_load(text)
        used |= set(re.findall(r"\b(?:vars|secrets)\.(\w+)|\$(TARGET|SSH_\w+)", text))
    names = {one or other for one, other in used}
    assert all(f"| `{name}` |" in GUIDE for name in names)
