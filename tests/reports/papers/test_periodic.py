"""每周进展 and 月度汇总 in words: sentences of an official, numbers of the figures, nothing empty."""

import json
import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.papers.paper import Chart, Grid, Heading, Paper, Text, grids_of
from reports.papers.periodic import compose
from reports.papers.sentences import RANKED
from reports.papers.wording import Words
from tests.reports.papers.figures_periodic import PERIODICS, campaign, due, empty, flow, numbers

WORDS = Words("示例县教育局教育活动每周进展（3月2日至3月8日）")
TASKS = numbers(
    owed=10, handed=7, accepted=5, waiting=2, returned=1, missing=2, overdue=2, due=6, due_handed=4
)
MOVED = flow(complete=7, late=1, accepted=5, returned=2, due=6, in_time=3, meetings=2, present=42)


def running(kind: str = "week", **more: Any) -> dict[str, Any]:
    """One campaign with tasks."""
    one = campaign(1, "教育发展大讨论", TASKS, flow=MOVED)
    return empty(kind, campaigns=[one], numbers=TASKS, flow=MOVED) | more


def texts(paper: Paper) -> list[str]:
    return [f"{one.lead}{one.text}" for one in paper.blocks if isinstance(one, Text)]


def headings(paper: Paper) -> list[str]:
    return [one.text for one in paper.blocks if isinstance(one, Heading)]


def grid(paper: Paper, title: str) -> Grid:
    """The one of that title, whenever it was counted."""
    return next(one for one in grids_of(paper) if one.title.partition("（截至")[0] == title)


def names(found: Grid) -> list[str]:
    return [one.name for one in found.columns]


# Frame ------------------------------------------------------------------------------------------------


def test_it_goes_to_the_joint_meeting_and_says_when_it_was_counted() -> None:
    paper = compose(empty(), Words("每周进展", "请研究。\n\n请批示。", "特此汇总。", mark="草稿"))
    assert (paper.addressees, paper.sender) == ("局领导、机关各科室", "示例县教育局")
    assert paper.subtitle == "统计截至2026年3月9日09:00"
    assert (texts(paper)[:2], texts(paper)[-1]) == (["请研究。", "请批示。"], "特此汇总。")
    assert (paper.mark, paper.head, paper.dated) == ("草稿", "", None)


def test_with_a_number_it_has_the_head_of_the_bureau() -> None:
    paper = compose(empty(), Words("每周进展", number="示教〔2026〕1号", dated=date(2026, 3, 9)))
    assert (paper.head, paper.number, paper.dated) == (
        "示例县教育局文件",
        "示教〔2026〕1号",
        date(2026, 3, 9),
    )


def test_a_week_without_campaigns_says_so_and_nothing_else() -> None:
    paper = compose(empty(), WORDS)
    assert (headings(paper), texts(paper)) == (["总体情况"], ["本周没有开展的活动。"])
    assert list(grids_of(paper)) == []


# Sentences --------------------------------------------------------------------------------------------


def test_an_empty_week_of_a_running_campaign_reads_well() -> None:
    found = empty(campaigns=[campaign(1, "大讨论", numbers())])
    assert texts(compose(found, WORDS)) == [
        "本周开展的活动有1项：大讨论。本周无到期任务。",
        "本周没有新报齐和审核通过的任务。",
        "截至2026年3月9日09:00，各项活动没有应报的任务。",
        "截至2026年3月9日09:00，无逾期任务。无退回待修改的材料。",
        "后续（3月9日至3月15日）无到期任务。",
    ]


def test_how_it_stands_is_said_by_the_figures() -> None:
    line = due("征文", "2026-03-06", numbers(owed=5, handed=3, returned=1, overdue=1))
    found = running(due=[line], behind_units=2, uncorrected=1, behind=[
        {"unit": 1, "name": "东镇中心小学", "branch": "东镇", "tasks": 1, "days": 3},
        {"unit": 2, "name": "西镇小学", "branch": "西镇", "tasks": 1, "days": 2},
    ])  # fmt: skip
    said = texts(compose(found, WORDS))
    assert said[:3] == [
        "本周开展的活动有1项：教育发展大讨论。截至3月9日，本周到期的任务应报5项，其中已报3项，退回待修改1项，"
        "逾期1项，报送率60%。",
        "本周首次报齐任务7项（含迟报1项），审核通过5项，退回修改2次。",
        "截至2026年3月9日09:00，各项活动累计应报10项，其中已报7项，退回待修改1项，逾期2项，报送率70%。"
        "已到期的6项，其中已报4项，逾期2项，到期报送率66%。已报的任务中待审2项。",
    ]
    assert (
        "截至2026年3月9日09:00，2个单位共有2项任务逾期，具体单位见下表。"
        "有1项任务退回待修改，其中1项已过修改期限。" in said
    )


def test_a_month_is_compared_with_the_one_before() -> None:
    before = flow(complete=4, accepted=5, returned=3, due=4, in_time=4)
    said = texts(compose(running("month", before=before), WORDS))
    assert said[1] == (
        "本月首次报齐任务7项（含迟报1项），审核通过5项，退回修改2次。与上月相比，报齐任务增加3项，"
        "审核通过持平，退回修改减少1次，召开会议增加2场。到期任务按时报齐的占50%，上月为100%。"
    )


@pytest.mark.parametrize("more", [{"over": False, "before": MOVED}, {"before": flow()}])
def test_days_that_are_not_over_are_compared_with_nothing(more: dict[str, Any]) -> None:
    assert "相比" not in "".join(texts(compose(running(**more), WORDS)))


def test_campaigns_of_a_bureau_above_are_told_as_theirs() -> None:
    others = [campaign(1, "大讨论", TASKS), campaign(2, "创新年", TASKS, host="示例市教育局", ended=True)]
    said = texts(compose(running(campaigns=others), WORDS))
    assert said[0].startswith("本周开展的活动有2项：大讨论、创新年（示例市教育局主办）。其中创新年已结束。")


def test_what_comes_is_told_with_its_days() -> None:
    coming = {
        "starts_on": "2026-03-09", "ends_on": "2026-03-15",
        "due": [due("征文", "2026-03-12", numbers(owed=9, handed=4)), due("月报", "2026-03-15", {})],
        "begins": [{"campaign": 1, "name": "学习讨论", "day": "2026-03-10"}], "ends": [],
        "activities": [{"campaign": 1, "title": "校长论坛", "kind": "论坛", "starts_on": "2026-03-11",
                        "ends_on": "2026-03-12", "place": "一楼会议室", "host": "党办", "standing": "ahead"}],
    }  # fmt: skip
    suggested = empty()["suggestions"] | {"due": 1, "listed": [
        {"campaign": 1, "text": "多听课", "responsible": "党办", "due_on": "2026-03-13", "overdue": False}
    ]}  # fmt: skip
    paper = compose(running(ahead=coming, suggestions=suggested, over=False), WORDS)
    assert headings(paper)[-1] == "下周工作安排"
    assert texts(paper)[-4:] == [
        "下周（3月9日至3月15日）到期的报送任务有2期。",
        "阶段安排。下周将进入学习讨论阶段（3月10日）。",
        "会议活动。下周安排的活动有1场：校长论坛（3月11日至3月12日，一楼会议室，党办承办）。",
        "合理化建议。采纳的建议中，下周到办理期限的有1条。",
    ]
    assert grid(paper, "下周到期任务").rows == (
        ("征文", "3月12日", 9, 4),
        ("月报", "3月15日", "尚未下达", "—"),
    )
    assert grid(paper, "待办理的合理化建议").rows == (("多听课", "党办", "3月13日", "未到期"),)


def test_of_days_that_are_over_only_what_is_still_to_come_is_arranged() -> None:
    late = empty()["suggestions"] | {"unsettled": 1, "listed": [
        {"campaign": 1, "text": "多听课", "responsible": "党办", "due_on": "2026-03-01", "overdue": True}
    ]}  # fmt: skip
    over = empty()["ahead"] | {"starts_on": "2026-03-20", "ends_on": "2026-03-15"}
    paper = compose(running(ahead=over, suggestions=late), WORDS)
    assert headings(paper)[-1] == "后续工作安排"
    assert texts(paper)[-1] == "合理化建议。截至3月9日，采纳的建议中，逾期未办结的有1条。"
    assert "采纳的合理化建议逾期未办结1条。" in "".join(texts(paper))
    assert "后续工作安排" not in headings(compose(running(ahead=over), WORDS))


def test_what_stood_so_after_the_days_says_when() -> None:
    branches = [
        {"key": str(n), "name": f"{n}镇", "numbers": numbers(owed=10, handed=n, due=10, due_handed=n)}
        for n in range(1, RANKED + 1)
    ]
    line = due("征文", "2026-03-06", TASKS)
    two = [campaign(1, "大讨论", TASKS), campaign(2, "创新年", TASKS)]
    found = running("month", campaigns=two, due=[line], branches=branches)
    then = compose(found, WORDS)
    titles = [one.title for one in then.blocks if isinstance(one, Grid | Chart)]
    assert [one for one in titles if not one.endswith("（截至3月9日）")] == []
    best = f"截至3月9日，到期报送率最高的是{RANKED}镇（{RANKED}0%），最低的是1镇（10%）。"
    assert best in texts(then)
    now = compose(found | {"over": False}, WORDS)
    assert "截至3月9日" not in "".join(texts(now) + [one.title for one in grids_of(now)])


def test_phases_end_before_the_next_begin() -> None:
    found = running(
        ended=[{"campaign": 1, "name": "宣传发动", "day": "2026-03-04"}],
        begun=[{"campaign": 1, "name": "学习讨论", "day": "2026-03-05"},
               {"campaign": 1, "name": "征集意见", "day": "2026-03-05"}],
    )  # fmt: skip
    assert texts(compose(found, WORDS))[3] == (
        "阶段推进。宣传发动阶段3月4日结束，学习讨论阶段、征集意见阶段3月5日开始。"
    )


def test_an_activity_is_told_by_the_day_of_the_count() -> None:
    days = {"论坛": "2026-03-10", "现场会": "2026-03-09", "动员会": "2026-03-08"}
    found = running(over=False, activities=[
        {"campaign": 1, "title": title, "kind": "会议", "starts_on": day, "ends_on": None, "place": "",
         "host": "", "standing": "ahead"} for title, day in days.items()
    ])  # fmt: skip
    assert texts(compose(found, WORDS))[3].startswith(
        "会议活动。已举办待报纪要的活动有1场：动员会（3月8日）。"
        "正在举办的活动有1场：现场会（3月9日）。将举办的活动有1场：论坛（3月10日）。"
    )


def test_what_was_done_is_told_by_its_kind() -> None:
    found = running(
        begun=[{"campaign": 1, "name": "学习讨论阶段", "day": "2026-03-02"}],
        bulletins=["关于征文报送情况的通报"],
        works={
            "recommended": 3,
            "shown": 1,
            "listed": [{"campaign": 1, "title": "家访", "unit": "东镇小学"}],
        },
        suggestions=empty()["suggestions"] | {"made": 4, "done": 1, "waiting": 2},
    )
    said = texts(compose(found, WORDS))
    assert said[3:8] == [
        "阶段推进。学习讨论阶段3月2日开始。",
        "会议活动。各单位召开会议2场，参加42人次（以报来的会议纪要为准）。",
        "合理化建议。本周收到4条，办结1条。截至3月9日，待答复2条。",
        "优秀成果。本周审核推荐优秀材料3篇。新展示优秀成果1篇：东镇小学《家访》。",
        "督查通报。本周印发通报1份：《关于征文报送情况的通报》。",
    ]


# Tables -----------------------------------------------------------------------------------------------


def test_several_campaigns_are_summed_up_and_named_with_their_tasks() -> None:
    two = [campaign(1, "大讨论", TASKS), campaign(2, "创新年", numbers(owed=2, handed=2))]
    lines = [due("征文", "2026-03-06", TASKS), due("周报", "2026-03-08", TASKS, campaign=2, extended=True)]
    whole = {key: n + two[1]["numbers"][key] for key, n in TASKS.items()}
    paper = compose(running(campaigns=two, numbers=whole, due=lines), WORDS)
    found = grid(paper, "各项活动进展")
    assert (found.total, found.rows[-1][:4]) == (True, ("合计", 12, 9, "75%"))
    of_due = grid(paper, "本周到期任务报送情况")
    assert [row[:3] for row in of_due.rows] == [
        ("征文", "大讨论", "3月6日"), ("周报（延期）", "创新年", "3月8日"), ("合计", "", ""),
    ]  # fmt: skip
    assert (of_due.rows[-1][3], of_due.note) == (20, "“（延期）”指期限延至这段时间的单位。")
    assert names(of_due)[3:] == ["应报", "已报", "报送率", "退回", "逾期"]
    assert [one.title for one in paper.blocks if isinstance(one, Chart)] == ["各项活动报送情况（截至3月9日）"]


def test_one_campaign_needs_no_column_of_its_own() -> None:
    paper = compose(running(due=[due("征文", "2026-03-06", TASKS)]), WORDS)
    assert names(grid(paper, "本周到期任务报送情况"))[:2] == ["任务", "截止日"]


def test_a_month_draws_its_townships_a_week_does_not() -> None:
    branches = [
        {"key": "1", "name": "东镇", "numbers": TASKS},
        {"key": "2", "name": "西镇", "numbers": numbers(owed=2, handed=2, due=2, due_handed=2)},
    ]
    drawn = {
        kind: [
            one.title
            for one in compose(running(kind, branches=branches), WORDS).blocks
            if isinstance(one, Chart)
        ]
        for kind in ("week", "month")
    }
    assert drawn == {"week": [], "month": ["各镇街到期报送率（截至3月9日）"]}


def test_many_indicators_are_an_annex() -> None:
    one = {"campaign": 1, "name": "骨干教师比例", "target": "不低于15%", "value": "16%", "how": "平均",
           "standing": "met", "fresh": 2, "reported": 9}  # fmt: skip
    few, many = (compose(running(indicators=[one] * n, indicators_beyond=n - 5), WORDS) for n in (5, 12))
    assert (len(few.annexes), [annex.title for annex in many.annexes]) == (
        0,
        ["本周填报的指标（截至3月9日）"],
    )
    assert "指标进展。截至3月9日，本周有单位填报的指标5项，其中5项已达到目标。" in texts(few)
    assert "指标进展。截至3月9日，本周有单位填报的指标19项，列出12项，其中12项已达到目标。" in texts(many)


# Always -----------------------------------------------------------------------------------------------


@given(PERIODICS)
def test_whatever_was_counted_makes_a_paper_without_anything_empty(found: dict[str, Any]) -> None:
    paper = compose(found, WORDS)
    assert compose(json.loads(json.dumps(found)), WORDS) == paper
    assert all(one.rows for one in grids_of(paper))
    assert all(f"{one.lead}{one.text}".strip() for one in paper.blocks if isinstance(one, Text))
    kinds = [type(one) for one in paper.blocks]
    assert all(after is not Heading for before, after in pairwise(kinds) if before is Heading)
    assert kinds[-1] is not Heading


@given(PERIODICS)
def test_numbers_in_the_first_section_are_those_of_the_figures(found: dict[str, Any]) -> None:
    numbers_, moved = found["numbers"], found["flow"]
    said = "".join(
        texts(compose(found | {"campaigns": [campaign(1, "甲", TASKS)] * bool(found["campaigns"])}, WORDS))
    )
    if found["campaigns"] and numbers_["owed"]:
        assert re.search(r"各项活动累计应报(\d+)项", said)[1] == str(numbers_["owed"])
    if found["campaigns"] and moved["complete"]:
        assert re.search(r"首次报齐任务(\d+)项", said)[1] == str(moved["complete"])


@given(PERIODICS, st.lists(st.integers(0, 50), min_size=4, max_size=4))
def test_what_a_sum_is_made_of_adds_up(found: dict[str, Any], counts: list[int]) -> None:
    handed, returned, overdue, not_due = counts
    whole = numbers(owed=sum(counts), handed=handed, returned=returned, overdue=overdue, not_due=not_due)
    frame = {key: found[key] for key in ("kind", "at", "over", "flow", "before", "branches")}
    paper = compose(running(**frame, campaigns=[campaign(1, "甲", whole)], numbers=whole), WORDS)
    if not sum(counts):
        return
    told = re.search(r"各项活动累计应报(\d+)项，(均.*?|其中.*?)，报送率", "".join(texts(paper)))
    some = [int(one) for one in re.findall(r"(\d+)项", told[2])]
    assert (int(told[1]), sum(some) or sum(counts)) == (sum(counts), sum(counts))
