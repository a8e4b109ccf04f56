"""Two people at one draft: nobody's change is lost unseen, and whoever has to choose is asked."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import RequirementKind
from campaigns.models import Topic
from schools.enums import Role
from schools.models import User
from submissions.models import Assignment, Draft, Submission, Version
from submissions.rules import NotAllowed
from submissions.services import drafts, submitting
from submissions.services.drafts import Overtaken, Saved, Words, flat, informed, marks, words_of
from tests.factories import NOW, County, TopicFactory, assigned, at, drafted, handed_in, person
from tests.submissions.test_submitting import refused

LATER = at(3, 2, 10, 30)
TOPICS = [Topic(pk=1), Topic(pk=2)]


# The merge, for anything that three hands can write -------------------------------------------------

said = st.sampled_from(["", "甲", "乙", "丙"])
sheets = st.dictionaries(
    st.sampled_from(["value_1", "agenda"]), said.filter(bool), max_size=2
) | st.fixed_dictionaries({"items": st.lists(said.filter(bool), min_size=1, max_size=3)})
anything = st.builds(
    Words, title=said, authors=said, topic=st.sampled_from([None, *TOPICS]), abstract=said, body=said,
    sheet=sheets,
)  # fmt: skip
somebody, another = User(pk=1, name="张示例"), User(pk=2, name="李示例")


def held(words: Words) -> dict[str, Any]:
    """What a piece says, empty fields left out."""
    return {name: value for name, value in flat(words).items() if value}


def merge(stored: Words, mine: Words, seen: str, *yielding: str) -> tuple[Words, tuple[str, ...]]:
    draft = Draft(**vars(stored), saved_at=NOW, saved_by=another)
    return drafts._merge(draft, mine, seen, yielding, somebody)


def changed(base: Words, other: Words) -> set[str]:
    before, after = held(base), held(other)
    return {name for name in {**before, **after} if before.get(name) != after.get(name)}


@given(anything, anything, anything)
def test_every_change_of_one_hand_stays_and_every_clash_is_asked_about(
    base: Words, mine: Words, theirs: Words
) -> None:
    wanted, found = held(mine), held(theirs)
    clash = {
        name for name in changed(base, mine) & changed(base, theirs) if wanted.get(name) != found.get(name)
    }
    if clash:
        with pytest.raises(Overtaken) as asked:
            merge(theirs, mine, marks(base))
        assert set(asked.value.names) == clash
        return
    merged, taken = merge(theirs, mine, marks(base))
    names = {**held(base), **wanted, **found}
    assert held(merged) == {
        name: value
        for name in names
        if (value := (found if name in changed(base, theirs) else wanted).get(name))
    }
    assert set(taken) == changed(base, theirs) - changed(base, mine)


@given(anything, anything, anything)
def test_who_gives_way_everywhere_changes_nothing_they_clash_about(
    base: Words, mine: Words, theirs: Words
) -> None:
    everything = tuple(flat(mine) | flat(theirs))
    merged, _ = merge(theirs, mine, marks(base), *everything)
    assert held(merged) == held(theirs)


@given(anything, anything, anything, st.data())
def test_every_choice_is_honoured_and_what_nobody_asked_about_is_merged_as_before(
    base: Words, mine: Words, theirs: Words, data: st.DataObject
) -> None:
    clash = _asked(base, mine, theirs)
    giving_way = set(data.draw(st.lists(st.sampled_from(sorted(clash)), unique=True))) if clash else set()
    seen = informed(marks(base), marks(theirs), clash)
    merged, _ = merge(theirs, mine, seen, *giving_way)
    for name in clash:
        assert held(merged).get(name) == held(theirs if name in giving_way else mine).get(name)
    for name in changed(base, theirs) - clash:
        assert held(merged).get(name) == held(theirs).get(name)


@given(anything, anything, anything, anything)
def test_a_choice_holds_for_what_was_shown_and_no_later_change(
    base: Words, mine: Words, theirs: Words, third: Words
) -> None:
    """Chosen between mine and theirs; meanwhile somebody wrote a third thing."""
    clash = _asked(base, mine, theirs)
    seen = informed(marks(base), marks(theirs), clash)
    unseen = {name for name in clash if held(third).get(name) not in (held(theirs).get(name), None)}
    unseen = {name for name in unseen if held(third)[name] != held(mine).get(name)}
    if unseen:
        with pytest.raises(Overtaken) as asked:
            merge(third, mine, seen)
        assert unseen <= set(asked.value.names)


def _asked(base: Words, mine: Words, theirs: Words) -> set[str]:
    try:
        merge(theirs, mine, marks(base))
    except Overtaken as overtaken:
        return set(overtaken.names)
    return set()


@given(anything, anything)
def test_marks_are_alike_exactly_for_what_says_the_same(one: Words, other: Words) -> None:
    assert (marks(one) == marks(other)) == (held(one) == held(other))


@given(anything, anything)
def test_whose_draft_nobody_touched_writes_freely(base: Words, mine: Words) -> None:
    assert merge(base, mine, marks(base)) == (mine, ())


def test_line_ends_are_no_change() -> None:
    assert marks(Words("家访", body="一\r\n二")) == marks(Words("家访", body="一\n二"))


@pytest.mark.parametrize("seen", ["title", "=", ";;", "title=;body", "x=y=z"])
def test_marks_that_mean_nothing_overwrite_nothing(seen: str) -> None:
    with pytest.raises(Overtaken):
        merge(Words("他人的标题"), Words("自己的标题"), seen)


# Saving ---------------------------------------------------------------------------------------------


@pytest.fixture
def other(place: County) -> User:
    return person(Role.SECRETARY, place.school, name="李示例")


def save(owed: Assignment, by: User, words: Words, seen: str | None = "", **given: Any) -> Saved:
    return drafts.save_draft(owed.pk, 1, words, by=by, seen=seen, **{"at": LATER} | given)


def stored(owed: Assignment) -> Draft:
    return Draft.objects.get(submission__assignment=owed)


def test_a_change_of_another_field_is_kept_and_named(place: County, owed: Assignment, other: User) -> None:
    base = words_of(drafted(owed, place.secretary, title="家访").draft)
    save(owed, other, replace(base, abstract="两位教师"), marks(base))
    saved = save(owed, place.secretary, replace(base, title="家访路上"), marks(base))
    assert (saved.taken, saved.other) == (("abstract",), "李示例")
    assert words_of(stored(owed)) == Words("家访路上", body="正文", abstract="两位教师")


def test_a_clash_stores_nothing_and_names_who_and_when(place: County, owed: Assignment, other: User) -> None:
    base = words_of(drafted(owed, place.secretary, title="家访").draft)
    save(owed, other, replace(base, title="家访一日"), marks(base))
    mine = replace(base, title="家访路上", body="全新的正文")
    with pytest.raises(Overtaken) as asked:
        save(owed, place.secretary, mine, marks(base), at=at(3, 2, 11))
    assert str(asked.value) == (
        "在您填写期间，李示例已于10:30修改了同一处内容；您填写的内容仍在下方，请逐处选择保留哪一份，然后再次保存。"
    )
    assert asked.value.names == ["title"]
    found = stored(owed)
    assert (found.title, found.body, found.saved_by, found.saved_at) == ("家访一日", "正文", other, LATER)


def test_two_windows_of_one_person_do_not_overwrite_each_other(place: County, owed: Assignment) -> None:
    base = words_of(drafted(owed, place.secretary, title="家访").draft)
    save(owed, place.secretary, replace(base, title="家访一日"), marks(base))
    said = refused(save, owed, place.secretary, replace(base, title="家访路上"), marks(base))
    assert said == (
        "在您填写期间，您本人在另一窗口已于10:30修改了同一处内容；"
        "您填写的内容仍在下方，请逐处选择保留哪一份，然后再次保存。"
    )


def test_who_comes_second_to_an_empty_form_is_asked(place: County, owed: Assignment, other: User) -> None:
    save(owed, other, Words("进度月报", body="同事写的"))
    with pytest.raises(Overtaken) as asked:
        save(owed, place.secretary, Words("进度月报", authors="张示例", body="自己写的"))
    assert asked.value.names == ["body"]
    assert Submission.objects.count() == 1


def test_lines_of_a_progress_table_are_merged_one_by_one(
    place: County, owed: Assignment, other: User
) -> None:
    save(owed, place.secretary, base := Words("月报", sheet={"value_1": "3", "value_2": "5"}))
    save(owed, other, replace(base, sheet={"value_1": "4", "value_2": "5"}), marks(base))
    saved = save(owed, place.secretary, replace(base, sheet={"value_1": "3", "value_2": "6"}), marks(base))
    assert (saved.taken, stored(owed).sheet) == (("value_1",), {"value_1": "4", "value_2": "6"})


def test_what_somebody_cleared_stays_cleared(place: County, owed: Assignment, other: User) -> None:
    save(owed, place.secretary, base := Words("月报", body="说明", sheet={"value_1": "3", "value_2": "5"}))
    save(owed, other, replace(base, body="", sheet={"value_1": "3"}), marks(base))
    saved = save(owed, place.secretary, replace(base, title="三月月报"), marks(base))
    assert set(saved.taken) == {"body", "value_2"}
    assert words_of(stored(owed)) == Words("三月月报", sheet={"value_1": "3"})


def test_saving_the_same_again_changes_nothing(place: County, owed: Assignment) -> None:
    words = Words("家访", sheet={"items": ["一", "二"]})
    save(owed, place.secretary, words, at=NOW)
    for seen in ("", marks(words), None):
        assert save(owed, place.secretary, words, seen).words == words
    assert stored(owed).saved_at == NOW


def test_merging_what_is_there_already_is_no_change(place: County, owed: Assignment, other: User) -> None:
    save(owed, place.secretary, base := Words("月报", sheet={"value_1": "3"}))
    save(owed, other, Words("月报"), marks(base))
    save(owed, place.secretary, base, marks(base), at=at(3, 2, 12))
    assert (stored(owed).saved_by, stored(owed).saved_at, stored(owed).sheet) == (other, LATER, {})


def test_who_has_seen_the_latest_may_overwrite_it(place: County, owed: Assignment, other: User) -> None:
    save(owed, other, theirs := Words("家访一日"))
    save(owed, place.secretary, Words("家访路上"), marks(theirs))
    assert (stored(owed).title, stored(owed).saved_by) == ("家访路上", place.secretary)


# Handing in what was seen ---------------------------------------------------------------------------


def test_what_was_changed_meanwhile_is_not_handed_in(place: County, owed: Assignment, other: User) -> None:
    piece = drafted(owed, place.secretary, title="家访")
    seen = marks(words_of(piece.draft))
    save(owed, other, Words("家访一日", body="改过"), seen)
    said = refused(submitting.submit, piece, by=place.secretary, at=NOW, seen=seen)
    assert said == "刚才有人修改了这篇材料，本次没有提交；请核对下方的最新内容后再次提交。"
    assert (Version.objects.count(), owed.submissions.get().state) == (0, "draft")


def test_what_was_seen_is_handed_in(place: County, owed: Assignment) -> None:
    piece = drafted(owed, place.secretary)
    seen = marks(words_of(piece.draft))
    assert submitting.submit(piece, by=place.secretary, at=NOW, seen=seen).number == 1


def test_a_refused_hand_in_leaves_the_draft_as_it_was(place: County) -> None:
    owed = assigned(place, kind=RequirementKind.SUGGESTION)
    piece = save(owed, place.secretary, Words("建议", body="说明", sheet={"items": [" "]})).piece
    before = Draft.objects.values().get()
    assert refused(submitting.submit, piece, by=place.secretary, at=NOW) == "请至少填写一条建议后再提交。"
    assert (Draft.objects.values().get(), Version.objects.count()) == (before, 0)
    piece.refresh_from_db()
    assert (piece.state, piece.handed_in_at) == ("draft", None)


def test_the_digest_covers_every_line_of_the_sheet(place: County) -> None:
    owed = assigned(place, kind=RequirementKind.SUGGESTION)
    digests = []
    for number, items in enumerate((["一", "二"], ["二", "一"], ["一", "二 "]), 1):
        words = Words("建议", sheet={"items": items})
        piece = drafts.save_draft(owed.pk, number, words, by=place.secretary, at=NOW).piece
        digests.append(submitting.submit(piece, by=place.secretary, at=NOW).digest)
    assert digests[0] != digests[1]
    assert digests[0] == digests[2]  # blanks at the end are not kept


def test_nobody_saves_over_what_is_with_the_bureau(place: County, owed: Assignment) -> None:
    version = handed_in(owed, place.secretary)
    with pytest.raises(NotAllowed, match="现在是“待审”状态，不能修改"):
        save(owed, place.secretary, Words("偷偷改掉"), marks(words_of(version)))


def test_another_topic_is_a_change_like_any(place: County, owed: Assignment, other: User) -> None:
    topics = [TopicFactory(campaign=owed.requirement.campaign) for _ in range(2)]
    base = words_of(drafted(owed, place.secretary).draft)
    save(owed, other, replace(base, topic=topics[0]), marks(base))
    with pytest.raises(Overtaken) as asked:
        save(owed, place.secretary, replace(base, topic=topics[1]), marks(base))
    assert asked.value.names == ["topic"]
    saved = save(owed, place.secretary, replace(base, topic=topics[1]), marks(base), yielding=["topic"])
    assert (saved.taken, stored(owed).topic) == (("topic",), topics[0])
