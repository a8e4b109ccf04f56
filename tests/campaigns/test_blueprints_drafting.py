"""Drafts out of templates: days moved, units found, nothing asked of the wrong ones."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.blueprints import Plan, read, shape, write
from campaigns.blueprints.naming import match, names_of_units
from campaigns.blueprints.shelf import built_in
from campaigns.blueprints.shifting import moved
from campaigns.enums import CampaignState, Frequency, LeadershipRole
from campaigns.models import Campaign, Leadership
from campaigns.services import drafting
from campaigns.services.activities import owe_minutes, remove_minutes
from campaigns.services.exporting import export
from campaigns.services.planning import Overtaken
from notices.workdays import DAY, end_of, last_day
from portal.models import AuditEvent
from schools.enums import UnitKind
from schools.models import FormerName
from tests.campaigns.plans import plans
from tests.factories import NOW, TopicFactory, UnitFactory

SPRING = Plan(
    name="读书月",
    kind="discussion",
    starts_on=date(2026, 2, 1),
    ends_on=date(2026, 4, 30),
    theme="读书",
    goals="多读",
    office="党办",
    phases=(
        shape.Phase("发动", "", date(2026, 2, 1), date(2026, 2, 28)),
        shape.Phase("交流", "", date(2026, 3, 1), date(2026, 4, 30), suggested=True),
    ),
    topics=(shape.Topic("读什么", lead="党办", supporting=("东镇", "没有的科")),),
    leadership=(shape.Seat(LeadershipRole.LEAD, "局主要领导"),),
    inspection_groups=("第一检查组",),
    activities=(
        shape.Activity(
            "forum", "论坛", "交流", starts_on=date(2026, 3, 10), host="党办", minutes_due=date(2026, 3, 31)
        ),
    ),
    requirements=(
        shape.Requirement(
            "essay",
            "征文",
            "交流",
            topic="1",
            receiver="党办",
            due_on=date(2026, 4, 30),
            audience=("primary",),
            excluded=("东镇中心小学",),
        ),
        shape.Requirement(
            "progress",
            "进度",
            "交流",
            recurs=shape.Recurrence("monthly", date(2026, 2, 1), date(2026, 4, 30), 31),
            audience=("primary", "middle"),
        ),
    ),
)


def drafted(place, plan: Plan = SPRING, starts_on: date = date(2026, 9, 1), **fields) -> Campaign:
    units = match(names_of_units(plan), place.bureau)
    fields = {"host": place.bureau, "office": units.get(plan.office), "units": units} | fields
    return drafting.create(plan, title="读书月活动", starts_on=starts_on, by=place.officer, at=NOW, **fields)


# What becomes of it -----------------------------------------------------------------------------------


def test_the_campaign_is_a_draft_of_the_host(place):
    campaign = drafted(place)
    assert (campaign.title, campaign.kind, campaign.theme, campaign.goals, campaign.state) == (
        "读书月活动",
        "discussion",
        "读书",
        "多读",
        CampaignState.DRAFT,
    )
    assert (campaign.host, campaign.office, campaign.created_by) == (
        place.bureau,
        place.section,
        place.officer,
    )


def test_it_leaves_one_trace_that_holds_the_whole_plan(place):
    campaign = drafted(place)
    event = AuditEvent.objects.get()
    assert (event.action, event.target, event.summary) == (
        "campaign.save",
        f"campaigns.campaign:{campaign.pk}",
        "按模板“读书月”新建活动《读书月活动》",
    )
    assert read("\n".join(event.detail["plan"])) == moved(SPRING, date(2026, 9, 1))


def test_units_are_those_that_the_names_mean(place):
    campaign = drafted(place)
    [topic] = campaign.topics.all()
    essay = campaign.requirements.get(title="征文")
    assert (topic.lead, [*topic.supporting.all()]) == (place.section, [place.township])
    assert (essay.receiver, [*essay.excluded.all()], essay.topic) == (place.section, [place.school], topic)


def test_a_unit_that_is_not_found_leaves_its_place_empty(place):
    campaign = drafted(place, units={"党办": None}, office=None)
    [topic] = campaign.topics.all()
    assert (campaign.office, topic.lead, topic.supporting.count()) == (None, None, 0)


def test_without_its_branch_a_requirement_asks_nobody(place):
    essay = replace(SPRING.requirements[0], branch="西镇")
    [made] = drafted(place, replace(SPRING, requirements=(essay,), activities=())).requirements.all()
    assert (made.audience_branch, made.audience_kinds) == (None, [])


def test_seats_are_held_by_posts(place):
    [seat] = drafted(place).leadership.all()
    assert (seat.role, seat.post, seat.user) == (LeadershipRole.LEAD, "局主要领导", None)


def test_the_host_of_an_activity_owes_its_minutes(place):
    minutes = drafted(place).activities.get().minutes
    assert (minutes.title, minutes.kind, minutes.max_pieces, minutes.receiver) == (
        "论坛会议纪要",
        "minutes",
        1,
        place.section,
    )
    assert [*minutes.included.all()] == [place.section]
    assert [last_day(one.due_at) for one in minutes.occurrences.all()] == [date(2026, 10, 31)]


@pytest.mark.parametrize("host", [None, "bureau"])
def test_nobody_owes_minutes_when_the_host_is_unknown_or_the_bureau_itself(place, host):
    campaign = drafted(place, units={"党办": host and place.bureau})
    assert campaign.requirements.filter(activity__isnull=False).count() == 0


# Days -------------------------------------------------------------------------------------------------


def test_from_a_first_to_a_first_days_move_by_months_and_month_ends_stay(place):
    campaign = drafted(place)
    assert (campaign.starts_on, campaign.ends_on) == (date(2026, 9, 1), date(2026, 11, 30))
    assert [(one.starts_on, one.ends_on, one.suggested) for one in campaign.phases.all()] == [
        (date(2026, 9, 1), date(2026, 9, 30), False),
        (date(2026, 10, 1), date(2026, 11, 30), True),
    ]
    assert campaign.activities.get().starts_on == date(2026, 10, 10)


def test_from_any_other_day_they_move_by_days(place):
    campaign = drafted(place, starts_on=date(2026, 2, 11))
    assert [(one.starts_on, one.ends_on) for one in campaign.phases.all()] == [
        (date(2026, 2, 11), date(2026, 3, 10)),
        (date(2026, 3, 11), date(2026, 5, 10)),
    ]


def test_what_recurs_gets_the_periods_of_its_new_days(place):
    report = drafted(place).requirements.get(title="进度")
    assert (report.frequency, report.recurs_from, report.recurs_until, report.due_day) == (
        Frequency.MONTHLY,
        date(2026, 9, 1),
        date(2026, 11, 30),
        31,
    )
    assert [(one.number, one.label, one.due_at) for one in report.occurrences.all()] == [
        (1, "2026年9月", end_of(date(2026, 9, 30))),
        (2, "2026年10月", end_of(date(2026, 10, 31))),
        (3, "2026年11月", end_of(date(2026, 11, 30))),
    ]


@settings(max_examples=50)
@given(plan=plans(), starts_on=st.dates(date(2000, 1, 1), date(2095, 12, 31)))
def test_however_days_move_what_came_first_still_does(plan, starts_on):
    found = moved(plan, starts_on)
    assert found.starts_on == starts_on
    held = {one.name: one for one in found.phases}
    for before, after in zip(plan.phases, found.phases, strict=True):
        if before.starts_on:
            assert found.starts_on <= after.starts_on <= after.ends_on <= found.ends_on
    for one in found.requirements:
        phase = held[one.phase]
        if one.due_on and phase.starts_on:
            assert phase.starts_on <= one.due_on <= phase.ends_on
    spans = sorted((one.track, one.starts_on, one.ends_on) for one in found.phases if one.starts_on)
    for (track, _, ends_on), (later, starts_on, _) in pairwise(spans):
        assert track != later or ends_on < starts_on


@given(starts_on=st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_phases_that_stood_side_by_side_still_do(starts_on):
    for plan in built_in().values():
        found = moved(plan, starts_on)
        ends = [one.ends_on + DAY for one in found.phases]
        assert [one.starts_on for one in found.phases] == [starts_on, *ends[:-1]]
        assert found.ends_on == found.phases[-1].ends_on


# Units by name ----------------------------------------------------------------------------------------


def test_the_name_of_the_bureau_before_a_section_does_not_count(place):
    long = UnitFactory(name="示例县教育局安全科", kind=UnitKind.SECTION, parent=place.bureau)
    assert match(["安全科", "局党办", "示例县教育局安全科"], place.bureau) == {
        "安全科": long,
        "局党办": place.section,
        "示例县教育局安全科": long,
    }


def test_a_unit_is_known_by_its_former_name_too(place):
    FormerName.objects.create(unit=place.section, name="党委办公室", until=NOW)
    assert match(["党委办公室"], place.bureau) == {"党委办公室": place.section}


def test_who_bears_the_name_now_comes_before_who_bore_it(place):
    FormerName.objects.create(unit=place.section, name="东镇", until=NOW)
    assert match(["东镇"], place.bureau) == {"东镇": place.township}


def test_of_two_units_the_one_nearer_to_the_host_is_meant(place):
    UnitFactory(name="党办", kind=UnitKind.SECTION, parent=place.township)
    assert match(["党办"], place.bureau) == {"党办": place.section}


def test_two_that_are_as_near_are_nobody(place):
    for parent in (place.township, UnitFactory(name="西镇", parent=place.bureau)):
        UnitFactory(name="办公室", kind=UnitKind.SECTION, parent=parent)
    assert match(["办公室"], place.bureau) == {"办公室": None}


def test_closed_units_and_units_elsewhere_are_not_meant(place, elsewhere):
    place.section.closed_at = NOW
    place.section.save()
    assert match(["党办", "邻县党办"], place.bureau) == {"党办": None, "邻县党办": None}


def test_looking_for_names_takes_two_queries(place, django_assert_num_queries):
    with django_assert_num_queries(2):
        match(["党办", "东镇", "没有"], place.bureau)


# Minutes by hand --------------------------------------------------------------------------------------


def test_minutes_follow_their_activity_when_it_changes(place):
    activity = drafted(place).activities.get()
    first = activity.minutes
    activity.title, activity.host = "校长论坛", place.school
    activity.save()
    again = owe_minutes(activity, date(2026, 11, 2))
    assert (again.pk, again.title, [*again.included.all()]) == (first.pk, "校长论坛会议纪要", [place.school])
    assert [last_day(one.due_at) for one in again.occurrences.all()] == [date(2026, 11, 2)]


def test_minutes_go_with_the_last_who_could_owe_them(place):
    campaign = drafted(place)
    activity = campaign.activities.get()
    activity.host = None
    activity.save()
    assert owe_minutes(activity, date(2026, 11, 2)) is None
    assert campaign.requirements.filter(kind="minutes").count() == 0


def test_minutes_are_taken_back(place):
    campaign = drafted(place)
    remove_minutes(campaign.activities.get())
    assert campaign.requirements.filter(kind="minutes").count() == 0


def test_minutes_that_were_issued_stay(place):
    activity = drafted(place).activities.get()
    activity.minutes.issued_at = NOW
    activity.minutes.save()
    with pytest.raises(Overtaken):
        owe_minutes(activity, date(2026, 11, 2))
    with pytest.raises(Overtaken):
        remove_minutes(activity)


# And back ---------------------------------------------------------------------------------------------


def test_a_campaign_told_as_a_template_makes_the_same_campaign(place):
    found = export(drafted(place), name="读书月")
    again = export(drafted(place, read(write(found)), starts_on=found.starts_on), name="读书月")
    assert again == found


def test_persons_are_not_told(place):
    campaign = drafted(place)
    Leadership.objects.create(campaign=campaign, role=LeadershipRole.DEPUTY, order=2, user=place.officer)
    assert [(seat.role, seat.post) for seat in export(campaign).leadership] == [
        ("lead", "局主要领导"),
        ("deputy", "副组长"),
    ]


def test_nor_where_they_stand_in_place_of_a_post(place):
    campaign = drafted(place)
    campaign.leadership.update(post=f"局长{place.officer.name}")
    campaign.activities.update(chair=f"{place.secretary.name}老师")
    found = export(campaign)
    assert (found.leadership[0].post, found.activities[0].chair) == ("组长", "")


def test_holes_in_the_numbers_of_topics_are_closed(place):
    campaign = drafted(place)
    for position in ([3], [3, 2], [5, 1]):
        TopicFactory(campaign=campaign, position=position, title=f"专题{position}")
    assert [
        (shape.number_of(position), topic.title)
        for position, topic in shape.numbered(export(campaign).topics)
    ] == [("1", "读什么"), ("2", "专题[3]"), ("2.1", "专题[3, 2]"), ("3", "专题[5, 1]")]


def test_telling_a_campaign_takes_a_dozen_queries(place, django_assert_max_num_queries):
    campaign = drafted(place, built_in()["innovation"], units={})
    with django_assert_max_num_queries(16):
        export(campaign)
