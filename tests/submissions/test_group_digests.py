"""What a group still has to be told when its digest is on its way already."""

from datetime import timedelta

import pytest
from django.db import transaction

from notices.enums import ChannelKind, DeliveryState
from notices.models import Channel, Delivery
from notices.services import delivering, settling
from submissions.models import GroupReminder
from submissions.services import reminding
from tests.factories import assigned, at, county

pytestmark = pytest.mark.django_db

EVE = at(4, 29)


def test_it_goes_with_the_digest_of_the_next_day() -> None:
    place = county()
    assigned(place)
    group = Channel.objects.create(unit=place.township, kind=ChannelKind.WECOM, name="东镇信息员群")
    reminding.scan(at=EVE)
    on_its_way = Delivery.objects.filter(channel=group)
    on_its_way.update(state=DeliveryState.SENDING, lease_until=EVE)
    carried = list(GroupReminder.objects.values_list("pk", flat=True))
    assigned(place, title="签收通知")
    reminding.scan(at=EVE + timedelta(minutes=5))
    with transaction.atomic():  # as `settling.settle` ends it
        GroupReminder.objects.filter(pk__in=carried).update(digest=on_its_way.get())
        on_its_way.update(
            state=DeliveryState.SENT, lease_until=None, ended_at=EVE, sent_on=EVE.date(), title="报送提醒"
        )
    reminding.scan(at=EVE + timedelta(minutes=10))
    assert GroupReminder.objects.filter(digest=None).count() == 1
    assert Delivery.objects.open().values_list("channel", "not_before").get() == (group.pk, at(4, 30, 8))


def test_what_was_given_up_waits_for_no_other_digest() -> None:
    """Its worker has died each time: nobody is left who knew what it was made of."""
    place = county()
    assigned(place)
    group = Channel.objects.create(unit=place.township, kind=ChannelKind.WECOM, name="东镇信息员群")
    reminding.scan(at=EVE)
    tried_out = {"state": DeliveryState.SENDING, "lease_until": EVE, "tries": len(settling.BACK_OFF)}
    Delivery.objects.filter(channel=group).update(**tried_out)
    delivering.take_up_left(EVE)
    reminding.scan(at=EVE + timedelta(minutes=5))
    assert list(Delivery.objects.filter(channel=group).values_list("state", flat=True)) == ["failed"]
