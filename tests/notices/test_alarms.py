"""Who is told that a message was given up, and in what words."""

import pytest

from notices.enums import ChannelKind, DeliveryState, Manner
from notices.models import Channel, Delivery, Notice
from notices.services import alarms
from schools.enums import Role
from tests.factories import NOW, UnitFactory, UserFactory, county, person

pytestmark = pytest.mark.django_db


def given_up(answer="550 no", **to) -> Delivery:
    return Delivery.objects.create(
        manner=Manner.URGENT, made_at=NOW, not_before=NOW, ended_at=NOW, answer=answer,
        state=DeliveryState.FAILED, **to,
    )  # fmt: skip


def told(delivery) -> list:
    alarms.tell_of_failure(delivery, NOW)
    return [notice.recipient for notice in Notice.objects.order_by("pk")]


@pytest.fixture
def technician():
    return UserFactory(is_superuser=True)


@pytest.fixture
def stranger():
    return person(Role.SYSTEM, county().bureau)


def test_those_above_are_told(place, technician, stranger):
    keeper = person(Role.SYSTEM, place.bureau)
    assert told(given_up(recipient=person(Role.SECRETARY, place.school))) == [keeper]


def test_another_bureaus_administrators_are_not_told(place, technician, stranger):
    UserFactory(is_superuser=True, is_active=False)
    group = Channel.objects.create(unit=UnitFactory(), kind=ChannelKind.WECOM, name="信息员群")
    assert told(given_up(channel=group)) == [technician]


def test_what_was_meant_for_somebody_without_a_post_is_a_matter_of_technicians(technician, stranger):
    assert told(given_up(recipient=UserFactory(email="school@example.com"))) == [technician]


def test_addresses_are_not_told(place):
    person(Role.SYSTEM, place.bureau)
    secretary = person(Role.SECRETARY, place.school)
    told(given_up(recipient=secretary, answer="550 <zhang@example.com>: no such user"))
    assert Notice.objects.get().body == (
        "对方答复：550 <z***@example.com>: no such user\n请检查通道设置后，在外发消息中重新发送。"
    )
