"""The history of a row, read back from the trail in words."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from campaigns.models import Indicator, Requirement
from campaigns.services import planning
from portal import audit
from portal.audit import target_of
from portal.history import Change, entries
from portal.models import AuditEvent
from schools.enums import Role
from tests.campaigns.plan_pages import FORM, change
from tests.factories import NOW, PhaseFactory, TopicFactory, UnitFactory, person, ready_plan
from tests.pages import filled


@pytest.fixture
def officer(client, place):
    client.force_login(place.officer)
    return client


def changed(plan, **values):
    """What the history says after `values` were saved to a part of a plan."""
    before = planning.open_plan(plan)
    for name, value in values.items():
        setattr(plan, name, value)
    plan.save()
    planning.record(plan, before, by=None, at=NOW)
    [entry] = entries(AuditEvent.objects.filter(target=target_of(plan)))
    return entry.changes


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"title": "月报"}, ("名称", "征文", "月报")),
        ({"kind": "minutes"}, ("材料类别", "征文", "会议纪要")),
        ({"nil_allowed": True}, ("允许零报告", "否", "是")),
        ({"words_min": 800}, ("字数不少于", "（空）", "800")),
        ({"audience_kinds": ["primary"]}, ("报送单位类别", "小学、初中", "小学")),
    ],
)
def test_a_value_is_told_as_the_page_shows_it(place, values, told):
    assert changed(ready_plan(place, title="征文"), **values) == [Change(*told)]


def test_a_relation_is_told_by_name(place):
    plan = ready_plan(place)
    assert changed(plan, receiver=place.section) == [Change("报送至", "（空）", "党办")]


def test_a_deadline_is_told_by_its_last_day(place):
    plan = ready_plan(place)
    before = planning.open_plan(plan)
    planning.set_due(plan, date(2026, 4, 20))
    planning.record(plan, before, by=None, at=NOW)
    [entry] = entries(AuditEvent.objects.filter(target=target_of(plan)))
    told = ("期次“" + plan.title + "”的截止时刻", "2026-04-30 24:00", "2026-04-20 24:00")
    assert entry.changes == [Change(*told)]


def test_a_row_of_the_plan_is_named(officer, place):
    phase = PhaseFactory(campaign=ready_plan(place).campaign, name="学习讨论", starts_on=None, ends_on=None)
    page = change(phase.campaign)
    numbers = [row.pk for row in phase.campaign.phases.all()]
    row = f"phases-{numbers.index(phase.pk)}"
    officer.post(page, filled(officer.get(page), FORM, **{f"{row}-starts_on": "2026-05-02"}))
    [entry] = entries(AuditEvent.objects.filter(action="campaign.save"))
    assert entry.changes == [Change("阶段“学习讨论”的开始日期", "（空）", "2026-05-02")]


def test_a_row_that_is_gone_is_still_called_by_its_name(place):
    plan = ready_plan(place)
    plan.occurrences.update(label="2026年4月")
    before = planning.open_plan(plan)
    plan.occurrences.all().delete()
    planning.record(plan, before, by=None, at=NOW)
    [entry] = entries(AuditEvent.objects.filter(target=target_of(plan)))
    assert {one.label for one in entry.changes} == {
        "期次“2026年4月”（已删除）的期次", "期次“2026年4月”（已删除）的期次名称",
        "期次“2026年4月”（已删除）的截止时刻",
    }  # fmt: skip


def test_a_round_number_is_told_plainly(place):
    topic = TopicFactory(campaign=ready_plan(place).campaign, position=[1])
    before = planning.open_plan(topic)
    Indicator.objects.create(topic=topic, name="入园率", value=Decimal(90), unit="%")
    planning.record(topic, before, by=None, at=NOW)
    [entry] = entries(AuditEvent.objects.filter(target=target_of(topic)))
    assert "90" in [one.after for one in entry.changes]


def test_saving_text_of_several_lines_untouched_changes_nothing(officer, place):
    """Browsers send every line end as two characters."""
    campaign = ready_plan(place).campaign
    type(campaign).objects.filter(pk=campaign.pk).update(goals="一、统一思想\n二、解决问题")
    page = officer.get(change(campaign))
    data = filled(page, FORM, goals="一、统一思想\r\n二、解决问题")
    assert officer.post(change(campaign), data).status_code == 302
    assert not AuditEvent.objects.filter(action="campaign.save").exists()


def test_moved_deadlines_and_switched_phases_belong_to_the_campaigns_history(officer, place):
    plan = ready_plan(place)
    for action, row in (("occurrence.reschedule", plan.occurrences.get()), ("phase.close", plan.phase)):
        audit.record(action, at=NOW, target=row)
    page = officer.get(reverse("admin:campaigns_campaign_history", args=[plan.campaign.pk]))
    assert {entry.event.action for entry in page.context["page"]} == {"occurrence.reschedule", "phase.close"}


def test_a_new_row_says_nothing_of_its_empty_fields(place):
    topic = TopicFactory(campaign=ready_plan(place).campaign, position=[1, 2], title="教师交流")
    before = planning.open_plan(topic)
    Indicator.objects.create(topic=topic, name="交流比例", value=Decimal("15.50"), unit="%")
    planning.record(topic, before, by=None, at=NOW)
    [entry] = entries(AuditEvent.objects.filter(target=target_of(topic)))
    assert {(one.label.partition("的")[2], one.before, one.after) for one in entry.changes} == {
        ("指标", None, "交流比例"), ("目标值", None, "15.5"), ("计量单位", None, "%"),
    }  # fmt: skip


def test_what_the_trail_says_of_fields_that_are_gone_is_left_out(place):
    plan = ready_plan(place)
    detail = {"before": {"colour": "red", "phases.x.name": 1}, "after": {"colour": "blue"}}
    audit.record("requirement.save", at=NOW, target=plan, detail=detail)
    [entry] = entries(AuditEvent.objects.filter(target=target_of(plan)))
    assert entry.changes == []


def test_the_page_shows_the_campaign_and_its_parts_newest_first(officer, place):
    plan = ready_plan(place)
    for part, title in ((plan, "月报"), (plan.campaign, "新名称")):
        before = planning.open_plan(part)
        type(part).objects.filter(pk=part.pk).update(title=title)
        planning.record(part, before, by=place.officer, at=NOW)
    page = officer.get(reverse("admin:campaigns_campaign_history", args=[plan.campaign.pk]))
    assert [entry.event.action for entry in page.context["page"]] == ["campaign.save", "requirement.save"]


def test_its_queries_do_not_grow_with_the_events(place, django_assert_num_queries):
    plan = ready_plan(place)
    for number in range(6):
        unit = UnitFactory(parent=place.bureau)
        before = planning.open_plan(plan)
        Requirement.objects.filter(pk=plan.pk).update(receiver=unit, title=f"征文{number}")
        planning.record(plan, before, by=None, at=NOW)
    with django_assert_num_queries(2):
        assert len(entries(AuditEvent.objects.filter(target=target_of(plan)))) == 6


def test_a_stranger_to_the_unit_sees_no_history(client, place):
    plan = ready_plan(place)
    other = UnitFactory(name="邻县教育局", kind="bureau")
    client.force_login(person(Role.OFFICER, other))
    assert client.get(reverse("admin:campaigns_requirement_history", args=[plan.pk])).status_code == 302
