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
        "教育发展大讨论学习讨论阶段自3月1日至4月30日开展。本阶段的主要任务是：围绕主题广泛开展讨论。"
        "本阶段共有40个单位承担报送任务，应报159项，已报101项，报送率63%；"
        "已报的任务中，通过94项（含零报告2项），待审7项。",
        "已到期的任务119项，已报93项，退回待修改7项，逾期未报19项，到期报送率78%。"
        "有到期任务的单位40个，其中已全部报齐的18个，其余22个有退回待修改或逾期未报的任务。"
        "首次报齐108项（含其后退回或撤回、尚未重新报齐的7项），按时97项，迟报11项。",
        "审核中退回材料9次。尚未报齐58项，其中退回待修改7项，逾期未报19项，未到期32项。"
        "经同意免报1项，不计入应报。",
        "与宣传发动阶段相比，到期报送率由83%降至78%。",
    ]


def test_head_and_end_are_the_officers_and_the_hosts():
    words = replace(WORDS, opening="现通报如下。\n\n　　请各单位查阅。", ending="特此通报。")
    words = replace(words, number="示教发〔2026〕12号", mark="草稿", dated=date(2026, 5, 12))
    paper = compose(example(), words)
    assert texts(paper)[:2] == ["现通报如下。", "请各单位查阅。"]
    assert paper.blocks[-1] == Text("特此通报。")
    assert paper.subtitle == "2026年3月1日至4月30日，统计截至5月8日17:00"
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


def test_each_abstract_has_its_topic_and_works_without_one_are_counted():
    told = [one for one in below(compose(example(), WORDS), "专题和材料") if isinstance(one, Text)][1:]
    assert [one.lead for one in told] == [
        "",
        "1.1 教师队伍。",
        "1.1 教师队伍。",
        "其他材料。",
        "其他材料。",
        "",
    ]
    assert (told[0].text, told[-1].text) == ("优秀材料摘要如下。", "另有2篇优秀材料未附摘要。")


def test_of_many_topics_those_with_material_are_listed():
    topics = [example()["topics"][0] | {"title": f"专题{n}", "pieces": n % 2, "works": []} for n in range(30)]
    paper = compose(example() | {"topics": topics}, WORDS)
    assert {row[1] for row in table(paper, "各专题材料").rows} == {1}
    assert "尚无材料的专题有“专题0”、“专题2”、“专题4”、“专题6”、“专题8”等15个。" in "".join(texts(paper))


def test_what_became_of_suggestions():
    paper = compose(example(), WORDS)
    assert sentences(paper, "合理化建议") == [
        "共征集合理化建议23条，其中待答复4条，采纳9条，部分采纳3条，未采纳5条，已合并2条。"
        "采纳和部分采纳的12条建议中，已办结5条，逾期未办结1条，其余6条正在办理。"
    ]
    outcomes = [row[4] for row in table(paper, "采纳的建议和办理情况").rows]
    assert outcomes[4:7] == ["已写入新学期教研计划。", "6月30日前办结", "办理中"]


def test_a_suggestion_whose_day_is_over_is_marked():
    figures = example()
    for one, due_on in zip(figures["suggestions"]["taken"][5:], ("2026-05-07", "2026-05-08"), strict=False):
        one["due_on"] = due_on
    outcomes = [row[4] for row in table(compose(figures, WORDS), "采纳的建议和办理情况").rows]
    assert outcomes[5:7] == ["5月7日前办结（已逾期）", "5月8日前办结"]


def test_what_comes_next_has_its_days():
    paper = compose(example(), WORDS)
    assert sentences(paper, "下一阶段安排") == [
        "下一阶段为成果转化阶段（5月1日至5月31日）。主要任务是：梳理合理化建议，形成改进措施。",
        "需要报送2项，请各单位提前准备，按时报送。",
        "安排活动1场。",
    ]
    assert table(paper, "下一阶段报送要求").rows == (
        ("阶段总结", "阶段总结", "5月29日", 40),
        ("进度报表", "进度报表", "自5月8日起至5月29日，还有4期", "—"),
    )


def test_days_of_another_year_bear_it():
    figures = example()
    figures["phase"] |= {"starts_on": "2025-11-03", "ends_on": "2026-01-31", "closed_at": None}
    paper = compose(figures, WORDS)
    assert "自2025年11月3日至2026年1月31日开展" in sentences(paper, "总体情况")[0]
    assert paper.subtitle.startswith("2025年11月3日至2026年1月31日，")


# What must add up, and what must not be misread ------------------------------------------------------------


def overall(figures: dict) -> str:
    return "".join(sentences(compose(figures, WORDS), "总体情况"))


def test_when_all_is_due_it_is_counted_once():
    figures = stage(
        [Task(n, unit, "waiting" if n else "missing", True) for unit in range(8) for n in range(4)]
    )
    assert sentences(compose(figures, WORDS), "总体情况")[0].endswith(
        "应报32项（均已到期），已报24项，报送率75%；已报的任务中，待审24项。"
    )
    assert "已到期的任务" not in overall(figures)


def test_what_is_not_complete_is_told_in_its_parts():
    states = [("returned", True), ("missing", True), ("missing", False), ("accepted", False)]
    figures = stage([Task(n, 0, *one) for n, one in enumerate(states)])
    assert "尚未报齐3项，其中退回待修改1项，逾期未报1项，未到期1项。" in overall(figures)
    assert "已到期的任务2项，已报0项，退回待修改1项，逾期未报1项，到期报送率0%。" in overall(figures)
    assert "尚未报齐1项，均未到期。" in overall(stage([Task(0, 0, "missing", False)]))


def test_work_that_went_back_is_among_what_was_in_time_and_tables_say_so():
    returned = stage([Task(n, unit, "returned", True) for unit in range(2) for n in range(2)])
    assert "首次报齐4项（含其后退回或撤回、尚未重新报齐的4项），按时4项，无迟报。" in overall(returned)
    note = "按时、迟报以首次报齐的时间计，含其后退回或撤回的。"
    assert table(compose(returned, WORDS), "各地报送情况").note == note
    assert table(compose(late_in(2), WORDS), "各地报送情况").note == ""
    assert compose(example(), WORDS).blocks[4].series[0].name == "累计首次报齐"


def test_the_first_table_with_shares_says_how_they_are_rounded():
    rounded = [one.title for one in grids_of(compose(example(), WORDS)) if "百分比" in one.note]
    assert rounded == ["与上一阶段比较"]
    rounded = [one.title for one in grids_of(compose(late_in(2), WORDS)) if "百分比" in one.note]
    assert rounded == ["各项任务报送情况"]


def test_what_is_neither_due_nor_handed_in_says_both():
    assert "未到期未报" in [one.name for one in table(compose(example(), WORDS), "各项任务报送情况").columns]


def closed(at: str) -> Paper:
    figures = example()
    figures["phase"]["closed_at"] = at
    return compose(figures, WORDS)


def test_a_phase_that_was_closed_early_says_so():
    paper = closed("2026-04-10T02:00:00+00:00")
    first, *_, open_, _ = sentences(paper, "总体情况")
    assert first.startswith("教育发展大讨论学习讨论阶段原定3月1日至4月30日开展，4月10日提前结束。")
    assert "阶段提前结束，未到期的32项仍按原期限报送。" in open_
    assert paper.subtitle == "2026年3月1日至4月10日，统计截至5月8日17:00"


def test_a_phase_that_was_closed_late_says_so():
    paper = closed("2026-05-07T02:00:00+00:00")
    assert sentences(paper, "总体情况")[0].startswith(
        "教育发展大讨论学习讨论阶段原定3月1日至4月30日开展，延后至5月7日结束。"
    )
    assert paper.subtitle == "2026年3月1日至5月7日，统计截至5月8日17:00"


def campaign_closed(**changes: str | None) -> Paper:
    figures = example(whole=True)
    figures["campaign"] |= changes
    return compose(figures, WORDS)


def test_a_campaign_that_was_ended_early_says_so():
    paper = campaign_closed(closed_at="2026-05-07T02:00:00+00:00")
    assert sentences(paper, "总体情况")[0].startswith(
        "教育发展大讨论原定2月1日至5月31日开展，主题为“教育发展怎样走在前列”，5月7日提前结束。"
    )
    assert paper.subtitle == "2026年2月1日至5月7日，统计截至5月8日17:00"


@pytest.mark.parametrize("closed_at", [None, "2026-05-07T02:00:00+00:00"])
def test_a_campaign_that_was_closed_when_all_was_read_is_told_by_its_days(closed_at):
    paper = campaign_closed(ends_on="2026-05-06", closed_at=closed_at)
    assert sentences(paper, "总体情况")[0].startswith("教育发展大讨论自2月1日至5月6日开展，主题为")
    assert paper.subtitle == "2026年2月1日至5月6日，统计截至5月8日17:00"


def test_figures_that_do_not_say_when_the_campaign_was_closed_are_told_by_its_days():
    """Those of schema 1."""
    figures = example(whole=True)
    del figures["campaign"]["closed_at"]
    assert compose(figures, WORDS) == campaign_closed(closed_at=None)


@pytest.mark.parametrize("at", ["2026-04-30T02:00:00+00:00", "2026-05-01T02:00:00+00:00", None])
def test_a_phase_that_followed_its_days_is_told_by_them(at):
    assert "学习讨论阶段自3月1日至4月30日开展。" in sentences(closed(at), "总体情况")[0]


def test_both_phases_of_a_comparison_are_of_one_instant():
    note = table(compose(example(), WORDS), "与上一阶段比较").note
    assert note.startswith("两个阶段均按本报告的统计时间计算。")


def test_phases_that_asked_for_nothing_are_not_compared():
    figures = example()
    figures["before"]["numbers"] = stage([])["numbers"]
    assert sentences(compose(figures, WORDS), "总体情况")[-1] == "宣传发动阶段没有应报任务，不作比较。"
    nothing = stage([]) | {"before": example()["before"]}
    assert [one.title for one in grids_of(compose(nothing, WORDS))] == []
    assert overall(nothing).endswith("本阶段没有下达报送任务。")


def test_an_activity_is_under_way_between_its_days_and_awaits_its_minutes_after_them():
    figures = example()
    days = (("2026-05-01", "2026-05-08"), ("2026-05-07", None), ("2026-05-08", None), ("2026-05-09", None))
    ahead = figures["activities"][2]
    figures["activities"] = [ahead | {"starts_on": first, "ends_on": last} for first, last in days]
    paper = compose(figures, WORDS)
    grid = table(paper, "活动举办情况")
    assert [row[-1] for row in grid.rows] == ["正在举办", "待报纪要", "正在举办", "待举办"]
    assert grid.note == "正在举办和待报纪要的，活动进展页面计入待举办。"
    assert sentences(paper, "活动和会议")[0] == ("方案安排活动4场，其中正在举办2场，待报纪要1场，待举办1场。")


def test_what_is_shown_without_having_been_recommended_is_listed():
    paper = compose(example(), WORDS)
    assert sentences(paper, "优秀成果") == ["审核时推荐优秀材料5篇，优秀成果中展示材料4篇。"]
    praise = [row[-1] for row in table(paper, "优秀材料").rows]
    assert praise == ["展示", "推荐、展示", "推荐、展示", "推荐、展示", "推荐", "推荐"]


def test_of_few_none_is_called_the_last():
    three = stage(
        [Task(n, unit, "missing" if n else "accepted", True) for unit in range(3) for n in range(3)]
    )
    assert sentences(compose(three, WORDS), "各项任务报送情况") == ["本阶段提出报送要求3项。"]
    four = stage([Task(n, unit, "missing" if n else "accepted", True) for unit in range(3) for n in range(4)])
    assert "最高的是活动计划（100%）" in sentences(compose(four, WORDS), "各项任务报送情况")[0]


def test_a_kind_of_one_unit_says_that_it_is_one():
    figures = example()
    numbers = figures["kinds"][0]["numbers"]
    none = numbers | {"due_handed": 0}
    figures["kinds"] += [{"key": "special", "name": "特教", "numbers": none}]
    figures["kind_units"] |= {"special": 1}
    assert "最低的是特教1所（0%）" in "".join(sentences(compose(figures, WORDS), "各地和各类单位情况"))


@pytest.mark.parametrize(
    ("until", "times", "past", "days"),
    [
        ("2026-05-29", 3, 0, "5月8日至5月29日，共3期"),
        ("2026-05-29", 3, 2, "自5月8日起至5月29日，还有3期"),
        ("2026-05-08", 1, 0, "5月8日"),
        ("2026-05-08", 1, 3, "5月8日（最后1期）"),
    ],
)
def test_of_periods_those_still_ahead_are_told(until, times, past, days):
    figures = example()
    figures["next"]["asked"][1] |= {"until": until, "times": times, "past": past}
    assert table(compose(figures, WORDS), "下一阶段报送要求").rows[1][2] == days


# Who is late ----------------------------------------------------------------------------------------------


def late_in(units: int) -> dict:
    return stage([Task(0, unit, "missing", True) for unit in range(units)])


def test_a_few_missing_units_are_named_and_need_no_annex():
    paper = compose(late_in(2), WORDS)
    assert sentences(paper, "迟报和未报单位") == [
        "到期未报的单位2个，涉及任务2项，均为活动计划，均逾期8天，请抓紧补报。",
        "东镇1个：东镇第0学校。\n西镇1个：西镇第1学校。",
    ]
    assert paper.annexes == ()


def test_units_that_lack_different_things_are_told_their_own():
    figures = stage([Task(n, 0, "missing", True) for n in range(4)] + [Task(0, 1, "missing", True)])
    assert sentences(compose(figures, WORDS), "迟报和未报单位")[1] == (
        "东镇1个：东镇第0学校（活动计划、体会文章、征文等4项，最长逾期8天）。\n"
        "西镇1个：西镇第1学校（活动计划，逾期8天）。"
    )


def test_delays_that_differ_are_told_of_each():
    figures = late_in(2)
    figures["missing"][1]["days"] = 3
    assert sentences(compose(figures, WORDS), "迟报和未报单位")[1] == (
        "东镇1个：东镇第0学校（逾期8天）。\n西镇1个：西镇第1学校（逾期3天）。"
    )


def test_many_missing_units_stand_in_an_annex_and_the_first_are_named():
    tasks = [Task(n, unit, "missing", True) for unit in range(60) for n in range(1 + unit % 2)]
    paper = compose(stage(tasks), WORDS)
    told = sentences(paper, "迟报和未报单位")
    assert told[0] == "到期未报的单位60个，涉及任务90项，请抓紧补报。"
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


def test_many_units_that_owe_the_same_are_counted_by_township_and_named_in_the_annex_alone():
    paper = compose(late_in(60), WORDS)
    assert sentences(paper, "迟报和未报单位") == [
        "到期未报的单位60个，涉及任务60项，均为活动计划，均逾期8天，请抓紧补报。",
        "其中东镇15个，西镇15个，南湖街道15个，北山乡15个。",
        "名单见附件“到期未报单位”。",
    ]
    assert len(paper.annexes[0].blocks[0].rows) == 60


def test_so_are_units_that_were_late_with_the_same():
    paper = compose(stage([Task(0, unit * 4, "accepted", True, True) for unit in range(9)]), WORDS)
    assert sentences(paper, "迟报和未报单位")[1:] == [
        "报送时已过截止时间的单位9个，涉及任务9项，均为活动计划。",
        "均属东镇。",
        "名单见附件“迟报单位”。",
    ]


def test_a_list_that_was_cut_says_so():
    figures = late_in(60) | {"missing_units": 4000}
    paper = compose(figures, WORDS)
    assert sentences(paper, "迟报和未报单位")[0] == "到期未报的单位4000个，涉及任务60项，请抓紧补报。"
    assert table(paper, "到期未报单位").note == "共4000个单位，列出60个。"


def test_a_phase_in_which_all_went_well_says_so_and_has_no_empty_table():
    done = stage([Task(n, unit, "accepted", True) for unit in range(8) for n in range(4)])
    paper = compose(done, WORDS)
    assert sentences(paper, "总体情况")[1:] == [
        "有到期任务的8个单位均已报齐。以首次报齐的时间计，按时32项，无迟报。",
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
        "教育发展大讨论学习讨论阶段自3月1日至4月30日开展。本阶段的主要任务是：围绕主题广泛开展讨论。"
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
    return numbers_in(figures) | shares | alike | _rests(figures) | {17, 0}  # 17:00


def _rests(figures: dict) -> set[int]:
    """What sentences name besides a part, so that both add up to their whole."""
    numbers, suggested = figures["numbers"], figures["suggestions"]
    complete = numbers["in_time"] + numbers["late"]
    return {
        complete,
        complete - numbers["handed"],
        numbers["owed"] - numbers["handed"],
        numbers["due"] - numbers["due_handed"] - numbers["overdue"],
        figures["due_units"] - figures["whole"],
        suggested["adopted"] - suggested["settled"] - suggested["unsettled"],
        *range(figures["praised"] + 1),
    }


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
