"""Rows into a workbook: the template, the export, and the list of activation codes.

XlsxWriter writes: it can stream rows to disk, and marks text as text; reading is openpyxl's part.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO

from django.db.models import Prefetch, Q
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from schools import activation
from schools.enums import Ownership, Role, UnitKind
from schools.models import Membership, User
from schools.reach import (
    pairings_within_reach,
    people_within_reach,
    responsibilities_within_reach,
    units_within_reach,
)
from schools.roster.layout import CHARGES, HELP, IN_USE, LAYOUT, MAX_ROWS, PAIRS, PEOPLE, UNITS, Column
from schools.roster.reading import GUARDED
from schools.roster.tree import Tree
from schools.rules import may_keep

CODES = (
    Column("单位", "", 30),
    Column("姓名", "", 14),
    Column("角色", "", 20),
    Column("用户名", "", 20),
    Column("激活码", "", 20),
)
EXPLANATIONS = (
    "一、各张表可以只填一张或几张；第一行是列名，带 * 的必填，列的次序可以调换，不要增加别的列。",
    "二、重复导入不会产生重复的单位和人员：单位按标识码、统一社会信用代码、上级单位与名称（含曾用名）依次识别，"
    "人员按用户名、手机与姓名、单位与姓名依次识别；识别到的按表中内容修改，单元格留空表示不修改。",
    "三、表中没有的单位和人员不受影响：导入不会删除任何内容。调离的人员请在“状态”列填“停用”，其经手的材料保留。",
    "四、一人在几个单位任职或兼有两种角色的，每项任职填一行。导入只增加任职，离任由安全管理员办理。",
    "五、系统管理员可通过花名册登记信息员和单位负责人；活动专员、局领导及各类管理员须由安全管理员任命。",
    "六、各种代码和手机号请先把单元格格式设为“文本”再填写；不要使用公式。",
    "七、任何一行有误，整个文件都不会导入；请按提示改正后重新上传。",
    f"八、每张表最多{MAX_ROWS}行。",
    "九、“包挂”写明哪位领导或哪个科室包哪个单位，“结对”写明哪两所学校结对；导入只增加，结束包挂或结对请在“管理”中办理。",
)

Rows = Iterable[Sequence[str]]


def template() -> bytes:
    """An empty roster with its explanations."""
    return _roster({})


def export(by: User) -> bytes:
    """Units in force and people in use within the reach of `by`, just as an import would take them.

    The heads of the reach are left out, since what lies above them is not the administrator's to state.
    """
    tree = Tree(units_within_reach(by, Role.SYSTEM).select_related(None))
    units = [
        (
            node.unit.name,
            UnitKind(node.kind).label,
            Ownership(node.ownership).label,
            tree.reference(node.parent) if node.parent else "",
            node.code or "",
            node.credit_code or "",
            node.pinyin,
        )
        for node in tree.nodes
        if node.open and (node.parent or by.is_superuser)
    ]
    people = [
        (
            user.name,
            tree.reference(node),
            post.get_role_display(),
            user.phone,
            user.email,
            user.username,
            IN_USE,
        )
        for user in _serving(by)
        for post in user.held
        if (node := tree.by_pk.get(post.unit_id)) and node.open
    ]
    return _roster({UNITS: units, PEOPLE: people, CHARGES: _charges(by, tree), PAIRS: _pairs(by, tree)})


def _charges(by: User, tree: Tree) -> Rows:
    """What is in force, as far as an import would find everybody in it again."""
    here = people_within_reach(by, Role.SYSTEM).prefetch_related(None).values("pk")
    held = responsibilities_within_reach(by, Role.SYSTEM).in_force().select_related("leader")
    for row in held.filter(Q(leader=None) | Q(leader__in=here)).order_by("unit__path", "pk"):
        unit, section = tree.by_pk[row.unit_id], tree.by_pk.get(row.section_id)
        if unit.open:
            who = (row.leader.name, row.leader.username) if row.leader else ("", "")
            yield tree.reference(unit), *who, tree.reference(section) if section else ""


def _pairs(by: User, tree: Tree) -> Rows:
    held = pairings_within_reach(by, Role.SYSTEM).in_force().order_by("unit__path", "partner__path", "pk")
    for row in held:
        unit, partner = tree.by_pk[row.unit_id], tree.by_pk[row.partner_id]
        if unit.open and partner.open:
            yield tree.reference(unit), tree.reference(partner), row.note


def activation_list(by: User) -> tuple[bytes, int]:
    """The codes of those within the reach of `by` who have yet to come in, and how many there are.

    Nobody is listed whose account is not the administrator's to keep: a code is as good as a password.
    """
    waiting = [
        user
        for user in _serving(by).filter(must_change_password=True, password__startswith="!")
        if activation.awaits(user) and may_keep(by, user)
    ]
    rows = [
        (
            "、".join(dict.fromkeys(post.unit.name for post in user.active_memberships)),
            user.name,
            "、".join(dict.fromkeys(post.get_role_display() for post in user.active_memberships)),
            user.username,
            activation.code_of(user),
        )
        for user in waiting
    ]
    book = _Book()
    book.sheet("激活码", CODES, rows)
    return book.close(), len(rows)


def _serving(by: User) -> Iterable[User]:
    """People in use within reach, with all memberships in force, and in `held` those of single units."""
    posts = Membership.objects.filter(ended_at=None).select_related("unit", "scope").order_by("pk")
    own = posts.filter(role__in=Role.own_unit()).order_by("unit__path", "role")
    return (
        people_within_reach(by, Role.SYSTEM)
        .filter(is_active=True)
        .prefetch_related(None)
        .prefetch_related(
            Prefetch("memberships", posts, to_attr="active_memberships"),
            Prefetch("memberships", own, to_attr="held"),
        )
        .order_by("pk")
    )


def _roster(rows: dict[str, Rows]) -> bytes:
    book = _Book()
    for sheet, columns in LAYOUT.items():
        book.sheet(sheet, columns, rows.get(sheet, ()))
    book.explanations()
    return book.close()


class _Book:
    """A workbook in memory. All that is written is text, none of it a formula, number or link."""

    def __init__(self) -> None:
        self._bytes = BytesIO()
        self._book = Workbook(
            self._bytes,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        self._text = self._book.add_format({"num_format": "@"})
        self._head = self._book.add_format(
            {"bold": True, "num_format": "@", "bg_color": "#E8EFF7", "bottom": 1, "valign": "vcenter"}
        )
        self._prose = self._book.add_format({"text_wrap": True, "valign": "top"})

    def sheet(self, name: str, columns: Sequence[Column], rows: Rows) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, 22)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, self._text)
            sheet.write_string(0, place, f"{column.name}*" if column.required else column.name, self._head)
            if column.choices:
                self._offer(sheet, place, column)
        for number, row in enumerate(rows, start=1):
            for place, text in enumerate(row):
                if text:
                    sheet.write_string(number, place, harmless(text), self._text)

    def _offer(self, sheet: Worksheet, place: int, column: Column) -> None:
        sheet.data_validation(
            1, place, MAX_ROWS, place,
            {
                "validate": "list",
                "source": list(column.choices),
                "error_title": column.name,
                "error_message": "请从列表中选择。",
            },
        )  # fmt: skip

    def explanations(self) -> None:
        sheet = self._book.add_worksheet(HELP)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 24)
        sheet.set_column(2, 2, 90, self._prose)
        number = 0
        for text in EXPLANATIONS:
            sheet.merge_range(number, 0, number, 2, text, self._prose)
            sheet.set_row(number, 36)
            number += 1
        for place, title in enumerate(("工作表", "列", "填写要求")):
            sheet.write_string(number, place, title, self._head)
        for name, columns in LAYOUT.items():
            for column in columns:
                number += 1
                allowed = f"可填：{'、'.join(column.choices)}。" if column.choices else ""
                must = "必填。" if column.required else ""
                cells = (name, column.name, must + column.help + allowed)
                for place, text in enumerate(cells):
                    sheet.write_string(number, place, text, self._prose)

    def close(self) -> bytes:
        self._book.close()
        return self._bytes.getvalue()


def harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet could take for a formula; reading takes it off again."""
    return f"'{text}" if text.startswith(GUARDED) else text
