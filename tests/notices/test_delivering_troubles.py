"""What the outbox does when something dies around it; the real thing is played in tests/soak."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError

from notices import hours, letters
from notices.channels import Answer, Message, attempts
from notices.enums import ChannelKind, Manner, Outcome
from notices.letters import Letter
from notices.models import Attempt, Channel, Delivery, Notice
from notices.services import delivering
from notices.services.telling import tell
from tests.factories import UnitFactory, UserFactory, at

pytestmark = pytest.mark.django_db

NOW = at(3, 2)
YES = Answer(Outcome.ACCEPTED, "250 OK")


class Line:
    """Takes everything; `meanwhile` happens before it says so."""

    name = "脚本"

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.answer = YES

    def send(self, message: Message) -> Answer:
        self.taken.append(message.title)
        self.meanwhile()
        return self.answer

    def close(self) -> None:
        pass


class Titles:
    def for_person(self, user, notices: list[Notice], now) -> Letter:
        return Letter("汇总", "\n".join(one.title for one in notices))

    def for_group(self, digest: Delivery, now) -> Letter:
        raise LookupError


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, settings) -> Line:
    made = Line()
    settings.EMAIL_HOST = "localhost"
    monkeypatch.setattr(delivering, "open_line", lambda channel: made)
    monkeypatch.setattr(delivering.time, "sleep", lambda seconds: None)
    real = letters.composer()
    letters.register(Titles())
    yield made
    letters.register(real)


def run(now=NOW) -> dict[str, int]:
    return delivering.deliver(lambda: now, until=now + timedelta(seconds=50))


def say(title: str, now=NOW, manner: Manner = Manner.URGENT) -> None:
    tell([UserFactory(email="school@example.com")], matter=title, title=title, at=now, manner=manner)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", [OperationalError, DatabaseError])
def test_an_answer_waits_until_the_database_is_back(line: Line, monkeypatch, gone) -> None:
    away = [gone("server closed the connection"), gone("the database system is starting up")]
    settle = delivering.settle

    def unsteady(*args: object) -> None:
        if away:
            raise away.pop()
        settle(*args)

    monkeypatch.setattr(delivering, "settle", unsteady)
    say("材料已退回")
    assert (run(), run(NOW + delivering.LEASE), line.taken) == ({"accepted": 1}, {}, ["材料已退回"])


def test_an_answer_that_comes_after_the_lease_still_ends_a_message_that_nobody_else_has(line: Line) -> None:
    line.meanwhile = lambda: delivering.take_up_left(NOW + delivering.LEASE)
    say("材料已退回")
    run()
    sent = Delivery.objects.get()
    assert (sent.state, Attempt.objects.get().outcome) == ("sent", "accepted")
    assert run(NOW + timedelta(days=1)) == {}
    assert line.taken == ["材料已退回"]


def test_one_message_that_cannot_be_made_does_not_stop_the_others(line: Line) -> None:
    group = Channel.objects.create(unit=UnitFactory(), kind=ChannelKind.WECOM, name="信息员群")
    Delivery.objects.create(manner=Manner.DEADLINE, channel=group, made_at=NOW, not_before=NOW)
    say("材料已退回", NOW + timedelta(seconds=1))
    run(NOW + timedelta(seconds=1))
    assert line.taken == ["材料已退回"]
    assert Delivery.objects.filter(channel=group).values_list("state", "tries", "answer").get() == (
        "waiting", 1, delivering.NOT_MADE,
    )  # fmt: skip


def test_a_run_waits_for_a_silent_server_once(line: Line) -> None:
    line.answer = attempts.TOO_LATE
    say("材料已退回")
    say("期限提前")
    run()
    line.answer = YES
    assert (line.taken, run()) == (["材料已退回"], {})
    later = NOW + delivering.BACK_OFF[0]
    assert (run(later), sorted(line.taken)) == ({"accepted": 2}, ["期限提前", "材料已退回", "材料已退回"])


def test_without_a_mail_server_a_digest_is_dropped_once(line: Line, settings) -> None:
    settings.EMAIL_HOST = ""
    say("期限将至", manner=Manner.DEADLINE)
    assert [run(NOW + timedelta(seconds=30 * n)) for n in range(3)] == [{"passed": 1}, {}, {}]
    assert Delivery.objects.get().state == "dropped"


def test_a_digest_that_kills_every_worker_is_given_up(line: Line) -> None:
    def die() -> None:
        raise SystemExit

    line.meanwhile = die
    say("期限将至", manner=Manner.DEADLINE)
    now = NOW
    for _ in range(len(delivering.BACK_OFF) + 1):
        with pytest.raises(SystemExit):
            run(now)
        delivering.take_up_left(now + delivering.LEASE)
        now = hours.when(Delivery.objects.get().not_before, Manner.DEADLINE, hours.OF_GROUPS)
    assert (run(now), Delivery.objects.get().state) == ({}, "failed")


def test_what_could_not_leave_by_day_waits_for_the_end_of_the_night(line: Line) -> None:
    say("期限将至", at(3, 2, 15), Manner.DEADLINE)
    say("任务已下达", at(3, 2, 15), Manner.ORDINARY)
    say("材料已退回", at(3, 2, 15))
    run(at(3, 2, 23))
    assert line.taken == ["材料已退回"]
    run(at(3, 3, 7))
    assert line.taken == ["材料已退回", "汇总", "任务已下达"]
