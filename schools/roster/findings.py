"""What the check of a roster found: mistakes by cell, and values before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schools.roster.reading import Row, RowError

CREATE, UPDATE, UNCHANGED = "create", "update", "unchanged"
MISSING = "“{column}”不能为空，请填写。"
CHOICES = "“{text}”不在可选范围内，请从以下各项中选填：{choices}。"
LONG = "“{column}”最多{limit}个字符，请缩短后重新填写。"
REPEATED = "与第{other}行重复，请删除其中一行。"


@dataclass
class Findings:
    """Mistakes, which stop the import, and doubts, which do not."""

    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cells = {(error.sheet, error.row, error.column) for error in self.errors}

    def refuse(self, row: Row, column: str, sentence: str) -> None:
        """Note a mistake, unless that cell has one already."""
        where = (row.sheet, row.number, column)
        if where not in self._cells:
            self._cells.add(where)
            self.errors.append(RowError(*where, sentence))

    def doubt(self, row: Row, column: str, sentence: str) -> None:
        self.warnings.append(RowError(row.sheet, row.number, column, sentence))

    def required(self, row: Row, *columns: str) -> bool:
        """Whether all of them are filled in; notes each that is not."""
        missing = [column for column in columns if not row[column]]
        for column in missing:
            self.refuse(row, column, MISSING.format(column=column))
        return not missing

    def choice(self, row: Row, column: str, among: Mapping[str, Any]) -> Any:
        """What the word in the cell stands for; None when it is empty or wrong."""
        text = row[column]
        if text and text not in among:
            self.refuse(row, column, CHOICES.format(text=text[:20], choices="、".join(among)))
        return among.get(text)

    def short(self, row: Row, column: str, limit: int) -> bool:
        if len(row[column]) <= limit:
            return True
        self.refuse(row, column, LONG.format(column=column, limit=limit))
        return False


@dataclass(frozen=True)
class Change:
    """One unit or person that is new or differs; `values` holds (what, before, after) in Chinese."""

    sheet: str
    row: int
    name: str
    new: bool
    values: list[tuple[str, str, str]]
