"""No robot is ever told more than it bears, whoever asks and however slow the way to it is."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from notices.channels import SECONDS
from notices.enums import ChannelKind
from notices.models import Bucket, Channel
from notices.services import limits
from tests.concurrently import at_once
from tests.factories import NOW, UnitFactory

pytestmark = pytest.mark.django_db
KINDS = list(ChannelKind.robots())


def robot(kind=ChannelKind.WECOM) -> Channel:
    return Channel.objects.create(unit=UnitFactory(), kind=kind, name="示例镇信息员群")


def take(channel, seconds):
    with transaction.atomic():
        return limits.take(channel, NOW + timedelta(seconds=seconds))


def most_within(moments, seconds) -> int:
    """The largest number of `moments` in any window."""
    return max((sum(begin <= one <= begin + seconds for one in moments) for begin in moments), default=0)


@pytest.mark.parametrize(("kind", "burst"), [("dingtalk", 5), ("wecom", 5), ("feishu", 1)])
def test_some_go_at_once_and_the_others_are_told_when_to_come_back(kind, burst):
    channel = robot(kind)
    assert [take(channel, 0) for _ in range(burst)] == [None] * burst
    back = (take(channel, 0) - NOW).total_seconds()
    assert take(channel, back - 0.1) is not None
    assert take(channel, back) is None
    assert take(channel, back) is not None


def test_who_comes_back_as_told_is_let_through_each_time():
    channel, moment, gone = robot(), 0.0, []
    while len(gone) < 30:
        later = take(channel, moment)
        if later is None:
            gone.append(moment)
        else:
            moment = (later - NOW).total_seconds()
    assert {round(after - before, 3) for before, after in list(pairwise(gone))[5:]} == {6.0}


def test_mail_has_no_limit():
    channel = Channel.objects.create(
        unit=UnitFactory(), kind=ChannelKind.MAIL, name="邮件", host="a", port=25, sender="a@b.cn"
    )
    limits.block(channel, NOW + timedelta(hours=1))
    assert [take(channel, 0) for _ in range(50)] == [None] * 50
    assert Bucket.objects.count() == 0


def test_a_channel_that_asked_for_patience_is_left_alone():
    channel = robot()
    limits.block(channel, NOW + timedelta(seconds=600))
    limits.block(channel, NOW + timedelta(seconds=60))  # shortens nothing
    assert take(channel, 0) == take(channel, 599) == NOW + timedelta(seconds=600)
    assert take(channel, 600) is None


def test_a_clock_that_is_behind_gets_nothing_for_it():
    channel = robot()
    assert [take(channel, 100) for _ in range(5)] == [None] * 5
    assert take(channel, 0) == take(channel, 100) == NOW + timedelta(seconds=106)


class AnyTimes(TestCase):
    @given(
        kind=st.sampled_from(KINDS),
        steps=st.lists(
            st.tuples(st.sampled_from([0, 0, 0.01, 0.5, 1, 5.9, 6, 7, 30]), st.floats(0, SECONDS)),
            max_size=120,
        ),
    )
    def test_no_window_of_the_robots_holds_more_than_it_bears(self, kind, steps):
        """Messages are asked for at any times, and take up to SECONDS each to get there."""
        channel, now, arrived = robot(kind), 0.0, []
        for step, way in steps:
            now += step
            if take(channel, now) is None:
                arrived.append(now + way)
        for number, seconds in limits.BEARS[kind]:
            assert most_within(arrived, seconds) <= number

    @given(kind=st.sampled_from(KINDS), asked=st.lists(st.integers(0, 200), max_size=80))
    def test_nor_do_clocks_that_go_back_let_more_through(self, kind, asked):
        channel, latest, gone = robot(kind), 0, []
        for moment in asked:
            latest = max(latest, moment)
            if take(channel, moment) is None:
                gone.append(latest)
        for number, seconds in limits.BEARS[kind]:
            assert most_within(gone, seconds) <= number


@pytest.mark.django_db(transaction=True)
def test_several_at_once_get_no_more_than_one_would():
    channel = robot()
    taken = at_once(*[lambda: [take(channel, 0) for _ in range(4)] for _ in range(3)])
    assert sum(one is None for some in taken for one in some) == 5
