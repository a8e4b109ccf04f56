"""催办: who is told of what, by which channel, once in 24 hours."""

from datetime import date, datetime, timedelta

import pytest

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from notices.enums import DeliveryState, Manner
from notices.models import Delivery, Notice, Preference
from notices.services import foretelling
from notices.workdays import end_of
from portal.models import AuditEvent
from schools.enums import Role
from schools.models import Unit, User
from submissions.enums import NudgeResult
from submissions.models import Assignment, Nudge, NudgedUnit, Reminder
from submissions.rules import NotAllowed
from submissions.services import easing, nudging, publishing, reviewing, submitting
from submissions.services.nudging import Matter
from tests.factories import (
    NOW,
    County,
    MembershipFactory,
    UnitFactory,
    assigned,
    at,
    county,
    drafted,
    handed_in,
    person,
)

pytestmark = pytest.mark.django_db

TEXT = "请尽快报送。"
LATE = at(5, 6)
FINISHED, COOLING, TOLD, NOBODY = (
    NudgeResult.FINISHED, NudgeResult.COOLING, NudgeResult.TOLD, NudgeResult.NOBODY,
)  # fmt: skip


@pytest.fixture(autouse=True)
def mail(settings) -> None:
    settings.EMAIL_HOST = "127.0.0.1"


@pytest.fixture
def head(place: County) -> User:
    return person(Role.HEAD, place.school, name="李示例")


def press(place: County, *units: Unit, when: datetime = NOW, by: User | None = None, **about) -> Nudge:
    return nudging.nudge(
        units or [place.school], Matter(**about), TEXT, by=by or place.officer, at=when
    )  # fmt: skip


def results(made: Nudge) -> dict[str, tuple[str, int, int]]:
    """Result, people and tasks by unit."""
    rows = made.units.values_list("unit__name", "result", "told", "tasks")
    return {unit: (result, told, tasks) for unit, result, told, tasks in rows}


def foreseen(place: County, *units: Unit, when: datetime = NOW, **about) -> list[nudging.Line]:
    return nudging.rehearse(units or [place.school], Matter(**about), by=place.officer, at=when)


def told_of(place: County, when: datetime) -> dict[str, list[str]]:
    """Names of the tasks by person, as foreseen; and done just like that."""
    [line] = foreseen(place, when=when)
    found = {one.user.name: [task.name for task in one.tasks] for one in line.people}
    made = press(place, when=when)
    rows = made.reminders.order_by("edition", "pk").values_list("person__name", "assignment")
    done: dict[str, list[str]] = {}
    for name, pk in rows:
        done.setdefault(name, []).append(Assignment.objects.get(pk=pk).name)
    assert done == found
    return found


# Who is told, and what -------------------------------------------------------------------------------


def test_the_secretary_is_told_once_with_text_and_tasks(place, owed) -> None:
    made = press(place, campaign=owed.requirement.campaign)
    notice = Notice.objects.get(matter=f"nudge:{made.pk}")
    assert (notice.recipient, notice.manner, notice.title) == (
        place.secretary, Manner.DEADLINE, "催办：1项报送任务未完成",
    )  # fmt: skip
    assert notice.body == (
        f"{TEXT}\n\n待报送：\n《{owed.requirement.campaign.title}》{owed.name}，4月30日（周四）截止，还有42个工作日"
        f"\n\n催办人：党办 {place.officer.name}"
    )
    row = Reminder.objects.get()
    assert (row.assignment, row.edition, row.rung, row.person, row.nudge, row.notice, row.at) == (
        owed, owed.due_at, f"N{made.pk}", place.secretary, made, notice, NOW,
    )  # fmt: skip
    assert results(made) == {"东镇中心小学": (TOLD, 1, 1)}


def test_it_leaves_one_trace(place, owed) -> None:
    made = press(place, place.school, place.middle)
    event = AuditEvent.objects.get(action="nudge.send")
    assert (event.actor, event.target, event.summary) == (
        place.officer, f"submissions.nudge:{made.pk}", "催办1个单位，通知1人",
    )  # fmt: skip
    assert event.detail == {"campaign": None, "units": {"told": 1, "nobody": 1}, "text": TEXT}


def test_the_head_is_told_only_of_what_is_overdue(place, owed, head) -> None:
    later = assigned(place)
    Assignment.objects.filter(pk=later.pk).update(due_at=end_of(date(2026, 5, 13)))
    both = [owed.name, later.name]
    assert told_of(place, LATE) == {place.secretary.name: both, "李示例": both[:1]}


def test_the_head_is_told_of_what_waits_for_the_signature(place, head) -> None:
    task = assigned(place, sign_off=True)
    submitting.submit(drafted(task, place.secretary), by=place.secretary, at=NOW)
    assert told_of(place, NOW) == {place.secretary.name: [task.name], "李示例": [task.name]}
    assert set(Notice.objects.filter(title__startswith="催办").values_list("body", flat=True)) == {
        f"{TEXT}\n\n待负责人签发：\n"
        f"《{task.requirement.campaign.title}》{task.name}，4月30日（周四）截止，还有42个工作日"
        f"\n\n催办人：党办 {place.officer.name}"
    }


def test_before_the_deadline_the_head_is_left_in_peace(place, owed, head) -> None:
    assert told_of(place, NOW) == {place.secretary.name: [owed.name]}


def test_the_head_stands_in_where_there_is_no_secretary(place, owed, head) -> None:
    User.objects.filter(pk=place.secretary.pk).update(is_active=False)
    assert told_of(place, NOW) == {"李示例": [owed.name]}


def test_one_who_is_secretary_and_head_is_one_person(place, owed) -> None:
    MembershipFactory(user=place.secretary, unit=place.school, role=Role.HEAD)
    [line] = foreseen(place, when=LATE)
    assert [(one.user, one.roles) for one in line.people] == [(place.secretary, [Role.SECRETARY, Role.HEAD])]


def test_one_who_serves_two_units_gets_one_notice_about_both(place, owed) -> None:
    MembershipFactory(user=place.secretary, unit=place.middle)
    made = press(place, place.school, place.middle)
    notice = Notice.objects.get(matter=f"nudge:{made.pk}")
    lines = notice.body.split("\n")[3:5]
    assert [line.split("：")[0] for line in lines] == ["东镇中心小学", "示例县第一初级中学"]
    assert results(made) == {"东镇中心小学": (TOLD, 1, 1), "示例县第一初级中学": (TOLD, 1, 1)}
    assert made.reminders.count() == 2


def test_only_what_is_unfinished_and_running_is_listed(place, owed) -> None:
    done = assigned(place)
    handed_in(done, place.secretary)
    closed = assigned(place)
    Campaign.objects.filter(pk=closed.requirement.campaign_id).update(
        state=CampaignState.CLOSED, closed_at=NOW
    )
    withdrawn = assigned(place).requirement
    withdrawn.withdrawn_at = NOW
    withdrawn.save()
    assert told_of(place, NOW) == {place.secretary.name: [owed.name]}


def test_a_campaign_or_a_requirement_narrows_it(place, owed) -> None:
    other = assigned(place)
    plan = {"campaign": other.requirement.campaign}
    for about in (plan, plan | {"requirement": other.requirement}):
        [line] = foreseen(place, **about)
        assert line.tasks == [other]
    [line] = foreseen(place)
    assert line.tasks == [owed, other]


def test_what_came_back_is_reminded_of_by_its_own_date(place, owed) -> None:
    version = handed_in(owed, place.secretary, at=at(4, 3))
    by = at(5, 9, 0)
    reviewing.send_back(version, by=place.officer, at=at(4, 4), reason="请补充。", correct_by=by)
    made = press(place, when=LATE)
    assert made.reminders.get().edition == by
    assert "（退回待改），5月8日（周五）截止" in Notice.objects.get(matter=f"nudge:{made.pk}").body


# What is urged ---------------------------------------------------------------------------------------


FAR = at(3, 20)  # of the campaigns here, what is due on 30 April is far away then


def due(task: Assignment, month: int, day: int) -> Assignment:
    """The same task with another last day."""
    Assignment.objects.filter(pk=task.pk).update(due_at=end_of(date(2026, month, day)))
    return task


def test_what_is_far_away_is_counted_and_not_listed(place, owed) -> None:
    overdue, soon = due(assigned(place), 3, 10), due(assigned(place), 3, 31)
    due(assigned(place), 4, 1)
    made = press(place, when=FAR)
    notice = Notice.objects.get(matter=f"nudge:{made.pk}")
    _, listed, rest, _ = notice.body.split("\n\n")
    assert [line.split("，")[1] for line in listed.split("\n")[1:]] == [
        "3月10日（周二）截止", "3月31日（周二）截止",
    ]  # fmt: skip
    assert (notice.title, rest) == (
        "催办：2项报送任务未完成，其中1项已逾期", "此外另有2项尚未到期，请按期报送。",
    )  # fmt: skip
    assert {row.assignment for row in made.reminders.all()} == {overdue, soon}
    assert results(made) == {"东镇中心小学": (TOLD, 1, 2)}


def test_what_came_back_or_waits_for_the_signature_is_listed_however_far_away(place, owed, head) -> None:
    back, waiting = assigned(place), assigned(place, sign_off=True)
    version = handed_in(back, place.secretary, at=at(3, 3))
    reviewing.send_back(version, by=place.officer, at=at(3, 4), reason="请补充。", correct_by=at(5, 9, 0))
    submitting.submit(drafted(waiting, place.secretary), by=place.secretary, at=NOW)
    made = press(place, when=FAR)
    assert {row.assignment for row in made.reminders.all()} == {back, waiting}
    [line] = foreseen(place, when=FAR)
    assert [(one.user, len(one.tasks), one.more) for one in line.people] == [
        (place.secretary, 2, 1), (head, 1, 0),
    ]  # fmt: skip


def test_where_all_is_far_away_all_is_listed(place, owed) -> None:
    assigned(place)
    made = press(place, when=FAR)
    assert (made.reminders.count(), "此外" in Notice.objects.get(matter=f"nudge:{made.pk}").body) == (
        2,
        False,
    )


def test_the_head_hears_nothing_of_what_is_far_away(place, owed, head) -> None:
    due(assigned(place), 3, 10)
    made = press(place, when=FAR)
    bodies = {
        one.recipient: "此外另有1项" in one.body for one in Notice.objects.filter(matter=f"nudge:{made.pk}")
    }
    assert bodies == {place.secretary: True, head: False}


@pytest.mark.parametrize(
    ("days", "title"),
    [
        ([(3, 10), (3, 11)], "催办：2项报送任务已逾期"),
        ([(3, 10), (3, 24)], "催办：2项报送任务未完成，其中1项已逾期"),
        ([(3, 23), (3, 24)], "催办：2项报送任务未完成"),
    ],
)
def test_the_title_says_how_much_is_overdue(place, days, title: str) -> None:
    for month, day in days:
        due(assigned(place), month, day)
    made = press(place, when=FAR)
    assert Notice.objects.get(matter=f"nudge:{made.pk}").title == title


def test_who_asks_can_be_called(place, owed) -> None:
    place.officer.phone = "0000-1234567"
    MembershipFactory(user=place.officer, unit=place.bureau, role=Role.LEADER)
    made = press(place)
    said = Notice.objects.get(matter=f"nudge:{made.pk}").body.split("\n\n")[-1]
    assert said == f"催办人：党办 {place.officer.name}（0000-1234567）"


def test_what_is_missing_leaves_out_what_came_back(place, owed) -> None:
    version = handed_in(owed, place.secretary, at=at(4, 3))
    reviewing.send_back(version, by=place.officer, at=at(4, 4), reason="请补充。", correct_by=at(5, 9, 0))
    other = assigned(place)
    [line] = foreseen(place, missing=True)
    assert line.tasks == [other]


# Who is not ------------------------------------------------------------------------------------------


def test_every_picked_unit_has_its_result(place, owed) -> None:
    names = ["甲小学", "乙小学", "丙小学"]
    finished, closed, cooling = (UnitFactory(name=name, parent=place.township) for name in names)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    ready, _, _ = (person(Role.SECRETARY, unit) for unit in (finished, closed, cooling))
    handed_in(finished.assignments.get(), ready)
    Unit.objects.filter(pk=closed.pk).update(closed_at=NOW)
    press(place, cooling)
    made = press(place, place.school, place.middle, finished, closed, cooling, when=NOW + timedelta(hours=1))
    assert results(made) == {
        "东镇中心小学": (TOLD, 1, 1),
        "示例县第一初级中学": (NOBODY, 0, 1),
        "甲小学": (FINISHED, 0, 0),
        "乙小学": (FINISHED, 0, 0),
        "丙小学": (COOLING, 0, 1),
    }


def test_a_unit_is_told_once_in_24_hours(place, owed) -> None:
    press(place)
    leader = person(Role.LEADER, place.bureau)
    just_before = NOW + timedelta(hours=24) - timedelta(microseconds=1)
    for when in (NOW, just_before):
        [line] = foreseen(place, when=when)
        assert (line.result, line.cooling_until) == (COOLING, NOW + timedelta(hours=24))
        with pytest.raises(NotAllowed) as refused:
            press(place, when=when, by=leader)
        assert str(refused.value) == nudging.NOBODY
    assert NudgedUnit.objects.count() == 1
    assert results(press(place, when=NOW + timedelta(hours=24))) == {"东镇中心小学": (TOLD, 1, 1)}


def test_being_passed_over_cools_nothing_down(place, owed) -> None:
    User.objects.filter(pk=place.secretary.pk).update(is_active=False)
    person(Role.SECRETARY, place.middle)
    assert results(press(place, place.school, place.middle))["东镇中心小学"] == (NOBODY, 0, 1)
    User.objects.filter(pk=place.secretary.pk).update(is_active=True)
    [line] = foreseen(place)
    assert line.result == TOLD


def test_what_is_handed_in_between_looking_and_sending_is_not_asked_for(place, owed) -> None:
    [line] = foreseen(place)
    assert line.result == TOLD
    handed_in(owed, place.secretary)
    with pytest.raises(NotAllowed):
        press(place)
    assert not Notice.objects.filter(title__startswith="催办").exists()


def test_who_is_exempt_by_then_is_not_told(place, owed) -> None:
    person(Role.SECRETARY, place.middle)
    easing.exempt(owed.occurrence, [place.school], reason="停课", by=place.officer, at=NOW)
    made = press(place, place.school, place.middle)
    assert results(made) == {"东镇中心小学": (FINISHED, 0, 0), "示例县第一初级中学": (TOLD, 1, 1)}


def test_units_of_others_are_neither_told_nor_recorded(place, owed) -> None:
    elsewhere = county()
    assigned(elsewhere)
    with pytest.raises(NotAllowed) as refused:
        press(place, elsewhere.school)
    assert str(refused.value) == nudging.NO_UNIT
    assert results(press(place, place.school, elsewhere.school)) == {"东镇中心小学": (TOLD, 1, 1)}
    assert foreseen(place, elsewhere.school) == []


def test_a_secretary_may_nudge_nobody(place, owed) -> None:
    with pytest.raises(NotAllowed):
        press(place, by=place.secretary)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", nudging.NO_TEXT), (" \n ", nudging.NO_TEXT), ("字" * 501, nudging.TOO_LONG)],
)
def test_the_text_is_there_and_short(place, owed, text: str, sentence: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        nudging.nudge([place.school], Matter(), text, by=place.officer, at=NOW)
    assert (str(refused.value), Nudge.objects.count()) == (sentence, 0)


def test_five_hundred_characters_are_enough(place, owed) -> None:
    made = nudging.nudge([place.school], Matter(), f" {'字' * 500} ", by=place.officer, at=NOW)
    assert made.text == "字" * 500


def test_too_many_at_once_are_refused(place, owed, monkeypatch) -> None:
    monkeypatch.setattr(nudging, "MOST", 1)
    with pytest.raises(NotAllowed) as refused:
        press(place, place.school, place.middle)
    assert str(refused.value) == nudging.TOO_MANY


# By which channel ------------------------------------------------------------------------------------


def way(place: County, when: datetime) -> str:
    return foretelling.ways([place.secretary.pk], when)[place.secretary.pk]


def give_address(place: County) -> None:
    User.objects.filter(pk=place.secretary.pk).update(email="zhang@example.com")


def test_without_an_address_there_is_the_inbox(place, owed) -> None:
    [line] = foreseen(place)
    assert [one.way for one in line.people] == ["站内消息（未登记邮箱）"]


@pytest.mark.parametrize("hour", [7, 8, 20])
def test_the_mail_goes_with_the_digest_of_the_day(place, owed, hour: int) -> None:
    give_address(place)
    when = at(3, 2, hour)
    assert way(place, when) == "站内消息、邮件（今日汇总）"
    press(place, when=when)
    assert Delivery.objects.get().not_before == max(when, at(3, 2, 8))


def test_after_the_digest_of_the_day_it_goes_tomorrow(place, owed) -> None:
    give_address(place)
    Delivery.objects.create(
        manner=Manner.DEADLINE, recipient=place.secretary, made_at=NOW, not_before=NOW, ended_at=NOW,
        state=DeliveryState.SENT, sent_on=date(2026, 3, 2),
    )  # fmt: skip
    assert way(place, NOW) == "站内消息，邮件明日随汇总发送"
    press(place)
    assert Delivery.objects.open().get().not_before == at(3, 3, 8)


def test_a_digest_that_is_to_come_carries_it(place, owed) -> None:
    give_address(place)
    Delivery.objects.create(
        manner=Manner.DEADLINE, recipient=place.secretary, made_at=NOW, not_before=at(3, 5, 8)
    )
    assert way(place, NOW) == "站内消息，邮件3月5日随汇总发送"


def test_quiet_hours_are_kept(place, owed) -> None:
    give_address(place)
    Preference.objects.create(user=place.secretary, quiet_from="08:30", quiet_until="23:00")
    assert way(place, at(3, 2, 22)) == "站内消息、邮件（今日汇总）"
    Preference.objects.update(quiet_from="18:00", quiet_until="07:00")
    assert way(place, at(3, 2, 22)) == "站内消息，邮件明日随汇总发送"


def test_where_no_server_serves_a_person_no_mail_is_promised(place, owed, settings) -> None:
    settings.EMAIL_HOST = ""
    give_address(place)
    assert way(place, NOW) == "站内消息（没有可用的邮件服务器）"
    place.bureau.channels.create(
        kind="mail", name="示例县教育局邮件", host="127.0.0.1", port=25, sender="office@example.com"
    )
    assert way(place, NOW) == "站内消息、邮件（今日汇总）"


@pytest.mark.parametrize("more", [0, 4])
def test_it_takes_the_same_queries_for_many_units(
    place, owed, more: int, settings, django_assert_num_queries
) -> None:
    settings.EMAIL_HOST = ""
    for n in range(more):
        unit = UnitFactory(name=f"东镇第{n}小学", parent=place.township)
        person(Role.SECRETARY, unit, email=f"zhang{n}@example.com")
    publishing.top_up(owed.requirement.campaign, at=NOW)
    give_address(place)
    units = list(Unit.objects.filter(path__startswith=place.township.path))
    assert place.officer.roles == {Role.OFFICER}
    with django_assert_num_queries(9):
        lines = nudging.rehearse(units, Matter(), by=place.officer, at=NOW)
    assert sum(line.told for line in lines) == more + 1
    with django_assert_num_queries(17):
        press(place, *units)
