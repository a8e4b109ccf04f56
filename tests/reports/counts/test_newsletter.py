"""What a newsletter prints: chosen pieces word for word as the shelf shows them at that moment."""

import json
from typing import Any

import pytest

from reports.counts import newsletter
from reports.papers.newsletter import compose
from reports.papers.paper import Text
from reports.papers.wording import Words
from submissions.models import Exhibit, Fingerprint, Version
from submissions.services import exhibiting, reviewing
from tests.factories import NOW, County
from tests.reports.busy import MEETING, Busy, R, plan

pytestmark = pytest.mark.django_db


CHECKED = Words("《大讨论》简报")


def shown(county: County, made: Busy, kind: R, comment: str = "", **words: Any) -> Version:
    """Of the school of the township: handed in, accepted, chosen, and agreed to."""
    version = made.send(county.school, kind, **words)
    reviewing.accept(version, by=county.officer, at=NOW)
    exhibit = exhibiting.choose(version, comment, by=county.officer, at=NOW)
    exhibiting.consent(exhibit, by=county.secretary, at=NOW)
    return version


def counted(made: Busy, *chosen: Version) -> dict[str, Any]:
    return newsletter.count(made.campaign, [one.pk for one in chosen], 3, NOW)


def words_of(figures: dict[str, Any]) -> list[str]:
    return [f"{one.lead}{one.text}" for one in compose(figures, CHECKED).blocks if isinstance(one, Text)]


def test_a_piece_stands_there_as_it_is_shown(place: County) -> None:
    made = plan(place)
    version = shown(place, made, R.ESSAY, "写得朴实。", topic=made.topics["1.1"], authors="王示例")
    found = counted(made, version)
    assert (found["edition"], found["host"], found["left_out"]) == (3, "示例县教育局", [])
    [one] = found["articles"]
    assert one == {
        "version": version.pk, "title": "一次家访", "unit": "东镇中心小学", "authors": "王示例",
        "kind": "征文", "asked": "征文", "topic": "题1.1", "comment": "写得朴实。", "abstract": "",
        "facts": [], "items": [], "values": [], "text": "正文", "text_name": "正文",
        "from_files": False, "files": [],
    }  # fmt: skip
    assert json.loads(json.dumps(found)) == found


def test_minutes_and_tables_bring_their_sheets(place: County) -> None:
    made = plan(place)
    minutes = shown(place, made, R.MINUTES, present="30", **MEETING)
    values = {f"value_{made.share.pk}": "12.5", f"value_{made.built.pk}": "6"}
    table = shown(place, made, R.PROGRESS, title="三月进度", **values)
    first, second = counted(made, minutes, table)["articles"]
    assert first["facts"][0] == ["时间", "2026年3月1日"]
    assert ["参加人数", "30人"] in first["facts"]
    assert first["text_name"] == "主要内容"
    assert second["values"] == [
        {"name": "骨干教师比例", "value": "12.5%", "target": "不低于15%", "met": False},
        {"name": "新建校舍", "value": "6所", "target": "不低于5所", "met": True},
    ]


def test_where_a_piece_is_a_file_its_text_is_printed_as_on_the_shelf(place: County) -> None:
    made = plan(place)
    version = shown(place, made, R.ESSAY)
    Fingerprint.objects.filter(version=version).update(text="附件里的文字")
    assert counted(made, version)["articles"][0]["text"] == "正文"
    wordless = Exhibit.objects.select_related("version__fingerprint").get(version=version)
    wordless.version.body = ""
    article = newsletter.article(wordless)
    assert (article["text"], article["from_files"]) == ("附件里的文字", True)


def test_what_is_not_shown_any_more_is_left_out_and_said(place: County) -> None:
    made = plan(place)
    kept, gone = shown(place, made, R.ESSAY), shown(place, made, R.ESSAY, number=2, title="另一篇")
    exhibiting.decline(Exhibit.objects.get(version=gone), by=place.secretary, at=NOW)
    found = counted(made, gone, kept)
    assert [one["title"] for one in found["articles"]] == ["一次家访"]
    assert found["left_out"] == [{"version": gone.pk, "title": "另一篇", "unit": "东镇中心小学"}]
    assert "另一篇" not in "".join(words_of(found))


def test_the_text_is_frozen(place: County) -> None:
    made = plan(place)
    version = shown(place, made, R.ESSAY)
    before = words_of(counted(made, version))
    frozen = json.loads(json.dumps(counted(made, version)))
    exhibiting.remove(Exhibit.objects.get(version=version), by=place.officer, at=NOW)
    assert words_of(frozen) == before
    assert counted(made, version)["articles"] == []


def test_pieces_stand_in_the_chosen_order_whatever_is_chosen(place: County) -> None:
    made = plan(place)
    first, second = shown(place, made, R.ESSAY), shown(place, made, R.ESSAY, number=2, title="另一篇")
    assert [one["version"] for one in counted(made, second, first)["articles"]] == [second.pk, first.pk]
    assert counted(made)["articles"] == []


def test_statements_do_not_grow_with_pieces(place: County, django_assert_num_queries: Any) -> None:
    made = plan(place)
    chosen = [shown(place, made, R.ESSAY, number=n, title=f"第{n}篇") for n in (1, 2, 3)]
    for some in (chosen[:1], chosen):
        with django_assert_num_queries(2):
            counted(made, *some)
