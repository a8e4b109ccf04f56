"""The ladder of reminders: what it may be, which holds, who changes it, and that the plan carries it."""

from datetime import date

import pytest
from hypothesis import given

from campaigns.blueprints import read, write
from campaigns.enums import CampaignState, Told
from campaigns.ladders import DEFAULT, Held, held_above, held_for, ladder_of_bureau, ladders_of, own_steps
from campaigns.models import Campaign, Ladder, Requirement, Rung
from campaigns.services import copying, drafting, ladders, planning
from campaigns.services.exporting import export
from campaigns.services.planning import Gone, Overtaken
from campaigns.steps import FARTHEST, MOST, NONE, Step, in_words, wrong_with
from portal.models import AuditEvent
from schools.enums import UnitKind
from submissions.services import changing, publishing
from tests.campaigns.plans import ladders as made_up
from tests.factories import NOW, RequirementFactory, UnitFactory, ready_plan

SECRETARY, HEAD, LEADER, OFFICE, GROUP = Told.SECRETARY, Told.HEAD, Told.LEADER, Told.OFFICE, Told.GROUP


def step(days: int, *tells: Told) -> Step:
    return Step(days, frozenset(tells))


SHORT = (step(-2, SECRETARY), step(1, SECRETARY, HEAD))
SHORT_WORDS = "截止前2个工作日提醒信息员；逾期1个工作日提醒信息员和单位负责人"


@pytest.fixture
def essay(place):
    return ready_plan(place, title="征文")


def fresh(row):
    return type(row).objects.get(pk=row.pk)


# In words ---------------------------------------------------------------------------------------------


def test_the_built_in_steps_in_words():
    assert in_words(DEFAULT) == (
        "截止前7、3个工作日提醒信息员；截止前1个工作日和当天提醒信息员和工作群；"
        "逾期1个工作日提醒信息员、单位负责人和工作群；逾期3个工作日提醒包挂领导和包挂科室；"
        "逾期5个工作日提醒领导小组办公室"
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([0], "截止当天提醒信息员"),
        ([0, 1, 3], "截止当天和逾期1、3个工作日提醒信息员"),
        ([-5, -1, 0, 2], "截止前5、1个工作日、当天和逾期2个工作日提醒信息员"),
        ([], "不催办"),
    ],
)
def test_days_that_tell_the_same_people_are_said_together(days, words):
    assert in_words(step(day, SECRETARY) for day in days) == words


# What will not do -------------------------------------------------------------------------------------


def test_the_built_in_steps_will_do():
    assert wrong_with(DEFAULT) == []


@given(made_up)
def test_so_will_all_that_the_tests_make_up(steps):
    assert wrong_with(steps) == []


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ([step(1, HEAD), step(1, SECRETARY)], [(1, "“逾期1个工作日”重复，同一天只设一个节点，请合并。")]),
        ([step(0)], [(0, "没有选择提醒谁，请至少选择一类。")]),
        ([step(FARTHEST, HEAD), step(FARTHEST + 1, HEAD)], [(1, "天数应为1至60的整数，请改正。")]),
        ([step(-FARTHEST - 1, HEAD)], [(0, "天数应为1至60的整数，请改正。")]),
        (
            [step(-1, LEADER), step(0, LEADER)],
            [(0, "截止前只提醒信息员、单位负责人和工作群，其余请安排在截止当天或逾期后。")],
        ),
        ([step(day, HEAD) for day in range(MOST + 1)], [(MOST, "催办节点最多12个，请精简。")]),
    ],
)
def test_what_will_not_do_is_said_of_its_step(steps, wrong):
    assert wrong_with(steps) == wrong


# Which holds ------------------------------------------------------------------------------------------


def test_the_nearest_bureau_that_says_anything_decides(place, essay):
    district = UnitFactory(name="东区教育局", kind=UnitKind.DISTRICT, parent=place.bureau)
    held = held_for([place.bureau, district])
    assert {held[place.bureau.pk], held[district.pk]} == {Held(DEFAULT, None)}
    ladders.set_ladder(place.bureau, SHORT, at=NOW, by=place.officer)
    assert held_for([district])[district.pk] == Held(SHORT, place.bureau)
    ladders.set_ladder(district, (), at=NOW, by=place.officer)
    assert (ladder_of_bureau(district), held_above(district)) == ((), Held(SHORT, place.bureau))
    assert held_above(place.bureau) == Held(DEFAULT, None)


def test_a_requirements_own_steps_go_first_even_when_there_are_none(place, essay):
    silent = RequirementFactory(campaign=essay.campaign, phase=essay.phase)
    ladders.set_ladder(silent, (), at=NOW, by=place.officer)
    ladders.set_ladder(place.bureau, SHORT, at=NOW, by=place.officer)
    assert ladders_of([essay, silent]) == {essay.pk: SHORT, silent.pk: ()}


def test_asking_for_many_takes_four_queries(place, essay, django_assert_num_queries):
    ladders.set_ladder(place.bureau, SHORT, at=NOW, by=place.officer)
    for _ in range(5):
        made = RequirementFactory(campaign=essay.campaign, phase=essay.phase)
        ladders.set_ladder(made, SHORT, at=NOW, by=place.officer)
    asked = list(Requirement.objects.select_related("campaign__host"))
    with django_assert_num_queries(4):
        ladders_of(asked)


# Who changes it ---------------------------------------------------------------------------------------


def test_setting_and_giving_up_steps_leave_traces_in_words(place):
    ladders.set_ladder(place.bureau, reversed(SHORT), at=NOW, by=place.officer)
    ladders.set_ladder(place.bureau, (), at=NOW, by=place.officer)
    ladders.use_default(place.bureau, at=NOW, by=place.officer)
    told = AuditEvent.objects.order_by("pk").values_list("action", "actor", "target", "summary", "detail")
    target, who = f"schools.unit:{place.bureau.pk}", place.officer.pk
    said = f"“示例县教育局”的催办安排改为：{SHORT_WORDS}"
    assert list(told) == [
        (
            *("ladder.save", who, target, said),
            {"before": {"ladder": "按统一安排"}, "after": {"ladder": SHORT_WORDS}},
        ),
        (
            *("ladder.save", who, target, "“示例县教育局”的催办安排改为：不催办"),
            {"before": {"ladder": SHORT_WORDS}, "after": {"ladder": NONE}},
        ),
        (
            *("ladder.use_default", who, target, "“示例县教育局”的催办安排改为：按统一安排"),
            {"before": {"ladder": NONE}, "after": {"ladder": "按统一安排"}},
        ),
    ]
    assert (Ladder.objects.count(), Rung.objects.count()) == (0, 0)


def test_doing_it_again_changes_nothing_and_leaves_no_trace(place):
    for _ in range(2):
        ladders.set_ladder(place.bureau, SHORT, at=NOW, by=place.officer)
    kept = set(Rung.objects.values_list("pk", flat=True))
    ladders.set_ladder(place.bureau, reversed(SHORT), at=NOW, by=place.officer)
    assert (AuditEvent.objects.count(), set(Rung.objects.values_list("pk", flat=True))) == (1, kept)
    ladders.use_default(place.bureau, at=NOW, by=place.officer)
    ladders.use_default(place.bureau, at=NOW, by=place.officer)
    assert AuditEvent.objects.count() == 2


def test_whom_a_step_tells_is_stored_in_one_order(place):
    ladders.set_ladder(place.bureau, [step(2, GROUP, OFFICE, HEAD)], at=NOW, by=place.officer)
    assert Rung.objects.get().tells == [HEAD, OFFICE, GROUP]


def test_steps_that_will_not_do_are_refused_in_a_sentence(place):
    with pytest.raises(ValueError, match="没有选择提醒谁"):
        ladders.set_ladder(place.bureau, [step(0)], at=NOW, by=place.officer)
    assert not Ladder.objects.exists()


def test_of_a_requirement_in_force_they_may_change(place, essay):
    publishing.publish(essay.campaign, by=place.officer, at=NOW)
    ladders.set_ladder(fresh(essay), SHORT, at=NOW, by=place.officer)
    assert own_steps(fresh(essay)) == SHORT


def test_of_one_that_was_withdrawn_they_may_not(place, essay):
    publishing.publish(essay.campaign, by=place.officer, at=NOW)
    changing.withdraw_requirement(fresh(essay), reason="重复", by=place.officer, at=NOW)
    with pytest.raises(Overtaken):
        ladders.set_ladder(essay, SHORT, at=NOW, by=place.officer)


@pytest.mark.parametrize("state", [CampaignState.CLOSED, CampaignState.ARCHIVED])
def test_nor_when_the_campaign_has_ended(place, essay, state):
    Campaign.objects.update(state=state, published_at=NOW, closed_at=NOW)
    with pytest.raises(Overtaken):
        ladders.set_ladder(essay, SHORT, at=NOW, by=place.officer)


def test_nor_when_the_requirement_is_gone(place, essay):
    Requirement.objects.filter(pk=essay.pk).delete()
    with pytest.raises(Gone):
        ladders.use_default(essay, at=NOW, by=place.officer)


def test_what_a_deleted_requirement_said_stays_in_the_trail(place, essay):
    ladders.set_ladder(essay, SHORT, at=NOW, by=place.officer)
    planning.discard(fresh(essay), by=place.officer, at=NOW)
    event = AuditEvent.objects.get(action="requirement.delete")
    assert event.detail["before"]["ladder"] == SHORT_WORDS


# The plan carries it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [None, (), SHORT])
def test_a_copy_reminds_as_the_campaign_did(place, essay, steps):
    if steps is not None:
        ladders.set_ladder(essay, steps, at=NOW, by=place.officer)
    made = copying.copy(
        essay.campaign, title="第二年", starts_on=date(2027, 2, 1), by=place.officer, at=NOW
    ).requirements.get()
    assert own_steps(made) == steps


@pytest.mark.parametrize("steps", [None, (), SHORT])
def test_a_template_of_it_does_as_well(place, essay, steps):
    if steps is not None:
        ladders.set_ladder(essay, steps, at=NOW, by=place.officer)
    plan = read(write(export(essay.campaign)))
    assert plan.requirements[0].reminders == steps
    made = drafting.create(
        plan, title="第二年", starts_on=date(2027, 2, 1), host=place.bureau, office=place.section, units={},
        by=place.officer, at=NOW,
    )  # fmt: skip
    assert own_steps(made.requirements.get()) == steps
