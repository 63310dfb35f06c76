"""Makes the folder on the server: the bare repository with its hooks, the secret, the settings."""

import os
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

from builder.places import ROOT
from builder.receive.house import House
from builder.receive.talk import Say

HOOKS = {"pre-receive": "", "reference-transaction": '[ "$1" = committed ] || exit 0\n', "post-receive": ""}
"""git's hooks, with what is looked at before our program is started at all."""
HOOK = """#!/bin/sh
# Written by deploy/receive setup, which writes it anew. git runs it in the repository.
{first}PYTHONPATH={program} exec {python} -P -m builder.receive {hook} ..
"""
GIT = {
    "receive.fsckObjects": "true",  # a broken or malicious object is turned away before anything reads it
    "receive.denyDeletes": "false",
    "receive.denyNonFastForwards": "false",
    "receive.denyDeleteCurrent": "ignore",  # the hook says it in words
    "receive.advertisePushOptions": "false",
    "receive.maxInputSize": "2g",  # of one push; a disk must not be filled by a slip
    "core.logAllRefUpdates": "true",
}
SETTINGS = """\
# Inställningar för mottagningen av git push. Rader som börjar med # är avstängda.

# Mappen eller adressen där kommentarstjänsten lägger de publicerade samtalen.
# CONVERSATIONS=/var/lib/ordetfritt/published

# Adressen till förhandsvisningar av andra grenar än main; {token} byts mot det som ingen kan gissa.
# PREVIEWS=https://{token}.forhandsvisning.lindhamn.example

# Så många versioner sparas att gå tillbaka till.
# KEEP=10

# Temat: utan raden används det som pushas. Mallar är kod; med raden bygger servern bara med sitt eget.
# THEME=/opt/ordetfritt/theme

# Var gjorda bilder och minnet av förra bygget sparas; utan raden i mappen var här bredvid.
# DATA=/srv/ordetfritt/var
"""


def setup(house: House, say: Say) -> int:
    """Make what is missing, and write the hooks anew; what is there otherwise stays as it is."""
    root = house.root
    for name in ("releases", "previews", "branches", "var"):
        (root / name).mkdir(parents=True, exist_ok=True)
    _secret(root / "secret")
    if not (root / "settings").exists():
        (root / "settings").write_text(SETTINGS, encoding="utf-8")
    if not (house.repository / "HEAD").exists():
        _git("init", "--quiet", "--bare", "--initial-branch=main", str(house.repository))
    for key, value in GIT.items():
        _git(f"--git-dir={house.repository}", "config", key, value)
    for hook in HOOKS:
        _write_hook(house, hook)
    _ = house.words()
    say(_("Ready. On a writer's computer: git remote add publicera SERVER:%(path)s") % {"path": house.repository})
    say(_("and then, to publish: git push publicera main"))
    return 0


def _git(*arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *arguments], check=True, env=environment)  # noqa: S603, S607


def _secret(file: Path) -> None:
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(secrets.token_bytes(32))


def _write_hook(house: House, hook: str) -> None:
    file = house.repository / "hooks" / hook
    file.parent.mkdir(exist_ok=True)
    program, python = shlex.quote(str(ROOT)), shlex.quote(sys.executable)
    text = HOOK.format(hook=hook, first=HOOKS[hook], program=program, python=python)
    fresh = file.with_name(f".{hook}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o755)
    fresh.replace(file)
