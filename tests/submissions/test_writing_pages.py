"""The form of a piece: what each kind asks for, saving by itself, two people, time running out."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from campaigns.enums import RequirementKind
from campaigns.models import Indicator
from schools.enums import Role
from schools.models import User
from submissions import sheets
from submissions.models import Assignment, Draft, Submission, Version
from submissions.services import drafts, publishing, submitting
from submissions.services.drafts import Words
from tests.factories import (
    NOW,
    County,
    OccurrenceFactory,
    TopicFactory,
    assigned,
    at,
    drafted,
    handed_in,
    person,
    ready_plan,
)
from tests.pages import form_on
from tests.submissions.test_pages import as_

pytestmark = pytest.mark.django_db

MEETING = {
    "held_on": "2026-03-02", "place": "会议室", "chair": "张示例", "recorder": "李示例", "present": "30人",
    "agenda": "作风大家谈",
}  # fmt: skip


def show(owed: Assignment, user: User, number: int = 1) -> HttpResponse:
    return as_(user).get(reverse("piece", args=[owed.pk, number]))


def send(page: HttpResponse, owed: Assignment, user: User, button: str = "save", **typed) -> HttpResponse:
    """The form on `page` with `typed` in it and `button` pressed."""
    data = form_on(page, "piece") | {button: "1"} | typed
    return as_(user).post(reverse("piece", args=[owed.pk, 1]), data)


def autosave(owed: Assignment, user: User, number: int = 1, **typed) -> HttpResponse:
    return as_(user).post(reverse("autosave", args=[owed.pk, number]), {"title": "一次家访"} | typed)


def labels(page: HttpResponse) -> list[str]:
    return [field.label for field in page.context["form"].visible_fields()]


@pytest.fixture
def colleague(place: County) -> User:
    return person(Role.SECRETARY, place.school, name="李示例")


@pytest.fixture
def monthly(place: County) -> Assignment:
    """The second of two monthly tables with one indicator, after 12.5 in the first."""
    asked = ready_plan(place, kind=RequirementKind.PROGRESS, title="进度月报", due_at=at(3, 21, hour=0))
    OccurrenceFactory(requirement=asked, number=2, label="第二期", due_at=at(4, 11, hour=0))
    topic = TopicFactory(campaign=asked.campaign)
    one = Indicator.objects.create(topic=topic, name="骨干教师比例", value=15, unit="%")
    publishing.publish(asked.campaign, by=place.officer, at=NOW)
    first, second = Assignment.objects.filter(unit=place.school).order_by("due_at")
    words = Words("进度月报", sheet={sheets.value_name(one): "12.5"})
    piece = drafts.save_draft(first.pk, 1, words, by=place.secretary, at=NOW).piece
    submitting.submit(piece, by=place.secretary, at=NOW)
    return second


# What each kind asks for ----------------------------------------------------------------------------


def test_an_essay_asks_for_words_and_files(place: County) -> None:
    page = show(assigned(place), place.secretary)
    assert labels(page) == ["标题", "作者", "专题", "摘要", "正文", "附件"]
    assert page.context["form"]["title"].value() is None


def test_minutes_ask_for_the_facts_of_the_meeting(place: County) -> None:
    page = show(assigned(place, kind=RequirementKind.MINUTES, title="大家谈纪要"), place.secretary)
    assert sorted(labels(page)) == sorted(
        ["标题", "填报人", "专题", "主要内容", "附件", *sheets.MINUTES.values()]
    )
    assert form_on(page, "piece")["title"] == ["大家谈纪要"]


def test_suggestions_are_asked_for_one_by_one(place: County) -> None:
    page = show(assigned(place, kind=RequirementKind.SUGGESTION, title="合理化建议"), place.secretary)
    sent = form_on(page, "piece")
    assert (sent["title"], sent["items"]) == (["合理化建议"], ["", "", ""])


def test_a_progress_table_shows_target_and_last_period(place: County, monthly: Assignment) -> None:
    page = show(monthly, place.secretary)
    [field] = [one for one in page.context["form"] if one.name.startswith("value_")]
    assert (field.label, field.help_text) == ("骨干教师比例（%）", "目标：不低于15%；上期：12.5%")
    assert form_on(page, "piece")["title"] == ["进度月报（第二期）"]


def test_a_value_that_misses_its_target_is_told_before_it_is_handed_in(
    place: County, monthly: Assignment
) -> None:
    name = sheets.value_name(Indicator.objects.get())
    said = []
    for typed in ("14", "15", "abc"):
        send(show(monthly, place.secretary), monthly, place.secretary, **{name: typed})
        said.append(show(monthly, place.secretary).context["form"][name].help_text)
    plain = "目标：不低于15%；上期：12.5%"
    assert said == [f"{plain}；现填的数值未达目标", plain, plain]


def test_without_a_last_period_the_table_says_so(place: County, monthly: Assignment) -> None:
    page = show(Assignment.objects.get(unit=place.middle, occurrence__number=1), _secretary(place))
    [field] = [one for one in page.context["form"] if one.name.startswith("value_")]
    assert field.help_text == "目标：不低于15%；上期：未报"


def _secretary(place: County) -> User:
    return person(Role.SECRETARY, place.middle)


def test_minutes_are_handed_in_as_filled_in(place: County) -> None:
    owed = assigned(place, kind=RequirementKind.MINUTES)
    send(show(owed, place.secretary), owed, place.secretary, "submit", **MEETING, body="到会三十人。")
    version = Version.objects.get()
    assert version.sheet == MEETING | {"present": 30}
    shown = as_(place.secretary).get(reverse("version", args=[version.pk])).content.decode()
    assert [shown.count(f"<dt>{label}</dt>") for label in sheets.MINUTES.values()] == [1] * 6


def test_a_value_that_is_no_number_is_explained_and_kept_as_typed(place: County, monthly: Assignment) -> None:
    name = sheets.value_name(Indicator.objects.get())
    answer = send(show(monthly, place.secretary), monthly, place.secretary, "submit", **{name: "十五"})
    assert answer.context["refusals"] == ["指标“骨干教师比例”须填写数字（单位：%），请改正。"]
    assert (form_on(answer, "piece")[name], Draft.objects.latest("pk").sheet) == (["十五"], {name: "十五"})


def test_too_many_suggestions_stay_in_the_form(place: County) -> None:
    owed = assigned(place, kind=RequirementKind.SUGGESTION)
    items = [f"第{n}条" for n in range(25)]
    answer = send(show(owed, place.secretary), owed, place.secretary, items=items)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"items": ["一篇最多填写20条建议，请减少，或另报一篇。"]}
    assert (form_on(answer, "piece")["items"], Draft.objects.count()) == (items, 0)
    assert answer.content.decode().count("一篇最多填写20条建议，请减少，或另报一篇。") == 1


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("长" * 1001, "每条建议不超过1000字，请精简后再保存。"),
        ("坏\0字", "建议中有无法保存的字符，请删去后再保存。"),
    ],
)
def test_a_suggestion_that_cannot_be_kept_is_refused(place: County, item: str, said: str) -> None:
    owed = assigned(place, kind=RequirementKind.SUGGESTION)
    answer = send(show(owed, place.secretary), owed, place.secretary, items=[item])
    assert (answer.context["form"].errors, Draft.objects.count()) == ({"items": [said]}, 0)


# Saving by itself -----------------------------------------------------------------------------------


def test_saving_by_itself_begins_a_draft_and_hands_nothing_in(place: County, owed: Assignment) -> None:
    told = autosave(owed, place.secretary, body="写到一半").json()
    found = Draft.objects.get()
    assert told == {
        "saved_at": f"{timezone.localtime(found.saved_at):%H:%M}",
        "seen": drafts.marks(drafts.words_of(found)),
        "taken": {},
        "by": "",
    }
    assert (found.body, Version.objects.count()) == ("写到一半", 0)


def test_what_others_wrote_is_handed_to_the_page(place: County, owed: Assignment, colleague: User) -> None:
    topic = TopicFactory(campaign=owed.requirement.campaign)
    seen = autosave(owed, place.secretary).json()["seen"]
    autosave(owed, colleague, seen=seen, topic=topic.pk, body="同事写的")
    told = autosave(owed, place.secretary, seen=seen, title="家访路上").json()
    assert (told["taken"], told["by"]) == ({"topic": topic.pk, "body": "同事写的"}, "李示例")
    assert Draft.objects.get().title == "家访路上"


def test_a_clash_is_409_and_nothing_is_stored(place: County, owed: Assignment, colleague: User) -> None:
    seen = autosave(owed, place.secretary).json()["seen"]
    autosave(owed, colleague, seen=seen, title="家访一日")
    answer = autosave(owed, place.secretary, seen=seen, title="家访路上")
    assert answer.status_code == 409
    assert answer.json()["sentence"].startswith("在您填写期间，李示例已于")
    assert answer.json()["sentence"].endswith("您填写的内容仍在下方，请点“保存草稿”逐处选择保留哪一份。")
    assert Draft.objects.get().title == "家访一日"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": "长" * 121}, "还没有保存：确保该变量包含不超过 120 字符 (目前字符数 121)。"),
        ({"topic": "999999"}, "还没有保存：选择一个有效的选项： 该选择不在可用的选项中。"),
    ],
)
def test_what_cannot_be_saved_is_422_with_a_sentence(
    place: County, owed: Assignment, typed: dict, said: str
) -> None:
    answer = autosave(owed, place.secretary, **typed)
    assert (answer.status_code, answer.json()) == (422, {"sentence": said})


def test_a_piece_handed_in_meanwhile_is_422(place: County, owed: Assignment) -> None:
    handed_in(owed, place.secretary)
    answer = autosave(owed, place.secretary, body="接着写")
    assert answer.status_code == 422
    assert answer.json()["sentence"].startswith("这篇材料现在是“待审”状态，不能修改")


def test_after_the_session_the_answer_leads_to_the_login(place: County, owed: Assignment, client) -> None:
    answer = client.post(reverse("autosave", args=[owed.pk, 1]), {"title": "一次家访"})
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, reverse("login"))


def test_there_is_no_saving_ahead_of_the_next_piece(place: County, owed: Assignment) -> None:
    assert autosave(owed, place.secretary, number=2).status_code == 404


# Two people -----------------------------------------------------------------------------------------


@pytest.fixture
def clash(place: County, owed: Assignment, colleague: User) -> HttpResponse:
    """Both wrote a title; the colleague a text besides. The page on which the secretary has to choose."""
    drafted(owed, place.secretary, title="家访")
    mine = show(owed, place.secretary)
    send(show(owed, colleague), owed, colleague, title="家访一日", body="同事的正文")
    return send(mine, owed, place.secretary, title="家访路上")


def test_the_page_shows_what_both_wrote(place: County, owed: Assignment, clash: HttpResponse) -> None:
    assert clash.status_code == 422
    [asked] = clash.context["disputed"]
    assert (asked["name"], asked["label"], asked["theirs"], asked["by"].name) == (
        "title", "标题", "家访一日", "李示例",
    )  # fmt: skip
    sent = form_on(clash, "piece")
    assert (sent["title"], sent.get("keep-title")) == (["家访路上"], None)  # nothing is taken for granted
    assert Draft.objects.get().title == "家访一日"


@pytest.mark.parametrize(("whose", "title"), [("mine", "家访路上"), ("theirs", "家访一日")])
def test_the_choice_is_honoured_and_the_rest_of_both_is_kept(
    place: County, owed: Assignment, clash: HttpResponse, whose: str, title: str
) -> None:
    answer = send(clash, owed, place.secretary, **{"keep-title": whose})
    assert answer.status_code == 302
    found = Draft.objects.get()
    assert (found.title, found.body) == (title, "同事的正文")


@pytest.mark.parametrize("button", ["save", "submit"])
def test_who_does_not_choose_is_asked_again_and_nothing_is_handed_in(
    place: County, owed: Assignment, clash: HttpResponse, button: str
) -> None:
    again = send(clash, owed, place.secretary, button)
    assert [one["name"] for one in again.context["disputed"]] == ["title"]
    assert (Draft.objects.get().title, Version.objects.count()) == ("家访一日", 0)


def test_who_chooses_while_somebody_writes_on_is_asked_again(
    place: County, owed: Assignment, clash: HttpResponse, colleague: User
) -> None:
    send(show(owed, colleague), owed, colleague, title="家访三日")
    again = send(clash, owed, place.secretary, **{"keep-title": "mine"})
    assert [one["theirs"] for one in again.context["disputed"]] == ["家访三日"]
    send(again, owed, place.secretary)
    assert Draft.objects.get().title == "家访路上"


def test_a_choice_made_is_asked_about_again_while_another_is_open(
    place: County, owed: Assignment, clash: HttpResponse, colleague: User
) -> None:
    send(show(owed, colleague), owed, colleague, authors="李示例")
    again = send(clash, owed, place.secretary, authors="张示例", **{"keep-title": "theirs"})
    ticked = {one["name"]: one["chosen"] for one in again.context["disputed"]}
    assert ticked == {"authors": "", "title": "theirs"}
    send(again, owed, place.secretary, **{"keep-authors": "mine"})
    found = Draft.objects.get()
    assert (found.title, found.authors) == ("家访一日", "张示例")


def test_a_form_with_a_mistake_does_not_forget_what_was_seen(
    place: County, owed: Assignment, colleague: User
) -> None:
    drafted(owed, place.secretary, title="家访")
    mine = show(owed, place.secretary)
    send(show(owed, colleague), owed, colleague, title="家访一日")
    wrong = send(mine, owed, place.secretary, title="家访路上", abstract="长" * 501)
    assert wrong.status_code == 422
    answer = send(wrong, owed, place.secretary, abstract="短")
    assert [one["name"] for one in answer.context["disputed"]] == ["title"]
    assert Draft.objects.get().title == "家访一日"


def test_handing_in_unseen_words_of_others_is_said(place: County, owed: Assignment, colleague: User) -> None:
    """What others wrote elsewhere in the piece goes along, and the person is told to check it."""
    drafted(owed, place.secretary, title="家访")
    mine = show(owed, place.secretary)
    send(show(owed, colleague), owed, colleague, abstract="两位教师")
    client = as_(place.secretary)
    data = form_on(mine, "piece") | {"title": "家访路上", "submit": "1"}
    answer = client.post(reverse("piece", args=[owed.pk, 1]), data, follow=True)
    assert [str(one) for one in answer.context["messages"]] == [
        "在您填写期间有人修改了其他内容，已一并保留，请核对。",
        "已提交，请留存回执。",
    ]
    version = Version.objects.get()
    assert (version.title, version.abstract) == ("家访路上", "两位教师")


# Pressing twice, and time running out ----------------------------------------------------------------


def test_a_second_press_leads_to_the_one_receipt(place: County, owed: Assignment) -> None:
    page = show(owed, place.secretary)
    typed = {"title": "一次家访", "body": "正文"}
    answers = [send(page, owed, place.secretary, "submit", **typed) for _ in range(2)]
    receipt = reverse("receipt", args=[Version.objects.get().pk]) + "#saved"
    assert [answer.headers["Location"] for answer in answers] == [receipt] * 2
    assert Submission.objects.count() == 1


def test_when_the_cut_off_passes_the_draft_stays_and_the_page_says_why(place: County) -> None:
    owed = assigned(place)
    drafted(owed, place.secretary, title="家访")
    page = show(owed, place.secretary)
    just_now = timezone.now() - timedelta(seconds=1)
    Assignment.objects.filter(pk=owed.pk).update(due_at=just_now, cutoff_at=just_now)
    answer = send(page, owed, place.secretary, "submit", body="写了很久")
    assert (answer.status_code, answer.context["saved"]) == (422, True)
    assert answer.context["refusals"] == ["已过停止接收时间，草稿仍予保留；如需补报，请联系主办单位延期。"]
    assert (Draft.objects.get().body, Version.objects.count()) == ("写了很久", 0)
    assert "其余内容已保存为草稿，尚未提交。" in answer.content.decode()


@pytest.mark.parametrize("pieces", [1, 3])
def test_the_form_takes_as_many_queries_for_one_piece_as_for_three(
    place: County, pieces: int, django_assert_num_queries
) -> None:
    owed = assigned(place)
    for number in range(1, pieces + 1):
        drafted(owed, place.secretary, number=number)
    client = as_(place.secretary)
    client.get(reverse("piece", args=[owed.pk, 1]))
    with django_assert_num_queries(10):
        client.get(reverse("piece", args=[owed.pk, 1]))


def test_saving_by_itself_is_cheap(place: County, owed: Assignment, django_assert_max_num_queries) -> None:
    client = as_(place.secretary)
    client.post(reverse("autosave", args=[owed.pk, 1]), {"title": "家访"})
    with django_assert_max_num_queries(18):
        client.post(reverse("autosave", args=[owed.pk, 1]), {"title": "家访", "body": "写到一半"})


def test_what_a_form_does_not_ask_for_stays_as_it_is(place: County) -> None:
    """An abstract that came with reused work, where the kind has none."""
    owed = assigned(place, kind=RequirementKind.SUGGESTION)
    words = Words(title="建议", abstract="三条建议。", sheet={sheets.ITEMS: ["合并报表"]})
    drafts.save_draft(owed.pk, 1, words, by=place.secretary, at=NOW)
    send(show(owed, place.secretary), owed, place.secretary, title="两条建议")
    assert [(one.title, one.abstract) for one in Draft.objects.all()] == [("两条建议", "三条建议。")]
