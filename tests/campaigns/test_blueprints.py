"""The format of templates: what is written is what is read, and every mistake is named by its line."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.blueprints import Invalid, read, shape, write
from campaigns.blueprints.shelf import text_of
from campaigns.blueprints.tree import MAX_BYTES
from campaigns.enums import CampaignKind
from schools.enums import UnitKind
from tests.campaigns.plans import plans

SMALL = """\
格式: 1
名称: 读书月
类型: 大讨论
开始: 2026-03-01
结束: 2026-04-30
阶段:
  - 名称: 发动
    开始: 2026-03-01
    结束: 2026-03-31
  - 名称: 交流
    开始: 2026-04-01
    结束: 2026-04-30
    建议日期: 是
专题:
  - 标题: 读什么
    牵头: 教研室
    指标:
      - 名称: 人均读书
        数值: 2.5
        单位: 本
    下级:
      - 标题: 怎么选
        引导问题: [选给谁看？, 由谁来选？]
报送要求:
  - 类别: 征文
    名称: 读书征文
    说明: |
      写一本书。

      写自己读过的。
    阶段: 交流
    专题: 1.1
    截止: 2026-04-20
    报送单位: [小学, 初中]
  - 类别: 进度报表
    名称: 读书进度
    阶段: 发动
    定期:
      频次: 每周
      自: 2026-03-01
      至: 2026-04-30
      截止日: 5
    报送单位: 全部学校
"""


def wrong(text: str) -> list[str]:
    """What is said about a text that is no template."""
    with pytest.raises(Invalid) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def changed(old: str, new: str, text: str = SMALL) -> list[str]:
    assert text.count(old) == 1
    return wrong(text.replace(old, new))


# Read and write -------------------------------------------------------------------------------------


def test_a_small_template_is_read_whole():
    assert read(SMALL) == shape.Plan(
        name="读书月",
        kind="discussion",
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 4, 30),
        phases=(
            shape.Phase("发动", "", date(2026, 3, 1), date(2026, 3, 31)),
            shape.Phase("交流", "", date(2026, 4, 1), date(2026, 4, 30), suggested=True),
        ),
        topics=(
            shape.Topic(
                "读什么",
                lead="教研室",
                indicators=(shape.Indicator("人均读书", Decimal("2.5"), "本", "ge"),),
                children=(shape.Topic("怎么选", ("选给谁看？", "由谁来选？")),),
            ),
        ),
        requirements=(
            shape.Requirement(
                "essay",
                "读书征文",
                "交流",
                guidance="写一本书。\n\n写自己读过的。",
                topic="1.1",
                due_on=date(2026, 4, 20),
                audience=("primary", "middle"),
            ),
            shape.Requirement(
                "progress",
                "读书进度",
                "发动",
                recurs=shape.Recurrence("weekly", date(2026, 3, 1), date(2026, 4, 30), 5),
                audience=tuple(kind.value for kind in UnitKind.schools()),
            ),
        ),
    )


@settings(max_examples=50)
@given(plan=plans())
def test_what_is_written_is_read_back_as_it_was(plan):
    assert read(write(plan)) == plan


def test_several_lines_stand_as_they_are_below_their_key():
    assert "    说明: |-\n      写一本书。\n\n      写自己读过的。\n" in write(read(SMALL))


def test_a_file_from_windows_is_read_like_any_other():
    assert read("\ufeff" + SMALL.replace("\n", "\r\n")) == read(SMALL)


def test_comments_may_stand_anywhere():
    assert read(SMALL.replace("阶段:\n", "# 两个阶段\n阶段: # 按月\n", 1)) == read(SMALL)


def test_full_width_digits_and_short_months_are_understood():
    assert read(SMALL.replace("2026-04-20", "２０２６-4-20")) == read(SMALL)


@given(seed=st.sampled_from(CampaignKind.values), data=st.data())
def test_whatever_is_done_to_a_file_it_is_read_or_refused_in_order(seed, data):
    text = text_of(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 40)))
        text = (
            text[:start]
            + data.draw(st.text(max_size=8) | st.sampled_from(list(":-|&*!?[]{}'\"#\t\n")))
            + text[end:]
        )
    try:
        plan = read(text)
    except Invalid as refused:
        said = refused.problems
    else:
        said, text = ["read"], write(plan)
        assert read(text) == plan
    assert said == sorted(said) != []


@given(text=st.text(st.sampled_from(list("a是:-|&*!?[]{}'\"#\t\n 1\\%@,<>=")), max_size=60))
def test_no_heap_of_signs_breaks_the_reader(text):
    assert wrong(text) != []


# Wrong values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("截止: 2026-04-20", "截止: 四月底", "第33行：“截止”应为日期，如 2026-04-30。"),
        ("截止: 2026-04-20", "截止: 2026-04-31", "第33行：“截止”应为日期，如 2026-04-30。"),
        ("截止: 2026-04-20", "截至: 2026-04-20", "第33行：报送要求没有“截至”这一项，是否应为“截止”？"),
        ("类型: 大讨论", "类型: 大会", "第3行：“类型”应为“大讨论”、“创新年”、“提升年”、"),
        (
            "数值: 2.5",
            "数值: 2.5本",
            "第19行：“数值”应为数字，最多两位小数，如 15 或 97.5；计量单位请写在“单位”里。",
        ),
        ("        单位: 本\n", "", "第18行：指标缺少“单位”，请补上。"),
        ("名称: 读书月\n", "", "第1行：模板缺少“名称”，请补上。"),
        ("建议日期: 是", "建议日期: yes", "第13行：“建议日期”应为“是”或“否”。"),
        ("[小学, 初中]", "[小学, 中学]", "第34行：“报送单位”里的“中学”应为"),
        ("截止日: 5", "截止日: 9", "第39行：每周报送的截止日须为1至7（1为星期一），请改正。"),
        ("格式: 1", "格式: 2", "第1行：本平台只认识格式1，请用本平台导出的文件。"),
        ("名称: 读书月", "名称: " + "读" * 81, "第2行：“名称”最多80个字，现有81个，请精简。"),
        ("牵头: 教研室", "牵头: [教研室]", "第16行：“牵头”应为文字，不能是列表或分项。"),
        ("报送单位: 全部学校", "报送单位: {a: b}", "第43行：“报送单位”的每一项应为一行文字。"),
        ("  - 标题: 读什么\n", "  - 读什么\n  - 标题: 读\n", "第15行：“专题”下面应为专题的各项内容"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(old, new, said):
    found = changed(old, new)
    assert [one for one in found if one.startswith(said)] != [], found


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines():
    text = SMALL.replace("2026-04-20", "x").replace("类型: 大讨论", "类型: x").replace("数值: 2.5", "数值: x")
    assert [said.partition("：")[0] for said in wrong(text)] == ["第3行", "第19行", "第33行"]


# Wrong references and days --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    阶段: 交流",
            "    阶段: 交流会",
            "第31行：没有名为“交流会”的阶段，请与“阶段”一节的名称写得一致。",
        ),
        ("专题: 1.1", "专题: 1.2", "第32行：没有编号为“1.2”的专题，请写成“2”或“2.1”的样子。"),
        ("截止: 2026-04-20", "截止: 2026-03-20", "第33行：“截止”应在阶段“交流”的起止日期之内，请改正。"),
        ("    结束: 2026-03-31", "    结束: 2026-04-01", "第11行：阶段“交流”与“发动”的日期重叠，请改正。"),
        ("  - 名称: 交流", "  - 名称: 发动", "第10行：已有阶段“发动”，请换一个名称。"),
        (
            "结束: 2026-04-30\n阶段",
            "结束: 2026-04-29\n阶段",
            "第12行：阶段的“结束”应在活动起止日期之内，请改正。",
        ),
        ("结束: 2026-04-30\n阶段", "结束: 2026-02-28\n阶段", "第5行：“结束”不能早于“开始”，请改正。"),
        ("至: 2026-04-30", "至: 2026-03-02", "第41行：起止日期之间没有一期，请改正“自”“至”或“截止日”。"),
        ("至: 2026-04-30", "至: 2026-05-01", "第41行：“至”应在活动起止日期之内，请改正。"),
        (
            "    定期:",
            "    截止: 2026-03-10\n    定期:",
            "第39行：“定期”不能与“截止”“停止接收”同时填写，请只保留一种。",
        ),
        ("截止: 2026-04-20", "停止接收: 2026-04-20", "第33行：请先填写“截止”，再填写“停止接收”。"),
        (
            "截止: 2026-04-20",
            "截止: 2026-04-20\n    停止接收: 2026-04-19",
            "第34行：“停止接收”不能早于“截止”，请改正。",
        ),
        ("截止: 2026-04-20", "不少于: 3\n    不超过: 2", "第34行：“不超过”不能小于“不少于”，请改正。"),
        (
            "截止: 2026-04-20",
            "字数不少于: 9\n    字数不超过: 2",
            "第34行：“字数不超过”不能小于“字数不少于”，请改正。",
        ),
        ("牵头: 教研室", "牵头: 教研室\n    牵头: 办公室", "第17行：“牵头”与第16行重复，请只保留一处。"),
        (
            "        单位: 本\n",
            "        单位: 本\n      - {名称: 人均读书, 数值: 1, 单位: 本}\n",
            "第17行：同一专题的指标“人均读书”重复，请换一个名称。",
        ),
    ],
)
def test_what_does_not_fit_together_is_named_with_its_line(old, new, said):
    assert said in changed(old, new)


ACTIVITY = """\
活动安排:
  - {形式: 论坛, 名称: 校长论坛, 阶段: 发动, 日期: 2026-03-10, 承办: 教研室, 纪要截止: 2026-03-20}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("日期: 2026-03-10", "日期: 2026-04-10", "“日期”应在阶段“发动”的起止日期之内，请改正。"),
        ("纪要截止: 2026-03-20", "纪要截止: 2026-03-09", "“纪要截止”不能早于“日期”，请改正。"),
        ("承办: 教研室, ", "", "会议纪要由承办单位报送，请填写“承办”。"),
        ("日期: 2026-03-10", "结束: 2026-03-10", "请先填写“日期”，再填写“结束”。"),
        (
            "形式: 论坛",
            "形式: 会",
            "“形式”应为“专题讲座”、“座谈讨论”、“论坛”、“学习培训”、"
            "“竞赛评选”、“会议”、“督查点评”、“其他”之一。",
        ),
    ],
)
def test_what_is_held_fits_its_phase(old, new, said):
    assert f"第45行：{said}" in changed(old, new, SMALL + ACTIVITY)


def test_topics_go_six_levels_deep_and_no_further():
    nest = "专题:\n"
    for level in range(7):
        nest += "    " * level + "  - 标题: 层\n" + "    " * level + "    下级:\n"
    text = SMALL[: SMALL.index("专题:")] + nest.removesuffix("下级:\n").rstrip(" ")
    assert wrong(text) == ["第26行：专题最多6级，请减少层次。"]


# What is no template at all -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "第1行：文件是空的，请先填写内容。"),
        ("# 只有注释", "第1行：文件是空的，请先填写内容。"),
        ("读书月", "第1行：模板应由“名称: 内容”组成，冒号用半角，后面空一格；第一行写“格式: 1”。"),
        ("格式: 1\n名称：读书月\n类型: 大讨论", "第2行：冒号请用半角“:”，后面空一格。"),
        ("格式: 1\n阶段:\n\t- 名称: a", "第3行：缩进请用空格，不用制表符；以特殊符号开头的内容请加引号。"),
        ("格式: 1\n名称: 读书: 月", "第2行：冒号的位置不对，请检查缩进；内容里有冒号加空格时请加引号。"),
        (
            "格式: 1\n阶段:\n  - 名称: a\n - 名称: b",
            "第4行：缩进不一致，或短横“-”的位置不对，请与上下行对齐。",
        ),
        (
            '格式: 1\n目标: |\n  一：读\n名称: "读书月\n说明: a\n主题: b\n',
            "第4行：引号没有配对，请在这一行补上。",
        ),
        ("格式: 1\n名称: '读书月\n---\n说明: a", "第2行：引号没有配对，请在这一行补上。"),
        ('格式: 1\n名称: "读书\n  \\q月"', "第3行：写法不符合 YAML 格式，请检查冒号、缩进和引号。"),
        ("格式: 1\n名称: [a, b\n", "第3行：引号或括号没有配对，请补上。"),
        (
            "格式: 1\n名称: &a 读书月",
            "第2行：不支持锚点（&）和引用（*），请直接写出内容；以这些符号开头的文字请加引号。",
        ),
        (
            "格式: 1\n名称: *a",
            "第2行：不支持锚点（&）和引用（*），请直接写出内容；以这些符号开头的文字请加引号。",
        ),
        (
            "格式: 1\n名称: !!python/object:os.system x",
            "第2行：不支持标签（!），请删除；以感叹号开头的文字请加引号。",
        ),
        ("格式: 1\n---\n格式: 1", "第2行：一个文件只能有一份模板，请删除“---”及其后的内容。"),
        ("格式: 1\n? [a]\n: b", "第2行：冒号前只能是名称，请改正。"),
        ("格式: 1\n名称: a\x07", "第2行：含有看不见的控制字符，请删除。"),
        ("格式: 1\n名称: " + "[" * 100_000, "第2行：层次太深，请减少嵌套。"),
        ("格式: 1\n说明: " + "长" * MAX_BYTES, "第1行：文件超过500 KB，请精简后再导入。"),
    ],
)
def test_what_is_no_template_is_refused_in_a_sentence(text, said):
    assert wrong(text) == [said]


def test_a_hundred_problems_are_enough_to_begin_with():
    text = "".join(f"没有{number}: 1\n" for number in range(300))
    assert len(wrong(text)) == 100
