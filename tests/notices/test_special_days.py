"""What administrators know of days, beside the official calendar."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from notices import workdays
from notices.enums import DayKind
from notices.models import Notice, SpecialDays
from notices.services import days
from notices.workdays import DAY, add_workdays, holiday, is_known, is_workday, nth_workday, workdays_between
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from submissions.models import Assignment
from submissions.services.years import due_years
from submissions.tasks import warn_of_calendar
from tests.factories import NOW, UnitFactory, UserFactory, assigned, at, person
from tests.pages import address, errors, filled

TUESDAY, SATURDAY = date(2026, 3, 10), date(2026, 3, 14)
WORK, REST, SCHOOLS_REST = DayKind.WORK, DayKind.REST, DayKind.SCHOOL_HOLIDAY


def row(kind, first, last=None, name="调休"):
    return SpecialDays(kind=kind, first=first, last=last or first, name=name)


def known(*rows):
    """As read from the table: what begins later goes first."""
    workdays.hold(*sorted(rows, key=lambda one: one.first, reverse=True))


# What a day is ----------------------------------------------------------------------------------------


def test_a_day_off_is_no_working_day_and_has_its_name():
    known(row(REST, TUESDAY, name="运动会"))
    assert (is_workday(TUESDAY), is_workday(TUESDAY, school=True), holiday(TUESDAY)) == (
        False,
        False,
        "运动会",
    )


def test_a_worked_saturday_is_a_working_day_for_schools_too():
    known(row(WORK, SATURDAY))
    assert (is_workday(SATURDAY), is_workday(SATURDAY, school=True)) == (True, True)


def test_a_worked_holiday_has_no_name():
    labour_day = date(2026, 5, 1)
    known(row(WORK, labour_day))
    assert (is_workday(labour_day), holiday(labour_day)) == (True, "")


def test_in_school_holidays_offices_work():
    known(row(SCHOOLS_REST, TUESDAY, name="春假"))
    assert (is_workday(TUESDAY), is_workday(TUESDAY, school=True), holiday(TUESDAY)) == (True, False, "")


def test_in_school_holidays_a_worked_day_is_worked_in_schools_whichever_begins_later():
    known(
        row(WORK, TUESDAY - DAY, TUESDAY),
        row(SCHOOLS_REST, TUESDAY, SATURDAY),
        row(WORK, SATURDAY),
    )
    assert [is_workday(day, school=True) for day in (TUESDAY, TUESDAY + DAY, SATURDAY)] == [True, False, True]


@pytest.mark.parametrize(("early", "late"), [(WORK, REST), (REST, WORK)])
def test_of_two_that_contradict_each_other_the_one_that_begins_later_holds(early, late):
    known(row(early, TUESDAY - DAY, TUESDAY + DAY), row(late, TUESDAY))
    assert [is_workday(TUESDAY + DAY * n) for n in (-1, 0, 1)] == [early == WORK, late == WORK, early == WORK]


def test_of_two_that_begin_together_the_newer_one_holds(db):
    for kind in (REST, WORK):
        row(kind, TUESDAY).save()
    workdays.forget()
    assert is_workday(TUESDAY)


def test_the_years_last_days_and_the_next_years_first_are_one_range():
    known(row(REST, date(2025, 12, 29), date(2026, 1, 9)))
    assert nth_workday(date(2025, 12, 29), 0) == date(2026, 1, 12)
    assert workdays_between(date(2025, 12, 26), date(2026, 1, 13)) == 2


ranges = st.builds(
    lambda kind, first, length: row(kind, first, first + timedelta(days=length)),
    st.sampled_from(DayKind),
    st.dates(date(2025, 1, 1), date(2029, 12, 31)),
    st.integers(0, 400),
)


@given(
    rows=st.lists(ranges, max_size=12),
    day=st.dates(date(2025, 1, 1), date(2029, 12, 31)),
    count=st.integers(-300, 300),
    school=st.booleans(),
)
def test_counting_and_finding_agree_whatever_is_special(rows, day, count, school):
    known(*rows)
    found = nth_workday(day, count, school=school)
    assert is_workday(found, school=school)
    assert workdays_between(day, found, school=school) == count
    if count >= 0:
        assert add_workdays(day - DAY, count + 1, school=school) == found


@given(
    rows=st.lists(ranges, max_size=12),
    first=st.dates(date(2025, 1, 1), date(2029, 12, 31)),
    length=st.integers(0, 500),
    school=st.booleans(),
)
def test_working_days_between_are_those_that_are_working_days(rows, first, length, school):
    known(*rows)
    between = [day for n in range(length) if is_workday(day := first + DAY * n, school=school)]
    assert workdays_between(first, first + DAY * length, school=school) == len(between)


@given(rows=st.lists(ranges, max_size=12), day=st.dates(date(2025, 1, 1), date(2029, 12, 31)))
def test_schools_never_work_when_offices_rest(rows, day):
    known(*rows)
    assert is_workday(day) or not is_workday(day, school=True)


# What is known of a year ------------------------------------------------------------------------------


def test_a_year_is_known_once_a_holiday_in_it_was_entered():
    before = is_known(date(2040, 6, 1))
    known(row(REST, date(2040, 1, 1), name="元旦"))
    assert (before, is_known(date(2040, 6, 1)), is_known(date(2041, 6, 1))) == (False, True, False)


@pytest.mark.parametrize("kind", [WORK, SCHOOLS_REST])
def test_other_days_make_no_year_known(kind):
    known(row(kind, date(2040, 1, 1)))
    assert not is_known(date(2040, 6, 1))


# Reading ----------------------------------------------------------------------------------------------


def test_the_table_is_read_once_for_many_questions(db):
    workdays.forget()
    with CaptureQueriesContext(connection) as captured:
        for n in range(100):
            is_workday(TUESDAY + DAY * n)
            nth_workday(TUESDAY, n)
    assert len(captured) == 1


def test_after_a_minute_it_is_read_anew(db, monkeypatch):
    held = workdays.hold()
    row(REST, TUESDAY).save()  # by another process
    monkeypatch.setattr(workdays.clock, "monotonic", lambda: held.taken + workdays.KEPT)
    before = is_workday(TUESDAY)
    monkeypatch.setattr(workdays.clock, "monotonic", lambda: held.taken + workdays.KEPT + 1)
    assert (before, is_workday(TUESDAY)) == (True, False)


# Writing ----------------------------------------------------------------------------------------------


@pytest.fixture
def keeper(place):
    return person(Role.SYSTEM, place.section)


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "summary", "detail"))


def said(**fields):
    return {"kind": "rest", "name": "调休", "first": "2026-03-10", "last": "2026-03-10"} | fields


def test_what_is_written_holds_at_once(keeper):
    days.keep(row(REST, TUESDAY), by=keeper, at=NOW)
    assert (is_workday(TUESDAY), events()) == (
        False,
        [("special_days.create", "新增工作日调整“调休”", {"before": {}, "after": said()})],
    )


def test_a_change_leaves_what_it_was(keeper):
    days.keep(made := row(REST, TUESDAY), by=keeper, at=NOW)
    made.first = made.last = TUESDAY + DAY
    days.keep(made, by=keeper, at=NOW)
    assert [is_workday(TUESDAY), is_workday(TUESDAY + DAY)] == [True, False]
    assert events()[1:] == [
        (
            "special_days.change",
            "修改工作日调整“调休”",
            {
                "before": {"first": "2026-03-10", "last": "2026-03-10"},
                "after": {"first": "2026-03-11", "last": "2026-03-11"},
            },
        )
    ]


def test_the_same_again_leaves_no_trace(keeper):
    days.keep(made := row(REST, TUESDAY), by=keeper, at=NOW)
    days.keep(made, by=keeper, at=NOW)
    assert len(events()) == 1


def test_what_is_removed_stays_in_the_trail(keeper):
    days.keep(made := row(REST, TUESDAY), by=keeper, at=NOW)
    days.remove(made, by=keeper, at=NOW)
    assert (is_workday(TUESDAY), SpecialDays.objects.count()) == (True, 0)
    assert events()[1:] == [("special_days.delete", "删除工作日调整“调休”", {"before": said()})]


@pytest.mark.parametrize("again", [days.keep, days.remove])
def test_what_is_gone_is_neither_changed_nor_removed(keeper, again):
    days.keep(made := row(REST, TUESDAY), by=keeper, at=NOW)
    pk = made.pk
    days.remove(made, by=keeper, at=NOW)
    made.pk = pk
    with pytest.raises(ObjectDoesNotExist):
        again(made, by=keeper, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_what_was_read_before_the_commit_is_forgotten_with_it():
    with transaction.atomic():
        days.keep(row(REST, TUESDAY), by=UserFactory(), at=NOW)
        workdays.hold()  # another thread read while the row could not be seen
    assert not is_workday(TUESDAY)


# The pages --------------------------------------------------------------------------------------------


def page_of(user, page="changelist", *args, **query):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, address("notices_specialdays", page, *args)


def test_an_administrator_enters_changes_and_removes_a_row(keeper):
    client, adding = page_of(keeper, "add")
    data = filled(client.get(adding), "specialdays_form", **said(name="运动会"))
    page = client.post(adding, data, follow=True)
    made = SpecialDays.objects.get()
    (told,) = html.fromstring(page.content.decode()).xpath("//ul[@class='messagelist']/li[@class='success']")
    assert told.text_content() == "成功添加了工作日调整“运动会”。"
    changing = address("notices_specialdays", "change", made.pk)
    client.post(changing, filled(client.get(changing), "specialdays_form", last="2026-03-11"))
    client.post(address("notices_specialdays", "delete", made.pk), {"post": "yes"})
    assert [action for action, *_ in events() if action.startswith("special_days")] == [
        "special_days.create",
        "special_days.change",
        "special_days.delete",
    ]


def test_a_range_of_more_than_a_year_is_a_slip(keeper):
    client, adding = page_of(keeper, "add")
    data = filled(client.get(adding), "specialdays_form", **said(last="2027-03-11"))
    assert errors(client.post(adding, data)) == ["一次最多登记366天，请核对年份或分次登记。"]


def test_a_range_that_ends_before_it_begins_is_refused(keeper):
    client, adding = page_of(keeper, "add")
    data = filled(client.get(adding), "specialdays_form", **said(last="2026-03-09"))
    assert errors(client.post(adding, data)) == ["结束日期不能早于开始日期，请改正。"]


def test_below_the_top_of_the_tree_nobody_decides_for_all(place):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau)
    client, listed = page_of(person(Role.SYSTEM, district))
    assert client.get(listed).status_code == 403


def test_where_there_are_several_trees_the_technical_account_alone_decides_for_all(keeper):
    made = row(REST, TUESDAY)
    days.keep(made, by=keeper, at=NOW)
    UnitFactory(name="另一县教育局", kind=UnitKind.BUREAU)
    sentence = "平台上有多个互不隶属的最上级单位，工作日调整只能由技术账号登记和修改，您可以查看。"
    found = {}
    for who, user in {"keeper": keeper, "technical": UserFactory(is_superuser=True)}.items():
        client, listed = page_of(user)
        data = said(name="运动会")
        found[who] = [
            sentence in client.get(listed).content.decode(),
            client.post(address("notices_specialdays", "change", made.pk), data).status_code,
            client.post(address("notices_specialdays", "add"), data).status_code,
            client.post(address("notices_specialdays", "delete", made.pk), {"post": "yes"}).status_code,
        ]
    assert found == {"keeper": [True, 403, 403, 403], "technical": [False, 302, 302, 302]}


def test_a_bureau_that_was_closed_is_no_second_tree(keeper):
    UnitFactory(name="原教育局", kind=UnitKind.BUREAU, closed_at=NOW)
    client, adding = page_of(keeper, "add")
    assert client.get(adding).status_code == 200


# Years of which nothing is known ----------------------------------------------------------------------


def test_the_keepers_at_the_top_are_told_once_a_year(place, keeper):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau)
    person(Role.SYSTEM, district)
    for _ in range(2):
        assert days.warn_of_unknown_years(NOW, [2041, 2026, 2040, 2040]) == [2040, 2041]
    told = Notice.objects.order_by("matter").values_list("recipient", "matter", "title")
    assert list(told) == [
        (keeper.pk, "calendar:2040", "平台尚无2040年的放假安排"),
        (keeper.pk, "calendar:2041", "平台尚无2041年的放假安排"),
    ]


def test_where_there_are_several_trees_the_technical_account_is_told(keeper):
    UnitFactory(name="另一县教育局", kind=UnitKind.BUREAU)
    technical = UserFactory(is_superuser=True)
    days.warn_of_unknown_years(NOW, [2040])
    assert [one.recipient for one in Notice.objects.all()] == [technical]


def test_nobody_is_told_of_a_year_that_is_known(keeper):
    days.warn_of_unknown_years(NOW, [2026])
    assert not Notice.objects.exists()


def test_years_with_unfinished_work_are_found_and_warned_of(place, keeper):
    owed = Assignment.objects.filter(pk=assigned(place).pk)
    owed.update(due_at=workdays.end_of(date(2040, 12, 31)))  # midnight belongs to the year that it ends
    assert (due_years(), warn_of_calendar()) == ([2026, 2040], [2040])
    assert Notice.objects.filter(recipient=keeper, matter="calendar:2040").exists()


@pytest.mark.parametrize(
    ("moment", "years"), [(at(10, 31), []), (at(11, 1), []), (at(11, 1).replace(year=2039), [2039, 2040])]
)
def test_the_page_asks_for_the_next_year_from_november_on(keeper, moment, years):
    known(row(REST, date(2027, 1, 1)))
    assert days.unknown_years(moment) == years


def test_the_page_asks_for_a_year_in_which_work_is_due_and_thanks_by_silence(keeper):
    days.warn_of_unknown_years(NOW, [2040])
    asked = days.unknown_years(NOW)
    days.keep(row(REST, date(2040, 1, 1)), by=keeper, at=NOW)
    assert (asked, days.unknown_years(NOW)) == ([2040], [])


def test_the_warning_stands_on_the_page(keeper):
    days.warn_of_unknown_years(NOW, [2040])
    client, listed = page_of(keeper)
    assert "平台尚无2040年的放假安排，暂以周一至周五为工作日。" in client.get(listed).content.decode()
