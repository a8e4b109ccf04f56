"""Schools that merge and split while a campaign runs: the work stays, the obligation follows."""

import pytest

from notices.models import Notice
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit
from submissions.enums import AssignmentState, EventKind
from submissions.models import Assignment, AssignmentEvent, Version
from submissions.rules import NotAllowed
from submissions.services import changing, closing, counting, mergers, publishing, reviewing
from submissions.services.rehearsing import Effect, rehearse
from tests.factories import (
    NOW,
    UnitFactory,
    assigned,
    at,
    county,
    drafted,
    handed_in,
    person,
    ready_plan,
)

PRIMARY, MIDDLE = UnitKind.PRIMARY, UnitKind.MIDDLE


@pytest.fixture
def branch_school(place) -> Unit:
    """A second school of the township."""
    return UnitFactory(name="东镇分校", parent=place.township)


def merge(place, unit, into, *, when=NOW) -> Effect:
    return mergers.merge(unit, into, reason="布局调整", by=place.officer, at=when)


def split(place, unit, *parts, when=NOW) -> Effect:
    parts = parts or [("东镇第二小学", PRIMARY)]
    return mergers.split(unit, parts, reason="规模过大", by=place.officer, at=when)


def everything() -> dict[str, list]:
    models = (Unit, Assignment, AssignmentEvent, Notice, AuditEvent)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


# Merging --------------------------------------------------------------------------------------------


def test_the_merged_unit_is_closed_and_names_its_successor(place, branch_school, owed):
    merge(place, place.school, branch_school)
    closed = Unit.objects.get(pk=place.school.pk)
    assert (closed.closed_at, closed.successor) == (NOW, branch_school)


def test_what_it_still_owed_is_cancelled_naming_the_successor(place, branch_school, owed):
    merge(place, place.school, branch_school)
    assert Assignment.objects.get(pk=owed.pk).state == AssignmentState.CANCELLED
    assert owed.events.get(kind=EventKind.CANCELLED).note == "并入“东镇分校”：布局调整"


def test_its_work_stays_where_it_was_made(place, branch_school, owed):
    version = handed_in(owed, place.secretary)
    merge(place, place.school, branch_school)
    kept = Version.objects.get()
    assert (kept.pk, kept.digest, kept.submission.assignment.unit) == (
        version.pk, version.digest, place.school,
    )  # fmt: skip


@pytest.mark.parametrize("state", [AssignmentState.ACCEPTED, AssignmentState.EXEMPT])
def test_what_is_settled_stays_settled(place, branch_school, owed, state):
    Assignment.objects.filter(pk=owed.pk).update(state=state)
    merge(place, place.school, branch_school)
    assert Assignment.objects.get(pk=owed.pk).state == state


def test_the_successor_keeps_what_it_owes(place, branch_school, owed):
    mine = Assignment.objects.get(unit=branch_school)
    merge(place, place.school, branch_school)
    assert list(Assignment.objects.filter(unit=branch_school).values_list("pk", "state")) == [
        (mine.pk, AssignmentState.TODO)
    ]


@pytest.fixture
def asked_singly(place):
    """A requirement of middle schools, and of the one primary school that it names."""
    plan = ready_plan(place, audience_kinds=[MIDDLE])
    plan.included.add(place.school)
    publishing.publish(plan.campaign, by=place.officer, at=NOW)
    return plan


def test_the_successor_takes_the_place_of_a_unit_asked_singly(place, branch_school, asked_singly):
    merge(place, place.school, branch_school)
    assert list(asked_singly.included.all()) == [branch_school]
    assert Assignment.objects.get(unit=branch_school).state == AssignmentState.TODO


def test_the_effect_says_what_ends_and_what_begins(place, branch_school, asked_singly):
    handed_in(Assignment.objects.get(unit=place.school), place.secretary)
    effect = merge(place, place.school, branch_school)
    assert effect.lines == (
        ("撤销的任务", 1),
        ("其中已报齐的任务", 1),
        ("待审核的材料", 1),
        ("“东镇分校”新增的任务", 1),
    )
    assert effect.warnings == ("有1篇材料尚待审核，撤销后不再审核。",)
    assert effect.notes[1] == "“东镇中心小学”尚有1项任职，不会自动转移，请由安全管理员办理。"


def test_posts_stay_until_somebody_ends_them(place, branch_school, owed):
    merge(place, place.school, branch_school)
    assert Membership.objects.get(user=place.secretary).ended_at is None


def test_the_people_of_the_successor_are_told(place, branch_school, owed):
    host = person(Role.SECRETARY, branch_school)
    merge(place, place.school, branch_school, when=at(3, 9))
    assert list(Notice.objects.filter(recipient=host).values_list("title", "body")) == [
        ("“东镇中心小学”已并入本单位", "原因：布局调整")
    ]


def test_the_merger_is_in_the_trail_of_the_unit_and_of_the_campaign(place, branch_school, owed):
    merge(place, place.school, branch_school)
    traced = AuditEvent.objects.filter(action__in=["unit.merge", "campaign.regroup"]).order_by("pk")
    assert list(traced.values_list("target", "actor")) == [
        (f"schools.unit:{place.school.pk}", place.officer.pk),
        (f"campaigns.campaign:{owed.requirement.campaign_id}", place.officer.pk),
    ]


def test_a_campaign_that_is_over_is_left_as_it_is(place, branch_school, owed):
    closing.close(owed.requirement.campaign, reason="完成", by=place.officer, at=NOW)
    merge(place, place.school, branch_school)
    assert Assignment.objects.get(pk=owed.pk).state == AssignmentState.TODO


def test_merging_twice_is_refused_the_second_time(place, branch_school, owed):
    merge(place, place.school, branch_school)
    with pytest.raises(NotAllowed, match=r"^东镇中心小学已撤并，无需再次办理。$"):
        merge(place, place.school, branch_school)


def test_a_unit_with_units_below_it_cannot_be_merged(place, owed):
    with pytest.raises(NotAllowed, match=r"^东镇还有下级单位"):
        merge(place, place.township, place.section)


def test_a_successor_elsewhere_is_not_put_into_a_plan_that_does_not_reach_it(place, asked_singly):
    far = county().school
    merge(place, place.school, far)
    assert (list(asked_singly.included.all()), Assignment.objects.filter(unit=far).count()) == ([], 0)


def test_a_school_merges_only_into_a_school(place, owed):
    sentence = "“东镇中心小学”是学校，“东镇”不是学校；学校只能并入学校，请另选并入的单位。"
    with pytest.raises(NotAllowed, match=f"^{sentence}$"):
        merge(place, place.school, place.township)


def test_what_is_no_school_merges_into_none(place, owed):
    sentence = "“党办”不是学校，不能并入学校“东镇中心小学”，请另选并入的单位。"
    with pytest.raises(NotAllowed, match=f"^{sentence}$"):
        merge(place, place.section, place.school)


def test_a_section_merges_into_a_section(place, owed):
    assert merge(place, place.section, UnitFactory(kind=UnitKind.SECTION, parent=place.bureau)).warnings == ()


def test_the_effect_warns_of_a_successor_of_another_kind_or_township(place, owed):
    assert rehearse(merge, place, place.school, place.middle).warnings == (
        "“东镇中心小学”是小学，“示例县第一初级中学”是初中，类别不同，请核对。",
        "“东镇中心小学”属东镇，“示例县第一初级中学”属示例县教育局，不在同一镇街或教育局，请核对。",
    )


def test_the_effect_has_no_warning_where_the_successor_is_alike(place, branch_school, owed):
    assert merge(place, place.school, branch_school).warnings == ()


# Splitting ------------------------------------------------------------------------------------------


def test_a_new_unit_stands_beside_the_old_and_owes_at_once(place, owed):
    effect = split(place, place.school)
    new = Unit.objects.get(name="东镇第二小学")
    assert (new.parent, new.ownership) == (place.township, place.school.ownership)
    assert Assignment.objects.get(unit=new).due_at == owed.due_at
    assert effect.lines == (("“东镇第二小学”承担的任务", 1),)


def test_each_new_unit_owes_what_its_kind_owes(place):
    assigned(place, audience_kinds=[PRIMARY])
    effect = split(place, place.school, ("东镇第二小学", PRIMARY), ("东镇幼儿园", UnitKind.KINDERGARTEN))
    assert [n for _, n in effect.lines] == [1, 0]


@pytest.mark.parametrize(("relation", "owing"), [("included", 1), ("excluded", 0)])
def test_new_units_are_treated_like_the_old_one(place, relation, owing):
    plan = ready_plan(place, audience_kinds=[MIDDLE] if relation == "included" else [PRIMARY, MIDDLE])
    getattr(plan, relation).add(place.school)
    publishing.publish(plan.campaign, by=place.officer, at=NOW)
    split(place, place.school)
    assert Assignment.objects.filter(unit__name="东镇第二小学").count() == owing


def test_the_old_unit_goes_on_as_before(place, owed):
    drafted(owed, place.secretary)
    before = Assignment.objects.filter(pk=owed.pk).values().get()
    split(place, place.school)
    assert Assignment.objects.filter(pk=owed.pk).values().get() == before


def test_splitting_twice_is_refused_the_second_time(place, owed):
    split(place, place.school)
    with pytest.raises(NotAllowed, match=r"^已有同名的单位东镇第二小学，请改用其他名称。$"):
        split(place, place.school)


def test_two_new_units_of_one_name_are_refused(place, owed):
    with pytest.raises(NotAllowed, match=r"^已有同名的单位，请改用其他名称。$"):
        split(place, place.school, ("新校", PRIMARY), ("新校", MIDDLE))


def test_the_effect_warns_of_namesakes_elsewhere_under_the_bureau(place, owed):
    west = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    UnitFactory(name="第二小学", parent=west)
    UnitFactory(name="第三小学", parent=county().township)
    effect = split(place, place.school, ("第二小学", PRIMARY), ("第三小学", PRIMARY))
    assert effect.warnings == ("“第二小学”与“西镇”下属的单位同名，请核对，以免混淆。",)


def test_the_topmost_unit_cannot_be_split(place):
    with pytest.raises(NotAllowed, match=r"^示例县教育局已撤并或没有上级单位，不能拆分。$"):
        split(place, place.bureau)


# Both -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [lambda p, other: merge(p, p.school, other), lambda p, other: split(p, p.school)]
)
def test_a_rehearsal_leaves_nothing_behind_and_foretells_the_effect(place, branch_school, owed, change):
    before = everything()
    foretold = rehearse(change, place, branch_school)
    assert everything() == before
    assert foretold == change(place, branch_school)
    assert counting.drift() == []


def test_a_school_is_not_split_into_a_bureau(place, owed):
    with pytest.raises(NotAllowed, match="学校只能分设学校"):
        split(place, place.school, ("东镇教育局", UnitKind.BUREAU))


def test_the_effect_warns_of_what_the_successor_does_not_owe(place, branch_school, owed):
    publishing.top_up(owed.requirement.campaign, at=NOW)
    reason = {"reason": "学校申请", "by": place.officer, "at": NOW}
    changing.drop_units(owed.requirement, [branch_school], **reason)
    effect = merge(place, place.school, branch_school)
    said = f"“东镇分校”不在“{owed.requirement}”的报送范围内，这些任务无人承接；如需报送，请另行增加该单位。"
    assert said in effect.warnings


# Closing without a successor --------------------------------------------------------------------------


def test_what_a_closed_unit_owed_is_taken_back_by_the_scan(place, owed):
    Unit.objects.filter(pk=place.school.pk).update(closed_at=NOW)
    assert (mergers.release_closed(at=NOW), mergers.release_closed(at=NOW)) == (1, 0)
    owed.refresh_from_db()
    assert owed.state == AssignmentState.CANCELLED
    assert counting.drift() == []
    event = AuditEvent.objects.get(action="campaign.regroup")
    assert (event.actor, event.summary) == (None, "“东镇中心小学”已撤销，未完成的任务随之撤销")


def test_what_a_closed_unit_has_done_is_left_to_it(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.accept(version, by=place.officer, at=NOW)
    Unit.objects.filter(pk=place.school.pk).update(closed_at=NOW)
    assert mergers.release_closed(at=NOW) == 0
