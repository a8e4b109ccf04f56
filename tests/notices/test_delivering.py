"""From the outbox to the channel: every attempt written down, nothing lost, nothing said twice.

The lines are scripted here; real servers, refusals and killed workers are in test_mail, test_robots and
tests/soak.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from notices import letters
from notices.channels import Answer, Line, Message
from notices.enums import ChannelKind, DeliveryState, Manner, Outcome
from notices.letters import Letter
from notices.models import Attempt, Channel, Delivery, Notice, Preference
from notices.services import delivering, outbox, settling
from notices.services.delivering import BACK_OFF, HAS_LEFT, LEASE, NO_ADDRESS, NO_SERVER, NOTHING_LEFT
from notices.services.telling import tell
from schools.enums import Role
from schools.models import User
from tests.concurrently import at_once
from tests.factories import UserFactory, at, county, person

pytestmark = pytest.mark.django_db

NOW = at(3, 2)
YES = Answer(Outcome.ACCEPTED, "250 OK")
NO = Answer(Outcome.REFUSED, "550 no such user")
AWAY = Answer(Outcome.UNREACHABLE, "连接超时")


class Scripted(Line):
    """Answers what it is told to, in turn, then that it took the message; keeps what it was handed."""

    name = "脚本"

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.taken: list[Message] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def send(self, message: Message) -> Answer:
        self.taken.append(message)
        self.meanwhile()
        return self.answers.pop(0) if self.answers else YES

    def close(self) -> None:
        pass


class Composer:
    """Says the titles of the notices; nothing when `silent`."""

    silent = False

    def for_person(self, user: User, notices: list[Notice], now: datetime) -> Letter:
        return Letter("汇总", "" if self.silent else "\n".join(one.title for one in notices))

    def for_group(self, digest: Delivery, now: datetime) -> Letter:
        return Letter("汇总", "尚有3所学校未交")


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, settings) -> Scripted:
    made = Scripted()
    settings.EMAIL_HOST = "localhost"
    monkeypatch.setattr(delivering, "open_line", lambda channel: made)
    return made


@pytest.fixture
def composer() -> Iterator[Composer]:
    real = letters.composer()
    letters.register(made := Composer())
    yield made
    letters.register(real)


@pytest.fixture
def school() -> User:
    return UserFactory(email="school@example.com")


def run(now: datetime) -> dict[str, int]:
    return delivering.deliver(lambda: now, until=now + timedelta(seconds=50))


def say(to: User, title: str, now: datetime = NOW, manner: Manner = Manner.URGENT) -> None:
    tell([to], matter=title, title=title, at=now, manner=manner)


def only() -> Delivery:
    return Delivery.objects.get()


def attempts() -> list[tuple[int, str]]:
    return list(Attempt.objects.order_by("pk").values_list("number", "outcome"))


# Single messages -----------------------------------------------------------------------------------------


def test_a_message_is_sent_when_the_channel_says_so(school: User, line: Scripted) -> None:
    say(school, "材料已退回")
    assert run(NOW) == {"accepted": 1}
    sent = only()
    assert (sent.state, sent.ended_at, sent.answer, attempts()) == ("sent", NOW, "250 OK", [(1, "accepted")])
    assert [(one.to, one.title, one.body) for one in line.taken] == [
        ("school@example.com", "材料已退回", "材料已退回")
    ]
    assert run(NOW) == {}


def test_urgent_and_ordinary_messages_keep_their_hours(school: User, line: Scripted) -> None:
    night = at(3, 2, 23)
    say(school, "急", night)
    say(school, "不急", night, Manner.ORDINARY)
    run(night)
    assert [one.title for one in line.taken] == ["急"]
    run(at(3, 3, 7))
    assert [one.title for one in line.taken] == ["急", "不急"]


def test_who_wants_no_mail_about_ordinary_matters_gets_only_what_is_mandatory(
    school: User, line: Scripted
) -> None:
    Preference.objects.create(user=school, ordinary_mail=False)
    for manner in Manner:
        say(school, manner.label, manner=manner)
    assert sorted(Delivery.objects.values_list("manner", flat=True)) == ["deadline", "urgent"]


def test_who_has_no_address_reads_it_in_the_portal(line: Scripted) -> None:
    say(UserFactory(), "材料已退回")
    assert (Delivery.objects.count(), Notice.objects.count()) == (0, 1)


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}])
def test_who_can_be_reached_no_more_is_left_out(change: dict, school: User, line: Scripted) -> None:
    say(school, "材料已退回")
    User.objects.filter(pk=school.pk).update(**change)
    assert run(NOW) == {"passed": 1}
    assert (only().state, only().answer, line.taken) == ("dropped", NO_ADDRESS, [])


def test_nothing_of_a_unit_is_sent_after_who_has_left_it(line: Scripted) -> None:
    place = county()
    User.objects.filter(pk=place.secretary.pk).update(email="school@example.com")
    for unit in (place.school, place.middle):
        tell([place.secretary], matter=unit.name, title="退回", at=NOW, manner=Manner.URGENT, unit=unit)
    assert run(NOW) == {"accepted": 1, "passed": 1}
    assert Delivery.objects.get(state="dropped").answer == HAS_LEFT


def test_without_a_mail_server_it_stays_in_the_portal(school: User, line: Scripted, settings) -> None:
    settings.EMAIL_HOST = ""
    say(school, "材料已退回")
    run(NOW)
    assert (only().state, only().answer) == ("dropped", NO_SERVER)


# When it does not work -----------------------------------------------------------------------------------


def test_it_is_tried_again_after_longer_and_longer_pauses_and_given_up_loudly(
    line: Scripted,
) -> None:
    place = county()
    keeper = person(Role.SYSTEM, place.bureau)
    say(person(Role.SECRETARY, place.school, email="school@example.com"), "材料已退回")
    line.answers = [AWAY] * 20
    now, pauses = NOW, []
    while (left := only()).state == DeliveryState.WAITING:
        pauses.append(left.not_before - now)
        now = left.not_before
        run(now)
    assert tuple(pauses[1:]) == BACK_OFF
    assert (left.state, attempts()[-1]) == ("failed", (len(BACK_OFF) + 1, "unreachable"))
    assert Notice.objects.get(recipient=keeper).title == "有消息未能经“电子邮件”发出"


def test_a_refusal_is_final_until_somebody_sends_it_again(school: User, line: Scripted) -> None:
    say(school, "材料已退回")
    line.answers = [NO]
    run(NOW)
    assert (only().state, only().answer) == ("failed", "550 no such user")
    assert settling.send_again(only(), at=at(3, 3))
    run(at(3, 3))
    assert (only().state, attempts()) == ("sent", [(1, "refused"), (2, "accepted")])


def test_administrators_hear_of_failures_once_a_day(line: Scripted) -> None:
    place = county()
    keeper = person(Role.SYSTEM, place.bureau)
    line.answers = [NO] * 6
    for number in range(3):
        say(person(Role.SECRETARY, place.school, email=f"school{number}@example.com"), "材料已退回")
    run(NOW)
    assert Notice.objects.filter(recipient=keeper).count() == 1


def test_a_busy_channel_is_left_alone_for_as_long_as_it_asks(school: User, line: Scripted) -> None:
    say(school, "材料已退回")
    line.answers = [Answer(Outcome.BUSY, "429", timedelta(minutes=10))] * 15
    for _ in range(15):
        run(only().not_before)
    assert (only().state, only().tries, only().not_before) == ("waiting", 0, NOW + timedelta(minutes=150))


def test_a_channel_that_is_busy_for_more_than_a_day_has_failed(school: User, line: Scripted) -> None:
    say(school, "材料已退回")
    line.answers = [Answer(Outcome.BUSY, "429", timedelta(hours=6))] * 30
    while only().state == DeliveryState.WAITING:
        run(only().not_before)
    assert (only().state, len(attempts())) == ("failed", 4 + len(BACK_OFF) + 1)


# Workers that die ----------------------------------------------------------------------------------------


class Killed(BaseException):
    """What a SIGKILL looks like from inside a test."""


def die(line: Scripted) -> None:
    def killed() -> None:
        raise Killed

    line.meanwhile = killed


def test_what_a_killed_worker_had_in_hand_is_sent_when_its_lease_is_over(
    school: User, line: Scripted
) -> None:
    say(school, "材料已退回")
    die(line)
    with pytest.raises(Killed):
        run(NOW)
    line.meanwhile = lambda: None
    assert (only().state, run(NOW + LEASE - timedelta(seconds=1))) == ("sending", {})
    run(NOW + LEASE)
    assert only().not_before == NOW + LEASE + BACK_OFF[0]
    run(only().not_before)
    assert (only().state, attempts()) == ("sent", [(1, "interrupted"), (2, "accepted")])
    assert len({one.key for one in line.taken}) == 1


def test_an_answer_that_comes_after_the_lease_changes_nothing_but_its_attempt(
    school: User, line: Scripted
) -> None:
    say(school, "材料已退回")
    late = NOW + LEASE
    line.meanwhile = lambda: delivering.take_up_left(late)
    line.answers = [NO]
    run(NOW)
    assert (only().state, attempts()) == ("waiting", [(1, "refused")])


# Digests -------------------------------------------------------------------------------------------------


def test_a_digest_carries_all_that_has_come(school: User, line: Scripted, composer: Composer) -> None:
    for title in ("一", "二", "三"):
        say(school, title, at(3, 2, 1), Manner.DEADLINE)
    assert run(at(3, 2, 7, 59)) == {}
    run(at(3, 2, 8))
    assert [one.body for one in line.taken] == ["一\n二\n三"]
    assert (only().sent_on, Notice.objects.uncarried().count()) == (at(3, 2).date(), 0)


def test_a_person_gets_one_digest_a_day(school: User, line: Scripted, composer: Composer) -> None:
    for moment, title in ((at(3, 2, 9), "一"), (at(3, 2, 10), "二"), (at(3, 2, 11), "三")):
        say(school, title, moment, Manner.DEADLINE)
        run(moment)
    assert [one.body for one in line.taken] == ["一"]
    run(at(3, 3, 8))
    assert [one.body for one in line.taken] == ["一", "二\n三"]


def test_what_comes_while_a_digest_is_being_sent_goes_with_the_next(
    school: User, line: Scripted, composer: Composer
) -> None:
    say(school, "一", at(3, 2, 9), Manner.DEADLINE)
    line.meanwhile = lambda: say(school, "二", at(3, 2, 9), Manner.DEADLINE)
    run(at(3, 2, 9))
    line.meanwhile = lambda: None
    run(at(3, 2, 10))
    run(at(3, 3, 8))
    assert [one.body for one in line.taken] == ["一", "二"]


def test_a_digest_that_has_nothing_to_say_is_not_sent(
    school: User, line: Scripted, composer: Composer
) -> None:
    say(school, "一", manner=Manner.DEADLINE)
    composer.silent = True
    run(NOW)
    assert (only().state, only().answer, line.taken) == ("dropped", NOTHING_LEFT, [])
    composer.silent = False
    say(school, "二", manner=Manner.DEADLINE)
    run(NOW)
    assert [one.body for one in line.taken] == ["二"]


def test_a_digest_that_was_given_up_gives_way_to_the_next(
    school: User, line: Scripted, composer: Composer
) -> None:
    say(school, "一", manner=Manner.DEADLINE)
    line.answers = [NO]
    run(NOW)
    given_up = only()
    assert (run(NOW), given_up.state) == ({}, "failed")
    say(school, "二", at(3, 3), Manner.DEADLINE)
    assert not settling.send_again(given_up, at=at(3, 3))
    run(at(3, 3))
    assert [one.body for one in line.taken] == ["一", "二"]


def test_a_digest_that_was_given_up_can_be_sent_again(
    school: User, line: Scripted, composer: Composer
) -> None:
    say(school, "一", manner=Manner.DEADLINE)
    line.answers = [NO]
    run(NOW)
    assert settling.send_again(only(), at=NOW)
    run(NOW)
    assert ([one.body for one in line.taken], only().state) == (["一", "一"], "sent")


def test_a_group_gets_one_message_a_day(line: Scripted, composer: Composer) -> None:
    group = Channel.objects.create(unit=county().township, kind=ChannelKind.WECOM, name="东镇群")
    for moment in (at(3, 2, 9), at(3, 2, 10)):
        outbox.ensure_group_digests([group], moment)
        run(moment)
    assert [(one.to, one.body) for one in line.taken] == [("", "尚有3所学校未交")]
    run(at(3, 3, 8))
    assert len(line.taken) == 2


def test_every_attempt_says_by_which_channel_it_went(line: Scripted, composer: Composer) -> None:
    """None is the mail server of the settings."""
    there, elsewhere = county(), county()
    mail = Channel.objects.create(
        unit=there.bureau, kind=ChannelKind.MAIL, name="本局邮件", host="localhost", port=25,
        sender="portal@example.com",
    )  # fmt: skip
    group = Channel.objects.create(unit=there.township, kind=ChannelKind.WECOM, name="东镇群")
    for place in (there, elsewhere):
        User.objects.filter(pk=place.secretary.pk).update(email="school@example.com")
        say(place.secretary, "材料已退回")
    outbox.ensure_group_digests([group], NOW)
    run(at(3, 2, 9))
    went = Attempt.objects.values_list("delivery__recipient", "channel")
    assert set(went) == {(there.secretary.pk, mail.pk), (elsewhere.secretary.pk, None), (None, group.pk)}


# At once -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_every_message_once(line: Scripted) -> None:
    for number in range(20):
        say(UserFactory(email=f"school{number}@example.com"), "材料已退回")
    at_once(*[lambda: run(NOW)] * 4)
    assert (len(line.taken), len({one.to for one in line.taken})) == (20, 20)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
