"""git's hooks: one builds, and says no where that can't be done, one shows what was built, and one tells of it."""

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from builder.receive.building import make_release
from builder.receive.git import Git, is_nothing
from builder.receive.house import House, locked, write_json
from builder.receive.pushed import Update, refusals, updates
from builder.receive.releases import Channel, branch_channel, main_channel
from builder.receive.settle import settle
from builder.receive.talk import Say, clean, silent
from builder.receive.telling import say_shown

LET_IN = "let-in.json"
"""Which refs a push may move, and the process of git that does it as soon as the hook has said yes."""
MOVE_SECONDS = 10
"""How long another push waits for that at most."""


def pre_receive(house: House, lines: Iterable[str], say: Say) -> int:
    """Build what is pushed; 0 where git may take it in, 1 where it must not, and then nothing has changed.

    While this runs git keeps what was pushed aside (GIT_QUARANTINE_PATH), and throws it away at a no.
    """
    _, git = house.words(), Git(house.repository)
    asked = updates(lines)
    with _in_turn(house, git, say) as lock:
        for update in asked:
            refused = list(refusals(update, git, _))
            for line in refused:
                say(line)
            if refused or not _built(house, git, update, lock, say):
                say(_("Nothing was published: %(ref)s is as it was, and so is the site.") % {"ref": clean(update.ref)})
                _leave_nothing(house, git, asked)
                return 1
        moves = {update.ref: update.new for update in asked if update.is_branch}
        write_json(house.root / LET_IN, {"git": os.getppid(), "moves": moves})
    return 0


@contextmanager
def _in_turn(house: House, git: Git, say: Say) -> Iterator[int]:
    """Hold the lock once git has moved what the push before was let in with: whoever comes second builds on that."""
    patience: float | None = None
    while True:
        with locked(house, say) as lock:
            patience = patience or time.monotonic() + MOVE_SECONDS
            if time.monotonic() > patience or not _is_moving(house, git):
                yield lock
                return
        say = silent
        time.sleep(0.02)


def _is_moving(house: House, git: Git) -> bool:
    """Whether a git that was told yes has yet to move its refs."""
    try:
        let_in = json.loads((house.root / LET_IN).read_text(encoding="utf-8"))
        os.kill(let_in["git"], 0)
    except (OSError, ValueError):  # there was no push, or its git has ended
        return False
    return any((git.commit(ref) or "") != ("" if is_nothing(new) else new) for ref, new in let_in["moves"].items())


def _leave_nothing(house: House, git: Git, refused: Iterable[Update]) -> None:
    """Remove what was built of branches that there are not: nobody could remove them later."""
    for update in refused:
        if update.is_branch and not update.is_main and git.commit(update.ref) is None:
            remove(branch_channel(house, update.branch))


def _built(house: House, git: Git, update: Update, lock: int, say: Say) -> bool:
    _ = house.words()
    if not update.is_branch:
        say(_("A tag publishes nothing; push main to publish."))
        return True
    if update.removes:
        return True
    if update.is_main and not is_nothing(update.old) and git.is_before(update.new, update.old):
        say(_("This goes back to an older version: %(commit)s.") % {"commit": _named(git, update.new)})
    if update.is_main and (pin := house.pin()):
        message = _("The site had been rolled back to %(commit)s. This push ends that.")
        say(message % {"commit": pin["commit"][:7]})
    channel = main_channel(house) if update.is_main else branch_channel(house, update.branch)
    channel.tidy(update.old if update.is_main else "")
    return make_release(house, channel, git, update.new, lock, say) is not None


def _named(git: Git, commit: str) -> str:
    return f"{commit[:7]} ({git.subject(commit)})"


def reference_transaction(house: House, lines: Iterable[str], say: Say) -> int:
    """Show what the branches are now; it looks at them itself, as another push may have come in between.

    git calls this as soon as a ref has moved (githooks: reference-transaction, "committed"), also when whoever pushed
    has gone meanwhile; post-receive it then never calls.
    """
    git = Git(house.repository)
    moved = [update for update in updates(lines) if update.is_branch]
    if moved:
        with locked(house, say) as lock:
            for update in moved:
                _show(house, git, update, lock, say)
    return 0


def _show(house: House, git: Git, update: Update, lock: int, say: Say) -> None:
    if update.is_main:
        settle(house, git, lock, say)
        return
    channel, commit = branch_channel(house, update.branch), git.commit(update.ref)
    if commit is None:
        remove(channel)
    elif release := channel.of(commit) or make_release(house, channel, git, commit, lock, say):
        channel.link.parent.mkdir(exist_ok=True)
        channel.show(release)
        channel.tidy()


def post_receive(house: House, lines: Iterable[str], say: Say) -> int:
    """Tell the person who pushed what readers see now."""
    git, _ = Git(house.repository), house.words()
    for update in updates(lines):
        if update.is_main:
            say_shown(house, main_channel(house), git, say)
        elif update.is_branch and update.removes:
            say(_("The preview of %(branch)s is removed.") % {"branch": update.branch})
        elif update.is_branch:
            named = {"branch": update.branch, "address": preview_address(house, update.branch)}
            say(_("Preview of %(branch)s, for those who know the address: %(address)s") % named)
    return 0


def preview_address(house: House, branch: str) -> str:
    """Where a branch's preview is read; the path of its folder where the settings name no host for previews."""
    token = house.token(branch)
    pattern = house.settings.get("PREVIEWS", "")
    return pattern.replace("{token}", token) + "/" if "{token}" in pattern else f"previews/{token}/"


def remove(channel: Channel) -> None:
    """Take a preview away, the link first."""
    channel.link.unlink(missing_ok=True)
    for folder in (channel.releases, channel.work):
        shutil.rmtree(folder, ignore_errors=True)
