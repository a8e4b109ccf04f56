"""What readers see of alike pieces: the bureau what lies in its scope, a school nothing at all."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from lxml import html

from schools.enums import Role
from submissions.models import Fingerprint, Version
from submissions.services import comparing
from tests.factories import assigned, county, person
from tests.submissions.likenesses import OTHER_TEXT, TEXT, both_owe, compare_all, essay

pytestmark = pytest.mark.django_db

HIDDEN = "别处的题目"


@pytest.fixture
def owing(place):
    return both_owe(place)


def part(version: Version, user) -> str:
    """The words that the version page shows this person about likeness."""
    found = comparing.found_for(version, user)
    shown = render_to_string("submissions/likenesses.html", {"likeness": found, "version": version})
    return " ".join(html.fromstring(f"<div>{shown}</div>").text_content().split())


def both_ways(first: Version, copy: Version, user) -> list[tuple[int, int, int | None]]:
    return [
        (finding.share, finding.other_share, finding.other and finding.other.pk)
        for version in (first, copy)
        for finding in comparing.found_for(version, user).closest
    ]


# In scope


def test_the_officer_finds_each_piece_on_the_page_of_the_other(place, owing):
    first, copy = essay(owing[0], TEXT), essay(owing[1], TEXT + OTHER_TEXT)
    compare_all()
    forth, back = both_ways(first, copy, place.officer)
    assert (forth[0], forth[2], back[1], back[2]) == (100, copy.pk, 100, first.pk)
    assert forth[1] == back[0] < 100


def test_the_part_names_title_unit_day_and_shares(place, owing):
    essay(owing[0], title="甲")
    copy = essay(owing[1], title="乙")
    compare_all()
    assert part(copy, place.officer) == (
        "与已报材料的相似情况 100% 甲东镇中心小学，2026年3月2日；相同部分占对方100%"
        " 百分比为相同部分占本文的比例。是否属于抄袭，请对照原文判断。"
    )


def test_the_closest_come_first_and_of_more_than_five_the_number_is_told(place, owing, monkeypatch):
    monkeypatch.setattr(comparing, "SHOWN", 1)
    essay(owing[0], TEXT[: len(TEXT) // 3] + OTHER_TEXT, title="三分之一")
    essay(owing[0], TEXT, number=2, title="全部")
    copy = essay(owing[1])
    compare_all()
    found = comparing.found_for(copy, place.officer)
    assert (found.count, [finding.other.title for finding in found.closest]) == (2, ["全部"])
    assert "共发现2篇，列出最相似的1篇" in part(copy, place.officer)


def test_what_is_said_while_waiting_of_too_few_words_and_of_nothing_found(place, owing):
    waiting, short, alone = essay(owing[0]), essay(owing[0], "短文", number=2), essay(owing[1], OTHER_TEXT)
    before = part(waiting, place.officer)
    compare_all()
    assert [before, part(short, place.officer), part(alone, place.officer)] == [
        "与已报材料的相似情况 尚在比对，请稍后刷新页面。",
        "与已报材料的相似情况 可比对的文字太少，未作比对。",
        "与已报材料的相似情况 未发现相似材料。",
    ]


def test_of_a_piece_that_is_not_compared_nothing_is_said(place, owing):
    version = essay(owing[0])
    Fingerprint.objects.all().delete()
    assert part(version, place.officer) == ""


@pytest.mark.parametrize("others", [1, 3])
def test_what_was_found_takes_as_many_queries_for_one_as_for_three(
    place, owing, others, django_assert_num_queries
):
    for number in range(1, others + 1):
        essay(owing[0], number=number)
    copy = essay(owing[1])
    compare_all()
    version = Version.objects.select_related("submission__assignment__unit").get(pk=copy.pk)
    place.officer.active_memberships  # noqa: B018 (read once by every page)
    with django_assert_num_queries(3):
        part(version, place.officer)


# Out of scope


@pytest.fixture
def across(owing):
    """A piece of the county and its copy from another county."""
    elsewhere = county()
    first = essay(assigned(elsewhere), title=HIDDEN)
    copy = essay(owing[0], title="本地的题目")
    compare_all()
    return first, copy, elsewhere


def test_of_a_piece_elsewhere_the_officer_learns_the_share_alone(place, across):
    _, copy, _ = across
    assert part(copy, place.officer) == (
        "与已报材料的相似情况 100% 不在您的管理范围内"
        " 百分比为相同部分占本文的比例。是否属于抄袭，请对照原文判断。"
    )


def test_from_there_it_is_the_same(across):
    first, _, elsewhere = across
    assert both_ways(first, first, elsewhere.officer) == [(100, 100, None)] * 2


def test_pieces_of_two_counties_are_not_laid_side_by_side(client, place, across):
    first, copy, _ = across
    client.force_login(place.officer)
    answers = [
        client.get(reverse("likeness", args=pair)) for pair in ((copy.pk, first.pk), (first.pk, copy.pk))
    ]
    assert [(answer.status_code, HIDDEN in answer.content.decode()) for answer in answers] == [
        (404, False)
    ] * 2


def test_what_the_head_has_not_signed_is_not_laid_side_by_side(client, place, owing):
    first = essay(owing[0])
    person(Role.HEAD, place.school)
    unsigned = essay(assigned(place, sign_off=True))
    compare_all()
    client.force_login(place.officer)
    address = reverse("likeness", args=[first.pk, unsigned.pk])
    found = comparing.found_for(first, place.officer).closest
    assert (client.get(address).status_code, [finding.other for finding in found]) == (404, [None])


# The school


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HEAD])
def test_a_school_learns_nothing(client, place, owing, role):
    essay(owing[0], title=HIDDEN)
    copy = essay(owing[1])
    compare_all()
    reader = person(role, place.middle)
    client.force_login(reader)
    page = client.get(reverse("version", args=[copy.pk])).content.decode()
    assert (comparing.found_for(copy, reader), HIDDEN in page, "相似" in page) == (None, False, False)


def test_a_school_does_not_even_lay_its_own_pieces_side_by_side(client, place, owing):
    first, again = essay(owing[0]), essay(owing[0], number=2)
    compare_all()
    client.force_login(place.secretary)
    assert client.get(reverse("likeness", args=[first.pk, again.pk])).status_code == 403


def test_who_serves_a_school_besides_overseeing_others_learns_nothing_about_the_school(place, owing):
    elsewhere = county()
    both = person(Role.OFFICER, elsewhere.section)
    person(Role.SECRETARY, place.school)
    first = essay(owing[0])
    compare_all()
    assert comparing.found_for(first, both) is None


# Side by side


def columns(page) -> list:
    return html.fromstring(page.content.decode()).xpath("//div[@class='side-by-side']/section")


def marks(column) -> list[tuple[str, str, str]]:
    """(id, where its number leads, text without the number) of each passage marked."""
    return [
        (mark.get("id"), mark.find("a").get("href"), mark.text_content().removeprefix(mark.get("id")[1:]))
        for mark in column.iter("mark")
    ]


def test_shared_passages_are_marked_and_lead_to_each_other(client, place, owing):
    one, two = (TEXT.split("\n")[number] for number in (0, 1))
    first = essay(owing[0], f"{one}\n{OTHER_TEXT}\n{two}")
    copy = essay(owing[1], f"{two}\n{one}")
    compare_all()
    client.force_login(place.officer)
    left, right = columns(client.get(reverse("likeness", args=[copy.pk, first.pk])))
    one, two = one.rstrip("。"), two.rstrip("。")
    assert marks(left) == [("a1", "#b1", two), ("a2", "#b2", one)]
    assert marks(right) == [("b2", "#a2", one), ("b1", "#a1", two)]


def test_the_page_can_be_read_from_either_piece(client, place, owing):
    first, copy = essay(owing[0], title="甲"), essay(owing[1], f"前言。{TEXT}", title="乙")
    compare_all()
    client.force_login(place.officer)
    forth = columns(client.get(reverse("likeness", args=[first.pk, copy.pk])))
    back = columns(client.get(reverse("likeness", args=[copy.pk, first.pk])))
    titles = [[column.find("h2").text_content() for column in both] for both in (forth, back)]
    assert titles == [["甲", "乙"], ["乙", "甲"]]
    assert marks(forth[0])[0][2] == marks(back[1])[0][2] == TEXT.rstrip("。")


def test_pieces_that_are_not_alike_are_not_laid_side_by_side(client, place, owing):
    first, other = essay(owing[0]), essay(owing[1], OTHER_TEXT)
    compare_all()
    client.force_login(place.officer)
    assert client.get(reverse("likeness", args=[first.pk, other.pk])).status_code == 404


def test_what_people_wrote_is_shown_as_they_wrote_it(client, place, owing):
    text = f"<script>alert(1)</script>\n{TEXT}"
    first, copy = essay(owing[0], text), essay(owing[1], text)
    compare_all()
    client.force_login(place.officer)
    page = client.get(reverse("likeness", args=[copy.pk, first.pk])).content.decode()
    assert ("<script>alert" in page, "alert(1)&lt;/script&gt;" in page) == (False, True)
