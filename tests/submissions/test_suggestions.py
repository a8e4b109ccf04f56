"""合理化建议 come out of accepted pieces or are entered, and are merged where they say the same."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns.enums import CampaignState
from portal import audit
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from submissions.enums import SuggestionState as S
from submissions.models import Suggestion, Version
from submissions.rules import NotAllowed
from submissions.services import answering, closing, reviewing, suggesting
from tests.factories import (
    NOW,
    TopicFactory,
    UnitFactory,
    assigned,
    county,
    handed_in,
    person,
)
from tests.submissions.suggested import OURS, THEIRS, accepted, asked, entered, hand_in, of_middle

LATER = NOW + timedelta(days=1)


@pytest.fixture
def owed(place):
    return asked(place)


@pytest.fixture
def neighbour(place):
    return person(Role.SECRETARY, place.middle)


def states() -> list[str]:
    return list(Suggestion.objects.order_by("pk").values_list("state", flat=True))


def reopened(place, version: Version) -> None:
    reviewing.reopen(version, by=place.officer, at=NOW, reason="请补充", correct_by=LATER)


def merged(place, into: Suggestion, *others: Suggestion) -> list[Suggestion]:
    return suggesting.merge(into, others, by=place.officer, at=NOW)


# Collecting -----------------------------------------------------------------------------------------


def test_each_item_of_an_accepted_piece_becomes_a_suggestion(place, owed):
    topic = TopicFactory(campaign=owed.requirement.campaign)
    first, second = accepted(place, owed, place.secretary, OURS, THEIRS, topic=topic)
    assert [
        (one.text, one.position, one.state, one.unit, one.topic, one.campaign, one.added_by, one.added_at)
        for one in (first, second)
    ] == [
        (text, position, S.NEW, place.school, topic, owed.requirement.campaign, None, NOW)
        for position, text in ((1, OURS), (2, THEIRS))
    ]


def test_what_has_only_been_handed_in_is_not_collected(place, owed):
    hand_in(owed, place.secretary, OURS)
    assert states() == []


def test_other_kinds_of_material_hold_no_suggestions(place):
    version = handed_in(assigned(place), place.secretary)
    reviewing.accept(version, by=place.officer, at=NOW)
    assert states() == []


def test_the_district_passing_it_on_is_not_yet_the_last_word(place):
    district = UnitFactory(name="东区教育局", kind=UnitKind.DISTRICT, parent=place.bureau)
    place.school.parent = district
    place.school.save()
    version = hand_in(asked(place, district_first=True), place.secretary, OURS)
    reviewing.accept(version, by=person(Role.OFFICER, district), at=NOW)
    assert states() == []
    reviewing.accept(version, by=place.officer, at=NOW)
    assert states() == [S.NEW]


def test_collecting_again_adds_nothing(place, owed):
    [one] = accepted(place, owed, place.secretary, OURS)
    assert suggesting.collect(one.version, LATER) == []
    assert list(Suggestion.objects.values_list("pk", "added_at")) == [(one.pk, NOW)]


def test_a_piece_opened_again_and_accepted_again_counts_once(place, owed):
    [one] = accepted(place, owed, place.secretary, OURS)
    reopened(place, one.version)
    accepted(place, owed, place.secretary, OURS)
    assert states() == [S.WITHDRAWN, S.NEW]


def test_what_was_answered_before_the_piece_was_opened_again_stays(place, owed):
    [one] = accepted(place, owed, place.secretary, OURS)
    answering.answer(one, S.ADOPTED, "", by=place.officer, at=NOW)
    reopened(place, one.version)
    accepted(place, owed, place.secretary, OURS, THEIRS)
    assert states() == [S.ADOPTED, S.NEW, S.NEW]


def test_other_pieces_are_not_withdrawn(place, owed):
    accepted(place, owed, place.secretary, OURS)
    accepted(place, owed, place.secretary, THEIRS, number=2)
    assert states() == [S.NEW, S.NEW]


def test_what_was_merged_into_a_withdrawn_one_waits_for_its_own_answer_again(place, owed, neighbour):
    [ours] = accepted(place, owed, place.secretary, OURS)
    [theirs] = accepted(place, of_middle(owed, place), neighbour, THEIRS)
    merged(place, ours, theirs)
    reopened(place, ours.version)
    accepted(place, owed, place.secretary, "改了主意")
    assert states() == [S.WITHDRAWN, S.NEW, S.NEW]


def test_a_merged_one_is_withdrawn_as_long_as_nobody_answered(place, owed, neighbour):
    [ours] = accepted(place, owed, place.secretary, OURS)
    [theirs] = accepted(place, of_middle(owed, place), neighbour, THEIRS)
    merged(place, theirs, ours)
    reopened(place, ours.version)
    accepted(place, owed, place.secretary, OURS)
    assert states() == [S.WITHDRAWN, S.NEW, S.NEW]


def test_a_merged_one_that_was_answered_stays_merged(place, owed, neighbour):
    [ours] = accepted(place, owed, place.secretary, OURS)
    [theirs] = accepted(place, of_middle(owed, place), neighbour, THEIRS)
    merged(place, theirs, ours)
    answering.answer(theirs, S.ADOPTED, "", by=place.officer, at=NOW)
    reopened(place, ours.version)
    accepted(place, owed, place.secretary, OURS)
    assert states() == [S.MERGED, S.ADOPTED, S.NEW]


# Entering -------------------------------------------------------------------------------------------


def test_an_officer_enters_what_was_said_at_a_meeting(place, owed):
    one = entered(place, owed, "错峰放学", source="校长座谈会")
    assert (one.text, one.unit, one.source, one.state, one.added_by, one.version) == (
        "错峰放学", None, "校长座谈会", S.NEW, place.officer, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"text": " "}, "请填写建议内容。"),
        ({"text": "长" * 2001}, "建议内容最多2000字，请精简后再登记。"),
        ({"source": " "}, "请填写提出建议的单位；不是单位提出的，请写明来源。"),
    ],
)
def test_what_cannot_be_entered_is_refused(place, owed, given, sentence):
    with pytest.raises(NotAllowed, match=f"^{sentence}$"):
        entered(place, owed, **given)


def test_a_unit_of_another_county_cannot_be_entered(place, owed):
    with pytest.raises(NotAllowed, match="不是主办单位或其下属单位"):
        entered(place, owed, unit=county().school)


def test_a_topic_of_another_campaign_cannot_be_entered(place, owed):
    with pytest.raises(NotAllowed, match=r"^所选专题不属于这项活动，请重新选择。$"):
        entered(place, owed, topic=TopicFactory())


def test_entering_twice_is_refused(place, owed):
    entered(place, owed)
    with pytest.raises(NotAllowed, match=r"^同一来源已登记过相同的建议，无需重复登记。$"):
        entered(place, owed)
    assert states() == [S.NEW]


def test_after_closing_suggestions_are_still_dealt_with_but_not_after_archiving(place, owed):
    campaign = owed.requirement.campaign
    closing.close(campaign, reason="结束", by=place.officer, at=NOW)
    one = entered(place, owed)
    closing.archive(campaign, reason="归档", by=place.officer, at=NOW)
    sentence = "^活动已归档，建议不再办理；确需办理，请先重新开放活动。$"
    with pytest.raises(NotAllowed, match=sentence):
        entered(place, owed, "另一条")
    with pytest.raises(NotAllowed, match=sentence):
        answering.answer(one, S.ADOPTED, "", by=place.officer, at=NOW)


def test_a_draft_has_no_suggestions(place, owed):
    campaign = owed.requirement.campaign
    type(campaign).objects.update(state=CampaignState.DRAFT, published_at=None)
    with pytest.raises(NotAllowed, match=r"^活动还没有发布，不能登记和办理建议。$"):
        entered(place, owed)


# Merging --------------------------------------------------------------------------------------------


def test_merged_suggestions_point_to_the_main_one(place, owed):
    main, one, other = (entered(place, owed, text) for text in "甲乙丙")
    merged(place, main, one, other)
    assert list(Suggestion.objects.order_by("pk").values_list("state", "merged_into")) == [
        (S.NEW, None), (S.MERGED, main.pk), (S.MERGED, main.pk),
    ]  # fmt: skip


def test_merging_what_others_were_merged_into_leaves_no_chain(place, owed):
    main, middle, last = (entered(place, owed, text) for text in "甲乙丙")
    merged(place, middle, last)
    assert {one.pk for one in merged(place, main, middle)} == {middle.pk, last.pk}
    assert set(Suggestion.objects.filter(state=S.MERGED).values_list("merged_into", flat=True)) == {main.pk}


def test_nothing_is_merged_into_itself(place, owed):
    one = entered(place, owed)
    with pytest.raises(NotAllowed, match=r"^不能把建议并入它自身，请另选要保留的建议。$"):
        merged(place, one, one)


def test_merging_nothing_is_refused(place, owed):
    with pytest.raises(NotAllowed, match=r"^请至少选择两条建议再合并。$"):
        merged(place, entered(place, owed))


def test_suggestions_of_two_campaigns_are_not_merged(place, owed):
    with pytest.raises(NotAllowed, match=r"^只能合并同一活动的建议，请重新选择。$"):
        merged(place, entered(place, owed), entered(place, asked(place)))


@pytest.mark.parametrize("into_it", [True, False])
def test_merged_ones_are_not_merged_again(place, owed, into_it):
    main, one, other = (entered(place, owed, text) for text in "甲乙丙")
    merged(place, main, one)
    pair = (one, other) if into_it else (other, one)
    with pytest.raises(NotAllowed, match=r"^“乙”现在是“已合并”，只有待答复的建议可以合并"):
        merged(place, *pair)


def test_answered_ones_are_not_merged(place, owed):
    main, one = (entered(place, owed, text) for text in "甲乙")
    answering.answer(main, S.ADOPTED, "", by=place.officer, at=NOW)
    with pytest.raises(NotAllowed, match=r"^“甲”现在是“采纳”"):
        merged(place, main, one)


def test_a_merged_one_is_taken_out_again(place, owed):
    main, one = (entered(place, owed, text) for text in "甲乙")
    merged(place, main, one)
    suggesting.split_off(one, by=place.officer, at=NOW)
    assert states() == [S.NEW, S.NEW]
    with pytest.raises(NotAllowed, match="没有并入其他建议"):
        suggesting.split_off(one, by=place.officer, at=NOW)


def test_nothing_is_taken_out_of_an_answered_one(place, owed):
    main, one = (entered(place, owed, text) for text in "甲乙")
    merged(place, main, one)
    answering.answer(main, S.ADOPTED, "", by=place.officer, at=NOW)
    with pytest.raises(NotAllowed, match=r"^合并后的建议已经答复，不能再拆出。$"):
        suggesting.split_off(one, by=place.officer, at=NOW)


# Traces, answers, the database ----------------------------------------------------------------------


def test_every_change_leaves_a_trace_on_its_suggestion(place, owed):
    [one] = accepted(place, owed, place.secretary, OURS)
    main = entered(place, owed)
    merged(place, main, one)
    suggesting.split_off(one, by=place.officer, at=NOW)
    reopened(place, one.version)
    accepted(place, owed, place.secretary, THEIRS)
    trail = AuditEvent.objects.filter(target=audit.target_of(one)).order_by("pk")
    assert list(trail.values_list("action", "actor", "detail__after__state")) == [
        ("suggestion.collect", None, "new"),
        ("suggestion.combine", place.officer.pk, "merged"),
        ("suggestion.take_out", place.officer.pk, "new"),
        ("suggestion.withdraw", None, "withdrawn"),
    ]


def test_no_summary_of_the_trail_repeats_what_a_unit_said(place, owed):
    [one] = accepted(place, owed, place.secretary, OURS)
    merged(place, entered(place, owed, "错峰放学"), one)
    said = "".join(
        AuditEvent.objects.filter(action__startswith="suggestion.").values_list("summary", flat=True)
    )
    assert [text for text in (OURS, "错峰放学") if text in said] == []


def test_the_items_of_a_piece_come_with_their_answers(place, owed):
    ours, theirs = accepted(place, owed, place.secretary, OURS, THEIRS)
    main = entered(place, owed)
    merged(place, main, theirs)
    assert [(one.text, one.suggestion, one.main) for one in suggesting.answers_of(ours.version)] == [
        (OURS, ours, ours), (THEIRS, theirs, main),
    ]  # fmt: skip


def test_the_items_of_a_piece_that_waits_have_no_answers(place, owed):
    version = hand_in(owed, place.secretary, OURS)
    assert suggesting.answers_of(version) == [suggesting.Answered(OURS, None, None)]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"position": None}, "suggestion_item_has_position"),
        ({"unit": None}, "suggestion_from_somewhere"),
        ({"state": S.MERGED}, "suggestion_merged_into"),
        ({"state": S.ADOPTED}, "suggestion_answered_has_time"),
        ({"state": S.PARTLY, "answered_at": NOW}, "suggestion_answer_has_reason"),
        ({"state": S.DECLINED, "answered_at": NOW, "answer": ""}, "suggestion_answer_has_reason"),
        ({"done_at": NOW, "outcome": "已办"}, "suggestion_done_has_outcome"),
        ({"state": S.ADOPTED, "answered_at": NOW, "done_at": NOW}, "suggestion_done_has_outcome"),
    ],
)
def test_the_database_refuses_what_the_services_never_write(place, owed, values, constraint):
    [one] = accepted(place, owed, place.secretary, OURS)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Suggestion.objects.filter(pk=one.pk).update(**values)


def test_the_database_keeps_what_is_not_adopted_from_being_given_out(place, owed):
    [one] = accepted(place, owed, place.secretary, OURS)
    with pytest.raises(IntegrityError, match="suggestion_responsible_for_adopted"), transaction.atomic():
        Suggestion.objects.filter(pk=one.pk).update(responsible=place.section)


def test_the_database_takes_an_item_up_once(place, owed):
    [one] = accepted(place, owed, place.secretary, OURS)
    one.pk = None
    with pytest.raises(IntegrityError, match="suggestion_item_once"), transaction.atomic():
        one.save(force_insert=True)
