"""The check of what is about to be committed: the staged version of letters, not the working copy's."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from builder.checking import findings
from builder.findings_report import report
from builder.git import git, names, top
from builder.places import Places
from builder.words import site_gettext
from plugins.findings import Finding, short
from plugins.wording import WordedError


def check_staged(where: Places, json_wanted: bool = False) -> int:
    """Tell the findings in the letters that are staged, and what they break in others; 1 where there are errors."""
    _ = site_gettext(where)
    try:
        found = staged_findings(where)
    except WordedError as error:
        print(error.told(_), file=sys.stderr)
        return 1
    if not found and not json_wanted:
        return 0
    code = report(found, _, json_wanted)
    if code and not json_wanted:
        print(_("The commit was not made. Put this right and add it, or leave the check out: git commit --no-verify"))
    return code


def staged_findings(where: Places) -> list[Finding]:
    """The findings in what is staged of CONTENT, told of the files in the working copy; none where nothing is."""
    folder = top(where.content)
    if folder is None:
        return []
    inside = where.content.relative_to(folder.resolve())
    changed = set(names(folder, "diff", "--cached", "--name-only", "--no-renames", "-z", "--", str(inside)))
    if not changed:
        return []
    with _staged(folder, inside) as copy:
        looked_at = {copy / name for name in changed}
        found = findings(replace(where, content=copy / inside), looked_at.__contains__, PICTURES_UNMADE=True)
        ours = [finding for finding in found if finding.stops or finding.path.startswith(str(copy))]
        return [_in_working_copy(finding, copy, folder) for finding in ours]


@contextlib.contextmanager
def _staged(folder: Path, inside: Path) -> Iterator[Path]:
    """A copy of what the index holds of a folder; files that are the same in the working copy are linked to it."""
    home = Path(folder, git(folder, "rev-parse", "--git-dir").rstrip("\n"))
    copy = Path(tempfile.mkdtemp(prefix="ordetfritt-", dir=home)).resolve()
    try:
        differing = set(names(folder, "diff-files", "--name-only", "-z", "--", str(inside)))
        every = names(folder, "ls-files", "--cached", "-z", "--", str(inside))
        wanted = [name for name in every if name in differing or not _linked(folder / name, copy / name)]
        (copy / inside).mkdir(parents=True, exist_ok=True)
        given = "".join(f"{name}\0" for name in wanted)
        git(folder, "checkout-index", "-z", "--stdin", f"--prefix={copy}/", given=given)
        yield copy
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _linked(file: Path, target: Path) -> bool:
    """Whether the file could be given a second name there, which costs nothing."""
    if file.is_symlink():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:
        return False
    return True


def _in_working_copy(finding: Finding, copy: Path, folder: Path) -> Finding:
    message = finding.message.replace(f"{copy}/", "").replace(f"{short(str(copy))}/", "")
    return replace(finding, path=finding.path.replace(str(copy), str(folder), 1), message=message)
