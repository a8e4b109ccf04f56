"""简报 in words: masthead, contents, pieces as they are shown."""

import json
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from hypothesis import given, settings

from reports.papers import word
from reports.papers.newsletter import NOTE, compose
from reports.papers.page import parts_of
from reports.papers.paper import Grid, Heading, Paper, Text
from reports.papers.wording import Words
from tests.factories import NOW
from tests.reports.papers.figures_periodic import NEWSLETTERS, article, letter

WORDS = Words("《大讨论》简报", "这一期选登两篇。\n供各校学习。", "欢迎来稿。", dated=date(2026, 3, 10))


def texts(paper: Paper) -> list[str]:
    return [f"{one.lead}{one.text}" for one in paper.blocks if isinstance(one, Text)]


def of_one(**more: Any) -> list[str]:
    """What a newsletter of one piece says."""
    return texts(compose(letter(article(**more)), Words("简报")))


def test_the_masthead_says_who_which_and_when() -> None:
    paper = compose(letter(article()), WORDS)
    assert (paper.title, paper.subtitle, paper.sender, paper.dated) == (
        "《大讨论》简报", "2026年第3期", "示例县教育局", date(2026, 3, 10),
    )  # fmt: skip
    assert compose(letter(), Words("简报", number="示教简报〔2026〕1号")).head == "示例县教育局简报"


def test_the_editor_opens_it_and_ends_it() -> None:
    said = texts(compose(letter(article()), WORDS))
    assert (said[:2], said[-1]) == (["编者按：这一期选登两篇。", "供各校学习。"], "欢迎来稿。")


def test_several_pieces_have_a_list_of_contents() -> None:
    paper = compose(letter(article(), article(title="《书》评")), Words("简报"))
    assert texts(paper)[:3] == [
        "本期要目",
        "1.《一次家访》（东镇中心小学）",
        "2.《〈书〉评》（东镇中心小学）",
    ]
    assert [one.text for one in paper.blocks if isinstance(one, Heading)] == ["一次家访", "《书》评"]


def test_a_piece_is_printed_whole_in_paragraphs() -> None:
    assert of_one(comment="写得朴实。", abstract="谈家访。") == [
        "东镇中心小学　王示例", "推荐语：写得朴实。", "摘要：谈家访。", "第一段", "第二段",
    ]  # fmt: skip
    assert len("".join(of_one(text="长" * 50_000))) > 50_000


def test_sheets_are_read_by_their_kind() -> None:
    assert of_one(facts=[["时间", "2026年3月1日"], ["参加人数", "30人"]])[1] == (
        "会议情况：时间：2026年3月1日。参加人数：30人。"
    )
    assert of_one(items=["多听课", "少开会。"])[1:4] == ["建议（2条）", "1.多听课。", "2.少开会。"]
    values = [{"name": "骨干教师比例", "value": "12%", "target": "不低于15%", "met": False}]
    [found] = [one for one in compose(letter(article(values=values)), WORDS).blocks if isinstance(one, Grid)]
    assert found.rows == (("骨干教师比例", "12%", "不低于15%", "未达目标"),)


def test_everything_stands_in_the_page_as_well() -> None:
    paper = compose(letter(article(items=["多听课"]), article()), WORDS)
    told = [line for part in parts_of(paper) if part.part == "told" for line in part.lines]
    assert {"本期要目", "东镇中心小学　王示例", "建议（1条）"} <= set(told)


def test_what_is_a_file_is_printed_as_read_or_points_to_the_shelf() -> None:
    assert of_one(from_files=True)[-1] == NOTE
    assert of_one(text="", files=["一次家访.pdf"])[-1] == "全文见优秀成果展示。"


@given(NEWSLETTERS)
def test_whatever_people_wrote_makes_a_paper_with_all_of_it(found: dict[str, Any]) -> None:
    paper = compose(found, WORDS)
    assert compose(json.loads(json.dumps(found)), WORDS) == paper
    said = texts(paper)
    for one in found["articles"]:
        lines = (line.strip() for line in one["text"].splitlines())
        assert all(line in said for line in lines if line)


@settings(max_examples=10)
@given(NEWSLETTERS)
def test_whatever_people_wrote_opens_in_word(found: dict[str, Any]) -> None:
    written = Document(BytesIO(word.write(compose(found, WORDS), NOW)))
    assert written.core_properties.title == "《大讨论》简报"
