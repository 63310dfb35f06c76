"""Lets readers see what main is: the one place where the published site is switched by itself."""

from builder.receive.building import make_release
from builder.receive.git import Git
from builder.receive.house import MAIN, House
from builder.receive.releases import main_channel
from builder.receive.talk import Say


def settle(house: House, git: Git, lock: int, say: Say) -> bool:
    """Show the release of main's commit where another is shown; whether something was switched.

    A rollback stays as long as main names the commit that it was made against. A push that was killed after main
    had moved is made up for here, by the next push or by the builder.
    """
    wanted = git.commit(MAIN)
    pin = house.pin()
    if wanted is None or (pin and pin.get("main") == wanted):
        return False
    channel = main_channel(house)
    shown = channel.shown()
    newest = channel.of(wanted)
    if newest is None and not (shown and shown.commit == wanted):
        newest = make_release(house, channel, git, wanted, lock, say)
    if newest is None or (shown and shown.folder == newest.folder):
        house.set_pin(None) if newest else None
        return False
    channel.show(newest)
    house.set_pin(None)
    channel.tidy(wanted)
    return True
