"""What is said of the site that readers see."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from builder.receive.git import Git
from builder.receive.house import House
from builder.receive.releases import Channel, Release
from builder.receive.talk import Say

MOST_LETTERS = 5


def say_shown(house: House, channel: Channel, git: Git, say: Say) -> None:
    """Where the site is, which version of it, and the addresses of letters that are new."""
    _, shown = house.words(), channel.shown()
    if shown is None:
        return
    url, before = shown.table["url"], channel.before(shown)
    known = {letter["uri"] for letter in before.letters()} if before else set()
    fresh = [letter for letter in shown.letters() if letter["uri"] not in known]
    for letter in fresh[:MOST_LETTERS] if before else ():
        say(_("New: %(title)s, %(address)s") % {"title": letter["title"], "address": url + letter["uri"]})
    say(_("Published: %(address)s shows %(version)s.") % {"address": f"{url}/", "version": version(shown, git)})


def version(release: Release, git: Git) -> str:
    """A release as people tell it from others: commit, what it says of itself, and its newest letter."""
    subject, letters = git.subject(release.commit), release.letters()
    newest = f" – ”{letters[0]['title']}”" if letters else ""
    return f"{release.commit[:7]} ({subject}){newest}"


def when(release: Release) -> str:
    """When it was made, in the site's own time."""
    table = release.table
    return f"{datetime.fromtimestamp(table['begun'], UTC).astimezone(ZoneInfo(table['time_zone'])):%Y-%m-%d %H:%M}"
