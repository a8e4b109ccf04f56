"""Rosters as the tests write them: rows by column, as read or as a workbook."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from schools.models import User
from schools.roster import applying, checking
from schools.roster.checking import Plan
from schools.roster.layout import CHARGES, LAYOUT, PAIRS, PEOPLE, UNITS
from schools.roster.reading import Book, Row
from tests.factories import NOW

Line = dict[str, str]


def unit(name: str, parent: str, kind: str = "小学", **others: str) -> Line:
    return {"名称": name, "类别": kind, "上级单位": parent} | others


def someone(name: str, unit: str, role: str = "信息员", **others: str) -> Line:
    return {"姓名": name, "单位": unit, "角色": role} | others


def charge(unit: str, leader: str = "", section: str = "", **others: str) -> Line:
    return {"所包单位": unit, "包挂领导": leader, "包挂科室": section} | others


def pair(unit: str, partner: str, note: str = "") -> Line:
    return {"单位": unit, "结对单位": partner, "结对内容": note}


def book(
    units: Iterable[Line] = (),
    people: Iterable[Line] = (),
    charges: Iterable[Line] = (),
    pairs: Iterable[Line] = (),
) -> Book:
    """As if read; the first line of a sheet is row 2."""
    sheets = ((UNITS, units), (PEOPLE, people), (CHARGES, charges), (PAIRS, pairs))
    return Book(
        *([Row(name, number, cells) for number, cells in enumerate(rows, 2)] for name, rows in sheets)
    )


def check(by: User, *sheets: Iterable[Line], **named: Iterable[Line]) -> Plan:
    """Takes what `book` takes."""
    return checking.check(book(*sheets, **named), by)


def mistakes(by: User, *sheets: Iterable[Line], **named: Iterable[Line]) -> list[tuple]:
    """(sheet, row, column, sentence) of every mistake."""
    plan = check(by, *sheets, **named)
    return [(one.sheet, one.row, one.column, one.sentence) for one in plan.errors]


def load(by: User, *sheets: Iterable[Line], **named: Iterable[Line]) -> Plan:
    """Check and apply."""
    return applying.apply(book(*sheets, **named), at=NOW, by=by, report=lambda *_: None)


def counts(plan: Plan) -> dict[str, tuple[int, int, int]]:
    """By sheet: created, updated, unchanged."""
    return {sheet: (n["create"], n["update"], n["unchanged"]) for sheet, n in plan.counts.items()}


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """A workbook of the given cells, as a spreadsheet program would save it."""
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = BytesIO()
    made.save(content)
    return content.getvalue()


def saved(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "roster"  # as stored: without an extension
    path.write_bytes(content)
    return path


HEADS = {sheet: [column.name for column in columns] for sheet, columns in LAYOUT.items()}
