"""A school asks for more time; the bureau that asked for the work answers, once."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from campaigns.enums import CampaignState
from campaigns.models import Campaign, Occurrence
from notices.models import Notice
from notices.workdays import end_of
from schools.enums import Role, UnitKind
from submissions import access
from submissions.enums import EventKind, ExtensionState
from submissions.models import Assignment, ExtensionRequest
from submissions.rules import why_no_answer
from submissions.services import changing, easing, extending
from tests.factories import (
    DUE,
    NOW,
    UnitFactory,
    assigned,
    county,
    handed_in,
    person,
)
from tests.pages import form_on
from tests.submissions.test_pages import as_
from tests.submissions.test_submitting import refused

MAY, JUNE = end_of(date(2026, 5, 10)), end_of(date(2026, 6, 10))
FAR, FARTHER = end_of(date(2099, 5, 10)), end_of(date(2099, 5, 20))
CUTOFF = end_of(date(2026, 5, 5))


def ask(place, owed, *, until=MAY, reason="教师外出培训", when=NOW) -> ExtensionRequest:
    return extending.ask(owed, until=until, reason=reason, by=place.secretary, at=when)


def answered(asked) -> tuple:
    asked.refresh_from_db()
    return asked.state, asked.granted_until, asked.answer, asked.closed_by, asked.closed_at


# Asking ---------------------------------------------------------------------------------------------


def test_asking_leaves_the_deadline_and_a_trace(place, owed):
    ask(place, owed)
    owed.refresh_from_db()
    last = owed.events.last()
    assert (owed.due_at, last.kind, last.by, last.note) == (
        DUE, EventKind.EXTENSION_ASKED, place.secretary, "申请延至2026年5月10日：教师外出培训",
    )  # fmt: skip


def test_a_second_press_changes_nothing(place, owed):
    assert ask(place, owed) == ask(place, owed)
    assert owed.events.filter(kind=EventKind.EXTENSION_ASKED).count() == 1


def test_one_waits_at_a_time(place, owed):
    ask(place, owed)
    said = refused(ask, place, owed, until=JUNE)
    assert said == "已有一项延期申请待答复；如需更改，请先撤回再重新申请。"


@pytest.mark.parametrize("when", [DUE, CUTOFF])
def test_it_can_be_asked_after_the_deadline_and_after_the_cut_off(place, when):
    owed = assigned(place, cutoff_at=CUTOFF)
    assert ask(place, owed, when=when).state == ExtensionState.OPEN


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_reason_is_asked_for(place, owed, reason):
    assert refused(ask, place, owed, reason=reason) == "请写明申请延期的理由。"


def test_it_must_be_later_than_what_the_unit_has(place, owed):
    said = refused(ask, place, owed, until=DUE)
    assert said == "延至的日期须晚于现在的截止日期2026年4月30日，请重新选择。"


def test_it_must_be_later_than_now(place, owed):
    assert refused(ask, place, owed, when=MAY) == "延至的日期已过，请选择今天或以后的日期。"


def exempted(place, owed):
    easing.exempt(owed.occurrence, [place.school], reason="停课", by=place.officer, at=NOW)


def dropped(place, owed):
    changing.drop_units(owed.requirement, [place.school], reason="停课", by=place.officer, at=NOW)


def done(place, owed):
    handed_in(owed, place.secretary)


def closed(place, owed):
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)


SETTLED = {
    done: "这项任务已报齐，无需延期。",
    exempted: "本单位这项任务已免报，无需报送。",
    dropped: "这项任务已撤销，无需报送。",
    closed: "活动已结束，不再接收材料；如需补报，请联系主办单位。",
}


@pytest.mark.parametrize("settle", SETTLED)
def test_what_is_settled_needs_no_time(place, owed, settle):
    settle(place, owed)
    assert refused(ask, place, owed) == SETTLED[settle]


# Waiting --------------------------------------------------------------------------------------------


def moved(place, owed):
    terms = {"due_at": JUNE, "cutoff_at": None, "reason": "顺延", "by": place.officer, "at": NOW}
    changing.move_deadline(owed.occurrence, **terms)


@pytest.mark.parametrize("settle", [*SETTLED, moved])
def test_a_request_whose_task_is_settled_waits_for_nothing(place, owed, settle):
    """The queue, in SQL, and the rule, on a row, agree."""
    asked = ask(place, owed)
    assert list(access.extension_queue(place.officer)) == [asked]
    assert why_no_answer(asked) is None
    settle(place, owed)
    [asked] = ExtensionRequest.objects.select_related("assignment")
    assert (asked.state, list(access.extension_queue(place.officer))) == (ExtensionState.OPEN, [])
    assert why_no_answer(asked).endswith("无需再答复。")
    terms = {"by": place.officer, "at": NOW}
    assert refused(extending.refuse, asked, answer="不行", **terms) in (
        why_no_answer(asked), "活动已结束，不能再调整；确需调整，请先重新开放活动。",
    )  # fmt: skip


def test_it_waits_again_when_the_task_is_open_again(place, owed):
    asked = ask(place, owed)
    exempted(place, owed)
    easing.owe_again(owed.occurrence, [place.school], reason="复课", by=place.officer, at=NOW)
    assert list(access.extension_queue(place.officer)) == [asked]


def test_one_that_the_deadline_has_overtaken_makes_room_for_another(place, owed):
    first = ask(place, owed)
    moved(place, owed)
    second = ask(place, owed, until=FAR)
    first.refresh_from_db()
    assert (first.state, list(access.extension_queue(place.officer))) == (ExtensionState.WITHDRAWN, [second])


def test_it_can_be_taken_back_once(place, owed):
    asked = ask(place, owed)
    for _ in range(2):
        extending.take_back(asked, by=place.secretary, at=NOW)
    assert answered(asked) == (ExtensionState.WITHDRAWN, None, "", place.secretary, NOW)
    assert [event.note for event in owed.events.filter(kind=EventKind.WITHDRAWN)] == ["撤回延期申请"]
    assert ask(place, owed).pk != asked.pk


def test_what_is_answered_is_not_taken_back(place, owed):
    asked = ask(place, owed)
    extending.refuse(asked, answer="请按期", by=place.officer, at=NOW)
    said = refused(extending.take_back, asked, by=place.secretary, at=NOW)
    assert said == "这项延期申请已经答复，不能撤回。"


# Answering ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "answer", "said"), [(MAY, "", "同意延期申请"), (JUNE, "多给几天", "多给几天")]
)
def test_granting_extends_to_the_day_that_the_officer_names(place, owed, until, answer, said):
    asked = ask(place, owed)
    extending.grant(asked, until=until, answer=answer, by=place.officer, at=NOW)
    owed.refresh_from_db()
    assert (owed.due_at, owed.events.last().kind) == (until, EventKind.RESCHEDULED)
    assert answered(asked) == (ExtensionState.GRANTED, until, said, place.officer, NOW)
    assert Notice.objects.filter(recipient=place.secretary, matter__startswith="extend:").count() == 1


def test_a_grant_gives_time(place, owed):
    asked = ask(place, owed)
    terms = {"by": place.officer, "at": NOW}
    assert refused(extending.grant, asked, until=DUE, **terms) == (
        "延至的日期须晚于现在的截止日期2026年4月30日，请重新选择。"
    )


def test_refusing_tells_the_school_why(place, owed):
    asked = ask(place, owed)
    extending.refuse(asked, answer="请按期报送", by=place.officer, at=NOW)
    owed.refresh_from_db()
    last = owed.events.last()
    assert (owed.due_at, last.kind, last.note) == (DUE, EventKind.EXTENSION_REFUSED, "请按期报送")
    assert answered(asked) == (ExtensionState.REFUSED, None, "请按期报送", place.officer, NOW)
    notice = Notice.objects.get(matter=f"extension:{asked.pk}")
    assert (notice.recipient, notice.title, notice.body) == (
        place.secretary, f"“{owed.name}”的延期申请未获同意，请按期报送", "请按期报送",
    )  # fmt: skip


def test_a_refusal_has_a_reason(place, owed):
    said = refused(extending.refuse, ask(place, owed), answer=" ", by=place.officer, at=NOW)
    assert said == "不同意延期时必须写明理由。"


def test_an_answer_is_given_once(place, owed):
    asked = ask(place, owed)
    extending.refuse(asked, answer="请按期", by=place.officer, at=NOW)
    said = refused(extending.grant, asked, until=MAY, by=place.officer, at=NOW)
    assert said == "这项延期申请已经答复或撤回，请刷新页面查看最新情况。"


def test_who_was_refused_may_ask_again(place, owed):
    extending.refuse(ask(place, owed), answer="请按期", by=place.officer, at=NOW)
    assert ask(place, owed).state == ExtensionState.OPEN


def test_the_queue_is_that_of_the_bureau_that_asks(place, owed):
    ask(place, owed)
    elsewhere = county()
    below = person(Role.OFFICER, UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau))
    waiting = [access.extension_queue(who).count() for who in (place.officer, elsewhere.officer, below)]
    assert waiting == [1, 0, 0]


def test_the_oldest_comes_first(place, owed):
    other = Assignment.objects.get(unit=place.middle)
    second = ask(place, other, when=NOW + timedelta(days=1))
    first = ask(place, owed)
    assert list(access.extension_queue(place.officer)) == [first, second]


# Pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(place, owed) -> ExtensionRequest:
    """Asked for until a far year: the pages read the clock."""
    for model in (Occurrence, Assignment):
        model.objects.update(due_at=end_of(date(2099, 4, 30)))
    return ask(place, owed, until=FAR)


def page(user, owed):
    return as_(user).get(reverse("assignment", args=[owed.pk]))


def test_the_secretary_asks_on_the_page_of_the_task(place, owed):
    data = {"until_on": "2099-05-10", "reason": "教师外出培训"}
    answer = as_(place.secretary).post(reverse("ask_extension", args=[owed.pk]), data)
    asked = ExtensionRequest.objects.get()
    assert (answer.status_code, asked.until, asked.reason) == (302, FAR, "教师外出培训")


@pytest.mark.parametrize(
    ("data", "status", "errors"),
    [
        ({"until_on": "2099-05-10"}, 422, {"reason": ["这个字段是必填项。"]}),
        (
            {"until_on": "2020-01-01", "reason": "忙"}, 409,
            {"__all__": ["延至的日期已过，请选择今天或以后的日期。"]},
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_what_was_typed(place, owed, data, status, errors):
    answer = as_(place.secretary).post(reverse("ask_extension", args=[owed.pk]), data)
    assert (answer.status_code, answer.context["extension_form"].errors) == (status, errors)
    assert form_on(answer, "ask-extension")["until_on"] == [data["until_on"]]


def test_the_form_is_for_the_secretary_while_there_is_something_to_ask(place, owed):
    forms = [page(who, owed).context["extension_form"] for who in (place.secretary, place.officer)]
    assert [form is not None for form in forms] == [True, False]
    asked = ask(place, owed)
    assert page(place.secretary, owed).context["extension_form"] is None
    extending.take_back(asked, by=place.secretary, at=NOW)
    handed_in(owed, place.secretary)
    assert page(place.secretary, owed).context["extension_form"] is None


def test_a_request_is_taken_back_on_the_page(place, waiting):
    as_(place.secretary).post(reverse("take_back_extension", args=[waiting.pk]))
    waiting.refresh_from_db()
    assert waiting.state == ExtensionState.WITHDRAWN


def shelf(user, **query):
    return as_(user).get(reverse("extensions", query=query))


def test_the_queue_takes_as_many_queries_for_three_as_for_one(place, waiting, django_assert_num_queries):
    client = as_(place.officer)
    client.get(reverse("extensions"))  # the first page of a session stamps it
    with django_assert_num_queries(10):
        client.get(reverse("extensions"))
    for _ in range(2):
        ask(place, assigned(place), until=FAR)
    with django_assert_num_queries(10):
        assert len(client.get(reverse("extensions")).context["page"]) == 3


def test_a_row_tells_how_much_more_is_asked_and_what_was_given_before(place, waiting):
    [row] = shelf(place.officer).context["page"]
    assert (row.workdays, row.extended) == (6, 0)
    easing.extend(
        Assignment.objects.get(pk=waiting.assignment_id).occurrence, [place.school],
        until=end_of(date(2099, 5, 3)), reason="停电", by=place.officer, at=NOW,
    )  # fmt: skip
    again = ask(place, waiting.assignment, until=FAR)
    [row] = shelf(place.officer).context["page"]
    assert (row, row.extended) == (again, 1)


def test_the_queue_can_be_narrowed_to_a_campaign(place, waiting):
    other = ask(place, assigned(place), until=FARTHER)
    campaign = other.assignment.requirement.campaign_id
    assert list(shelf(place.officer, campaign=campaign).context["page"]) == [other]


def test_an_empty_queue_says_so(place):
    assert "没有待答复的延期申请" in shelf(place.officer).content.decode()


def send(place, asked, verdict, until_on="2099-05-10", answer=""):
    data = {"verdict": verdict, "until_on": until_on, "answer": answer}
    address = reverse("answer_extension", args=[asked.pk])
    return as_(place.officer).post(address, {f"r{asked.pk}-{name}": value for name, value in data.items()})


def test_a_request_is_granted_in_place_until_another_day(place, waiting):
    assert send(place, waiting, "grant", "2099-05-20").status_code == 302
    assert answered(waiting)[:3] == (ExtensionState.GRANTED, FARTHER, "同意延期申请")


def test_a_request_is_refused_in_place(place, waiting):
    assert send(place, waiting, "refuse", answer="请按期").status_code == 302
    assert answered(waiting)[:3] == (ExtensionState.REFUSED, None, "请按期")


@pytest.mark.parametrize(
    ("verdict", "until_on", "errors"),
    [
        ("grant", "", {"until_on": ["请选择同意延至的日期。"]}),
        ("refuse", "2099-05-10", {"answer": ["不同意时必须写明理由。"]}),
    ],
)
def test_what_is_missing_is_asked_for_in_the_row(place, waiting, verdict, until_on, errors):
    answer = send(place, waiting, verdict, until_on)
    [row] = answer.context["page"]
    assert (answer.status_code, row.form.errors) == (422, errors)


def test_an_answer_that_comes_too_late_is_told_so(place, waiting):
    extending.take_back(waiting, by=place.secretary, at=NOW)
    answer = send(place, waiting, "grant")
    assert (answer.status_code, answer.context["refusal"]) == (
        409, "东镇中心小学：这项延期申请已经答复或撤回，请刷新页面查看最新情况。",
    )  # fmt: skip


def test_ticked_requests_are_granted_as_asked_and_the_others_told(place, waiting):
    gone = ask(place, assigned(place), until=FAR)
    extending.take_back(gone, by=place.secretary, at=NOW)
    foreign = county()
    theirs = ask(foreign, assigned(foreign), until=FAR)
    ids = [waiting.pk, gone.pk, theirs.pk]
    answer = as_(place.officer).post(reverse("grant_extensions"), {"asked": ids}, follow=True)
    assert [str(one) for one in answer.context["messages"]] == [
        "东镇中心小学：这项延期申请已经答复或撤回，请刷新页面查看最新情况。",
        "已按申请同意1项延期，并已通知有关单位。",
    ]
    assert [answered(one)[0] for one in (waiting, gone, theirs)] == ["granted", "withdrawn", "open"]


def test_nothing_ticked_is_nothing_granted(place, waiting):
    answer = as_(place.officer).post(reverse("grant_extensions"), follow=True)
    assert [str(one) for one in answer.context["messages"]] == ["请先勾选要同意的延期申请。"]


def test_the_page_of_the_task_shows_how_the_request_stands(place, owed):
    asked = ask(place, owed)
    assert page(place.secretary, owed).content.decode().count("待答复") == 1
    done(place, owed)
    assert page(place.secretary, owed).content.decode().count("已无需答复") == 1
    assert asked.state == ExtensionState.OPEN
