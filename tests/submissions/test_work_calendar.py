"""The calendar of one's own tasks: on which day they stand, which days offices work, how months follow."""

from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from notices.workdays import end_of
from schools.enums import Role
from schools.models import User
from submissions.models import Assignment
from submissions.month import Month, instants, note
from submissions.services import closing, ledger, reviewing, signing
from tests.factories import NOW, MembershipFactory, assigned, county, handed_in, person

pytestmark = pytest.mark.django_db

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def calendar(user, month="", **query):
    return as_(user).get(reverse("work"), {"view": "calendar", "month": month, **query})


def standing(user, month, **query):
    """Day of the month → titles shown on it."""
    agenda = calendar(user, month, **query).context["agenda"]
    return {square.day.day: [one.requirement.title for one in square.tasks] for square in agenda}


# Months -----------------------------------------------------------------------------------------------


@given(DAYS)
def test_every_day_stands_once_under_its_weekday(day):
    weeks = Month.of(day).weeks()
    assert [week[day.weekday()] for week in weeks].count(day) == 1
    assert {len(week) for week in weeks} == {7}


@given(DAYS, DAYS)
def test_a_due_instant_belongs_to_the_month_of_its_last_day(day, other):
    month = Month.of(other)
    after, until = instants(month.first, month.last)
    assert (after < end_of(day) <= until) == ((day.year, day.month) == (other.year, other.month))


@given(DAYS)
def test_months_follow_each_other_to_the_ends_of_reckoning(day):
    month = Month.of(day)
    neighbours = [one for one in (month.previous, month.next) if one is not None]
    assert len(neighbours) == 2 - (str(month) in ("2000-01", "2100-12"))
    assert all(month in (one.previous, one.next) for one in neighbours)
    assert Month.read(str(month), date(2026, 3, 2)) == month


@given(
    st.text(max_size=8)
    | st.sampled_from(["2026-13", "2026-00", "0000-01", "1999-12", "2101-01", "２０２６-03"])
)
def test_what_is_no_month_is_the_present_one(typed):
    today = date(2026, 3, 2)
    read = Month.read(typed, today)
    assert read == Month.of(today) or str(read) == typed


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 5, 1), "劳动节"),
        (date(2026, 5, 9), "班"),  # a Saturday that is worked
        (date(2026, 5, 8), ""),
        (date(2026, 5, 16), ""),  # a Saturday like others
        (date(2099, 5, 1), ""),  # nobody knows yet
    ],
)
def test_a_day_says_what_is_out_of_the_ordinary(day, said):
    assert note(day) == said


# The page ---------------------------------------------------------------------------------------------


def test_what_is_due_at_the_end_of_the_31st_stands_on_the_31st(place):
    assigned(place, title="月末", due_at=end_of(date(2026, 3, 31)))
    assert (standing(place.secretary, "2026-03"), standing(place.secretary, "2026-04")) == (
        {31: ["月末"]},
        {},
    )


def test_what_is_due_on_the_first_stands_on_the_first(place):
    assigned(place, title="月初", due_at=end_of(date(2026, 4, 1)))
    assert standing(place.secretary, "2026-03") == {}
    assert standing(place.secretary, "2026-04") == {1: ["月初"]}


def test_a_correction_stands_on_the_day_set_for_it(place):
    version = handed_in(assigned(place, title="退回的"), place.secretary)
    reviewing.send_back(
        version, by=place.officer, at=NOW, reason="请补充。", correct_by=end_of(date(2026, 3, 9))
    )
    assert standing(place.secretary, "2026-03") == {9: ["退回的"]}
    assert standing(place.secretary, "2026-04") == {}


def test_what_waits_for_the_signature_stands_on_its_day_though_another_piece_came_back(place):
    head = person(Role.HEAD, place.school)
    owed = assigned(place, title="待签", sign_off=True)
    version = handed_in(owed, place.secretary)
    signing.sign(version, by=head, at=NOW)
    reviewing.send_back(
        version, by=place.officer, at=NOW, reason="请补充。", correct_by=end_of(date(2026, 5, 20))
    )
    handed_in(owed, place.secretary, number=2)
    assert (standing(head, "2026-04"), standing(head, "2026-05")) == ({30: ["待签"]}, {})
    day = as_(head).get(reverse("work"), {"view": "calendar", "day": "2026-04-30"}).content.decode()
    assert (day.count("4月30日（周四）前 · "), day.count("前修改报送")) == (1, 0)


def test_what_has_to_be_done_comes_before_what_is_done(place):
    version = handed_in(assigned(place, title="办结的"), place.secretary)
    reviewing.accept(version, by=place.officer, at=NOW)
    handed_in(assigned(place, title="待审的"), place.secretary)
    assigned(place, title="待办的")
    [square] = calendar(place.secretary, "2026-04").context["agenda"]
    assert [(one.requirement.title, one.muted) for one in square.tasks] == [
        ("待办的", 0), ("待审的", 1), ("办结的", 2),
    ]  # fmt: skip


def test_three_stand_on_a_day_and_the_others_behind_a_link(place):
    for number in range(5):
        assigned(place, title=f"第{number}项")
    page = calendar(place.secretary, "2026-04")
    [square] = page.context["agenda"]
    assert (len(square.tasks), square.more) == (3, 2)
    link = reverse("work", query={"view": "calendar", "day": "2026-04-30"})
    assert page.content.decode().count(f'href="{link.partition("work/")[2].replace("&", "&amp;")}"') == 2
    day = as_(place.secretary).get(link)
    assert [one.requirement.title for one in day.context["page"]] == [f"第{n}项" for n in range(5)]


def test_neither_cancelled_tasks_nor_those_of_a_closed_campaign_are_shown(place):
    cancelled, closed = assigned(place), assigned(place)
    ledger.cancel_all(Assignment.objects.filter(pk=cancelled.pk), at=NOW, by=place.officer, note="撤销")
    closing.close(closed.requirement.campaign, reason="完成", by=place.officer, at=NOW)
    assert standing(place.secretary, "2026-04") == {}


def test_nobody_elses_tasks_are_shown(place, owed):
    assigned(county())
    assert standing(place.secretary, "2026-04") == {30: [owed.requirement.title]}


def test_the_calendar_is_narrowed_like_the_list(place):
    assigned(place, title="经验会商")
    assigned(place, title="月报")
    assert standing(place.secretary, "2026-04", q="jyhs") == {30: ["经验会商"]}
    following = calendar(place.secretary, "2026-04", q="jyhs").content.decode()
    assert following.count('href="?view=calendar&amp;month=2026-05&amp;q=jyhs"') == 1


@pytest.mark.parametrize("typed", ["", "2026", "2026-3", "2026-13", "9999-01", "<b>"])
def test_a_broken_month_shows_the_present_one(place, owed, typed):
    assert calendar(place.secretary, typed).context["month"] == Month.of(timezone.localdate())


@pytest.mark.parametrize("typed", ["", "2026-04-31", "0001-01-01", "soon"])
def test_a_broken_day_shows_the_month(place, owed, typed):
    assert "month" in calendar(place.secretary, "2026-04", day=typed).context
    assert calendar(place.secretary, "2026-04", day=typed).context["weeks"][0][2] is not None


def squares(user, month):
    return {
        square.day: square for week in calendar(user, month).context["weeks"] for square in week if square
    }


def test_days_of_rest_and_worked_saturdays_are_marked(place, owed):
    may = squares(place.secretary, "2026-05")
    found = {day: (may[date(2026, 5, day)].rest, may[date(2026, 5, day)].note) for day in (1, 6, 9, 10)}
    assert found == {1: (True, "劳动节"), 6: (False, ""), 9: (False, "班"), 10: (True, "")}


def test_a_year_whose_holidays_are_unknown_says_so_and_rests_at_weekends(place, owed):
    said = [
        calendar(place.secretary, month).content.decode().count("尚未收录")
        for month in ("2026-05", "2099-05")
    ]
    assert said == [0, 1]
    may = squares(place.secretary, "2099-05")
    assert [may[date(2099, 5, day)].rest for day in (1, 2, 3, 4)] == [False, True, True, False]


def test_today_is_marked_once_in_each_form(place, owed):
    page = calendar(place.secretary).content.decode()
    assert page.count("今天</span>") == 1


def test_a_list_reader_hears_a_table(place, owed):
    page = calendar(place.secretary, "2026-04").content.decode()
    assert (page.count("<caption"), page.count('scope="col"')) == (1, 7)


@pytest.mark.parametrize("rows", [1, 3])
def test_seven_queries_however_many_tasks_and_units(place, rows, django_assert_num_queries):
    MembershipFactory(user=place.secretary, unit=place.middle)
    for _ in range(rows):
        assigned(place)
    client = as_(User.objects.get(pk=place.secretary.pk))
    client.get(reverse("work"))
    with django_assert_num_queries(7):
        client.get(reverse("work"), {"view": "calendar", "month": "2026-04"})
