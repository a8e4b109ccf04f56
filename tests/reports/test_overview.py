"""The overview: lights, what has changed since the last visit, what waits; every number leads to its rows."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pytest
from django.urls import reverse
from lxml import html
from openpyxl import load_workbook

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign, Phase
from notices.workdays import DAY
from reports import deciding, happened
from reports.models import Visit
from reports.services import visits
from schools.enums import Role
from schools.models import User
from submissions.models import Assignment
from submissions.services import extending, publishing, reviewing, suggesting
from tests.factories import DUE, NOW, County, UnitFactory, assigned, at, handed_in, person
from tests.reports.following import client_of, count_behind, sheet_of

pytestmark = pytest.mark.django_db

TODAY = at(5, 6)
MINUTE = timedelta(minutes=1)
Clock = Callable[[datetime], None]


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """Tells pages what time it is; TODAY unless set."""

    def show(moment: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    show(TODAY)
    return show


@pytest.fixture
def leader(place: County) -> User:
    return person(Role.LEADER, place.bureau)


@pytest.fixture
def busy(place: County) -> Campaign:
    """Of four schools one was accepted in time, one came late and was returned, two are overdue."""
    mine = assigned(place)
    campaign = mine.requirement.campaign
    for name in ("东镇第二小学", "东镇第三小学"):
        UnitFactory(name=name, parent=place.township)
    publishing.top_up(campaign, at=NOW)
    reviewing.accept(handed_in(mine, place.secretary, at=at(4, 1)), by=place.officer, at=at(4, 2))
    late = handed_in(_of("东镇第二小学"), _secretary("东镇第二小学"), at=at(5, 3))
    reviewing.send_back(late, by=place.officer, at=at(5, 4), reason="请补充数据。", correct_by=at(5, 9))
    return campaign


def _of(school: str) -> Assignment:
    return Assignment.objects.get(unit__name=school)


def _secretary(school: str) -> User:
    return person(Role.SECRETARY, _of(school).unit)


def _due_later(place: County) -> Campaign:
    found = assigned(place).requirement.campaign
    Assignment.objects.filter(occurrence__requirement__campaign=found).update(due_at=DUE + 60 * DAY)
    return found


def page_of(user: User, clock: Clock, moment: datetime = TODAY):
    clock(moment)
    return client_of(user).get(reverse("progress"))


def changes(page) -> dict[str, int]:
    return {change.key: n for change, n, _ in page.context["changes"]}


# Numbers ----------------------------------------------------------------------------------------------


def test_every_number_leads_to_as_many_rows(place, busy, leader, clock) -> None:
    clock(TODAY)
    suggesting.enter(busy, "增加图书", by=place.officer, at=NOW, unit=place.school)
    Campaign.objects.update(ends_on=at(5, 1).date())
    client = client_of(leader)
    tree = html.fromstring(client.get(reverse("progress")).content.decode())
    links = tree.xpath("//div[@class='overview']//a[.//b or ancestor::p]")
    shown = {one.get("href"): int((one.xpath(".//b") or [one])[0].text) for one in links}
    assert len(shown) == 16
    assert {address: count_behind(client, address) for address in shown} == shown


def test_a_card_tells_how_it_stands(place, busy, leader, clock) -> None:
    [card] = page_of(leader, clock).context["cards"]
    figures = {column.key: cell.value for column, cell in card.figures}
    assert (card.light.state.word, card.percent) == ("滞后", 25)
    assert figures == {
        "percent": 25, "due_percent": 25, "due": 4, "due_handed": 1, "not_due": 0,
        "owed": 4, "handed": 1, "accepted": 1, "waiting": 0, "returned": 1,
        "missing": 2, "overdue": 2, "in_time": 1, "late": 1, "exempt": 0,
    }  # fmt: skip


def test_late_campaigns_come_first_and_ended_ones_last(place, busy, leader, clock) -> None:
    fine = _due_later(place)
    over = assigned(place).requirement.campaign
    Campaign.objects.filter(pk=over.pk).update(state=CampaignState.CLOSED, closed_at=TODAY)
    context = page_of(leader, clock).context
    assert [card.campaign for card in context["cards"]] == [busy, fine]
    assert [card.campaign for card in context["ended"]] == [over]
    assert [(state.word, n) for state, n in context["summary"]] == [("滞后", 1), ("有风险", 1)]


def test_an_ended_campaign_without_tasks_in_sight_is_among_the_ended(place, busy, leader, clock) -> None:
    Assignment.objects.update(state="cancelled")
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=TODAY)
    context = page_of(leader, clock).context
    assert (context["cards"], [card.campaign for card in context["ended"]]) == ([], [busy])


def test_the_next_due_day_leads_to_its_rows(place, busy, leader, clock) -> None:
    later = _due_later(place)
    card = next(one for one in page_of(leader, clock).context["cards"] if one.campaign == later)
    client = client_of(leader)
    numbers = (card.next.owed, card.next.complete)
    assert [(one.value, count_behind(client, one.url)) for one in numbers] == [(4, 4), (0, 0)]


def test_a_township_leader_sees_the_own_township(place, busy, clock) -> None:
    leader = person(Role.LEADER, place.township)
    leader.memberships.update(scope=place.township)
    [card] = page_of(User.objects.get(pk=leader.pk), clock).context["cards"]
    assert card.numbers["owed"] == 3


def test_the_workbook_has_every_campaign(place, busy, leader, clock) -> None:
    over = assigned(place).requirement.campaign
    Campaign.objects.filter(pk=over.pk).update(state=CampaignState.CLOSED, closed_at=TODAY)
    clock(TODAY)
    answer = client_of(leader).get(reverse("progress") + "?table=campaigns")
    rows = list(load_workbook(BytesIO(answer.getvalue())).active.iter_rows(values_only=True))
    assert rows[0][:5] == ("活动", "状态", "报送率（%）", "到期报送率（%）", "应报")
    assert [row[:5] for row in rows[1:]] == [(busy.title, "滞后", 25, 25, 4), (over.title, "已结束", 0, 0, 4)]


def test_another_table_is_not_found(leader, clock) -> None:
    assert client_of(leader).get(reverse("progress") + "?table=x").status_code == 404


def test_without_campaigns_the_page_says_so(leader, clock) -> None:
    assert "还没有已发布的活动" in page_of(leader, clock).content.decode()


# Since the last visit ---------------------------------------------------------------------------------


def test_at_the_first_visit_the_last_seven_days_are_told(place, busy, leader, clock) -> None:
    assert changes(page_of(leader, clock)) == {
        "complete": 1, "late": 1, "accepted": 0, "returned": 1, "overdue": 2,
    }  # fmt: skip


def heading(page) -> str:
    [found] = html.fromstring(page.content.decode()).xpath("//h2[@id='recent-title']")
    return found.text


def test_only_who_was_here_before_hears_of_the_last_visit(place, busy, leader, clock) -> None:
    """A look within half an hour is still the first visit; after a long absence a month is told."""
    said = [heading(page_of(leader, clock))]
    visits.record(leader, at=TODAY)
    for later in (TODAY + 10 * MINUTE, TODAY + DAY, TODAY + 31 * DAY):
        said.append(heading(page_of(leader, clock, later)))
    assert said == ["最近7天", "最近7天", "自上次查看以来", "最近30天"]


def test_what_came_after_the_last_visit_is_told(place, busy, leader, clock) -> None:
    visits.record(leader, at=at(5, 3, 12))
    assert changes(page_of(leader, clock)) == {
        "complete": 0, "late": 0, "accepted": 0, "returned": 1, "overdue": 0,
    }  # fmt: skip


def test_a_second_decision_on_a_returned_task_is_a_return_too(place, busy, leader, clock) -> None:
    again = handed_in(_of("东镇第二小学"), _secretary("东镇第二小学"), at=at(5, 5))
    reviewing.accept(again, by=place.officer, at=at(5, 5, 10))
    reviewing.reopen(again, by=place.officer, at=at(5, 5, 11), reason="有误。", correct_by=at(5, 12))
    assert changes(page_of(leader, clock)) == {
        "complete": 1, "late": 1, "accepted": 1, "returned": 2, "overdue": 2,
    }  # fmt: skip


def test_the_moments_themselves_are_counted_once(place, busy, leader) -> None:
    moments = (at(5, 3) - MINUTE, at(5, 3), at(5, 3) + MINUTE)
    found = [happened.counts(leader, *between)["complete"] for between in pairwise(moments)]
    assert found == [1, 0]


def test_another_countys_changes_are_not_told(place, busy, clock) -> None:
    from tests.factories import county

    stranger = person(Role.LEADER, county().bureau)
    assert set(changes(page_of(stranger, clock)).values()) == {0}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"kind": "nothing"},
        {"since": "yesterday"},
        {"since": "2026-05-01T00:00:00"},
        {"until": "9999-12-31T00:00:00+08:00"},
        {"until": "2026-99-01T00:00:00+08:00"},
    ],
)
def test_nonsense_in_the_address_is_not_found(leader, query) -> None:
    good = {"kind": "complete", "since": NOW.isoformat(), "until": TODAY.isoformat()} if query else {}
    assert client_of(leader).get(reverse("recent", query=good | query)).status_code == 404


# Visits ------------------------------------------------------------------------------------------------


def test_reading_writes_nothing(place, busy, leader, clock) -> None:
    page_of(leader, clock)
    assert not Visit.objects.exists()


def test_the_beacon_keeps_the_moment_of_the_page(leader, clock) -> None:
    clock(TODAY)
    answer = client_of(leader).post(reverse("seen"), {"at": (TODAY - MINUTE).isoformat()})
    assert answer.status_code == 204
    assert Visit.objects.values_list("user", "since", "last_at").get() == (
        leader.pk, None, TODAY - MINUTE,
    )  # fmt: skip


def test_a_clock_that_is_ahead_is_not_believed(leader, clock) -> None:
    clock(TODAY)
    client_of(leader).post(reverse("seen"), {"at": (TODAY + DAY).isoformat()})
    assert Visit.objects.get().last_at == TODAY


@pytest.mark.parametrize("offset", ["+16:00", "-17:00", "+23:59", "-23:59"])
def test_an_instant_of_any_offset_is_understood(leader, clock, offset) -> None:
    """PostgreSQL takes no offset of 16 hours or more."""
    clock(TODAY)
    client, sent = client_of(leader), f"2026-05-03T00:00:00{offset}"
    query = {"kind": "complete", "since": NOW.isoformat(), "until": sent}
    assert client.get(reverse("recent", query=query)).status_code == 200
    assert client.post(reverse("seen"), {"at": sent}).status_code == 204
    assert Visit.objects.get().last_at == datetime.fromisoformat(sent)


@pytest.mark.parametrize(
    "sent", ["1999-12-31T23:59:59+08:00", "2100-12-31T23:59:00+00:00", "0001-01-01T00:00:00+10:00"]
)
def test_an_instant_out_of_range_by_the_clock_of_the_portal_is_none(leader, sent) -> None:
    assert client_of(leader).post(reverse("seen"), {"at": sent}).status_code == 400


@pytest.mark.parametrize("sent", ["", "now", "2026-05-06", "2026-05-06T09:00:00"])
def test_no_moment_is_no_visit(leader, sent) -> None:
    assert client_of(leader).post(reverse("seen"), {"at": sent}).status_code == 400
    assert not Visit.objects.exists()


def test_looks_within_half_an_hour_are_one_visit(leader) -> None:
    for minutes in (0, 29, 58):
        visits.record(leader, at=TODAY + minutes * MINUTE)
    later = TODAY + 87 * MINUTE
    assert visits.since(leader, later) == visits.Since(later - visits.FIRST, 7)


def test_after_a_pause_changes_are_shown_since_the_look_before(leader) -> None:
    visits.record(leader, at=TODAY)
    later = TODAY + visits.PAUSE
    shown = visits.since(leader, later)
    visits.record(leader, at=later)
    again = [visits.since(leader, moment) for moment in (later, later + MINUTE)]
    assert [shown, *again] == [visits.Since(TODAY)] * 3


def test_an_old_tab_moves_nothing_back(leader) -> None:
    for moment in (TODAY, TODAY - DAY):
        visits.record(leader, at=moment)
    assert Visit.objects.get().last_at == TODAY


def test_after_a_long_absence_a_month_is_told(leader) -> None:
    visits.record(leader, at=TODAY - 90 * DAY)
    assert visits.since(leader, TODAY) == visits.Since(TODAY - visits.LONGEST, 30)


# What waits --------------------------------------------------------------------------------------------


def reopened(ends_on: date) -> None:
    """Only a person closes what a person has opened again."""
    Phase.objects.update(state=PhaseState.OPEN, opened_at=NOW, closed_at=NOW, ends_on=ends_on)


def waits(user: User, moment: datetime = TODAY) -> dict[str, int]:
    return {matter.key: n for matter, n in deciding.waiting(user, moment)}


def test_an_officer_has_pieces_requests_and_suggestions(place, busy) -> None:
    handed_in(_of("东镇第三小学"), _secretary("东镇第三小学"), at=at(5, 5))
    extending.ask(
        _of("示例县第一初级中学"), until=DUE + 30 * DAY, reason="停电", by=_secretary("示例县第一初级中学"),
        at=at(5, 5),
    )  # fmt: skip
    suggesting.enter(busy, "增加图书", by=place.officer, at=at(5, 5), unit=place.school)
    assert waits(place.officer) == {"queue": 1, "extensions": 1, "suggestions": 1}


@pytest.mark.parametrize(("day", "waiting"), [(13, {}), (14, {"reviews": 1})])
def test_a_leader_hears_of_a_piece_after_five_working_days(place, busy, leader, day, waiting) -> None:
    handed_in(
        _of("东镇第三小学"), _secretary("东镇第三小学"), at=at(5, 7, 18)
    )  # Thursday; Saturday 9 is worked
    assert waits(leader, at(5, day)) == waiting


@pytest.mark.parametrize(("day", "waiting"), [(20, {}), (21, {"answers": 1})])
def test_a_leader_hears_of_a_suggestion_after_ten_working_days(place, busy, leader, day, waiting) -> None:
    suggesting.enter(busy, "增加图书", by=place.officer, at=at(5, 7), unit=place.school)
    assert waits(leader, at(5, day)) == waiting


def test_what_is_past_its_end_waits_to_be_closed(place, busy, leader) -> None:
    Campaign.objects.update(ends_on=TODAY.date() - DAY)
    reopened(TODAY.date() - DAY)
    assert [waits(one) for one in (leader, place.officer)] == [{"campaigns": 1, "phases": 1}] * 2


def test_what_closes_by_itself_waits_for_nobody(place, busy, leader) -> None:
    Phase.objects.update(state=PhaseState.OPEN, opened_at=NOW, ends_on=TODAY.date() - DAY)
    assert waits(leader) == {}


def test_a_last_day_is_not_past(place, busy, leader) -> None:
    Campaign.objects.update(ends_on=TODAY.date())
    reopened(TODAY.date())
    assert waits(leader) == {}


def test_what_a_bureau_above_hosts_is_not_the_townships_to_close(place, busy) -> None:
    leader = person(Role.LEADER, place.township)
    leader.memberships.update(scope=place.township)
    Campaign.objects.update(ends_on=TODAY.date() - DAY)
    reopened(TODAY.date() - DAY)
    assert waits(User.objects.get(pk=leader.pk)) == {}


@pytest.mark.parametrize("kind", ["reviews", "answers", "campaigns", "phases"])
def test_each_matter_has_its_list(place, busy, leader, clock, kind) -> None:
    handed_in(_of("东镇第三小学"), _secretary("东镇第三小学"), at=at(5, 5))
    suggesting.enter(busy, "增加图书", by=place.officer, at=NOW, unit=place.school)
    Campaign.objects.update(ends_on=TODAY.date())
    reopened(TODAY.date())
    clock(at(6, 1))
    assert waits(leader, at(6, 1))[kind] == 1
    assert count_behind(client_of(leader), reverse("waiting", query={"kind": kind})) == 1


@pytest.mark.parametrize("kind", ["", "queue", "suggestions"])
def test_what_is_an_officers_is_no_list_of_the_leaders(leader, kind) -> None:
    assert client_of(leader).get(reverse("waiting", query={"kind": kind})).status_code == 404


def test_what_happened_can_be_taken_away(place, busy, leader, clock) -> None:
    clock(TODAY)
    moments = {"since": at(5, 1).isoformat(), "until": TODAY.isoformat()}
    returned, overdue = (
        sheet_of(client_of(leader), reverse("recent", query={"kind": kind} | moments))
        for kind in ("returned", "overdue")
    )
    assert returned[0][-2:] + returned[1][:2] + returned[1][-2:] == (
        "迟报", "时间", "东镇第二小学", "东镇", "是", datetime(2026, 5, 4, 9),
    )  # fmt: skip
    assert [row[0] for row in overdue] == ["单位"]


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("reviews", "材料", "报送时间"),
        ("answers", "建议", "提出时间"),
        ("campaigns", "活动", "结束日期"),
        ("phases", "阶段", "结束日期"),
    ],
)
def test_what_waits_can_be_taken_away(place, busy, leader, clock, kind, first, last) -> None:
    handed_in(_of("东镇第三小学"), _secretary("东镇第三小学"), at=at(5, 5))
    suggesting.enter(busy, "增加图书", by=place.officer, at=NOW, unit=place.school)
    Campaign.objects.update(ends_on=TODAY.date())
    reopened(TODAY.date())
    clock(at(6, 1))
    heading, *rows = sheet_of(client_of(leader), reverse("waiting", query={"kind": kind}))
    assert (heading[0], heading[-1], len(rows)) == (first, last, 1)


# Cost --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("campaigns", [1, 3])
def test_the_overview_takes_nineteen_queries(
    place, leader, clock, campaigns, django_assert_num_queries
) -> None:
    for n in range(campaigns):
        UnitFactory(name=f"西镇第{n}小学", parent=place.township)
        handed_in(assigned(place), place.secretary, at=NOW)
    clock(TODAY)
    client = client_of(leader)
    client.get(reverse("inbox"))
    with django_assert_num_queries(19):
        client.get(reverse("progress"))


@pytest.mark.parametrize("schools", [1, 3])
@pytest.mark.parametrize(
    ("name", "query", "queries"),
    [
        ("recent", {"kind": "complete", "since": at(4, 19).isoformat(), "until": TODAY.isoformat()}, 6),
        ("recent", {"kind": "overdue", "since": at(4, 19).isoformat(), "until": TODAY.isoformat()}, 6),
        ("waiting", {"kind": "reviews"}, 6),
    ],
)
def test_the_lists_take_as_many_queries_whatever_their_length(
    place, leader, clock, schools, name, query, queries, django_assert_num_queries
) -> None:
    for n in range(schools):
        UnitFactory(name=f"西镇第{n}小学", parent=place.township)
    assigned(place)
    for n in range(schools):
        handed_in(_of(f"西镇第{n}小学"), _secretary(f"西镇第{n}小学"), at=at(4, 20))
    clock(TODAY)
    client = client_of(leader)
    client.get(reverse("inbox"))
    with django_assert_num_queries(queries):
        client.get(reverse(name, query=query))
