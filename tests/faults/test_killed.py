"""kill -9 in the middle of posting: what was acknowledged is there, and nothing is there twice."""

import os
import random

from tests.faults.load import check_all_is_there, check_approved, posting
from tests.faults.serving import Moderator

ROUNDS = 20
SEED = int(os.environ.get("SEED") or random.randrange(10**6))


def test_a_killed_service_has_lost_nothing_that_it_acknowledged(start, storage, folder):
    """Twenty times: eight clients post, the process is killed, and starts again on the same data."""
    print(f"SEED={SEED}")
    chance = random.Random(SEED)
    service = start()
    moderator = Moderator(service.port, storage)
    loads = []
    for _ in range(ROUNDS):
        with posting([service.port], moderator=moderator) as load:
            load.wait_for(chance.randint(20, 80))
            service.kill()
        service = start()
        loads.append(load)
        load.send_again(service.port)
        moderator.move(service.port)
        check_all_is_there(storage, *loads)
        check_approved(storage, folder / "var" / "published", *loads)
