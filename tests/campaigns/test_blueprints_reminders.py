"""Steps of reminders in a template: what a requirement says of its own, and what is wrong with it."""

import pytest

from campaigns.blueprints import read, write
from campaigns.enums import Told
from campaigns.steps import Step
from tests.campaigns.test_blueprints import SMALL, changed

REMINDERS = """\
    催办:
      - {时间: 截止前 ３个工作日, 对象: 信息员}
      - 时间: 截止当天
        对象: [工作群, 信息员]
      - {时间: 逾期5个工作日, 对象: [领导小组办公室]}
"""


def test_a_requirement_may_have_steps_of_reminders_of_its_own():
    essay, progress = read(SMALL + REMINDERS).requirements
    assert (essay.reminders, progress.reminders) == (
        None,
        (
            Step(-3, frozenset({Told.SECRETARY})),
            Step(0, frozenset({Told.SECRETARY, Told.GROUP})),
            Step(5, frozenset({Told.OFFICE})),
        ),
    )


def test_or_say_that_nobody_is_reminded():
    text = SMALL + "    催办: 不催办\n"
    assert read(text).requirements[1].reminders == ()
    assert "    催办: 不催办\n" in write(read(text))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("截止前 ３个", "截止前61个", "第45行：催办：天数应为1至60的整数，请改正。"),
        (
            "截止前 ３个工作日",
            "三天前",
            "第45行：“时间”应写成“截止前7个工作日”“截止当天”或“逾期1个工作日”的样子。",
        ),
        (
            "截止前 ３个",
            "逾期0个",
            "第45行：“时间”应写成“截止前7个工作日”“截止当天”或“逾期1个工作日”的样子。",
        ),
        ("截止前 ３个工作日", "截止当天", "第46行：催办：“截止当天”重复，同一天只设一个节点，请合并。"),
        (", 对象: 信息员", "", "第45行：催办：没有选择提醒谁，请至少选择一类。"),
        (
            "对象: 信息员",
            "对象: 包挂领导",
            "第45行：催办：截止前只提醒信息员、单位负责人和工作群，其余请安排在截止当天或逾期后。",
        ),
        ("时间: 截止当天", "日子: 截止当天", "第46行：催办节点（不需要的写“不催办”）缺少“时间”，请补上。"),
    ],
)
def test_steps_that_will_not_do_are_named_with_their_line(old, new, said):
    assert said in changed(old, new, SMALL + REMINDERS)
