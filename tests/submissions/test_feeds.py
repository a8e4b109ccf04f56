"""Personal calendars: an address without login, and what stands in it."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from notices.workdays import end_of
from portal.models import AuditEvent
from schools.enums import Role
from schools.models import Unit, User
from submissions.models import CalendarFeed
from submissions.services import changing, closing, feeds, reviewing, signing
from tests.factories import (
    DUE,
    LAST_DAY,
    NOW,
    MembershipFactory,
    UserFactory,
    assigned,
    at,
    county,
    handed_in,
    person,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _known_outside(settings):
    settings.PORTAL_URL = "https://portal.example.com"


def events(user):
    """What a calendar reads of the person's address."""
    fresh = User.objects.get(pk=user.pk)
    return list(Calendar.from_ical(feeds.calendar_of(fresh)).walk("VEVENT"))


def days(user):
    return [(str(one["summary"]), one.decoded("dtstart")) for one in events(user)]


def fetch(token, client=None, **headers):
    return (client or Client()).get(reverse("calendar_ics", args=[token]), headers=headers)


# The address ------------------------------------------------------------------------------------------


def test_of_an_address_only_the_digest_of_its_token_is_kept(place):
    token = feeds.issue(place.secretary, at=NOW)
    assert CalendarFeed.objects.get().digest == sha256(token.encode()).hexdigest()
    assert len(token) == 32  # 192 bits


def test_a_new_address_makes_the_old_one_void(place):
    old = feeds.issue(place.secretary, at=NOW)
    new = feeds.issue(place.secretary, at=LATER)
    assert (feeds.holder(old), feeds.holder(new)) == (None, place.secretary)
    assert (
        list(AuditEvent.objects.filter(action__startswith="calendar").values_list("action", "actor"))
        == [
            ("calendar_feed.create", place.secretary.pk),
            ("calendar_feed.retire", place.secretary.pk),
            ("calendar_feed.create", place.secretary.pk),
        ][::-1]
    )


def test_an_address_that_was_taken_back_is_void(place):
    token = feeds.issue(place.secretary, at=NOW)
    assert (feeds.revoke(place.secretary, at=LATER), feeds.revoke(place.secretary, at=LATER)) == (True, False)
    assert feeds.holder(token) is None


def test_nobodys_address_outlives_the_account(place):
    token = feeds.issue(place.secretary, at=NOW)
    User.objects.update(is_active=False)
    assert fetch(token).status_code == 404


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "张示例"])
def test_what_is_no_address_is_not_found(place, token):
    feeds.issue(place.secretary, at=NOW)
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_a_calendar_comes_without_login_cookie_or_writing(owed, place):
    token = feeds.issue(place.secretary, at=NOW)
    with CaptureQueriesContext(connection) as captured:
        answer = fetch(token)
    assert (answer.status_code, answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        200,
        "text/calendar; charset=utf-8",
        "private, no-cache",
    )
    assert dict(answer.cookies) == {}
    assert [query["sql"][:6] for query in captured] == ["SELECT"] * 3


def test_what_is_sent_to_an_address_is_refused_and_leaves_its_token_in_no_log(owed, place, caplog):
    token = feeds.issue(place.secretary, at=NOW)
    answer = Client(enforce_csrf_checks=True).post(reverse("calendar_ics", args=[token]))
    told = [record for record in caplog.records if record.name.startswith("django.security")]
    assert (answer.status_code, told) == (405, [])


def test_what_has_not_changed_is_not_sent_again(owed, place):
    token = feeds.issue(place.secretary, at=NOW)
    mark = fetch(token).headers["ETag"]
    again = fetch(token, **{"If-None-Match": mark})
    assert (again.status_code, again.content) == (304, b"")
    handed_in(owed, place.secretary)
    assert fetch(token, **{"If-None-Match": mark}).status_code == 200


# What a school reads ----------------------------------------------------------------------------------


def test_a_task_stands_on_its_last_day(owed, place):
    [one] = events(place.secretary)
    assert (one["uid"], one["summary"], one.decoded("dtstart"), one.decoded("dtend")) == (
        f"assignment-{owed.pk}@portal.example.com",
        f"{owed.name}（东镇中心小学）截止",
        LAST_DAY,
        LAST_DAY + timedelta(days=1),
    )
    assert str(one["description"]) == (
        f"活动：{owed.requirement.campaign.title}\n状态：待报\n"
        f"https://portal.example.com/assignments/{owed.pk}/"
    )
    assert str(one["url"]) == f"https://portal.example.com/assignments/{owed.pk}/"


def test_where_the_portal_is_unknown_no_link_is_made_up(owed, place, settings):
    settings.PORTAL_URL = ""
    [one] = events(place.secretary)
    assert (one["uid"], "url" in one) == (f"assignment-{owed.pk}@portal", False)


def test_what_is_done_disappears(owed, place):
    handed_in(owed, place.secretary)
    assert days(place.secretary) == []


def test_what_came_back_stands_on_the_day_set_for_its_correction(owed, place):
    version = handed_in(owed, place.secretary)
    correct_by = end_of(date(2026, 5, 20))
    reviewing.send_back(version, by=place.officer, at=LATER, reason="请补充。", correct_by=correct_by)
    assert days(place.secretary) == [(f"{owed.name}（东镇中心小学）修改截止", date(2026, 5, 20))]


def test_what_waits_for_the_signature_stands_on_its_day_though_another_piece_came_back(place):
    head = person(Role.HEAD, place.school)
    owed = assigned(place, sign_off=True)
    first = handed_in(owed, place.secretary)
    signing.sign(first, by=head, at=NOW)
    correct_by = end_of(date(2026, 5, 20))
    reviewing.send_back(first, by=place.officer, at=LATER, reason="请补充。", correct_by=correct_by)
    handed_in(owed, place.secretary, number=2, at=LATER)
    assert days(head) == [(f"{owed.name}（东镇中心小学）截止", LAST_DAY)]


def test_a_moved_deadline_is_the_same_event_in_a_later_edition(owed, place):
    [before] = events(place.secretary)
    due = end_of(date(2026, 4, 28))
    changing.move_deadline(
        owed.occurrence, due_at=due, cutoff_at=None, reason="检查提前", by=place.officer, at=LATER
    )
    [after] = events(place.secretary)
    assert (after["uid"], after.decoded("dtstart")) == (before["uid"], date(2026, 4, 28))
    assert after["sequence"] > before["sequence"]
    assert after.decoded("last-modified") > before.decoded("last-modified")


def test_closed_campaigns_are_over(owed, place):
    closing.close(owed.requirement.campaign, reason="提前结束", by=place.officer, at=LATER)
    assert days(place.secretary) == []


def test_nothing_of_another_school_is_told(owed, place):
    assert days(person(Role.SECRETARY, county().school)) == []


def test_who_serves_two_schools_reads_of_both(owed, place):
    MembershipFactory(user=place.secretary, unit=place.middle)
    assert [summary for summary, _ in days(place.secretary)] == [
        f"{owed.name}（东镇中心小学）截止",
        f"{owed.name}（示例县第一初级中学）截止",
    ]


def test_who_has_no_post_any_more_reads_nothing(owed, place):
    place.secretary.memberships.update(ended_at=NOW)
    assert days(place.secretary) == []


def test_there_is_an_end_to_a_calendar(place, monkeypatch):
    monkeypatch.setattr(feeds, "MOST", 2)
    owed = [assigned(place, due_at=end_of(date(2026, 4, day))) for day in (20, 10, 15)]
    assert [one["summary"] for one in events(place.secretary)] == [
        f"{owed[number].name}（东镇中心小学）截止" for number in (1, 2)
    ]


# What the bureau reads --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER])
def test_those_above_read_one_event_for_each_occurrence(owed, place, role):
    campaign = owed.requirement.campaign
    user = person(role, place.bureau)
    assert days(user) == [(f"《{campaign.title}》{owed.name}截止", LAST_DAY)]
    assert str(events(user)[0]["url"]) == f"https://portal.example.com/progress/{campaign.pk}/"


def test_elsewhere_nobody_reads_of_it(owed):
    assert days(county().officer) == []


def test_an_occurrence_that_everybody_has_done_disappears(owed, place):
    handed_in(owed, place.secretary)
    left = days(place.officer)
    other = person(Role.SECRETARY, place.middle)
    handed_in(owed.occurrence.assignments.get(unit=place.middle), other)
    assert (len(left), days(place.officer)) == (1, [])


def test_units_that_are_closed_are_waited_for_no_more(owed, place):
    Unit.objects.filter(pk__in=owed.occurrence.assignments.values("unit")).update(closed_at=LATER)
    assert days(place.officer) == []


def test_a_moved_occurrence_is_a_later_edition(owed, place):
    [before] = events(place.officer)
    due = end_of(date(2026, 4, 28))
    changing.move_deadline(
        owed.occurrence, due_at=due, cutoff_at=None, reason="检查提前", by=place.officer, at=LATER
    )
    [after] = events(place.officer)
    assert (after.decoded("dtstart"), after["sequence"] > before["sequence"]) == (date(2026, 4, 28), True)


@pytest.mark.parametrize("count", [1, 3])
def test_a_calendar_takes_the_same_few_queries_however_long_it_is(place, count):
    for _ in range(count):
        assigned(place)
    taken = {}
    for who in (place.secretary, place.officer):
        token = feeds.issue(who, at=NOW)
        with CaptureQueriesContext(connection) as captured:
            fetch(token)
        taken[who] = len(captured)
    assert taken == {place.secretary: 3, place.officer: 4}


# Whatever the words -----------------------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200) | st.lists(
    st.sampled_from(
        [",", ";", "\\", "\n", "：", "😀👩‍🏫", "征文", '"', "\\n", "BEGIN:VEVENT", " ", "END:VCALENDAR"]
    ),
    min_size=1,
    max_size=60,
).map("".join)


@pytest.mark.django_db(False)
@given(summary=WORDS, line=WORDS)
def test_whatever_the_words_a_calendar_reads_what_was_written(summary, line):
    event = feeds._event(
        "assignment-1", summary, (line,), "", due_at=DUE, edition=3, changed_at=at(3, 2, 9, 30)
    )
    made = Calendar()
    made.add_component(event)
    raw = made.to_ical()
    [read] = Calendar.from_ical(raw).walk("VEVENT")
    assert (str(read["summary"]), str(read["description"])) == (summary, line)
    assert (read.decoded("dtstart"), read["sequence"]) == (LAST_DAY, 3)
    assert max(len(row) for row in raw.split(b"\r\n")) <= 75


@given(st.text(st.characters(categories=["Cc"])))
def test_control_characters_are_no_part_of_a_calendar(words):
    assert set(feeds._clean(words)) <= {" ", "\n", *map(chr, range(0x80, 0xA0))}


# The page ---------------------------------------------------------------------------------------------


def as_(user):
    client = Client()
    client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[1])
    return client


def test_the_address_is_shown_once_and_works(owed, place):
    client = as_(place.secretary)
    address = client.post(reverse("issue_calendar")).context["address"]
    assert address.startswith("https://portal.example.com/calendar/")
    assert Client().get(address.removeprefix("https://portal.example.com")).status_code == 200
    later = client.get(reverse("calendar_feed")).content.decode()
    assert (address in later, "不能再次显示" in later) == (False, True)


def test_taking_it_back_is_confirmed(place):
    client = as_(place.secretary)
    client.post(reverse("issue_calendar"))
    page = client.post(reverse("revoke_calendar"), follow=True)
    assert [str(one) for one in page.context["messages"]] == ["日历订阅已停用，原来的地址不能再用。"]
    assert "建立订阅地址" in page.content.decode()


def test_who_neither_serves_nor_oversees_has_no_calendar():
    assert as_(UserFactory()).get(reverse("calendar_feed")).status_code == 403
