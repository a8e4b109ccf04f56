"""阶段报告 and 活动总结 in words: sentences and tables say the same, nothing empty is printed."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from reports.papers.paper import Annex, Chart, Grid, Heading, Paper, Text, grids_of, numbered
from reports.papers.stage import compose
from reports.papers.wording import Words
from submissions.figures import percent
from tests.reports.papers.figures import HOSTILE, Task, example, stage, stages

WORDS = Words("教育发展大讨论学习讨论阶段工作情况报告")
NUMBER = re.compile(r"\d+")
TWO_STOPS = re.compile("[，、；：。][，、；：。]|（[，、；：。）]|“”|《》")


def headings(paper: Paper) -> list[str]:
    return [f"{number}{one.text}" for one, number in numbered(paper.blocks) if isinstance(one, Heading)]


def texts(paper: Paper) -> list[str]:
    return [one.text for one in paper.blocks if isinstance(one, Text)]


def below(paper: Paper, heading: str) -> list:
    """What stands below a heading, up to the next one."""
    found, inside = [], False
    for one in paper.blocks:
        if isinstance(one, Heading):
            inside = one.text == heading
        elif inside:
            found.append(one)
    return found


def sentences(paper: Paper, heading: str) -> list[str]:
    return [one.text for one in below(paper, heading) if isinstance(one, Text)]


def table(paper: Paper, title: str) -> Grid:
    return next(one for one in grids_of(paper) if one.title == title)


# What the example says ------------------------------------------------------------------------------------


def test_a_phase_is_told_in_its_order():
    assert headings(compose(example(), WORDS)) == [
        "一、总体情况",
        "二、各项任务报送情况",
        "三、各地和各类单位情况",
        "四、专题和材料",
        "五、活动和会议",
        "六、合理化建议",
        "七、指标完成情况",
        "八、优秀成果",
        "九、迟报和未报单位",
        "十、下一阶段安排",
    ]


def test_a_campaign_is_told_by_its_phases_and_looks_at_nothing_ahead():
    told = headings(compose(example(whole=True), WORDS))
    assert told[1] == "二、各阶段情况"
    assert told[-1] == "十、迟报和未报单位"


def test_the_whole_is_said_in_a_few_sentences():
    assert sentences(compose(example(), WORDS), "总体情况") == [
        "《教育发展大讨论》学习讨论阶段自3月1日至4月30日开展。本阶段的主要任务是：围绕主题广泛开展讨论。"
        "本阶段共有40个单位承担报送任务，应报159项，已报101项，报送率63%；"
        "已报的任务中，通过94项（含零报告2项），待审7项。",
        "已到期的任务119项，已报93项，到期报送率78%。有到期任务的单位40个，其中已全部报齐的18个。"
        "以首次报齐的时间计，按时97项，迟报11项。",
        "审核中退回材料9次，尚有7项退回待修改。逾期未报19项，未到期32项。经同意免报1项，不计入应报。",
        "与宣传发动阶段相比，到期报送率由83%降至78%。",
    ]


def test_head_and_end_are_the_officers_and_the_hosts():
    words = replace(WORDS, opening="现通报如下。\n\n　　请各单位查阅。", ending="特此通报。")
    words = replace(words, number="示教发〔2026〕12号", mark="草稿", dated=date(2026, 5, 12))
    paper = compose(example(), words)
    assert texts(paper)[:2] == ["现通报如下。", "请各单位查阅。"]
    assert paper.blocks[-1] == Text("特此通报。")
    assert paper.subtitle == "2026年3月1日至4月30日，统计截至2026年5月8日17:00"
    assert (paper.sender, paper.addressees, paper.mark) == ("示例县教育局", "各有关单位", "草稿")
    assert (paper.number, paper.head, paper.dated) == (words.number, "示例县教育局文件", words.dated)


def test_without_a_number_there_is_no_red_head():
    paper = compose(example(), WORDS)
    assert (paper.number, paper.head) == ("", "")
    assert isinstance(paper.blocks[0], Heading)


def test_each_part_is_drawn_and_stands_in_a_table():
    drawn = [one.title for one in compose(example(), WORDS).blocks if isinstance(one, Chart)]
    assert drawn == ["报送进度", "各项任务报送情况", "各地到期报送率"]


def test_the_last_line_sums_up_the_others():
    grid = table(compose(example(), WORDS), "各地报送情况")
    assert grid.total
    whole = grid.rows[-1]
    for column, name in enumerate(grid.columns):
        if column and not name.name.endswith("率"):
            assert sum(row[column] for row in grid.rows[:-1]) == whole[column]
    assert whole[1:5] == (159, 101, "63%", "78%")


def test_topics_without_anything_are_named_once():
    told = sentences(compose(example(), WORDS), "专题和材料")
    assert told[0] == (
        "各单位报来材料96篇，涉及单位37个，其中未选专题的7篇。尚无材料的专题有“推进社区教育”。"
    )
    leads = [one.lead for one in below(compose(example(), WORDS), "专题和材料") if isinstance(one, Text)]
    assert leads == ["", "", "1.1 教师队伍。", "其他材料。"]


def test_of_many_topics_those_with_material_are_listed():
    topics = [example()["topics"][0] | {"title": f"专题{n}", "pieces": n % 2, "works": []} for n in range(30)]
    paper = compose(example() | {"topics": topics}, WORDS)
    assert {row[1] for row in table(paper, "各专题材料").rows} == {1}
    assert "尚无材料的专题有“专题0”、“专题2”、“专题4”、“专题6”、“专题8”等15个。" in "".join(texts(paper))


def test_what_became_of_suggestions():
    paper = compose(example(), WORDS)
    assert sentences(paper, "合理化建议") == [
        "共征集合理化建议23条，其中待答复4条，采纳9条，部分采纳3条，未采纳5条，已合并2条。"
        "采纳和部分采纳的12条建议中，已办结5条，逾期未办结1条。"
    ]
    outcomes = [row[4] for row in table(paper, "采纳的建议和办理情况").rows]
    assert outcomes[4:7] == ["已写入新学期教研计划。", "6月30日前办结", "办理中"]


def test_what_comes_next_has_its_days():
    paper = compose(example(), WORDS)
    assert sentences(paper, "下一阶段安排") == [
        "下一阶段为成果转化阶段（5月1日至5月31日）。主要任务是：梳理合理化建议，形成改进措施。",
        "需要报送2项，请各单位提前准备，按时报送。",
        "安排活动1场。",
    ]
    assert table(paper, "下一阶段报送要求").rows == (
        ("阶段总结", "阶段总结", "5月29日", 40),
        ("进度报表", "进度报表", "5月8日至5月29日，共4期", "—"),
    )


def test_days_of_another_year_bear_it():
    figures = example()
    figures["phase"] |= {"starts_on": "2025-11-03", "ends_on": "2026-01-31"}
    paper = compose(figures, WORDS)
    assert "自2025年11月3日至2026年1月31日开展" in sentences(paper, "总体情况")[0]
    assert paper.subtitle.startswith("2025年11月3日至2026年1月31日，")


# Who is late ----------------------------------------------------------------------------------------------


def late_in(units: int) -> dict:
    return stage([Task(0, unit, "missing", True) for unit in range(units)])


def test_a_few_missing_units_are_named_and_need_no_annex():
    paper = compose(late_in(2), WORDS)
    assert sentences(paper, "迟报和未报单位") == [
        "到期未报的单位2个，涉及任务2项，均为活动计划，请抓紧补报。",
        "东镇1个：东镇第0学校（逾期8天）。\n西镇1个：西镇第1学校（逾期8天）。",
    ]
    assert paper.annexes == ()


def test_units_that_lack_different_things_are_told_their_own():
    figures = stage([Task(n, 0, "missing", True) for n in range(4)] + [Task(0, 1, "missing", True)])
    assert sentences(compose(figures, WORDS), "迟报和未报单位")[1] == (
        "东镇1个：东镇第0学校（活动计划、体会文章、征文等4项，最长逾期8天）。\n"
        "西镇1个：西镇第1学校（活动计划，逾期8天）。"
    )


def test_many_missing_units_stand_in_an_annex_and_the_first_are_named():
    paper = compose(late_in(60), WORDS)
    told = sentences(paper, "迟报和未报单位")
    assert told[0] == "到期未报的单位60个，涉及任务60项，均为活动计划，请抓紧补报。"
    assert [line.split("：")[0] for line in told[1].splitlines()] == [
        "东镇15个",
        "西镇15个",
        "南湖街道15个",
        "其余单位15个。",
    ]
    assert told[1].splitlines()[2].endswith("等15个单位。")
    (annex,) = paper.annexes
    assert (annex.title, len(annex.blocks[0].rows)) == ("到期未报单位", 60)
    assert told[2] == "名单见附件“到期未报单位”。"


def test_a_list_that_was_cut_says_so():
    figures = late_in(60) | {"missing_units": 4000}
    paper = compose(figures, WORDS)
    assert sentences(paper, "迟报和未报单位")[0] == "到期未报的单位4000个，涉及任务60项，请抓紧补报。"
    assert table(paper, "到期未报单位").note == "共4000个单位，列出60个。"


def test_a_phase_in_which_all_went_well_says_so_and_has_no_empty_table():
    done = stage([Task(n, unit, "accepted", True) for unit in range(8) for n in range(4)])
    paper = compose(done, WORDS)
    assert sentences(paper, "总体情况")[1:] == [
        "已到期的任务32项，已报32项，到期报送率100%。有到期任务的8个单位均已报齐。"
        "以首次报齐的时间计，按时32项，无迟报。",
        "本阶段无退回材料。无逾期未报任务。",
    ]
    assert sentences(paper, "各项任务报送情况") == ["本阶段提出报送要求4项。到期任务均已报齐。"]
    assert sentences(paper, "各地和各类单位情况")[0] == "到期任务均已报齐。"
    assert sentences(paper, "迟报和未报单位") == ["到期任务没有未报的单位。"]
    assert [one.name for one in table(paper, "各地报送情况").columns] == [
        "镇街或教育局",
        "应报",
        "已报",
        "报送率",
        "按时",
        "迟报",
    ]


def test_a_phase_that_asks_for_nothing_is_one_sentence():
    paper = compose(stage([]), WORDS)
    assert headings(paper) == ["一、总体情况"]
    assert texts(paper) == [
        "《教育发展大讨论》学习讨论阶段自3月1日至4月30日开展。本阶段的主要任务是：围绕主题广泛开展讨论。"
        "本阶段没有下达报送任务。"
    ]


def test_a_plan_of_indicators_alone_reads_well():
    figures = stage([], whole=True) | {"indicators": example()["indicators"][:1]}
    paper = compose(figures, WORDS)
    assert headings(paper) == ["一、总体情况", "二、指标完成情况"]
    assert sentences(paper, "指标完成情况") == ["方案列出指标1项，均已达目标。"]


def test_before_anything_is_due_nobody_is_blamed():
    paper = compose(stage([Task(0, unit, "missing", False) for unit in range(5)]), WORDS)
    assert sentences(paper, "总体情况")[1] == "各项任务均未到截止时间。"
    assert "迟报和未报单位" not in "".join(headings(paper))


def test_many_requirements_move_behind_the_paper():
    names = [f"第{n}周进度" for n in range(60)]
    paper = compose(stage([Task(n, 1, "accepted", True) for n in range(60)], names), WORDS)
    assert [one.title for one in paper.annexes] == ["各项任务报送情况"]
    assert "具体情况见附件“各项任务报送情况”。" in sentences(paper, "各项任务报送情况")
    assert not [one for one in below(paper, "各项任务报送情况") if isinstance(one, Chart)]


# Whatever was counted -------------------------------------------------------------------------------------


def numbers_in(value: object) -> set[int]:
    """Every number of the figures, those inside their texts and how long their lists are as well."""
    match value:
        case bool() | None:
            return set()
        case int():
            return {value}
        case str():
            return {int(one) for one in NUMBER.findall(value)}
        case dict():
            return set().union(*map(numbers_in, value.values()))
        case list():
            return {len(value)}.union(*map(numbers_in, value))
    raise AssertionError(value)


def known(figures: dict) -> set[int]:
    """What a sentence may say: numbers of the figures, their shares, and how many of a list are alike."""
    groups = [figures["numbers"], figures["before"]["numbers"] if figures["before"] else figures["numbers"]]
    for part in ("phases", "requirements", "branches", "kinds", "ownerships"):
        groups += [one["numbers"] for one in figures[part]]
    pairs = (("handed", "owed"), ("due_handed", "due"))
    shares = {percent(one[part], one[whole]) for one in groups for part, whole in pairs}
    lists = (
        figures["activities"],
        figures["indicators"],
        figures["missing"],
        figures["late"],
        figures["topics"],
    )
    alike = set(range(max(len(one) for one in lists) + 1))
    return numbers_in(figures) | shares | alike | {17, 0}  # 17:00


@given(stages())
def test_every_number_in_a_sentence_is_one_of_the_figures(figures):
    paper = compose(figures, WORDS)
    said = "".join([paper.subtitle, *texts(paper)])
    assert {int(one) for one in NUMBER.findall(said)} <= known(figures)


@given(stages())
def test_every_number_in_a_table_is_one_of_the_figures(figures):
    paper = compose(figures, WORDS)
    found = {
        value for grid in grids_of(paper) for row in grid.rows for value in row if isinstance(value, int)
    }
    assert found <= numbers_in(figures)


@given(stages())
def test_nothing_empty_is_printed(figures):
    paper = compose(figures, WORDS)
    blocks = paper.blocks
    assert blocks
    for one, after in zip(blocks, (*blocks[1:], None), strict=True):
        match one:
            case Heading():
                assert not isinstance(after, Heading | None)
            case Text(text=text):
                assert text.strip()
            case Chart(names=names, series=series):
                assert names
                assert all(len(one.values) == len(names) for one in series)
                assert any(any(one.values) for one in series)
    for grid in grids_of(paper):
        assert grid.rows
        assert all(len(row) == len(grid.columns) for row in grid.rows)
        assert all(any(row[n] not in ("", None) for row in grid.rows) for n in range(len(grid.columns)))


@given(stages())
def test_sentences_have_one_stop_and_no_python_in_them(figures):
    for text in texts(compose(figures, WORDS)):
        for line in text.splitlines():
            assert line.endswith("。")
            assert not TWO_STOPS.search(line), line
            assert not re.search(r"None|[\[\]{}]", line)


@given(stages())
def test_tables_of_tasks_add_up_to_what_the_first_sentences_say(figures):
    paper, numbers = compose(figures, WORDS), figures["numbers"]
    for title in ("各阶段报送情况", "各项任务报送情况", "各地报送情况", "各类单位报送情况"):
        for grid in grids_of(paper):
            if grid.title == title and grid.total:
                assert grid.rows[-1][1:3] == (numbers["owed"], numbers["handed"])
                assert sum(row[1] for row in grid.rows[:-1]) == numbers["owed"]
                assert sum(row[2] for row in grid.rows[:-1]) == numbers["handed"]


@given(stages())
def test_annexes_are_spoken_of(figures):
    paper = compose(figures, WORDS)
    said = "".join(texts(paper))
    assert all(f"附件“{one.title}”" in said for one in paper.annexes)
    assert len({one.title for one in paper.annexes}) == len(paper.annexes)
    assert all(isinstance(one, Annex) and one.blocks for one in paper.annexes)


@given(stages(HOSTILE))
def test_whatever_people_typed_a_paper_comes_of_it(figures):
    paper = compose(figures, WORDS)
    assert headings(paper)[0] == "一、总体情况"
    for text in texts(paper):
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


@given(stages())
def test_the_same_figures_make_the_same_paper(figures):
    assert compose(figures, WORDS) == compose(figures, WORDS)


@pytest.mark.parametrize("whole", [False, True])
def test_no_sentence_is_longer_than_a_page(whole):
    figures = example(whole=whole)
    figures["campaign"]["title"] = "长" * 10_000
    figures["requirements"][0]["name"] = "长" * 10_000
    assert max(map(len, texts(compose(figures, WORDS)))) < 600
