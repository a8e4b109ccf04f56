"""A recurring requirement in the admin: the rule gives the periods, each of which may be changed."""

from datetime import date

import pytest

from campaigns.models import Requirement
from notices.workdays import end_of, last_day
from tests import pages
from tests.campaigns.plan_pages import REQUIREMENT_FORM, change, change_requirement, post_requirement
from tests.pages import errors

MONTHLY = {
    "frequency": "monthly", "recurs_from": "2026-03-01", "recurs_until": "2026-05-31", "due_day": 25,
    "due_on": "", "kind": "progress", "title": "进度月报",
}  # fmt: skip


def days(requirement):
    return [last_day(one.due_at) for one in requirement.occurrences.all()]


@pytest.fixture
def monthly(officer, draft):
    post_requirement(officer, draft, **MONTHLY)
    return Requirement.objects.get()


def save(officer, requirement, **changes):
    page = officer.get(change_requirement(requirement))
    return officer.post(change_requirement(requirement), pages.filled(page, REQUIREMENT_FORM, **changes))


def test_the_rule_gives_the_periods(monthly):
    assert [(one.number, one.label) for one in monthly.occurrences.all()] == [
        (1, "2026年3月"), (2, "2026年4月"), (3, "2026年5月"),
    ]  # fmt: skip
    assert days(monthly) == [date(2026, 3, 25), date(2026, 4, 25), date(2026, 5, 25)]


def test_each_period_may_be_moved_or_taken_out(officer, monthly):
    moved = {"occurrences-0-due_on": "2026-03-27", "occurrences-0-cutoff_on": "2026-03-31"}
    save(officer, monthly, **moved, **{"occurrences-2-DELETE": "on"})
    assert days(monthly) == [date(2026, 3, 27), date(2026, 4, 25)]
    assert monthly.occurrences.first().cutoff_at == end_of(date(2026, 3, 31))


def test_a_period_may_be_added(officer, monthly):
    page = officer.get(change_requirement(monthly))
    data = pages.filled(page, REQUIREMENT_FORM)
    pages.add_row(data, "occurrences", label="年终", due_on="2026-05-30")
    officer.post(change_requirement(monthly), data)
    assert [(one.number, one.label) for one in monthly.occurrences.all()][-1] == (4, "年终")


def test_a_changed_rule_gives_new_periods(officer, monthly):
    save(officer, monthly, due_day=10, **{"occurrences-0-due_on": "2026-03-27"})
    assert days(monthly) == [date(2026, 3, 10), date(2026, 4, 10), date(2026, 5, 10)]


def test_saving_something_else_leaves_moved_periods_alone(officer, monthly):
    save(officer, monthly, **{"occurrences-0-due_on": "2026-03-27"})
    save(officer, monthly, title="工作月报")
    assert days(monthly)[0] == date(2026, 3, 27)


def test_it_may_become_a_single_one(officer, monthly):
    save(officer, monthly, frequency="once", due_on="2026-04-30")
    monthly.refresh_from_db()
    assert (days(monthly), monthly.recurs_from, monthly.due_day) == ([date(2026, 4, 30)], None, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due_day": 32}, "每月、每季度报送的截止日须为1至31，请改正。"),
        ({"frequency": "weekly", "due_day": 8}, "每周报送的截止日须为1至7（1为星期一），请改正。"),
        ({"recurs_until": ""}, "定期报送的，请填写这一项。"),
        ({"recurs_until": "2026-03-20"}, "按所填的起止日期和每期截止日，没有一期落在其间，请改正。"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named(officer, draft, changes, said):
    assert errors(post_requirement(officer, draft, **MONTHLY | changes)) == [said]
    assert not Requirement.objects.exists()


def test_a_single_requirement_shows_no_periods(officer, draft):
    post_requirement(officer, draft)
    page = officer.get(change_requirement(Requirement.objects.get()))
    assert "occurrences-TOTAL_FORMS" not in pages.form_on(page, REQUIREMENT_FORM)


def test_the_campaigns_page_names_a_few_days_and_how_many_there_are(officer, draft):
    post_requirement(officer, draft, **MONTHLY | {"recurs_until": "2026-12-31"})
    text = officer.get(change(draft)).content.decode()
    assert ("2026-05-25" in text, "2026-06-25" in text, "等共10期" in text) == (True, False, True)
