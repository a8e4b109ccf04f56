"""Counters of days, pieces and indicator values: what each service does to them, and that drift is mended."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum

from campaigns.enums import RequirementKind
from campaigns.models import Indicator
from schools.enums import Role
from submissions.models import Assignment, DayTally, Output, Pace, Reading, Standing
from submissions.services import changing, counting, drafts, easing, publishing, reviewing, submitting
from submissions.services.drafts import Words
from tests.factories import (
    NOW,
    OccurrenceFactory,
    TopicFactory,
    UnitFactory,
    assigned,
    at,
    handed_in,
    person,
    ready_plan,
)

MEETING = {
    "held_on": "2026-03-01", "place": "会议室", "chair": "张示例", "recorder": "李示例", "present": "30",
    "agenda": "作风大家谈",
}  # fmt: skip
BACK = {"reason": "请补充", "correct_by": at(3, 20)}


@pytest.fixture(params=[False, True], ids=["pending", "folded"])
def settled(request):
    """What is read is the same before and after the worker has folded."""

    def settle() -> None:
        if request.param:
            counting.fold_deltas()
        assert counting.drift() == []

    return settle


def days() -> dict[date, int]:
    found = Pace.objects.values_list("completed_on").annotate(sum=Sum("n")).order_by("completed_on")
    return {day: n for day, n in found if n}


def output() -> list[tuple]:
    """(topic, unit, pieces, meetings, people), what is there at all."""
    found = Output.objects.values_list("topic__title", "unit__name").annotate(
        Sum("n"), Sum("meetings"), Sum("present")
    )
    return sorted((row for row in found if any(row[2:])), key=str)


def sent(owed, by, *, number=1, topic=None, at=NOW, **sheet):
    words = Words(title="一次家访", body="正文", topic=topic, sheet=sheet)
    return submitting.submit(drafts.save_draft(owed.pk, number, words, by=by, at=at).piece, by=by, at=at)


# Days ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "day"),
    [(at(3, 9, 23, 59), date(2026, 3, 9)), (at(3, 10, 0, 0), date(2026, 3, 10))],
    ids=["before midnight", "after midnight"],
)
def test_a_task_is_complete_on_its_day_in_beijing(place, settled, instant, day):
    handed_in(assigned(place), place.secretary, at=instant)
    settled()
    assert days() == {day: 1}


def test_the_day_of_the_first_time_stays(place, settled):
    version = handed_in(assigned(place), place.secretary, at=at(3, 9))
    reviewing.send_back(version, by=place.officer, at=at(3, 10), **BACK)
    handed_in(version.submission.assignment, place.secretary, at=at(3, 12))
    settled()
    assert days() == {date(2026, 3, 9): 1}


@pytest.mark.parametrize("act", [easing.exempt, None], ids=["exempt", "dropped"])
def test_what_is_owed_no_more_is_in_no_pace(place, settled, act):
    owed = assigned(place, min_pieces=2)
    handed_in(owed, place.secretary, at=at(3, 9))
    version = handed_in(owed, place.secretary, number=2, at=at(3, 9))
    reviewing.send_back(version, by=place.officer, at=at(3, 10), **BACK)
    terms = {"reason": "停电", "by": place.officer, "at": at(3, 11)}
    if act:
        act(owed.occurrence, [place.school], **terms)
    else:
        changing.drop_units(owed.requirement, [place.school], **terms)
    settled()
    assert days() == {}


def test_five_schools_of_a_day_are_one_row_once_folded(place):
    for _ in range(4):
        UnitFactory(parent=place.township)
    owed = assigned(place)
    for one in Assignment.objects.filter(branch=place.township):
        handed_in(one, person(Role.SECRETARY, one.unit), at=at(3, 9))
    counting.fold_deltas()
    assert list(DayTally.objects.values_list("occurrence", "completed_on", "n")) == [
        (owed.occurrence_id, date(2026, 3, 9), 5)
    ]


# Pieces -------------------------------------------------------------------------------------------------


def test_a_piece_counts_for_its_topic_while_it_is_with_the_bureau(place, settled):
    owed = assigned(place)
    topic = TopicFactory(campaign=owed.requirement.campaign, title="作风")
    version = sent(owed, place.secretary, topic=topic)
    settled()
    assert output() == [("作风", "东镇中心小学", 1, 0, 0)]
    reviewing.send_back(version, by=place.officer, at=NOW, **BACK)
    settled()
    assert output() == []


def test_a_correction_about_another_topic_moves_the_piece(place, settled):
    owed = assigned(place)
    old, new = (TopicFactory(campaign=owed.requirement.campaign, title=title) for title in ("作风", "质量"))
    version = sent(owed, place.secretary, topic=old)
    reviewing.accept(version, by=place.officer, at=NOW)
    reviewing.reopen(version, by=place.officer, at=NOW, **BACK)
    sent(owed, place.secretary, topic=new)
    settled()
    assert output() == [("质量", "东镇中心小学", 1, 0, 0)]


def test_the_topic_that_the_plan_prescribes_is_the_one_that_counts(place, settled):
    plan = ready_plan(place)
    plan.topic = TopicFactory(campaign=plan.campaign, title="作风")
    plan.save()
    publishing.publish(plan.campaign, by=place.officer, at=NOW)
    sent(Assignment.objects.get(unit=place.school), place.secretary)
    settled()
    assert output() == [("作风", "东镇中心小学", 1, 0, 0)]


def test_people_at_meetings_are_added_up(place, settled):
    owed = assigned(place, kind=RequirementKind.MINUTES)
    sent(owed, place.secretary, **MEETING)
    sent(owed, place.secretary, number=2, **MEETING | {"present": "12"})
    settled()
    assert output() == [(None, "东镇中心小学", 2, 2, 42)]


def test_accepting_moves_no_counter_of_pieces(place):
    version = sent(assigned(place), place.secretary)
    counting.fold_deltas()
    reviewing.accept(version, by=place.officer, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM submissions_piecetallydelta")
        assert cursor.fetchone() == (0,)


def test_the_pieces_of_a_dropped_unit_are_in_no_figure_until_it_is_added_again(place, settled):
    owed = assigned(place, kind=RequirementKind.MINUTES, min_pieces=2)
    sent(owed, place.secretary, **MEETING)
    terms = {"reason": "停电", "by": place.officer, "at": NOW}
    changing.drop_units(owed.requirement, [place.school], **terms)
    settled()
    assert output() == []
    changing.add_units(owed.requirement, [place.school], **terms)
    settled()
    assert output() == [(None, "东镇中心小学", 1, 1, 30)]


# Indicator values ---------------------------------------------------------------------------------------


@pytest.fixture
def measured(place):
    """Two periods of a progress table on one indicator: what the school owes, the earlier first."""
    plan = ready_plan(place, kind=RequirementKind.PROGRESS, due_at=at(4, 1))
    indicator = Indicator.objects.create(
        topic=TopicFactory(campaign=plan.campaign), name="人均读书", value=2, unit="本"
    )
    OccurrenceFactory(requirement=plan, number=2, due_at=at(4, 20))
    publishing.publish(plan.campaign, by=place.officer, at=NOW)
    tasks = list(Assignment.objects.filter(unit=place.school).order_by("occurrence__due_at"))

    def report(task: int, value: str):
        return sent(tasks[task], place.secretary, **{f"value_{indicator.pk}": value})

    return report


def readings() -> list[tuple[str, Decimal]]:
    return list(Reading.objects.values_list("unit__name", "value"))


def test_the_value_of_the_latest_period_holds_whatever_came_last(place, measured):
    measured(1, "3")
    measured(0, "2")
    assert (readings(), counting.drift()) == ([("东镇中心小学", Decimal("3.00"))], [])


def test_a_moved_deadline_makes_no_older_period_the_latest(place, measured):
    earlier = measured(0, "2")
    measured(1, "3")
    changing.move_deadline(
        earlier.submission.assignment.occurrence,
        due_at=at(4, 25), cutoff_at=None, reason="停电", by=place.officer, at=NOW,
    )  # fmt: skip
    assert (readings(), counting.drift()) == ([("东镇中心小学", Decimal("3.00"))], [])


def test_a_returned_table_gives_the_period_before_its_say(place, measured):
    measured(0, "2")
    version = measured(1, "3")
    reviewing.send_back(version, by=place.officer, at=NOW, **BACK)
    assert (readings(), counting.drift()) == ([("东镇中心小学", Decimal("2.00"))], [])


def test_the_only_table_taken_back_leaves_no_value(place, measured):
    version = measured(0, "2")
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    assert (readings(), counting.drift()) == ([], [])


def test_a_dropped_unit_reports_nothing(place, measured):
    version = measured(0, "2")
    changing.drop_units(
        version.submission.assignment.requirement, [place.school], reason="停电", by=place.officer, at=NOW
    )
    assert (readings(), counting.drift()) == ([], [])


# Drift --------------------------------------------------------------------------------------------------

TAMPERED = {
    "报送任务": "DELETE FROM submissions_tally",
    "报齐日期": "UPDATE submissions_daytally SET n = 5",
    "材料": "UPDATE submissions_piecetally SET present = present + 1",
    "指标现值": "UPDATE submissions_reading SET value = 9",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_recount_finds_drift_and_mends_it(place, measured, capsys, what):
    measured(0, "2")
    counting.fold_deltas()
    with connection.cursor() as cursor:
        cursor.execute(TAMPERED[what])
    with pytest.raises(CommandError, match="项计数与实际不符"):
        call_command("recount")
    assert {line.partition("：")[0] for line in capsys.readouterr().out.splitlines()} == {what}
    call_command("recount", mend=True)
    assert counting.drift() == []
    call_command("recount")
    assert capsys.readouterr().out.splitlines()[-1] == "计数与报送任务、材料一致。"


def test_mending_what_is_true_changes_no_sum(place, measured):
    measured(0, "2")

    def all_of_it():
        keys = ((Standing, "state"), (Pace, "completed_on"), (Output, "unit"))
        return [list(model.objects.values_list(key).annotate(Sum("n")).order_by(key)) for model, key in keys]

    counting.fold_deltas()
    before = all_of_it()
    counting.mend()
    assert all_of_it() == before
