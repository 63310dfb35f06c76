"""What a push asks for, ref by ref, and what of it can't be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.receive.git import Git, is_nothing
from builder.receive.house import MAIN
from plugins.wording import Gettext

BRANCHES, TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True)
class Update:
    """A line that git gives to its hooks: what a ref named, what it shall name, and the ref."""

    old: str
    new: str
    ref: str

    @property
    def removes(self) -> bool:
        """Whether the ref shall be no more."""
        return is_nothing(self.new)

    @property
    def is_main(self) -> bool:
        """Whether it is about what is published."""
        return self.ref == MAIN

    @property
    def is_branch(self) -> bool:
        """Whether it is about a branch, main or another."""
        return self.ref.startswith(BRANCHES)

    @property
    def branch(self) -> str:
        """The branch's name."""
        return self.ref.removeprefix(BRANCHES)


def updates(lines: Iterable[str]) -> list[Update]:
    """The updates in the lines of a hook's stdin, main first: nobody waits for previews."""
    found = [Update(*line.rstrip("\n").split(" ", 2)) for line in lines if line.strip()]
    return sorted(found, key=lambda update: not update.is_main)


def refusals(update: Update, git: Git, _: Gettext) -> Iterator[str]:
    """Why an update can't be, before anything is built for it."""
    if update.is_main and update.removes:
        yield _(
            "The branch main must stay: it is the published site. "
            "To go back to an older version, push that commit to main."
        )
    elif not update.ref.startswith((BRANCHES, TAGS)):
        yield _('"%(ref)s" must be a branch or a tag; push main to publish.') % {"ref": update.ref}
    elif update.is_branch and not update.removes:
        yield from _no_commit(update, git, _)


def _no_commit(update: Update, git: Git, _: Gettext) -> Iterator[str]:
    if git.kind(update.new) != "commit":
        yield _("The branch %(branch)s must be a commit; it is something else.") % {"branch": update.branch}
    elif (git.commit(update.ref) or "") != ("" if is_nothing(update.old) else update.old):
        yield _(
            "Somebody else has published %(branch)s meanwhile. Fetch their work first, then push again: "
            "git pull --rebase"
        ) % {"branch": update.branch}
