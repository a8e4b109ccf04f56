"""What goes wrong in a round, and when: each scene is a list of (share of all that is done, trouble).

Drawn by the round's random numbers; a trouble returns when what it broke is whole again.
"""

import os
import random
import signal
import time
from collections.abc import Callable

import redis

from notices.enums import DeliveryState
from notices.models import Delivery
from notices.services import settling
from tests.notices.peers import DROP, HANG
from tests.soak import plan
from tests.soak.round import Round
from tests.soak.town import BUSY, ERROR_IN_200

Trouble = Callable[[Round], None]
Troubles = list[tuple[float, Trouble]]

FROZEN = 16  # seconds: longer than the lease of tests/soak/hurried.py


def kill(played: Round) -> None:
    """kill -9 for one worker, in the middle of whatever it does."""
    played.crew.kill(played.rng.choice(played.crew.workers))
    played.excused["kills"] += 1
    played.crew.start_worker()


def kill_unanswered(played: Round) -> None:
    """kill -9 for all, while the peer has taken a mail and has not said so: the one loss of knowledge that
    nothing can mend."""
    held = played.town.hold()
    played.until(lambda: held.taken.is_set() or played.is_over(), "a mail whose answer is held back")
    for worker in list(played.crew.workers):
        played.crew.kill(worker)
        played.excused["kills"] += 1
        played.crew.start_worker()
    held.let_go.set()


def freeze(played: Round) -> None:
    """A worker that stands still for longer than its lease, and then goes on where it was."""
    worker = played.rng.choice(played.crew.workers)
    os.killpg(worker.pid, signal.SIGSTOP)
    time.sleep(FROZEN)
    os.killpg(worker.pid, signal.SIGCONT)
    played.excused["freezes"] += 1


def lose_redis(played: Round) -> None:
    """Redis is stopped; what comes back is empty."""
    played.home.stop_redis()
    time.sleep(played.rng.uniform(0.5, 3))
    played.home.redis.start()


def empty_redis(played: Round) -> None:
    """All messages are gone, and nobody has noticed anything."""
    redis.Redis(unix_socket_path=str(played.home.redis.socket)).flushall()


def restart_postgres(played: Round) -> None:
    played.home.restart_postgres(signal.SIGINT)


def crash_postgres(played: Round) -> None:
    played.home.restart_postgres(signal.SIGQUIT)


def crash_postgres_unanswered(played: Round) -> None:
    """It crashes while the peer has a mail and has not said so, and is away when it does: the worker has to
    keep the answer. This excuses no copy."""
    held = played.town.hold()
    played.until(lambda: held.taken.is_set() or played.is_over(), "a mail whose answer is held back")
    played.home.restart_postgres(signal.SIGQUIT, meanwhile=held.let_go.set)


def mail(kind: str, count: int) -> Trouble:
    """The mail server treats the next `count` mails so (town.MAIL_TROUBLES)."""

    def begin(played: Round) -> None:
        played.town.trouble_mail(kind, count)
        if kind == "drop":
            played.excused["drops"] += count

    return begin


def robots(played: Round) -> None:
    """Robots are busy, hang, say 200 and mean an error, drop what they have said, and one finds every
    signature wrong."""
    orders = [BUSY, HANG, ERROR_IN_200, DROP]
    played.rng.shuffle(orders)
    played.town.trouble_robots(*orders)
    played.excused["drops"] += 1


def mend_signature(played: Round) -> None:
    """The operator finds what was given up, corrects the secret and sends it again."""
    failed = Delivery.objects.filter(state=DeliveryState.FAILED)
    played.until(failed.exists, "a message given up because of its signature")
    played.town.accept_signatures()
    settling.send_again(failed.get(), at=plan.TODAY)


# Scenes --------------------------------------------------------------------------------------------------


def spread(rng: random.Random, *troubles: Trouble) -> Troubles:
    """Each at a moment of its own, from the first reminder to the last mail but a few."""
    return [(rng.uniform(0.02, 0.95), trouble) for trouble in troubles]


def kills(rng: random.Random) -> Troubles:
    return spread(rng, *[kill] * 12, *[kill_unanswered] * 3)


def crowd(rng: random.Random) -> Troubles:
    return spread(rng, *[kill] * 3, freeze, freeze)


def redis_lost(rng: random.Random) -> Troubles:
    return spread(rng, kill, kill, lose_redis, lose_redis, empty_redis)


def postgres_lost(rng: random.Random) -> Troubles:
    return spread(
        rng, kill, restart_postgres, restart_postgres, crash_postgres, *[crash_postgres_unanswered] * 2
    )


def mail_server(rng: random.Random) -> Troubles:
    return spread(rng, kill, mail("refuse", 40), mail("hang", 3), mail("drop", 4), mail("refuse", 10))


def group_robots(rng: random.Random) -> Troubles:
    return [(0, robots), (rng.uniform(0.3, 0.9), mend_signature), *spread(rng, kill, kill)]


def everything(rng: random.Random) -> Troubles:
    return [
        (0, robots),
        (rng.uniform(0.3, 0.9), mend_signature),
        *spread(rng, kill, kill, kill_unanswered, lose_redis, crash_postgres_unanswered),
        *spread(rng, mail("refuse", 5), mail("drop", 1)),
    ]
