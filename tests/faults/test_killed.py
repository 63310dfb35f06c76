"""kill -9 in the middle of posting: what was acknowledged is there, and nothing is there twice."""

import os
import random

from tests.faults.load import check_all_is_there, check_approved, posting
from tests.faults.serving import Moderator

ROUNDS = 20
"""PostgreSQL keeps what it has said by itself: it is the service alone that is killed there."""

SEED = int(os.environ.get("SEED") or random.randrange(10**6))


def test_a_killed_service_has_lost_nothing_that_it_acknowledged(start, storage, folder):
    """Again and again, in the middle of 1,000 posts by eight clients, the process is killed, and starts again."""
    print(f"SEED={SEED}")
    chance = random.Random(SEED)
    service = start()
    moderator = Moderator(service.port, storage)
    loads = []
    for _ in range(ROUNDS):
        with posting([service.port], moderator=moderator) as load:
            load.wait_for(chance.randint(50, 300))
            service.kill()
        service = start()
        loads.append(load)
        load.send_again(service.port)
        moderator.move(service.port)
        check_all_is_there(storage, *loads)
        check_approved(storage, folder / "var" / "published", *loads)
