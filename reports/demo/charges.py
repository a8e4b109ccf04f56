"""Who answers for what in the invented county (包挂), and which schools help each other (结对)."""

from collections.abc import Iterator
from datetime import datetime

from reports.demo.county import County
from reports.demo.people import Staff
from schools.models import Unit
from schools.services import responsibilities

#: The sections of each leader: who answers for a section answers, through it, for its schools.
SECTIONS_OF = {
    "leader1": ("党委办", "职业与成人教育科", "政策法规科"),
    "leader2": ("基础教育科", "学前教育科", "办公室", "体育卫生艺术科", "信息化中心"),
    "leader3": (*("组织人事科", "计划财务科", "督导室", "安全管理科", "监察室", "审计科", "基建办"),),
}
#: Schools that leaders answer for themselves.
SCHOOLS_OF = {
    "leader1": ("示例县第一高级中学", "示例县实验小学", "青禾中心小学"),
    "leader2": ("示例县外国语学校", "示例县实验幼儿园"),
    "leader3": ("示例县第二高级中学", "示例县特殊教育学校"),
}
#: Townships with everything in them.
TOWNSHIPS_OF = {
    "党委办": ("橘灯镇",),
    "办公室": ("萤火镇",),
    "基础教育科": ("青禾镇", "白鹭街道"),
    "学前教育科": ("纸鸢街道",),
    "组织人事科": ("雨燕街道",),
    "计划财务科": ("麦浪镇",),
    "督导室": ("稻穗镇", "松果镇"),
    "安全管理科": ("竹影镇",),
    "体育卫生艺术科": ("梧叶镇",),
    "信息化中心": ("棉桃镇",),
}
#: Schools right under the bureau.
SCHOOLS_OF_SECTIONS = {
    "职业与成人教育科": (
        *("示例县职业中等专业学校", "示例县农林职业学校", "示例县社区学校"),
        *("青禾成人学校", "麦浪成人学校", "松果成人学校", "梧叶成人学校"),
    ),
    "政策法规科": ("示例县晨露学校", "示例县星桥学校", "示例县长桥高级中学"),
    "基础教育科": ("示例县实验初级中学", "示例县远帆初级中学", "示例县云梯中学"),
}
#: Mostly a school of the county town and one in a township.
HELP = "县城学校帮扶乡镇学校"
PAIRS = (
    ("示例县实验小学", "橘灯学校", HELP),
    ("示例县实验初级中学", "麦浪初级中学", HELP),
    ("示例县实验幼儿园", "萤火镇中心幼儿园", HELP),
    ("青禾中心小学", "棉桃学校", "中心校送教下乡"),
    ("示例县第一高级中学", "示例县第三高级中学", "同课异构"),
)
#: What a leader answered for until the map was drawn anew.
BEFORE = ("leader2", "青禾中心小学")


def share_out(county: County, staff: Staff, *, begun: datetime, at: datetime) -> None:
    """Draw the map as it has stood since `at`; one responsibility began at `begun` and ended then."""
    by = staff.officer
    who, school = BEFORE
    old = responsibilities.entrust(county.named(school), leader=staff.users[who], at=begun, by=by)
    responsibilities.end(old, at=at, by=by)
    for leader, unit in _of_leaders(county):
        responsibilities.entrust(unit, leader=staff.users[leader], at=at, by=by)
    for section, unit in _of_sections(county):
        responsibilities.entrust(unit, section=section, at=at, by=by)
    for one, other, note in PAIRS:
        responsibilities.pair(county.named(one), county.named(other), note, at=at, by=by)


def _of_leaders(county: County) -> Iterator[tuple[str, Unit]]:
    for leader, called in SECTIONS_OF.items():
        yield from ((leader, county.sections[name]) for name in called)
    for leader, called in SCHOOLS_OF.items():
        yield from ((leader, county.named(name)) for name in called)


def _of_sections(county: County) -> Iterator[tuple[Unit, Unit]]:
    townships = {unit.parent.name: unit.parent for unit in county.schools}
    for name, places in TOWNSHIPS_OF.items():
        yield from ((county.sections[name], townships[place]) for place in places)
    for name, schools in SCHOOLS_OF_SECTIONS.items():
        yield from ((county.sections[name], county.named(school)) for school in schools)
