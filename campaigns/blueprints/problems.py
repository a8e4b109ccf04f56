"""What is wrong with a template, line by line."""

from dataclasses import dataclass

SHOWN = 100


@dataclass(frozen=True, order=True)
class Problem:
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"第{self.line}行：{self.sentence}"


class Invalid(Exception):
    """The text is no template; `problems` says why, in the order of the lines, the first hundred at most."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))[:SHOWN]
        super().__init__("\n".join(map(str, self.problems)))
