"""The bureau's answer to a suggestion, the unit that carries it out by a day, and what came of it."""

from datetime import date

import pytest

from notices.models import Notice
from portal import audit
from portal.models import AuditEvent
from schools.enums import Role
from submissions.enums import SuggestionState as S
from submissions.models import Suggestion
from submissions.rules import NotAllowed, NotYours
from submissions.services import answering, suggesting
from tests.factories import NOW, at, county, person
from tests.submissions.suggested import OURS, THEIRS, accepted, asked, entered, of_middle

DAY, OVER = date(2026, 3, 31), date(2026, 3, 1)
LATER, LATER_STILL = at(3, 3), at(3, 4)


@pytest.fixture
def owed(place):
    return asked(place)


@pytest.fixture
def ours(place, owed) -> Suggestion:
    [one] = accepted(place, owed, place.secretary, OURS)
    return one


@pytest.fixture
def clerk(place):
    """信息员 of the section that carries suggestions out."""
    return person(Role.SECRETARY, place.section)


def answer(place, one, state=S.ADOPTED, reason="", **given):
    return answering.answer(one, state, reason, **({"by": place.officer, "at": NOW} | given))


def given_out(place, one, **more):
    return answer(place, one, responsible=place.section, due_on=DAY, **more)


def told(user) -> list[str]:
    """Titles of what the person was told about suggestions, in order."""
    notices = Notice.objects.filter(recipient=user, matter__startswith="suggestion-")
    return list(notices.order_by("pk").values_list("title", flat=True))


# Answering ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "reason"), [(S.ADOPTED, ""), (S.PARTLY, "分两年"), (S.DECLINED, "无编制")])
def test_an_answer_says_what_why_who_and_when(place, ours, state, reason):
    answer(place, ours, state, reason)
    ours.refresh_from_db()
    assert (ours.state, ours.answer, ours.answered_by, ours.answered_at) == (
        state,
        reason,
        place.officer,
        NOW,
    )


@pytest.mark.parametrize("state", [S.PARTLY, S.DECLINED])
def test_what_is_not_wholly_adopted_needs_a_reason(place, ours, state):
    with pytest.raises(NotAllowed, match=f"^{state.label}的建议须写明理由，便于提出单位理解。$"):
        answer(place, ours, state, " ")


def test_only_answers_are_answers(place, ours):
    with pytest.raises(NotAllowed, match=r"^请选择采纳、部分采纳或未采纳。$"):
        answer(place, ours, S.WITHDRAWN)


def test_an_adopted_one_is_given_to_a_unit_with_a_day(place, ours):
    given_out(place, ours)
    ours.refresh_from_db()
    assert (ours.responsible, ours.due_on) == (place.section, DAY)


def test_what_cannot_be_carried_out_so_is_refused(place, ours):
    section = place.section
    sentences = {
        "未采纳的建议不用办理，请去掉责任单位和办理期限。": (S.DECLINED, section, DAY),
        "责任单位和办理期限须同时填写，请补充。": (S.ADOPTED, section, None),
        "办理期限不能早于今天，请重新选择。": (S.ADOPTED, section, OVER),
        "“东镇中心小学”不是主办单位或其下属单位，请另选责任单位。": (S.ADOPTED, county().school, DAY),
    }
    for sentence, (state, unit, day) in sentences.items():
        with pytest.raises(NotAllowed, match=f"^{sentence}$"):
            answer(place, ours, state, "理由", responsible=unit, due_on=day)


def test_a_closed_unit_carries_nothing_out(place, ours):
    place.middle.closed_at = NOW
    place.middle.save()
    with pytest.raises(NotAllowed, match=r"已撤并，请另选责任单位。$"):
        answer(place, ours, responsible=place.middle, due_on=DAY)


def test_another_answer_keeps_the_unit_and_is_traced(place, ours):
    given_out(place, ours)
    answer(place, ours, S.PARTLY, "先做一半", at=LATER)
    ours.refresh_from_db()
    assert (ours.state, ours.responsible, ours.due_on) == (S.PARTLY, place.section, DAY)
    event = AuditEvent.objects.filter(target=audit.target_of(ours)).first()
    assert (event.action, event.summary, event.detail) == (
        "suggestion.answer",
        "修改答复：部分采纳",
        {"before": {"state": "adopted", "answer": ""}, "after": {"state": "partly", "answer": "先做一半"}},
    )


def test_a_declined_one_is_nobodys_to_carry_out_any_more(place, ours, clerk):
    given_out(place, ours)
    answer(place, ours, S.DECLINED, "条件不具备", at=LATER)
    ours.refresh_from_db()
    assert (ours.state, ours.responsible, ours.due_on) == (S.DECLINED, None, None)
    assert told(clerk) == [
        "有一条合理化建议交本单位办理，请于2026年3月31日前办结",
        "有一条合理化建议不再由本单位办理",
    ]


def test_a_merged_one_is_not_answered_by_itself(place, owed, ours):
    suggesting.merge(entered(place, owed), [ours], by=place.officer, at=NOW)
    with pytest.raises(NotAllowed, match=r"^这条建议已并入另一条，请到合并后的建议中答复。$"):
        answer(place, ours)


def test_a_withdrawn_one_is_not_answered(place, ours):
    Suggestion.objects.update(state=S.WITHDRAWN)
    with pytest.raises(NotAllowed, match=r"^这条建议已撤回，不用答复。$"):
        answer(place, ours)


# Two officers, and two presses ----------------------------------------------------------------------


def test_an_answer_from_an_older_page_is_refused_and_says_who_answered(place, ours):
    seen = answering.edition(ours)
    answer(place, ours, S.DECLINED, "无编制", by=person(Role.OFFICER, place.section, name="李示例"))
    with pytest.raises(
        NotAllowed, match=r"^在您填写期间，李示例已于03月02日09:00办理过这条建议（现为“未采纳”）"
    ):
        answer(place, ours, S.ADOPTED, at=LATER, seen=seen)
    ours.refresh_from_db()
    assert ours.state == S.DECLINED


def test_the_page_is_older_too_when_others_were_merged_into_it(place, owed, ours):
    seen = answering.edition(ours)
    suggesting.merge(ours, [entered(place, owed)], by=place.officer, at=NOW)
    with pytest.raises(NotAllowed, match=r"^在您填写期间"):
        answer(place, ours, seen=seen)


def test_an_answer_from_the_page_as_it_stands_goes_through(place, ours):
    answer(place, ours, S.DECLINED, "无编制")
    ours.refresh_from_db()
    answer(place, ours, at=LATER, seen=answering.edition(ours))
    assert Suggestion.objects.get().state == S.ADOPTED


def test_the_same_answer_again_changes_nothing_and_tells_nobody_twice(place, ours):
    seen = answering.edition(ours)
    for when in (NOW, LATER):
        answer(place, ours, S.PARTLY, "分两年", at=when, seen=seen)
    assert Suggestion.objects.get().answered_at == NOW
    assert told(place.secretary) == ["本单位提出的合理化建议已有答复：部分采纳"]
    assert AuditEvent.objects.filter(action="suggestion.answer").count() == 1


# Telling --------------------------------------------------------------------------------------------


def test_every_unit_whose_suggestion_is_answered_is_told_once(place, owed, ours):
    neighbour = person(Role.SECRETARY, place.middle)
    head = person(Role.HEAD, place.middle)
    theirs = accepted(place, of_middle(owed, place), neighbour, THEIRS, "再加一块")
    suggesting.merge(ours, theirs, by=place.officer, at=NOW)
    answer(place, ours, S.PARTLY, "分两年")
    title = ["本单位提出的合理化建议已有答复：部分采纳"]
    assert [told(user) for user in (place.secretary, neighbour, head)] == [title] * 3
    assert set(Notice.objects.filter(matter__startswith="suggestion-").values_list("body", "url")) == {
        ("分两年", "/suggestions/mine/?shelf=made")
    }


def test_the_unit_that_carries_it_out_is_told_what_but_not_whose(place, ours, clerk):
    given_out(place, ours)
    notice = Notice.objects.get(recipient=clerk)
    assert (notice.title, notice.body, notice.url) == (
        "有一条合理化建议交本单位办理，请于2026年3月31日前办结", OURS, "/suggestions/mine/?shelf=given",
    )  # fmt: skip


def test_another_wording_does_not_give_it_out_again(place, ours, clerk):
    given_out(place, ours)
    answer(place, ours, reason="即办", at=LATER)
    assert len(told(clerk)) == 1
    assert told(place.secretary) == [
        "本单位提出的合理化建议已有答复：采纳", "本单位提出的合理化建议的答复有变动：采纳",
    ]  # fmt: skip


# Carrying out ---------------------------------------------------------------------------------------


def test_it_is_given_to_a_unit_later_and_to_another_one(place, ours, clerk):
    head = person(Role.HEAD, place.middle)
    answer(place, ours)
    answering.assign(ours, place.section, DAY, by=place.officer, at=LATER)
    answering.assign(ours, place.middle, DAY, by=place.officer, at=LATER_STILL)
    assert Suggestion.objects.get().responsible == place.middle
    assert told(clerk)[1:] == ["有一条合理化建议不再由本单位办理"]
    assert told(head) == ["有一条合理化建议交本单位办理，请于2026年3月31日前办结"]


def test_giving_it_to_the_same_unit_again_changes_nothing(place, ours, clerk):
    given_out(place, ours)
    answering.assign(ours, place.section, DAY, by=place.officer, at=LATER)
    assert len(told(clerk)) == 1


def test_a_day_that_is_over_is_not_given(place, ours):
    answer(place, ours)
    with pytest.raises(NotAllowed, match=r"^办理期限不能早于今天，请重新选择。$"):
        answering.assign(ours, place.section, OVER, by=place.officer, at=NOW)


def test_an_overdue_one_goes_to_another_unit_with_the_day_it_had(place, ours):
    given_out(place, ours)
    answering.assign(ours, place.middle, DAY, by=place.officer, at=at(4, 2))
    assert Suggestion.objects.get().responsible == place.middle


def test_what_is_not_adopted_is_neither_given_out_nor_done(place, ours):
    sentence = "^这条建议现在是“待答复”，只有采纳或部分采纳的建议才交办和办结。$"
    with pytest.raises(NotAllowed, match=sentence):
        answering.assign(ours, place.section, DAY, by=place.officer, at=NOW)
    with pytest.raises(NotAllowed, match=sentence):
        answering.finish(ours, "已办", by=place.officer, at=NOW)


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HEAD])
def test_people_of_the_unit_say_that_it_is_done(place, ours, role):
    given_out(place, ours)
    somebody = person(role, place.section)
    answering.finish(ours, "已延长到20时", by=somebody, at=LATER)
    ours.refresh_from_db()
    assert (ours.outcome, ours.done_by, ours.done_at) == ("已延长到20时", somebody, LATER)


def test_people_of_other_units_do_not(place, ours):
    given_out(place, ours)
    with pytest.raises(NotYours, match=r"^这条建议已改由其他单位办理，请刷新页面查看最新情况。$"):
        answering.finish(ours, "已办", by=place.secretary, at=LATER)


def test_an_officer_finishes_it_without_a_unit(place, ours):
    answer(place, ours)
    answering.finish(ours, "已办", by=place.officer, at=LATER)
    assert Suggestion.objects.get().done_at == LATER


def test_done_without_an_outcome_is_refused(place, ours):
    answer(place, ours)
    with pytest.raises(NotAllowed, match=r"^请写明办理结果后再办结。$"):
        answering.finish(ours, " ", by=place.officer, at=NOW)


def test_what_is_done_stays_as_it_is(place, ours, clerk):
    given_out(place, ours)
    answering.finish(ours, "已办", by=clerk, at=LATER)
    answering.finish(ours, "已办", by=clerk, at=LATER_STILL)
    sentence = f"^这条建议已由{clerk.name}于03月03日09:00办结，不能再改；确需更改，请先退回继续办理。$"
    for change in (
        lambda: answering.finish(ours, "别的", by=place.officer, at=LATER_STILL),
        lambda: answering.assign(ours, place.middle, DAY, by=place.officer, at=LATER_STILL),
        lambda: answer(place, ours, S.DECLINED, "不办了", at=LATER_STILL),
    ):
        with pytest.raises(NotAllowed, match=sentence):
            change()
    assert (Suggestion.objects.get().outcome, Suggestion.objects.get().done_at) == ("已办", LATER)


def test_it_is_taken_back_among_those_to_be_done_with_a_reason(place, ours, clerk):
    given_out(place, ours)
    answering.finish(ours, "已办", by=clerk, at=LATER)
    answering.reopen(ours, "只办了一半", by=place.officer, at=LATER_STILL)
    ours.refresh_from_db()
    assert (ours.done_at, ours.done_by, ours.outcome) == (None, None, "")
    assert told(clerk)[1:] == ["有一条合理化建议须继续办理"]
    event = AuditEvent.objects.filter(target=audit.target_of(ours)).first()
    assert (event.summary, event.detail["before"]["outcome"]) == ("退回继续办理：只办了一半", "已办")


def test_taking_it_back_needs_a_reason_and_something_done(place, ours):
    answer(place, ours)
    with pytest.raises(NotAllowed, match=r"^请写明继续办理的原因。$"):
        answering.reopen(ours, " ", by=place.officer, at=NOW)
    with pytest.raises(NotAllowed, match=r"^这条建议还没有办结，请刷新页面查看最新情况。$"):
        answering.reopen(ours, "原因", by=place.officer, at=NOW)
