"""Goes back to a version that readers have seen before, in one step, until the next push to main."""

from functools import partial

from builder.receive.building import build_site, make_release, refresh
from builder.receive.git import Git
from builder.receive.house import MAIN, House, locked
from builder.receive.releases import Channel, Release, main_channel
from builder.receive.talk import Say
from builder.receive.telling import version, when
from plugins.wording import WordedError


class CannotRollBack(WordedError):
    """There is nothing to go back to."""


def rollback(house: House, to: str, say: Say) -> int:
    """Show the release of the commit `to`, or the one before the one that is shown; CannotRollBack where there is none.

    It is built again first: comments may have been hidden since. main stays where it is: what is shown is noted, and
    neither the builder nor a restart brings main's version back.
    """
    _, git, channel = house.words(), Git(house.repository), main_channel(house)
    with locked(house, say) as lock:
        release = _built(to, house, channel, git, lock, say)
        main = git.commit(MAIN)
        # Noted first: what is shown and not noted would be undone by the builder.
        house.set_pin(None if release.commit == main else {"commit": release.commit, "main": main})
        channel.show(release)
        named = {"version": version(release, git), "time": when(release)}
        say(_("The site shows %(version)s, built %(time)s.") % named)
        if release.commit != main:
            say(_("It stays so until the next push to main. main itself is as it was: put the fault right, and push."))
    return 0


def _built(to: str, house: House, channel: Channel, git: Git, lock: int, say: Say) -> Release:
    commit = _commit(to, git) if to else ""
    release = channel.of(commit) if commit else _before(channel)
    if release is None:
        release = make_release(house, channel, git, commit, lock, say)
    else:
        build = partial(build_site, house, channel, lock, say, is_public=True)
        if not refresh(house, channel, git, release, build, say):
            commit, release = release.commit, None
    if release is None:
        raise CannotRollBack("The site must be built to be shown; %(name)s can't be.", name=commit[:7])
    return release


def _before(channel: Channel) -> Release:
    shown = channel.shown()
    before = channel.before(shown) if shown else None
    if before is None:
        raise CannotRollBack("There must be an earlier version to go back to; nothing else has been published here.")
    return before


def _commit(name: str, git: Git) -> str:
    commit = git.commit(name)
    if commit is None:
        raise CannotRollBack(
            'TO must be a commit that was pushed here, not "%(name)s"; "releases" lists them', name=name
        )
    return commit


def releases(house: House, say: Say) -> int:
    """List the versions that can be gone back to, the newest first; a star marks the one that is shown."""
    git, channel = Git(house.repository), main_channel(house)
    shown = channel.shown()
    for release in reversed(channel.all()):
        mark = "*" if shown and release.folder == shown.folder else " "
        say(f"{mark} {when(release)}  {version(release, git)}")
    return 0
