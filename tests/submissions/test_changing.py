"""Changes after publishing: each does what it showed, tells whom it concerns once, and loses nothing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from django.db.models import Count, Sum
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import CampaignState, Frequency, RequirementKind
from campaigns.models import Campaign
from notices.models import Notice
from notices.workdays import end_of
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from submissions import access
from submissions.enums import AssignmentState, EventKind, Override
from submissions.models import Assignment, AssignmentEvent, Standing, Submission, Version
from submissions.rules import NotAllowed
from submissions.services import changing, counting, publishing, reviewing, submitting
from submissions.services.rehearsing import Effect, named, rehearse
from tests.factories import (
    DUE,
    NOW,
    MembershipFactory,
    OccurrenceFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    at,
    county,
    handed_in,
    person,
)

MAY, EARLIER = end_of(date(2026, 5, 10)), end_of(date(2026, 4, 20))
CUTOFF = end_of(date(2026, 5, 20))


def everything() -> dict[str, list]:
    """All rows that a change may write, by model."""
    models = (Assignment, AssignmentEvent, Submission, Version, Notice, AuditEvent, Campaign)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def move(place, owed, due_at=MAY, cutoff_at=None, *, when=NOW) -> Effect:
    terms = {"due_at": due_at, "cutoff_at": cutoff_at, "reason": "期中考试", "by": place.officer, "at": when}
    return changing.move_deadline(owed.occurrence, **terms)


def drop(place, owed, *units, when=NOW) -> Effect:
    terms = {"reason": "正在搬迁", "by": place.officer, "at": when}
    return changing.drop_units(owed.requirement, units or [place.school], **terms)


def add(place, owed, *units, when=NOW) -> Effect:
    terms = {"reason": "搬迁完毕", "by": place.officer, "at": when}
    return changing.add_units(owed.requirement, units or [place.school], **terms)


def withdraw(place, owed, *, when=NOW) -> Effect:
    terms = {"reason": "与市里重复", "by": place.officer, "at": when}
    return changing.withdraw_requirement(owed.requirement, **terms)


def told(user, since=NOW) -> list[str]:
    """Titles of what the person was told after publishing."""
    found = Notice.objects.filter(recipient=user, at__gte=since).exclude(matter__startswith="campaign:")
    return list(found.values_list("title", flat=True))


def state_of(owed) -> str:
    return Assignment.objects.get(pk=owed.pk).state


# Rehearsing -----------------------------------------------------------------------------------------

CHANGES = [move, drop, withdraw]


@pytest.mark.parametrize("change", CHANGES)
def test_a_rehearsal_leaves_nothing_behind(place, owed, change):
    before = everything()
    rehearse(change, place, owed)
    assert everything() == before


@pytest.mark.parametrize("change", CHANGES)
def test_a_rehearsal_foretells_the_effect(place, owed, change):
    handed_in(owed, place.secretary)
    foretold = rehearse(change, place, owed)
    assert foretold == change(place, owed)


def test_a_rehearsal_sends_no_hint(place, owed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        rehearse(withdraw, place, owed)
    assert waiting == []


def test_a_rehearsal_is_refused_as_the_change_is(place, owed):
    with pytest.raises(NotAllowed, match=r"^截止日期和停止接收日期与现在的相同，无需调整。$"):
        rehearse(move, place, owed, DUE)


def test_the_effect_in_words_counts_each_thing_in_its_measure():
    lines = (
        ("增加的单位", 2),
        ("待审核的材料", 3),
        ("随之结束的阶段", 1),
        ("恢复的任务", 2),
        ("新下达的任务", 0),
    )
    words = "增加的单位2个，待审核的材料3篇，随之结束的阶段1个，恢复的任务2项"
    assert Effect(lines).in_words == words


def test_the_effect_names_up_to_a_hundred_units(place):
    units = [UnitFactory(name=f"村小{n}", parent=place.township) for n in range(101)]
    names, count = named(unit.pk for unit in units)
    assert (names, count) == (tuple(unit.name for unit in units[:100]), 101)


# Deadlines ------------------------------------------------------------------------------------------


def test_a_deadline_moves_for_the_plan_and_for_every_unit(place, owed):
    move(place, owed, MAY, CUTOFF)
    owed.occurrence.refresh_from_db()
    assert (owed.occurrence.due_at, owed.occurrence.cutoff_at) == (MAY, CUTOFF)
    assert set(Assignment.objects.values_list("due_at", "cutoff_at")) == {(MAY, CUTOFF)}


def test_the_effect_says_how_many_and_whom(place, owed):
    effect = move(place, owed, MAY)
    assert effect.lines == (
        ("调整期限的任务", 2),
        ("其中尚未完成、将收到通知的单位", 2),
        ("已单独延期、保持原日期的任务", 0),
    )
    assert (effect.units, effect.unit_count) == (("东镇中心小学", "示例县第一初级中学"), 2)


def test_every_trail_says_what_was_moved_and_why(place, owed):
    move(place, owed)
    event = owed.events.get(kind=EventKind.RESCHEDULED)
    assert event.note == "截止日期由2026年4月30日延至2026年5月10日：期中考试"
    assert (event.by, event.before, event.after) == (place.officer, "todo", "todo")


def test_the_plan_remembers_before_and_after(place, owed):
    move(place, owed, MAY, CUTOFF)
    traced = AuditEvent.objects.get(action="occurrence.reschedule")
    assert traced.target == f"campaigns.occurrence:{owed.occurrence_id}"
    assert traced.detail == {
        "before": {"due_at": DUE.isoformat(), "cutoff_at": None},
        "after": {"due_at": MAY.isoformat(), "cutoff_at": CUTOFF.isoformat()},
    }


@pytest.mark.parametrize(
    ("due_at", "said"),
    [(MAY, "由2026年4月30日延至2026年5月10日"), (EARLIER, "由2026年4月30日提前到2026年4月20日")],
)
def test_unfinished_units_are_told_once(place, owed, due_at, said):
    move(place, owed, due_at)
    requirement = owed.requirement
    assert told(place.secretary) == [f"《{requirement.campaign.title}》“{requirement}”截止日期{said}"]


def test_a_unit_that_is_done_is_not_disturbed(place, owed):
    handed_in(owed, place.secretary)
    move(place, owed)
    assert told(place.secretary) == []


def test_one_who_serves_two_units_is_told_once(place, owed):
    MembershipFactory(user=place.secretary, unit=place.middle)
    move(place, owed)
    assert len(told(place.secretary)) == 1


def test_each_change_is_told_of_its_own(place, owed):
    move(place, owed, MAY)
    move(place, owed, EARLIER, when=at(3, 9))
    assert len(told(place.secretary)) == 2


def test_what_was_late_stays_late(place, owed):
    handed_in(owed, place.secretary, at=DUE)
    move(place, owed, MAY, when=at(5, 2))
    kept = Assignment.objects.get(pk=owed.pk)
    assert (kept.late, kept.due_at) == (True, MAY)


@pytest.mark.parametrize("override", [Override.EXEMPT, Override.CANCELLED])
def test_what_is_not_owed_keeps_its_date(place, owed, override):
    state = {"exempt": AssignmentState.EXEMPT, "cancelled": AssignmentState.CANCELLED}[override]
    Assignment.objects.filter(pk=owed.pk).update(override=override, state=state)
    move(place, owed)
    assert Assignment.objects.get(pk=owed.pk).due_at == DUE


def test_the_effect_warns_when_the_day_leaves_its_phase(place, owed):
    assert move(place, owed, MAY).warnings == (
        f"新的截止日期不在阶段“{owed.requirement.phase}”之内，阶段的起止日期不会随之改变。",
    )


def test_the_effect_warns_when_the_day_is_after_the_campaign(place, owed):
    Campaign.objects.update(ends_on=date(2026, 5, 9))
    assert move(place, owed, MAY).warnings[1:] == ("新的截止日期在活动结束日期之后。",)


def test_the_last_day_of_the_campaign_is_within_it(place, owed):
    Campaign.objects.update(ends_on=date(2026, 5, 10))
    assert len(move(place, owed, MAY).warnings) == 1


def test_the_effect_notes_what_keeps_its_day_of_correction(place, owed):
    assert len(rehearse(move, place, owed).notes) == 2
    sent_back(owed, place)
    assert move(place, owed).notes[2:] == ("有1篇退回待改的材料仍按各自的修改期限。",)


def test_the_effect_warns_when_there_is_less_time(place, owed):
    assert move(place, owed, EARLIER).warnings == ("截止日期提前，各单位的准备时间将会减少。",)


@pytest.mark.parametrize(
    ("due_at", "cutoff_at", "sentence"),
    [
        (DUE, None, "截止日期和停止接收日期与现在的相同，无需调整。"),
        (NOW, None, "新的截止日期已过，请选择今天或以后的日期。"),
        (MAY, DUE, "停止接收日期不能早于截止日期，请改正。"),
    ],
)
def test_a_deadline_that_makes_no_sense_is_refused(place, owed, due_at, cutoff_at, sentence):
    with pytest.raises(NotAllowed, match=f"^{sentence}$"):
        move(place, owed, due_at, cutoff_at)


@dataclass(frozen=True)
class Extended:
    """A unit whose times differ from those of the occurrence (due 30 April, taken until 20 May)."""

    own: tuple[datetime, datetime | None]
    new: tuple[datetime, datetime | None]
    then: tuple[datetime, datetime | None]


JUNE = end_of(date(2026, 6, 10))


@pytest.mark.parametrize(
    "case",
    [
        Extended(own=(JUNE, JUNE), new=(MAY, CUTOFF), then=(JUNE, JUNE)),
        Extended(own=(MAY, CUTOFF), new=(JUNE, JUNE), then=(JUNE, JUNE)),
        Extended(own=(JUNE, JUNE), new=(MAY, None), then=(JUNE, None)),
        Extended(own=(DUE, None), new=(EARLIER, EARLIER), then=(EARLIER, None)),
        Extended(own=(MAY, CUTOFF), new=(EARLIER, EARLIER), then=(MAY, MAY)),
    ],
)
def test_a_unit_keeps_what_it_was_given_beyond_the_new_deadline(case):
    assert changing.moved(case.own, (DUE, CUTOFF), case.new) == case.then


instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
    lambda naive: NOW + (naive - datetime(2026, 6, 1))
)


@st.composite
def times(draw) -> tuple[datetime, datetime | None]:
    due_at = draw(instants)
    return due_at, draw(
        st.none() | st.timedeltas(timedelta(0), timedelta(90)).map(lambda more: due_at + more)
    )


@given(own=times(), old=times(), new=times())
def test_moving_a_deadline_is_never_less_generous_than_the_new_one(own, old, new):
    due_at, cutoff_at = changing.moved(own, old, new)
    assert due_at >= new[0]
    assert cutoff_at is None or (new[1] is not None and cutoff_at >= max(due_at, new[1]))


@given(old=times(), new=times())
def test_who_had_the_common_deadline_has_the_new_one(old, new):
    assert changing.moved(old, old, new) == new


# Dropping and adding units --------------------------------------------------------------------------


def test_a_dropped_unit_owes_nothing_and_keeps_its_work(place, owed):
    version = handed_in(owed, place.secretary)
    drop(place, owed)
    kept = Assignment.objects.get(pk=owed.pk)
    assert (kept.state, kept.override) == (AssignmentState.CANCELLED, Override.CANCELLED)
    assert list(Version.objects.values_list("pk", "digest")) == [(version.pk, version.digest)]


def test_a_dropped_unit_is_in_no_figure(place, owed):
    drop(place, owed)
    counted = Standing.objects.values_list("state").annotate(Sum("n")).order_by("state")
    assert list(counted) == [("cancelled", 1), ("todo", 1)]
    assert counting.drift() == []


def test_a_dropped_unit_is_told_why(place, owed):
    drop(place, owed)
    notice = Notice.objects.get(matter__startswith="exclude:")
    assert (notice.recipient, notice.body) == (place.secretary, "原因：正在搬迁")


def test_a_dropped_unit_is_not_asked_again_by_the_scan(place, owed):
    drop(place, owed)
    assert publishing.top_up(owed.requirement.campaign, at=at(3, 9)) == 0


def test_dropping_is_in_the_trail_of_the_assignment_and_of_the_plan(place, owed):
    drop(place, owed)
    event = owed.events.get(kind=EventKind.CANCELLED)
    assert (event.by, event.note, event.before, event.after) == (
        place.officer, "正在搬迁", "todo", "cancelled",
    )  # fmt: skip
    traced = AuditEvent.objects.get(action="requirement.drop_units")
    assert traced.detail == {"dropped": [place.school.pk], "cancelled": 1}


def test_the_effect_warns_of_what_waits_for_review(place, owed):
    handed_in(owed, place.secretary)
    assert rehearse(withdraw, place, owed).warnings == ("有1篇材料尚待审核，撤销后不再审核。",)


def test_the_effect_names_who_has_handed_in_and_is_dropped_all_the_same(place, owed):
    handed_in(owed, place.secretary)
    assert drop(place, owed, place.school, place.middle).warnings == (
        "东镇中心小学已经报齐，减少后不再计入各项统计。",
        "有1篇材料尚待审核，撤销后不再审核。",
    )


def test_of_many_who_have_handed_in_five_are_named(place):
    schools = [UnitFactory(name=f"村小{n}", parent=place.township) for n in range(7)]
    owed = assigned(place)
    Assignment.objects.filter(unit__in=schools).update(state=AssignmentState.ACCEPTED)
    assert drop(place, owed, *schools).warnings == (
        "村小0、村小1、村小2、村小3、村小4等7个单位已经报齐，减少后不再计入各项统计。",
    )


def test_what_was_cancelled_waits_for_no_decision(place, owed):
    version = handed_in(owed, place.secretary)
    drop(place, owed)
    assert list(access.queue(place.officer)) == []
    with pytest.raises(NotAllowed, match="这项任务已撤销，不再审核"):
        reviewing.accept(version, by=place.officer, at=NOW)


def test_dropping_twice_is_refused_the_second_time(place, owed):
    drop(place, owed)
    with pytest.raises(NotAllowed, match=r"^所选单位都不在报送范围内，无需减少。$"):
        drop(place, owed)


def test_a_unit_that_is_added_gets_its_assignment_and_is_told(place, owed):
    head = person(Role.HEAD, place.section)
    effect = add(place, owed, place.section)
    assert Assignment.objects.get(unit=place.section).due_at == DUE
    assert effect.lines == (("增加的单位", 1), ("新下达的任务", 1), ("恢复的任务", 0))
    assert Notice.objects.filter(recipient=head).count() == 1


def test_units_asked_already_are_passed_over(place, owed):
    effect = add(place, owed, place.section, place.school)
    assert (effect.units, effect.notes) == (("党办",), ("东镇中心小学已在报送范围内，不受影响。",))


def test_adding_twice_is_refused_the_second_time(place, owed):
    add(place, owed, place.section)
    with pytest.raises(NotAllowed, match=r"^所选单位都已在报送范围内，无需重复增加。$"):
        add(place, owed, place.section)


def test_a_closed_unit_cannot_be_added(place, owed):
    closed = UnitFactory(parent=place.township, name="原东镇小学", closed_at=NOW)
    with pytest.raises(NotAllowed, match=r"^原东镇小学已撤并或不是主办单位的下属单位，不能增加。$"):
        add(place, owed, closed)


def test_a_unit_elsewhere_cannot_be_added(place, owed):
    with pytest.raises(NotAllowed, match=r"^东镇中心小学已撤并或不是主办单位的下属单位，不能增加。$"):
        add(place, owed, county().school)


def accepted(owed, place) -> None:
    reviewing.accept(handed_in(owed, place.secretary), by=place.officer, at=NOW)


def sent_back(owed, place) -> None:
    version = handed_in(owed, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充", correct_by=DUE)


def exempted(owed, place) -> None:
    Assignment.objects.filter(pk=owed.pk).update(override=Override.EXEMPT, state=AssignmentState.EXEMPT)


@pytest.mark.parametrize(
    "done", [lambda owed, place: None, lambda owed, place: handed_in(owed, place.secretary), accepted,
             sent_back, exempted],
)  # fmt: skip
def test_a_unit_dropped_and_added_again_stands_where_it_stood(place, owed, done):
    done(owed, place)
    before = Assignment.objects.filter(pk=owed.pk).values().get()
    drop(place, owed)
    add(place, owed, when=at(3, 9))
    assert Assignment.objects.filter(pk=owed.pk).values().get() == before
    assert counting.drift() == []


def test_what_was_signed_for_is_signed_for_again(place):
    owed = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
    submitting.acknowledge(owed, by=place.secretary, at=NOW)
    drop(place, owed)
    add(place, owed)
    kept = Assignment.objects.get(pk=owed.pk)
    assert (kept.state, kept.override) == (AssignmentState.ACCEPTED, Override.ACKNOWLEDGED)


def test_a_nil_report_is_one_again(place):
    owed = assigned(place, nil_allowed=True)
    Assignment.objects.filter(pk=owed.pk).update(
        override=Override.NIL, state=AssignmentState.ACCEPTED, completed_at=NOW
    )
    drop(place, owed)
    add(place, owed)
    assert Assignment.objects.get(pk=owed.pk).override == Override.NIL


def test_a_unit_added_again_has_the_later_deadline(place, owed):
    drop(place, owed)
    move(place, owed, MAY, CUTOFF)
    add(place, owed)
    kept = Assignment.objects.get(pk=owed.pk)
    assert (kept.due_at, kept.cutoff_at) == (MAY, CUTOFF)


def test_the_effect_warns_of_what_comes_back_overdue(place, owed):
    drop(place, owed)
    assert add(place, owed, when=DUE).warnings == ("恢复的任务中有1项已过截止日期，将按逾期统计。",)


def test_a_unit_added_again_is_told_once(place, owed):
    drop(place, owed)
    add(place, owed, when=at(3, 9))
    title = f"《{owed.requirement.campaign.title}》请继续报送“{owed.requirement}”"
    assert told(place.secretary, at(3, 9)) == [title]


# Withdrawing and issuing requirements ---------------------------------------------------------------


def test_a_withdrawn_requirement_is_owed_by_nobody(place, owed):
    withdraw(place, owed)
    owed.requirement.refresh_from_db()
    assert owed.requirement.withdrawn_at == NOW
    assert set(Assignment.objects.values_list("state", flat=True)) == {AssignmentState.CANCELLED}


def test_a_withdrawn_requirement_is_told_once_each(place, owed):
    withdraw(place, owed)
    title = f"《{owed.requirement.campaign.title}》“{owed.requirement}”已撤回，无需再报"
    assert told(place.secretary) == [title]


def test_nothing_can_be_handed_in_for_what_was_withdrawn(place, owed):
    withdraw(place, owed)
    with pytest.raises(NotAllowed, match=r"^这项任务已撤销，无需报送。$"):
        handed_in(Assignment.objects.get(pk=owed.pk), place.secretary)


@pytest.mark.parametrize("change", [withdraw, move, drop, add])
def test_what_was_withdrawn_cannot_be_changed_any_more(place, owed, change):
    withdraw(place, owed)
    with pytest.raises(NotAllowed, match=r"^这项要求已撤回，不能再调整。$"):
        change(place, owed)


@pytest.fixture
def added(place, owed):
    """A requirement added to the running campaign, not issued yet."""
    made = RequirementFactory(
        campaign=owed.requirement.campaign, phase=owed.requirement.phase, title="补充材料"
    )
    OccurrenceFactory(requirement=made)
    return made


def issue(place, added, *, when=NOW) -> Effect:
    return publishing.issue(added, by=place.officer, at=when)


def test_a_requirement_added_later_asks_nobody_until_it_is_issued(place, added):
    assert publishing.top_up(added.campaign, at=NOW) == 0


def test_issuing_hands_out_its_assignments_and_tells(place, added):
    effect = issue(place, added, when=at(3, 9))
    assert effect.lines == (("收到任务的单位", 2), ("下达的任务", 2))
    assert Assignment.objects.filter(occurrence__requirement=added).count() == 2
    assert Notice.objects.filter(recipient=place.secretary, at=at(3, 9)).count() == 1


def test_issuing_is_rehearsed_like_any_other_change(place, added):
    before = everything()
    foretold = rehearse(issue, place, added)
    assert everything() == before
    assert foretold == issue(place, added)


def test_issuing_twice_is_refused_the_second_time(place, added):
    issue(place, added)
    with pytest.raises(NotAllowed, match=r"^这项要求已经下达，无需重复下达。$"):
        issue(place, added)


def test_what_is_not_ready_is_not_issued(place, added):
    added.occurrences.all().delete()
    with pytest.raises(NotAllowed, match=r"^这项要求还不能下达：报送要求“补充材料”没有截止日期"):
        issue(place, added)


@pytest.mark.parametrize("change", [move, drop, add, withdraw])
def test_what_was_not_issued_is_edited_and_not_changed(place, owed, added, change):
    not_issued = Assignment(occurrence=added.occurrences.get(), unit=place.school)
    with pytest.raises(NotAllowed, match=r"^这项要求还没有下达，请直接修改后再下达。$"):
        change(place, not_issued)


def test_a_recurring_requirement_is_issued_up_to_the_horizon(place, added):
    added.frequency = Frequency.MONTHLY
    added.recurs_from, added.recurs_until, added.due_day = date(2026, 3, 1), date(2026, 4, 30), 30
    added.save()
    added.occurrences.update(number=2)
    OccurrenceFactory(requirement=added, number=1, due_at=end_of(date(2026, 3, 30)))
    effect = issue(place, added)
    assert effect.notes == ("其余1期到截止前45天时自动下达。",)
    assert Assignment.objects.filter(occurrence__requirement=added).count() == 2


# When nothing may be changed ------------------------------------------------------------------------


@pytest.mark.parametrize("change", [move, drop, add, withdraw])
def test_a_campaign_that_is_over_cannot_be_changed(place, owed, change):
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    with pytest.raises(NotAllowed, match=r"^活动已结束，不能再调整；确需调整，请先重新开放活动。$"):
        change(place, owed)


# Thousands ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", CHANGES)
def test_the_number_of_statements_does_not_grow_with_the_units(place, change, django_assert_max_num_queries):
    for _ in range(60):
        UnitFactory(parent=place.township)
    owed = assigned(place, audience_kinds=[UnitKind.PRIMARY])
    with django_assert_max_num_queries(30):
        change(place, owed)


def test_nobody_is_told_twice_of_one_matter(place, owed):
    for change in (move, drop, add, withdraw):
        change(place, owed)
    again = Notice.objects.values("recipient", "matter").annotate(n=Count("pk")).filter(n__gt=1)
    assert list(again) == []
