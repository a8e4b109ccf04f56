"""What a roster looks like: its sheets, their columns, and how the text of a cell is tidied."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from schools.codes import clean_code
from schools.enums import Ownership, Role, UnitKind
from schools.pinyin import plain

UNITS, PEOPLE, CHARGES, PAIRS, HELP = "单位", "人员", "包挂", "结对", "填写说明"
MAX_ROWS = 20_000

IN_USE, STOPPED = "在用", "停用"
KINDS = {kind.label: kind for kind in UnitKind}
OWNERSHIPS = {one.label: one for one in Ownership}
#: The security administrator gives all others; these reach no further than the person's own unit.
ROLES = {role.label: role for role in Role.own_unit()}

_VISIBLE = {"Cc": " ", "Zs": " ", "Cf": "", "Cs": ""}
_HAN = r"\u3400-\u9fff"
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_MOBILE = re.compile(r"1[0-9]{10}")
_LANDLINE = re.compile(r"(?!1)[0-9](-?[0-9]){6,11}")  # what begins with 1 is a mobile with a slip in it
_PADDING = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")


def tidy(text: str) -> str:
    """Ends trimmed, runs of blanks and control characters made one blank, invisible characters gone."""
    return " ".join("".join(_VISIBLE.get(unicodedata.category(one), one) for one in text).split())


def tidy_name(text: str) -> str:
    """Also the blanks that stretch “张　三” to the width of three characters."""
    return _PADDING.sub("", tidy(text))


def tidy_contact(text: str) -> str:
    """Half-width and without blanks: telephone numbers, addresses, user names."""
    return tidy(unicodedata.normalize("NFKC", text)).replace(" ", "")


def tidy_phone(text: str) -> str:
    """A telephone number: its dashes plain ones, and none of them in the number of a mobile."""
    number = _DASHES.sub("-", tidy_contact(text))
    bare = number.replace("-", "")
    return bare if _MOBILE.fullmatch(bare) else number


def is_phone(text: str) -> bool:
    """Whether `text`, tidied, can be a mobile, or a landline of 7 to 12 digits."""
    return bool(_MOBILE.fullmatch(text) or _LANDLINE.fullmatch(text))


@dataclass(frozen=True)
class Column:
    """`help` is shown above the template's column and in its explanations; `choices` fill its list."""

    name: str
    help: str
    width: int
    required: bool = False
    tidy: Callable[[str], str] = tidy
    choices: tuple[str, ...] = ()


LAYOUT: dict[str, tuple[Column, ...]] = {
    UNITS: (
        Column("名称", "单位全称，100字以内。", 30, required=True),
        Column("类别", "从列表中选择。", 12, required=True, choices=tuple(KINDS)),
        Column("办学性质", "从列表中选择；新增单位留空按公办处理。", 10, choices=tuple(OWNERSHIPS)),
        Column(
            "上级单位",
            "上级单位的名称或标识码，可以是本表中的其他单位；有同名单位时填“上级单位/单位”。",
            24,
            required=True,
        ),
        Column("学校（机构）标识码", "10位数字；没有的留空。", 20, tidy=clean_code),
        Column("统一社会信用代码", "18位，末位为校验码；没有的留空。", 24, tidy=clean_code),
        Column("拼音简码", "用于检索；新增单位留空自动生成，多音字有误时请改正。", 16, tidy=plain),
    ),
    PEOPLE: (
        Column("姓名", "40字以内。", 14, required=True, tidy=tidy_name),
        Column("单位", "所在单位的名称或标识码；有同名单位时填“上级单位/单位”。", 30, required=True),
        Column("角色", "从列表中选择；其他角色由安全管理员任命。", 12, required=True, choices=tuple(ROLES)),
        Column("手机", "本人手机号码，用于识别同一人。", 16, tidy=tidy_phone),
        Column("电子邮箱", "没有的留空。", 24, tidy=tidy_contact),
        Column(
            "用户名", "登录用，由字母、数字和 @ . + - _ 组成；新增人员留空自动生成。", 20, tidy=tidy_contact
        ),
        Column("状态", "调离的人员填“停用”；新增人员留空按在用处理。", 8, choices=(IN_USE, STOPPED)),
    ),
    CHARGES: (
        Column(
            "所包单位",
            "科室、学校，或镇街、教育局（包括其下所有单位）的名称或标识码；有同名单位时填“上级单位/单位”。",
            30,
            required=True,
        ),
        Column("包挂领导", "由个人包挂的填姓名，与“包挂科室”只填一个。", 14, tidy=tidy_name),
        Column("领导用户名", "领导有同名的须填，其他可以留空。", 20, tidy=tidy_contact),
        Column("包挂科室", "由科室包挂的填科室名称，与“包挂领导”只填一个。", 24),
    ),
    PAIRS: (
        Column("单位", "结对一方的名称或标识码；有同名单位时填“上级单位/单位”。", 30, required=True),
        Column("结对单位", "结对另一方；两个单位不分先后。", 30, required=True),
        Column("结对内容", "如：县城学校帮扶乡镇学校；100字以内，可以留空。", 36),
    ),
}
