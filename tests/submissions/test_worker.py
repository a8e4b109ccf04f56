"""A real worker process on the real Redis and the test's own database."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from portal.celery import app
from submissions.models import Tally, TallyDelta
from submissions.services.ledger import FOLD_TASK
from tests.factories import assigned, county, handed_in

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60  # seconds for a worker to come up on a busy machine

# Not the database the other tests' hints go to: a worker there would take them away.
BROKER = settings.REDIS_URL.removesuffix("0") + "7"


@pytest.fixture
def worker(transactional_db: None) -> Iterator[subprocess.Popen]:
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    environment = os.environ | {
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "REDIS_URL": BROKER,
    }
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-P", "solo", "-l", "WARNING"]
    process = subprocess.Popen([*command, "--without-gossip", "--without-mingle"], env=environment)
    yield process
    process.terminate()
    process.wait(PATIENCE)


def test_a_worker_folds_the_counters_of_a_hand_in(worker: subprocess.Popen) -> None:
    place = county()
    handed_in(assigned(place), place.secretary)
    with app.connection_for_write(BROKER) as broker:
        app.send_task(FOLD_TASK, connection=broker)
    end = time.monotonic() + PATIENCE
    while TallyDelta.objects.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert TallyDelta.objects.count() == 0
    assert sorted(Tally.objects.values_list("state", "n")) == [("submitted", 1), ("todo", 1)]
