"""Everybody who is due is reminded exactly once, whatever dies meanwhile (docs/reminders.md).

Real worker and beat processes, PostgreSQL and Redis of their own, a mail server and robots that misbehave.
`make test` plays one small round of everything; `make soak` (SOAK_ROUNDS, SOAK_SCHOOLS, SOAK_SEED) many.
"""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev.servers import find_postgres, find_redis
from dev.trouble import Trouble
from tests.soak import house, troubles
from tests.soak.round import play
from tests.soak.town import Town, own_town

Scene = Callable[[random.Random], troubles.Troubles]
SCENES: tuple[Scene, ...] = (
    troubles.kills,
    troubles.crowd,
    troubles.redis_lost,
    troubles.postgres_lost,
    troubles.mail_server,
    troubles.group_robots,
    troubles.everything,
)
SEED = int(os.environ.get("SOAK_SEED", 1))
LONG = range(int(os.environ.get("SOAK_ROUNDS", 0)))
SCHOOLS = int(os.environ.get("SOAK_SCHOOLS", 2000))
ROUNDS = [(SEED + n, SCENES[n % len(SCENES)], SCHOOLS) for n in LONG] or [(SEED, troubles.everything, 110)]


@pytest.fixture(scope="module")
def home() -> Iterator[house.House]:
    try:
        find_postgres(), find_redis()
    except Trouble as trouble:
        pytest.fail(
            f"The soak starts PostgreSQL and Redis of its own, whatever the URLs say: {trouble}", False
        )
    with house.own_house() as made:
        yield made


@pytest.fixture
def town() -> Iterator[Town]:
    with own_town() as made:
        yield made


@pytest.fixture
def database(home: house.House, seed: int, django_db_blocker) -> Iterator[str]:
    """Name of a fresh database of that house, in which the ORM of this thread works."""
    name = f"seed_{seed}"
    home.copy(name)
    with django_db_blocker.unblock(), house.lived_in(home.url(name)):
        yield name


@pytest.mark.parametrize(("seed", "scene", "schools"), ROUNDS)
def test_everybody_is_reminded_exactly_once(
    seed: int, scene: Scene, schools: int, home: house.House, town: Town, database: str, tmp_path: Path
) -> None:
    crew = {"workers": 3, "beats": 2}
    said = play(home, town, tmp_path, name=database, seed=seed, schools=schools, troubles=scene, **crew)
    print(f"\nseed {seed}, {scene.__name__}: {said}", flush=True)
