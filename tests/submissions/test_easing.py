"""More time, 免报 and 零报告 for some units: each act does what it showed, to those whom it fits."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Campaign, Occurrence
from notices.models import Notice
from notices.workdays import end_of
from portal.audit_words import NOUNS, VERBS
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Unit
from submissions import access
from submissions.enums import AssignmentState, EventKind, ExtensionState, Override
from submissions.models import Assignment, AssignmentEvent, ExtensionRequest, Standing
from submissions.rules import NotAllowed, why_closed
from submissions.services import changing, counting, easing, extending, nil, publishing, reviewing, submitting
from submissions.services.rehearsing import rehearse
from tests.factories import (
    DUE,
    NOW,
    UnitFactory,
    assigned,
    at,
    drafted,
    handed_in,
    person,
)
from tests.submissions.test_changing import everything, state_of
from tests.submissions.test_submitting import refused, trail

MAY, JUNE = end_of(date(2026, 5, 10)), end_of(date(2026, 6, 10))
CUTOFF = end_of(date(2026, 5, 5))


def extend(place, owed, *units, until=MAY, when=NOW):
    terms = {"until": until, "reason": "停电", "by": place.officer, "at": when}
    return easing.extend(owed.occurrence, units or [place.school], **terms)


def act(service, place, owed, *units, when=NOW, by=None):
    terms = {"reason": "停电", "by": by or place.officer, "at": when}
    return service(owed.occurrence, units or [place.school], **terms)


exempt = partial(act, easing.exempt)
owe_again = partial(act, easing.owe_again)
report_nil = partial(act, easing.report_nil)
refuse_nil = partial(act, easing.refuse_nil)


def fresh(owed) -> Assignment:
    return Assignment.objects.with_plan().get(pk=owed.pk)


def told(user) -> list[tuple[str, str]]:
    """Titles and bodies of what the person was told after publishing."""
    found = Notice.objects.filter(recipient=user).exclude(matter__startswith="campaign:")
    return list(found.values_list("title", "body"))


# More time ------------------------------------------------------------------------------------------


def test_an_extension_touches_the_assignment_alone(place, owed):
    before = Occurrence.objects.values().get()
    extend(place, owed)
    others = Assignment.objects.exclude(pk=owed.pk).values_list("due_at", flat=True)
    assert (fresh(owed).due_at, set(others), Occurrence.objects.values().get()) == (MAY, {DUE}, before)


def test_the_event_says_from_when_to_when_and_why(place, owed):
    extend(place, owed)
    last = owed.events.last()
    assert (last.kind, last.by, last.note) == (
        EventKind.RESCHEDULED, place.officer, "截止日期由2026年4月30日延至2026年5月10日：停电",
    )  # fmt: skip


def test_the_unit_is_told_once_and_led_to_the_task(place, owed):
    head = person(Role.HEAD, place.school)
    extend(place, owed)
    requirement = owed.requirement
    title = f"《{requirement.campaign}》“{requirement.title}”延期至2026年5月10日"
    for user in (place.secretary, head):
        assert told(user) == [(title, "原因：停电")]
    assert Notice.objects.get(recipient=head).url == f"/assignments/{owed.pk}/"


@pytest.mark.parametrize(
    ("service", "action"),
    [
        (extend, "occurrence.extend"),
        (exempt, "occurrence.exempt"),
        (report_nil, "occurrence.report_nil"),
    ],
)
def test_each_act_leaves_one_trace_naming_the_units(place, owed, service, action):
    service(place, owed)
    event = AuditEvent.objects.get(action=action)
    assert (event.actor, event.detail["units"]) == (place.officer, [place.school.pk])
    assert event.summary.startswith(f"{owed.name}：东镇中心小学")
    assert event.summary.endswith("：停电")


def test_every_act_has_its_words_for_the_auditor():
    acts = ("extend", "exempt", "owe_again", "report_nil", "refuse_nil")
    assert [NOUNS["occurrence"], *[verb for verb in acts if verb not in VERBS]] == ["期次"]


def test_late_once_decided_stays_late(place, owed):
    version = handed_in(owed, place.secretary, at=DUE)
    reviewing.send_back(version, by=place.officer, at=DUE, reason="太短", correct_by=DUE + timedelta(days=3))
    extend(place, owed, when=DUE)
    now = fresh(owed)
    assert (now.due_at, now.late, now.completed_at) == (MAY, True, DUE)


def test_what_is_handed_in_after_the_old_deadline_and_before_the_new_one_is_in_time(place, owed):
    extend(place, owed, when=DUE)
    handed_in(owed, place.secretary, at=DUE + timedelta(days=1))
    assert fresh(owed).late is False


def test_after_the_cut_off_an_extension_opens_the_form(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    assert refused(drafted, owed, place.secretary, at=CUTOFF).startswith("已过停止接收时间")
    extend(place, owed, when=CUTOFF)
    handed_in(owed, place.secretary, at=CUTOFF)
    assert (state_of(owed), fresh(owed).cutoff_at) == (AssignmentState.SUBMITTED, MAY)


def test_a_cut_off_later_than_the_new_deadline_stays(place):
    owed = assigned(place, cutoff_at=JUNE)
    extend(place, owed)
    assert (fresh(owed).due_at, fresh(owed).cutoff_at) == (MAY, JUNE)


instants = st.integers(0, 60).map(lambda days: DUE + timedelta(days=days))


@given(due_at=instants, more=st.none() | st.integers(0, 30), until=instants)
def test_an_extension_never_takes_time_away(due_at, more, until):
    own = (due_at, None if more is None else due_at + timedelta(days=more))
    new = easing.extended(own, until)
    assert new[0] == max(due_at, until)
    assert (new[1] is None) == (own[1] is None)
    assert new[1] is None or new[1] == max(own[1], new[0])
    assert easing.extended(new, until) == new


def test_who_has_longer_keeps_it_and_is_named(place, owed):
    extend(place, owed, place.middle, until=JUNE)
    effect = extend(place, owed, place.school, place.middle)
    assert effect.lines == (("延期的单位", 1), ("因此同意的延期申请", 0), ("保持不变的单位", 1))
    assert effect.notes[-1] == "示例县第一初级中学截止日期已不早于2026年5月10日，保持不变。"
    assert Assignment.objects.get(unit=place.middle).due_at == JUNE


def test_who_is_done_excused_or_struck_off_is_left_alone_and_named(place, owed):
    schools = [UnitFactory(name=f"村小{n}", parent=place.township) for n in range(3)]
    publishing.top_up(owed.requirement.campaign, at=NOW)
    done, excused, struck = (Assignment.objects.get(unit=school) for school in schools)
    handed_in(done, place.secretary)
    exempt(place, owed, excused.unit)
    Assignment.objects.filter(pk=struck.pk).update(override=Override.CANCELLED, state="cancelled")
    effect = extend(place, owed, place.school, *schools)
    assert (effect.lines[-1], effect.units) == (("保持不变的单位", 3), ("东镇中心小学",))
    assert set(effect.notes[-3:]) == {
        "村小0已报齐，保持不变。", "村小1已免报，保持不变。", "村小2的任务已撤销，保持不变。",
    }  # fmt: skip


def test_a_second_press_is_told_that_nothing_is_left(place, owed):
    extend(place, owed)
    before = everything()
    assert refused(extend, place, owed) == ("没有可以延期的单位：东镇中心小学截止日期已不早于2026年5月10日。")
    assert everything() == before


def test_the_past_gives_no_time(place, owed):
    assert refused(extend, place, owed, when=MAY) == "新的截止日期已过，请选择今天或以后的日期。"


def test_one_who_owes_nothing_of_it_stops_them_all(place, owed):
    before = everything()
    said = refused(extend, place, owed, place.school, place.section)
    assert (said, everything()) == ("党办没有这项任务，不能办理。", before)


def test_after_the_campaign_nothing_is_eased(place, owed):
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    for service in (extend, exempt, owe_again, report_nil, refuse_nil):
        assert refused(service, place, owed) == "活动已结束，不能再调整；确需调整，请先重新开放活动。"


def test_outside_the_plan_it_warns(place, owed):
    phase = owed.requirement.phase
    assert extend(place, owed, until=JUNE).warnings == (
        f"新的截止日期不在阶段“{phase}”之内，阶段的起止日期不会随之改变。",
        "新的截止日期在活动结束日期之后。",
    )


def test_it_grants_what_the_unit_had_asked_for(place, owed):
    asked = extending.ask(owed, until=JUNE, reason="停水", by=place.secretary, at=NOW)
    effect = extend(place, owed)
    asked.refresh_from_db()
    assert (asked.state, asked.granted_until, asked.closed_by, asked.closed_at, asked.answer) == (
        ExtensionState.GRANTED, MAY, place.officer, NOW, "停电",
    )  # fmt: skip
    assert effect.lines[1] == ("因此同意的延期申请", 1)


def test_a_deadline_moved_for_all_leaves_a_longer_extension(place, owed):
    extend(place, owed, until=JUNE)
    terms = {"due_at": MAY, "cutoff_at": None, "reason": "顺延", "by": place.officer, "at": NOW}
    changing.move_deadline(owed.occurrence, **terms)
    assert fresh(owed).due_at == JUNE


def test_the_count_moves_to_the_new_due_time(place, owed):
    extend(place, owed)
    by_due = Standing.objects.values_list("due_at").annotate(sum=Sum("n")).order_by("due_at")
    assert (list(by_due), counting.drift()) == ([(DUE, 1), (MAY, 1)], [])


# 免报 and back --------------------------------------------------------------------------------------


def test_who_is_exempt_owes_nothing_and_is_in_no_figure(place, owed):
    drafted(owed, place.secretary)
    exempt(place, owed)
    now = fresh(owed)
    assert (now.state, now.override, now.submissions.count()) == ("exempt", Override.EXEMPT, 1)
    assert why_closed(now, NOW) == "本单位这项任务已免报，无需报送。"
    assert owed.events.last().note == "停电"


def test_lifted_it_stands_where_it_stood(place):
    owed = assigned(place, min_pieces=2)
    version = handed_in(owed, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    exempt(place, owed)
    owe_again(place, owed)
    assert trail(owed)[-2:] == [
        (EventKind.EXEMPTED, "returned", "exempt"),
        (EventKind.OWED_AGAIN, "exempt", "returned"),
    ]
    assert fresh(owed).override == Override.NONE


def test_lifted_it_has_the_deadline_that_all_have_by_now(place, owed):
    exempt(place, owed)
    terms = {"due_at": MAY, "cutoff_at": JUNE, "reason": "顺延", "by": place.officer, "at": NOW}
    changing.move_deadline(owed.occurrence, **terms)
    owe_again(place, owed)
    assert (fresh(owed).due_at, fresh(owed).cutoff_at) == (MAY, JUNE)


def test_lifted_after_the_deadline_it_warns_that_it_is_overdue(place, owed):
    exempt(place, owed)
    assert owe_again(place, owed, when=DUE).warnings == (
        "其中1个单位已过截止日期，将按逾期统计，必要时请延期。",
    )


def test_what_waits_for_review_can_still_be_reviewed(place):
    owed = assigned(place, min_pieces=2)
    version = handed_in(owed, place.secretary)
    assert exempt(place, owed).warnings == ("有1篇材料已报送待审，免报后仍可照常审核。",)
    assert access.queue(place.officer).count() == 1
    reviewing.accept(version, by=place.officer, at=NOW)
    assert state_of(owed) == AssignmentState.EXEMPT


def test_only_who_is_exempt_can_owe_again(place, owed):
    assert refused(owe_again, place, owed) == "没有可以取消免报的单位：东镇中心小学没有免报。"


def test_who_has_signed_for_it_is_not_exempted(place):
    owed = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
    submitting.acknowledge(owed, by=place.secretary, at=NOW)
    assert refused(exempt, place, owed) == "没有可以免报的单位：东镇中心小学已签收。"


def test_struck_off_and_added_again_it_is_exempt_still(place, owed):
    exempt(place, owed)
    for service in (changing.drop_units, changing.add_units):
        service(owed.requirement, [place.school], reason="调整", by=place.officer, at=NOW)
    assert state_of(owed) == AssignmentState.EXEMPT


# 零报告 ---------------------------------------------------------------------------------------------


def test_the_bureau_reports_nil_for_a_unit_also_where_units_may_not(place, owed):
    drafted(owed, place.secretary)
    report_nil(place, owed)
    now = fresh(owed)
    assert (now.override, now.state, now.completed_at, now.late) == (Override.NIL, "accepted", NOW, False)
    assert (owed.events.last().kind, owed.events.last().by) == (EventKind.NIL, place.officer)


def test_after_the_due_time_nil_for_a_unit_is_late_and_says_so_before(place, owed):
    assert report_nil(place, owed, when=DUE).warnings == ("其中1个单位已过截止日期，将记为迟报。",)
    assert (fresh(owed).late, fresh(owed).completed_at) == (True, DUE)


@pytest.mark.parametrize("sent_back", [False, True])
def test_who_has_handed_something_in_has_not_nothing(place, sent_back):
    owed = assigned(place, min_pieces=2)
    version = handed_in(owed, place.secretary)
    if sent_back:
        reviewing.send_back(version, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    assert refused(report_nil, place, owed) == (
        "没有可以按零报告处理的单位：东镇中心小学已有材料提交或退回。"
    )


def test_where_a_click_is_asked_there_is_no_nil(place):
    owed = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
    assert refused(report_nil, place, owed) == "签收任务没有零报告；无需签收的单位请办理免报。"


def test_nil_is_refused_for_several_as_for_one(place):
    owed = assigned(place, nil_allowed=True)
    nil.report_nil(owed, by=place.secretary, at=NOW, reason="没有")
    report_nil(place, owed, place.middle)
    effect = refuse_nil(place, owed, place.school, place.middle)
    assert (effect.lines, set(Assignment.objects.values_list("state", flat=True))) == (
        (("退回零报告的单位", 2),), {AssignmentState.TODO},
    )  # fmt: skip
    assert told(place.secretary) == [(f"“{owed.requirement.title}”的零报告未获同意，请报送材料", "停电")]


def test_late_stays_when_nil_is_refused(place, owed):
    report_nil(place, owed, when=DUE)
    refuse_nil(place, owed, when=DUE)
    assert (fresh(owed).late, fresh(owed).completed_at) == (True, DUE)


def test_where_reviewers_are_named_nobody_else_refuses_nil(place, owed):
    report_nil(place, owed)
    owed.requirement.reviewers.add(named := person(Role.OFFICER, place.section))
    assert refused(refuse_nil, place, owed) == (
        "没有可以退回零报告的单位：东镇中心小学的零报告由指定的审核人或主办单位办理。"
    )
    refuse_nil(place, owed, by=named)
    assert state_of(owed) == AssignmentState.TODO


def test_only_nil_is_refused(place, owed):
    assert refused(refuse_nil, place, owed) == "没有可以退回零报告的单位：东镇中心小学没有零报告。"


# Shown before, done once, quick ---------------------------------------------------------------------

PREPARED = {extend: None, exempt: None, report_nil: None, owe_again: exempt, refuse_nil: report_nil}


@pytest.mark.parametrize("service", PREPARED)
def test_a_rehearsal_foretells_the_effect_and_leaves_nothing_behind(place, owed, service):
    if prepare := PREPARED[service]:
        prepare(place, owed)
    extending_rows = list(ExtensionRequest.objects.values())
    before = everything()
    foretold = rehearse(service, place, owed, place.school, place.middle)
    assert (everything(), list(ExtensionRequest.objects.values())) == (before, extending_rows)
    assert service(place, owed, place.school, place.middle) == foretold


@pytest.mark.parametrize("service", PREPARED)
def test_a_second_press_changes_nothing(place, owed, service):
    if prepare := PREPARED[service]:
        prepare(place, owed)
    service(place, owed)
    before = everything()
    with pytest.raises(NotAllowed, match=r"^没有可以.+的单位：东镇中心小学.+。$"):
        service(place, owed)
    assert everything() == before


@pytest.mark.parametrize("service", PREPARED)
def test_the_counters_follow(place, owed, service):
    if prepare := PREPARED[service]:
        prepare(place, owed)
    service(place, owed)
    assert counting.drift() == []


def test_two_thousand_units_take_at_most_twenty_statements(place):
    Unit.objects.bulk_create(
        Unit(name=f"村小{n}", kind=UnitKind.PRIMARY, parent=place.township, path=f"x{n}") for n in range(2000)
    )
    owed = assigned(place, audience_kinds=[UnitKind.PRIMARY])
    units = list(Unit.objects.filter(kind=UnitKind.PRIMARY))
    for day, service in enumerate((extend, exempt, owe_again, report_nil, refuse_nil), start=3):
        with CaptureQueriesContext(connection) as captured:
            effect = service(place, owed, *units, when=at(3, day))
        assert (effect.unit_count, len(captured) <= 20) == (2001, True)
        assert AssignmentEvent.objects.filter(at=at(3, day)).count() == 2001
