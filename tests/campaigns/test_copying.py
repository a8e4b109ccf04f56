"""A copy of an earlier campaign: the same people, units and files, days moved by working days."""

from datetime import date

import pytest

from campaigns.blueprints.naming import match, names_of_units
from campaigns.blueprints.shelf import built_in
from campaigns.enums import CampaignState, Comparator, Frequency, LeadershipRole, PhaseState
from campaigns.models import Activity, Basis, Campaign, Indicator, InspectionGroup, Occurrence
from campaigns.readiness import gaps
from campaigns.services import activities, copying, drafting
from campaigns.services.planning import Gone
from notices.workdays import end_of, is_workday, last_day, workdays_between
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from tests.factories import (
    NOW,
    CampaignFactory,
    LeadershipFactory,
    StoredFileFactory,
    TopicFactory,
    UnitFactory,
    at,
    person,
    ready_plan,
)

NEXT_YEAR = date(2027, 2, 1)


@pytest.fixture
def essay(place):
    """A campaign with one of everything; its essay is due on 30 April 2026."""
    essay = ready_plan(place, title="征文", receiver=place.section, cutoff_at=end_of(date(2026, 5, 8)))
    campaign = essay.campaign
    campaign.theme, campaign.goals = "读书", "多读"
    campaign.save()
    Basis.objects.create(campaign=campaign, title="通知", number="示教〔2026〕1号", file=StoredFileFactory())
    topic = TopicFactory(campaign=campaign, position=[1], title="读什么", lead=place.section)
    topic.supporting.add(place.township)
    Indicator.objects.create(
        topic=topic, name="人均", comparator=Comparator.AT_LEAST, value=2, unit="本", due_on=date(2026, 4, 30)
    )
    LeadershipFactory(campaign=campaign, role=LeadershipRole.DEPUTY, user=place.officer, post="", order=2)
    group = InspectionGroup.objects.create(campaign=campaign, name="第一检查组", leader=place.officer)
    group.members.add(place.officer)
    group.units.add(place.township)
    forum = Activity.objects.create(
        campaign=campaign, phase=essay.phase, kind="forum", title="论坛", starts_on=date(2026, 3, 10),
        host=place.section,
    )  # fmt: skip
    activities.owe_minutes(forum, date(2026, 3, 20))
    essay.topic, essay.template_file = topic, StoredFileFactory()
    essay.save()
    essay.reviewers.add(place.officer)
    essay.included.add(place.middle)
    essay.excluded.add(place.school)
    return essay


def copied(essay, place, **fields) -> Campaign:
    fields = {"title": "第二年", "starts_on": NEXT_YEAR} | fields
    return copying.copy(essay.campaign, by=place.officer, at=NOW, **fields)


def test_a_copy_is_a_new_draft_of_the_same_bureau(essay, place):
    made = copied(essay, place)
    assert (made.title, made.kind, made.theme, made.goals) == ("第二年", essay.campaign.kind, "读书", "多读")
    assert (made.host, made.office, made.created_by, made.state) == (
        place.bureau,
        place.section,
        place.officer,
        CampaignState.DRAFT,
    )


def test_it_has_the_same_topics_with_their_units_and_indicators(essay, place):
    [topic] = copied(essay, place).topics.all()
    assert (topic.position, topic.title, topic.lead, [*topic.supporting.all()]) == (
        [1],
        "读什么",
        place.section,
        [place.township],
    )
    assert [str(one) for one in topic.indicators.all()] == ["人均不低于2本"]


def test_it_has_the_same_people(essay, place):
    made = copied(essay, place)
    assert [(seat.role, seat.user, seat.post) for seat in made.leadership.all()] == [
        ("lead", None, "局长"),
        ("deputy", place.officer, ""),
    ]
    [group] = made.inspection_groups.all()
    assert (group.leader, [*group.members.all()], [*group.units.all()]) == (
        place.officer,
        [place.officer],
        [place.township],
    )


def test_it_asks_the_same_of_the_same_units(essay, place):
    made = copied(essay, place).requirements.get(title="征文")
    assert (made.receiver, made.topic.campaign_id, made.phase.campaign_id) == (
        place.section,
        made.campaign_id,
        made.campaign_id,
    )
    assert [[*one.all()] for one in (made.reviewers, made.included, made.excluded)] == [
        [place.officer],
        [place.middle],
        [place.school],
    ]
    assert made.audience_kinds == essay.audience_kinds


def test_files_are_the_same_rows(essay, place):
    made = copied(essay, place)
    assert made.bases.get().file == essay.campaign.bases.get().file
    assert made.requirements.get(title="征文").template_file == essay.template_file


def test_minutes_belong_to_the_copied_activity(essay, place):
    forum = copied(essay, place).activities.get()
    assert (forum.host, forum.minutes.title, [*forum.minutes.included.all()]) == (
        place.section,
        "论坛会议纪要",
        [place.section],
    )


def test_the_earlier_campaign_stays_as_it_was(essay, place):
    def rows():
        campaign = essay.campaign
        return [
            [*getattr(campaign, name).order_by("pk").values()]
            for name in ("phases", "topics", "leadership", "activities", "requirements", "inspection_groups")
        ]

    before = rows()
    copied(essay, place)
    assert rows() == before


def test_the_copy_leaves_one_trace(essay, place):
    made = copied(essay, place)
    event = AuditEvent.objects.get(target=f"campaigns.campaign:{made.pk}")
    assert (event.action, event.summary, event.detail["copied_from"]) == (
        "campaign.save",
        f"复制活动《{essay.campaign}》新建《第二年》",
        essay.campaign_id,
    )


def test_a_campaign_that_was_deleted_meanwhile(essay, place):
    Campaign.objects.filter(pk=essay.campaign_id).delete()
    with pytest.raises(Gone):
        copied(essay, place)


# What is left out -----------------------------------------------------------------------------------


def test_closed_units_are_left_out(essay, place):
    for unit in (place.section, place.township, place.middle):
        unit.closed_at = NOW
        unit.save()
    made = copied(essay, place)
    topic, again = made.topics.get(), made.requirements.get()
    assert (made.office, topic.lead, topic.supporting.count(), made.activities.get().host) == (
        None, None, 0, None,
    )  # fmt: skip
    assert (again.title, again.receiver, again.included.count()) == ("征文", None, 0)


def test_without_its_branch_it_asks_nobody(essay, place):
    essay.audience_branch = place.township
    essay.save()
    place.township.closed_at = NOW
    place.township.save()
    again = copied(essay, place).requirements.get(title="征文")
    assert (again.audience_branch, again.audience_kinds) == (None, [])


def test_people_who_left_are_left_out_and_so_are_their_seats(essay, place):
    place.officer.is_active = False
    place.officer.save()
    made = copied(essay, place)
    [group] = made.inspection_groups.all()
    assert [seat.role for seat in made.leadership.all()] == ["lead"]
    assert (group.leader, group.members.count(), made.requirements.get(title="征文").reviewers.count()) == (
        None, 0, 0,
    )  # fmt: skip


def test_purged_files_are_left_out(essay, place):
    essay.template_file = StoredFileFactory(purged_at=NOW)
    essay.save()
    assert copied(essay, place).requirements.get(title="征文").template_file is None


def test_what_happened_to_the_earlier_one_is_left_out(essay, place):
    essay.issued_at, essay.withdrawn_at = NOW, NOW
    essay.save()
    campaign = essay.campaign
    campaign.state, campaign.published_at = CampaignState.PUBLISHED, NOW
    campaign.parent = CampaignFactory(host=place.bureau)
    campaign.save()
    phase = essay.phase
    phase.state, phase.opened_at, phase.closed_at = PhaseState.CLOSED, NOW, NOW
    phase.save()
    made = copied(essay, place)
    [again] = made.phases.all()
    assert (made.state, made.published_at, made.parent, again.state, again.opened_at, again.closed_at) == (
        "draft", None, None, "upcoming", None, None,
    )  # fmt: skip
    assert [one.title for one in made.requirements.all()] == ["论坛会议纪要"]


def test_for_another_bureau_only_what_belongs_to_it_comes_along(essay, place, elsewhere):
    made = copied(essay, place, host=elsewhere["bureau"])
    again = made.requirements.get()
    assert (made.host, made.office, again.receiver, again.reviewers.count()) == (
        elsewhere["bureau"],
        None,
        None,
        0,
    )
    assert [seat.user for seat in made.leadership.all()] == [None]


def test_for_a_district_its_own_people_come_along(essay, place):
    district = UnitFactory(name="东区教育局", kind=UnitKind.DISTRICT, parent=place.bureau)
    colleague = person(Role.OFFICER, district)
    essay.reviewers.add(colleague)
    [again] = copied(essay, place, host=district).requirements.filter(title="征文")
    assert [*again.reviewers.all()] == [colleague]


# Days -----------------------------------------------------------------------------------------------


def test_the_nth_working_day_stays_the_nth(essay, place):
    made = copied(essay, place)
    again = made.requirements.get(title="征文").occurrences.get()
    assert made.starts_on == NEXT_YEAR
    assert workdays_between(NEXT_YEAR, made.activities.get().starts_on) == workdays_between(
        date(2026, 2, 1), date(2026, 3, 10)
    )
    assert is_workday(last_day(again.due_at))
    assert again.cutoff_at > again.due_at


def test_what_recurs_gets_the_periods_of_its_new_days(essay, place):
    essay.frequency, essay.due_day = Frequency.MONTHLY, 25
    essay.recurs_from, essay.recurs_until = date(2026, 3, 1), date(2026, 4, 30)
    essay.save()
    essay.occurrences.all().delete()
    for number, month in ((1, 3), (2, 4)):
        Occurrence.objects.create(
            requirement=essay, number=number, label=f"2026年{month}月", due_at=at(month, 26, 0),
            cutoff_at=at(month, 28, 0),
        )  # fmt: skip
    made = copied(essay, place, starts_on=date(2026, 8, 31)).requirements.get(title="征文")
    assert (made.frequency, made.due_day) == (Frequency.MONTHLY, 25)
    assert [
        (one.number, one.label, last_day(one.due_at), last_day(one.cutoff_at))
        for one in made.occurrences.all()
    ] == [
        (1, "2026年9月", date(2026, 9, 25), date(2026, 9, 27)),
        (2, "2026年10月", date(2026, 10, 25), date(2026, 10, 27)),
        (3, "2026年11月", date(2026, 11, 25), date(2026, 11, 27)),
    ]


def test_a_ready_plan_copied_is_ready(essay, place):
    assert [gap.sentence for gap in gaps(copied(essay, place), at=NOW)] == []


@pytest.mark.parametrize("kind", built_in())
@pytest.mark.parametrize("starts_on", [date(2027, 1, 1), date(2027, 8, 30), date(2031, 2, 7)])
def test_the_built_in_ones_stay_ready_through_a_copy(place, kind, starts_on):
    plan = built_in()[kind]
    units = match(names_of_units(plan), place.bureau)
    drafted = drafting.create(
        plan, title="第一年", starts_on=plan.starts_on, host=place.bureau, office=place.section, units=units,
        by=place.officer, at=NOW,
    )  # fmt: skip
    made = copying.copy(drafted, title="第二年", starts_on=starts_on, by=place.officer, at=NOW)
    assert [gap.sentence for gap in gaps(made, at=NOW)] == []


def test_a_large_campaign_is_copied_in_few_queries(place, django_assert_max_num_queries):
    plan = built_in()["annual"]
    drafted = drafting.create(
        plan, title="第一年", starts_on=plan.starts_on, host=place.bureau, office=place.section, units={},
        by=place.officer, at=NOW,
    )  # fmt: skip
    with django_assert_max_num_queries(70):
        copying.copy(drafted, title="第二年", starts_on=NEXT_YEAR, by=place.officer, at=NOW)
