"""One round of the soak: a plan, workers and beats, troubles on the way, and what came of it."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from notices.enums import DeliveryState, Manner
from notices.models import Delivery, Notice
from submissions.models import GroupReminder, Reminder
from tests.soak import plan
from tests.soak.crew import Crew
from tests.soak.house import House
from tests.soak.town import Town

SCHOOLS_A_SECOND = 200  # so that scans leave workers some time for mails
PATIENCE = 300  # seconds in which something has to have happened, also on a busy machine


@dataclass
class Round:
    """What the troubles act on. `rng` is the round's own: the same seed chooses the same troubles.

    `excused` counts the ends of processes and connections that may have left a message taken and not
    written down as taken, each of which excuses one duplicate.
    """

    home: House
    town: Town
    crew: Crew
    expected: plan.Expected
    rng: random.Random
    excused: Counter[str] = field(default_factory=Counter)

    def go_through(self, troubles: Sequence[tuple[float, Callable[["Round"], None]]]) -> None:
        """Each trouble once so much of all (0 to 1) is done; then wait until nothing is left to do."""
        for share, trouble in sorted(troubles, key=lambda one: one[0]):
            self.until(lambda share=share: self.done() >= share, f"{share:.0%} done")
            time.sleep(self.rng.uniform(0, 0.1))
            trouble(self)
        self.until(self.is_over, "everything written down and sent")

    def done(self) -> float:
        """Which share of the reminders has been written down and of the mails taken."""
        wanted = len(self.expected.reminders) + len(self.expected.addresses)
        return (Reminder.objects.count() + len(self.town.mails())) / wanted

    def is_over(self) -> bool:
        """Everything is written down and nothing waits; people about whom nothing was said yet would show."""
        return (
            Reminder.objects.count() >= len(self.expected.reminders)
            and GroupReminder.objects.exclude(digest=None).count() >= len(self.expected.groups)
            and not Delivery.objects.open().exists()
            and not Notice.objects.uncarried().exists()
        )

    def until(self, true: Callable[[], Any], what: str) -> None:
        """Wait for it; a server that is away just now is no answer."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if true():
                    return
            except (DatabaseError, InterfaceError):
                connection.close()
            time.sleep(0.1)
        raise AssertionError(f"Not within {PATIENCE} s: {what}. {self.state()}")

    def state(self) -> str:
        """Where it stands, for somebody who has to find out why it stands there."""
        states = Counter(Delivery.objects.values_list("state", flat=True))
        words = Delivery.objects.open().values_list("answer", flat=True).distinct()[:5]
        counted = f"{Reminder.objects.count()} reminders, {len(self.town.mails())} mails, {dict(states)}"
        return f"{counted}, answers {list(words)}, ended by themselves {self.crew.dead()}; {self.crew.folder}"


@dataclass(frozen=True)
class Outcome:
    """The figures of a round. `twice` are mails and words to groups taken more than once."""

    people: int
    reminders: int
    excused: dict[str, int]
    twice: int
    seconds: float

    def __str__(self) -> str:
        excuses = ", ".join(f"{why}: {count}" for why, count in sorted(self.excused.items())) or "no trouble"
        return (
            f"{self.people} people, {self.reminders} reminders, {excuses}; "
            f"lost: 0, twice: {self.twice}, {self.seconds:.0f} s"
        )


def check(played: Round) -> int:
    """Assert that everybody was reminded once, and nobody else; returns how many messages came twice."""
    expected, town = played.expected, played.town
    written = list(Reminder.objects.values_list("assignment", "edition", "rung", "person"))
    assert Counter(written) == Counter(expected.reminders)
    notices = Notice.objects.filter(manner=Manner.DEADLINE)
    assert notices.count() == len(expected.addresses) == len({one[3] for one in expected.reminders})
    assert notices.filter(digest__state=DeliveryState.SENT).count() == notices.count()

    mails, words = Counter(town.mails()), Counter(town.words())
    assert {to for _, to in mails} == expected.addresses  # nothing lost, nobody else told
    assert len(mails) == len(expected.addresses)  # what came twice came under one Message-ID
    assert set(words) == expected.groups
    sent = Delivery.objects.filter(state=DeliveryState.SENT)
    assert (sent.count(), Delivery.objects.count()) == (len(mails) + len(words),) * 2

    twice = mails.total() - len(mails) + words.total() - len(words)
    assert twice <= sum(played.excused.values()), (twice, played.excused)
    assert played.crew.dead() == []
    return twice


def play(
    home: House,
    town: Town,
    folder: Path,
    *,
    name: str,
    seed: int,
    schools: int,
    workers: int,
    beats: int,
    troubles: Callable[[random.Random], Sequence[tuple[float, Callable[[Round], None]]]],
) -> Outcome:
    """Play a round in a database of its own, to which this thread is connected (`house.lived_in`)."""
    began = time.monotonic()
    expected = plan.build(schools)
    town.learn_groups()
    pace = {
        "SOAK_CLOCK": str(plan.ahead_of_us().total_seconds()),
        "SOAK_SCAN": str(max(2, schools / SCHOOLS_A_SECOND)),
    }
    crew = Crew(home.environment(name) | town.environment() | pace, folder)
    played = Round(home, town, crew, expected, random.Random(seed))
    try:
        for _ in range(beats):
            crew.start_beat()
        for _ in range(workers):
            crew.start_worker()
        played.go_through(troubles(played.rng))
        twice = check(played)
    finally:
        crew.stop()
    return Outcome(
        len(expected.addresses),
        len(expected.reminders),
        dict(played.excused),
        twice,
        time.monotonic() - began,
    )
