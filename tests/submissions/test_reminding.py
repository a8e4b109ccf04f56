"""The scan for reminders: the right person, once, at the right rung, whatever went before.

The plan of these tests is due on Thursday 30 April 2026. Counted in working days, its rungs are 21, 27, 29
and 30 April, 6 May (the first after the holidays), 8 May and 11 May (Saturday the 9th is worked).
"""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.enums import LeadershipRole
from campaigns.models import Ladder, Leadership, Requirement
from notices.enums import Manner
from notices.models import Delivery, Notice
from notices.workdays import end_of
from schools.enums import Role, UnitKind
from schools.models import Membership, User
from submissions.models import Assignment, Reminder
from submissions.services import changing, closing, easing, publishing, reminding, reviewing, signing
from tests.concurrently import at_once
from tests.factories import (
    DUE,
    County,
    MembershipFactory,
    ResponsibilityFactory,
    UnitFactory,
    assigned,
    at,
    county,
    handed_in,
    person,
)

pytestmark = pytest.mark.django_db

RUNGS = {
    "-7": at(4, 21),
    "-3": at(4, 27),
    "-1": at(4, 29),
    "0": at(4, 30),
    "1": at(5, 6),
    "3": at(5, 8),
    "5": at(5, 11),
}


@pytest.fixture
def place() -> County:
    return county()


@pytest.fixture
def owed(place: County) -> Assignment:
    """What the school owes; the middle school of the same plan has nobody."""
    return assigned(place)


def scan(now: datetime) -> dict:
    return reminding.scan(at=now).plain()


def written(**which: object) -> list[tuple[str, str]]:
    """Rung and name of every reminder."""
    rows = Reminder.objects.filter(**which).order_by("at", "pk")
    return [(rung, User.objects.get(pk=who).name) for rung, who in rows.values_list("rung", "person")]


def inbox(user: User) -> list[str]:
    return list(Notice.objects.filter(recipient=user, manner=Manner.DEADLINE).values_list("title", flat=True))


# The ladder ----------------------------------------------------------------------------------------------


def test_each_rung_tells_whom_it_concerns_once(place: County, owed: Assignment) -> None:
    head = person(Role.HEAD, place.school, name="校长")
    leader = person(Role.LEADER, place.bureau, name="包挂领导")
    ResponsibilityFactory(leader=leader, unit=place.township)
    ResponsibilityFactory(leader=None, section=place.section, unit=place.school)
    office = person(Role.OFFICER, place.section, name="办公室")
    Leadership.objects.create(
        campaign=owed.requirement.campaign, role=LeadershipRole.OFFICE_HEAD, user=office, order=9
    )
    secretary, officer = place.secretary.name, place.officer.name
    for moment in RUNGS.values():
        scan(moment)
        scan(moment.replace(hour=15))
    assert written(assignment=owed) == [
        ("-7", secretary),
        ("-3", secretary),
        ("-1", secretary),
        ("0", secretary),
        *sorted([("1", secretary), ("1", head.name)], key=lambda row: User.objects.get(name=row[1]).pk),
        *[("3", name) for name in _by_pk(leader.name, officer, office.name)],
        *[("5", name) for name in _by_pk(officer, office.name)],
    ]


def _by_pk(*names: str) -> list[str]:
    return list(User.objects.filter(name__in=names).order_by("pk").values_list("name", flat=True))


def test_before_the_first_rung_nobody_is_told(owed: Assignment) -> None:
    assert scan(at(4, 20, 23)) == {
        "considered": 2,
        "recorded": 0,
        "people": 0,
        "groups": 0,
        "skipped": {"no_rung_reached": 2},
    }


def test_the_summary_says_why_the_others_were_skipped(place: County, owed: Assignment) -> None:
    first = scan(RUNGS["-7"])
    assert first == {
        "considered": 2,
        "recorded": 1,
        "people": 1,
        "groups": 0,
        "skipped": {"nobody_to_tell": 1},
    }
    again = scan(RUNGS["-7"])
    assert (again["recorded"], again["skipped"]) == (0, {"already_recorded": 1, "nobody_to_tell": 1})


def test_days_without_a_scan_lose_nothing_and_do_not_flood(place: County, owed: Assignment) -> None:
    head = person(Role.HEAD, place.school)
    scan(at(5, 7))
    assert sorted(written()) == sorted([("1", place.secretary.name), ("1", head.name)])
    assert inbox(place.secretary) == ["1项报送任务已逾期"]


def test_a_rung_is_told_on_a_later_day_when_its_own_was_missed(place: County, owed: Assignment) -> None:
    scan(at(4, 28))
    assert written() == [("-3", place.secretary.name)]


def test_rungs_that_lie_before_the_task_was_given_out_are_passed_over(place: County) -> None:
    assigned(place, at=at(4, 22))
    assert scan(at(4, 22, 10))["skipped"] == {"no_rung_reached": 2}
    scan(RUNGS["-3"])
    assert written() == [("-3", place.secretary.name)]


def test_what_is_long_past_is_history(place: County, owed: Assignment) -> None:
    assert scan(at(6, 20))["recorded"] == 0


def test_nobody_is_told_twice_for_two_posts_in_one_school(place: County, owed: Assignment) -> None:
    MembershipFactory(user=place.secretary, unit=place.school, role=Role.HEAD)
    scan(RUNGS["1"])
    assert written() == [("1", place.secretary.name)]


def test_a_person_of_two_schools_gets_one_notice(place: County, owed: Assignment) -> None:
    MembershipFactory(user=place.secretary, unit=place.middle, role=Role.SECRETARY)
    scan(RUNGS["-1"])
    body = Notice.objects.get(recipient=place.secretary, manner=Manner.DEADLINE).body
    title = f"《{owed.requirement.campaign.title}》{owed.name}"
    assert (inbox(place.secretary), sorted(body.splitlines())) == (
        ["2项报送任务即将截止"],
        sorted(
            [
                f"东镇中心小学：{title}，4月30日（周四）截止，还有1个工作日",
                f"示例县第一初级中学：{title}，4月30日（周四）截止，还有1个工作日",
            ]
        ),
    )


def test_a_new_secretary_is_told_at_the_rung_that_holds(place: County, owed: Assignment) -> None:
    scan(RUNGS["-3"])
    Membership.objects.filter(user=place.secretary).update(ended_at=at(4, 27, 12))
    successor = person(Role.SECRETARY, place.school, name="接任")
    scan(at(4, 28))
    assert written() == [("-3", place.secretary.name), ("-3", successor.name)]


def test_what_waits_for_the_signature_is_the_heads(place: County) -> None:
    head = person(Role.HEAD, place.school, name="校长")
    owed = assigned(place, sign_off=True)
    handed_in(owed, place.secretary)
    scan(RUNGS["-1"])
    assert written() == [("-1", head.name)]


def test_a_section_without_overseers_is_told_through_its_own_people(place: County) -> None:
    section = UnitFactory(name="教研室", kind=UnitKind.SECTION, parent=place.bureau)
    chief = person(Role.HEAD, section, name="科长")
    owed = assigned(place)
    ResponsibilityFactory(leader=None, section=section, unit=place.school)
    scan(RUNGS["3"])
    notice = Notice.objects.get(recipient=chief, manner=Manner.DEADLINE)
    assert (written(assignment=owed, person=chief), notice.url) == ([("3", "科长")], "")


# Who is not reminded -------------------------------------------------------------------------------------


def hand_in(place: County, owed: Assignment) -> None:
    handed_in(owed, place.secretary)


def exempt(place: County, owed: Assignment) -> None:
    easing.exempt(owed.occurrence, [place.school], reason="撤点", by=place.officer, at=at(3, 3))


def withdraw(place: County, owed: Assignment) -> None:
    changing.withdraw_requirement(owed.requirement, reason="不再需要", by=place.officer, at=at(3, 3))


def drop(place: County, owed: Assignment) -> None:
    changing.drop_units(owed.requirement, [place.school], reason="不在范围", by=place.officer, at=at(3, 3))


def close(place: County, owed: Assignment) -> None:
    closing.close(owed.requirement.campaign, reason="提前结束", by=place.officer, at=at(3, 3))


def shut(place: County, owed: Assignment) -> None:
    place.school.closed_at = at(3, 3)
    place.school.save()


def leave(place: County, owed: Assignment) -> None:
    Membership.objects.filter(user=place.secretary).update(ended_at=at(3, 3))


def retire(place: County, owed: Assignment) -> None:
    User.objects.filter(pk=place.secretary.pk).update(is_active=False)


@pytest.mark.parametrize("settle", [hand_in, exempt, withdraw, drop, close, shut, leave, retire])
def test_nobody_is_reminded_of_what_is_not_theirs_to_do(
    settle: Callable, place: County, owed: Assignment
) -> None:
    settle(place, owed)
    for moment in RUNGS.values():
        scan(moment)
    assert written(assignment=owed, rung__in=["-7", "-3", "-1", "0", "1"]) == []


def test_who_hands_in_between_reading_and_writing_is_not_reminded(place: County, owed: Assignment) -> None:
    due = {place.secretary.pk: {reminding.Due(owed.pk, DUE, "-3"): True}}
    handed_in(owed, place.secretary)
    assert reminding._record(due, RUNGS["-3"]) == {}
    assert (written(), inbox(place.secretary)) == ([], [])


def test_who_leaves_between_reading_and_writing_is_not_reminded(place: County, owed: Assignment) -> None:
    due = {place.secretary.pk: {reminding.Due(owed.pk, DUE, "-3"): True}}
    leave(place, owed)
    assert reminding._record(due, RUNGS["-3"]) == {}


def test_nobody_is_told_of_a_lower_rung_after_a_higher_one(place: County, owed: Assignment) -> None:
    scan(RUNGS["0"])
    assert [scan(RUNGS[rung])["recorded"] for rung in ("-7", "-3", "-1")] == [0, 0, 0]


def test_the_head_is_reminded_to_sign_while_another_piece_has_come_back(place: County) -> None:
    head = person(Role.HEAD, place.school, name="校长")
    owed = assigned(place, sign_off=True)
    first = handed_in(owed, place.secretary)
    signing.sign(first, by=head, at=at(3, 3))
    until = end_of(at(6, 1).date())
    reviewing.send_back(first, by=place.officer, at=at(3, 10), reason="过短", correct_by=until)
    handed_in(owed, place.secretary, number=2, at=at(3, 11))
    owed.refresh_from_db()
    scan(RUNGS["-1"])
    assert (owed.state, written(edition=DUE)) == ("to_sign", [("-1", head.name)])


# Deadlines that move -------------------------------------------------------------------------------------


def test_a_moved_deadline_begins_a_new_ladder_and_keeps_the_old_record(
    place: County, owed: Assignment
) -> None:
    scan(RUNGS["-3"])
    later = end_of(at(5, 29).date())
    changing.move_deadline(
        owed.occurrence, due_at=later, cutoff_at=None, reason="汛期", by=place.officer, at=at(4, 28)
    )
    scan(at(4, 29))
    scan(at(5, 26))
    assert list(Reminder.objects.order_by("at").values_list("edition", "rung")) == [
        (DUE, "-3"),
        (later, "-3"),
    ]


def test_who_was_given_more_time_climbs_a_ladder_of_their_own(place: County, owed: Assignment) -> None:
    teacher = person(Role.SECRETARY, place.middle, name="初中信息员")
    later = end_of(at(5, 29).date())
    easing.extend(owed.occurrence, [place.school], until=later, reason="汛期", by=place.officer, at=at(4, 2))
    scan(RUNGS["0"])
    assert written() == [("0", teacher.name)]


def test_what_came_back_is_reminded_of_by_the_date_of_its_correction(place: County, owed: Assignment) -> None:
    version = handed_in(owed, place.secretary)
    until = end_of(at(3, 20).date())
    reviewing.send_back(version, by=place.officer, at=at(3, 10), reason="内容过短", correct_by=until)
    for moment in (at(3, 11), at(3, 18), at(3, 19), at(3, 20), at(3, 23)):
        scan(moment)
    assert list(Reminder.objects.order_by("at").values_list("edition", "rung")) == [
        (until, "-1"),
        (until, "0"),
        (until, "1"),
    ]


# Once ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_scans_at_once_write_every_reminder_once() -> None:
    place = county()
    for number in range(30):
        person(Role.SECRETARY, UnitFactory(parent=place.township), name=f"信息员{number}")
    assigned(place)
    results = at_once(*[lambda: scan(RUNGS["-3"]) for _ in range(4)])
    assert (
        sum(result["recorded"] for result in results),
        Reminder.objects.count(),
        Notice.objects.filter(manner=Manner.DEADLINE).count(),
    ) == (31, 31, 31)


def test_a_notice_its_reminders_and_its_outbox_row_are_written_together(
    place: County, owed: Assignment
) -> None:
    User.objects.filter(pk=place.secretary.pk).update(email="school@example.com")
    scan(RUNGS["-3"])
    notice = Notice.objects.get(recipient=place.secretary, manner=Manner.DEADLINE)
    delivery = Delivery.objects.get(manner=Manner.DEADLINE)
    assert (notice.reminders.count(), delivery.recipient, delivery.not_before) == (
        1,
        place.secretary,
        RUNGS["-3"],
    )


def test_a_second_scan_at_the_same_instant_tells_what_is_new(place: County, owed: Assignment) -> None:
    scan(RUNGS["-1"])
    assigned(place, title="问卷")
    scan(RUNGS["-1"])
    assert (len(written()), len(inbox(place.secretary))) == (2, 2)


def test_a_dry_run_counts_and_writes_nothing(place: County, owed: Assignment) -> None:
    summary = reminding.scan(at=RUNGS["-3"], dry_run=True)
    assert (summary.recorded, Reminder.objects.count(), inbox(place.secretary)) == (1, 0, [])


@pytest.fixture
def crowd(place: County, owed: Assignment) -> Callable[[int], None]:
    def add(schools: int) -> None:
        for _ in range(schools):
            person(Role.SECRETARY, UnitFactory(parent=place.township))
        publishing.top_up(owed.requirement.campaign, at=at(3, 3))

    return add


def test_a_scan_takes_no_more_statements_for_more_schools(
    place: County, owed: Assignment, crowd: Callable[[int], None]
) -> None:
    counts = []
    for moment, schools in ((RUNGS["-7"], 3), (RUNGS["-3"], 20)):
        crowd(schools)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            scan(moment)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_requirement_without_rungs_reminds_of_nothing(place: County, owed: Assignment) -> None:
    Ladder.objects.create(requirement=Requirement.objects.get(pk=owed.requirement.pk))
    for moment in RUNGS.values():
        scan(moment)
    assert written() == []
