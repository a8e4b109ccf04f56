"""What a digest says: everything that still holds at the moment it is sent, or nothing at all."""

import pytest

from notices.enums import ChannelKind, Manner
from notices.models import Channel, Delivery, Notice
from schools.enums import Role
from schools.models import Membership, User
from submissions.models import Assignment, GroupReminder
from submissions.services import closing, easing, nudging, reminding
from submissions.services.digests import Digests
from tests.factories import (
    DUE,
    County,
    ResponsibilityFactory,
    UnitFactory,
    assigned,
    at,
    county,
    handed_in,
    person,
)

pytestmark = pytest.mark.django_db

EVE, AFTER = at(4, 29), at(5, 6)


@pytest.fixture
def place() -> County:
    return county()


@pytest.fixture
def owed(place: County) -> Assignment:
    return assigned(place)


def letter(user: User, now=EVE):
    notices = Notice.objects.filter(recipient=user, manner=Manner.DEADLINE)
    return Digests().for_person(user, list(notices), now)


def lines(user: User, now=EVE) -> list[str]:
    """What stands between greeting and closing."""
    return letter(user, now).body.split("\n\n")[1].splitlines()


def test_it_lists_everything_of_the_person_that_is_due_soon(place: County, owed: Assignment) -> None:
    other = assigned(place, title="签收通知", due_at=at(4, 25, 0))
    far = assigned(place, title="年终总结")
    easing.extend(
        far.occurrence, [place.school], until=at(6, 1, 0), reason="汛期", by=place.officer, at=at(4, 1)
    )
    reminding.scan(at=EVE)
    title = "《{0.requirement.campaign.title}》{0.name}".format
    assert (letter(place.secretary).title, lines(place.secretary)) == (
        "报送提醒：1项报送任务已逾期、1项即将截止",
        [
            f"{title(other)}，4月24日（周五）截止，逾期5天",
            f"{title(owed)}，4月30日（周四）截止，还有1个工作日",
        ],
    )


def test_what_somebody_was_nudged_about_is_listed_however_far_away_it_is(
    place: County, owed: Assignment
) -> None:
    nudging.nudge([place.school], nudging.Matter(), text="请尽早报送。", by=place.officer, at=at(3, 10))
    assert lines(place.secretary, at(3, 10)) == [
        "请尽早报送。",
        f"《{owed.requirement.campaign.title}》{owed.name}，4月30日（周四）截止，还有36个工作日",
    ]


def test_nothing_is_left_to_say_once_all_is_handed_in(place: County, owed: Assignment) -> None:
    reminding.scan(at=EVE)
    handed_in(owed, place.secretary)
    assert letter(place.secretary).body == ""


def test_nothing_is_left_to_say_once_the_deadline_has_moved(place: County, owed: Assignment) -> None:
    reminding.scan(at=EVE)
    easing.extend(owed.occurrence, [place.school], until=at(6, 1, 0), reason="汛期", by=place.officer, at=EVE)
    assert letter(place.secretary).body == ""


def test_who_has_left_the_school_is_told_nothing_of_it(place: County, owed: Assignment) -> None:
    reminding.scan(at=EVE)
    Membership.objects.filter(user=place.secretary).update(ended_at=EVE)
    assert letter(User.objects.get(pk=place.secretary.pk)).body == ""


def test_a_leader_reads_which_units_are_late(place: County, owed: Assignment) -> None:
    leader = person(Role.LEADER, place.bureau)
    ResponsibilityFactory(leader=leader, unit=place.bureau)
    reminding.scan(at=at(5, 8))
    title = f"《{owed.requirement.campaign.title}》{owed.name}"
    said = [f"{title}，4月30日（周四）截止，逾期8天，未报：东镇中心小学、示例县第一初级中学"]
    assert (letter(leader, at(5, 8)).title, lines(leader, at(5, 8))) == (
        "报送提醒：2个单位未按时报送材料",
        said,
    )
    handed_in(owed, place.secretary, at=at(5, 8))
    assert lines(leader, at(5, 8)) == [said[0].replace("东镇中心小学、", "")]


def test_who_answers_for_a_unit_no_longer_reads_nothing_of_it(place: County, owed: Assignment) -> None:
    leader = person(Role.LEADER, place.bureau)
    given = ResponsibilityFactory(leader=leader, unit=place.bureau)
    reminding.scan(at=at(5, 8))
    given.ended_at = at(5, 8)
    given.save()
    assert letter(leader, at(5, 8)).body == ""


def test_statements_do_not_grow_with_what_is_late(place: County, django_assert_num_queries) -> None:
    leader = person(Role.LEADER, place.bureau)
    ResponsibilityFactory(leader=leader, unit=place.bureau)
    for _ in range(8):
        UnitFactory(parent=place.township)
    assigned(place)
    reminding.scan(at=at(5, 8))
    notices = list(Notice.objects.filter(recipient=leader, manner=Manner.DEADLINE))
    with django_assert_num_queries(9):
        Digests().for_person(User.objects.get(pk=leader.pk), notices, at(5, 8))


def test_long_lists_are_counted(place: County) -> None:
    for _ in range(12):
        UnitFactory(parent=place.township)
    assigned(place)
    leader = person(Role.LEADER, place.bureau)
    ResponsibilityFactory(leader=leader, unit=place.bureau)
    reminding.scan(at=at(5, 8))
    assert lines(leader, at(5, 8))[0].endswith("等14个单位")


# Groups --------------------------------------------------------------------------------------------------


@pytest.fixture
def group(place: County) -> Channel:
    return Channel.objects.create(unit=place.township, kind=ChannelKind.DINGTALK, name="东镇信息员群")


def told(group: Channel, now) -> str:
    return Digests().for_group(Delivery.objects.get(channel=group), now).body


def test_a_group_hears_how_many_units_of_its_own_are_missing(
    place: County, owed: Assignment, group: Channel
) -> None:
    UnitFactory(parent=place.township)
    assert reminding.scan(at=EVE).groups == 1
    title = f"《{owed.requirement.campaign.title}》{owed.name}"
    assert told(group, EVE) == f"报送提醒\n{title}：4月30日（周四）截止，尚有1所学校未交。"
    assert told(group, AFTER) == f"报送提醒\n{title}：已于4月30日（周四）截止，尚有1所学校未交。"


def test_a_group_is_told_once_for_each_rung(place: County, owed: Assignment, group: Channel) -> None:
    counts = [reminding.scan(at=moment).groups for moment in (EVE, EVE, at(4, 30), AFTER, at(5, 8))]
    assert counts == [1, 0, 1, 1, 0]
    assert list(GroupReminder.objects.order_by("at").values_list("edition", "rung")) == [
        (DUE, "-1"),
        (DUE, "0"),
        (DUE, "1"),
    ]
    assert Delivery.objects.filter(channel=group).count() == 1


def test_a_group_without_missing_units_is_left_in_peace(
    place: County, owed: Assignment, group: Channel
) -> None:
    handed_in(owed, place.secretary)
    assert reminding.scan(at=EVE).groups == 0


def test_nothing_is_left_to_tell_a_group_once_all_have_handed_in(
    place: County, owed: Assignment, group: Channel
) -> None:
    reminding.scan(at=EVE)
    handed_in(owed, place.secretary)
    assert told(group, EVE) == ""


def test_nothing_is_left_to_tell_a_group_once_the_campaign_is_over(
    place: County, owed: Assignment, group: Channel
) -> None:
    reminding.scan(at=EVE)
    closing.close(owed.requirement.campaign, reason="提前结束", by=place.officer, at=EVE)
    assert told(group, EVE) == ""


def test_a_group_elsewhere_hears_nothing(place: County, owed: Assignment) -> None:
    elsewhere = UnitFactory(name="邻县教育局")
    Channel.objects.create(unit=elsewhere, kind=ChannelKind.WECOM, name="邻县群")
    assert reminding.scan(at=EVE).groups == 0
