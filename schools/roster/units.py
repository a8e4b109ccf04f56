"""The check of the sheet 单位: which row is which unit, and what would become of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from schools.codes import WRONG_CREDIT_CODE, is_code, is_credit_code
from schools.enums import Ownership, UnitKind
from schools.models import STEP, Unit
from schools.pinyin import key_for
from schools.roster.findings import REPEATED, Change, Findings
from schools.roster.layout import KINDS, OWNERSHIPS, UNITS
from schools.roster.reading import Row
from schools.roster.tree import Before, Node, NotFound, Tree
from schools.rules import why_unlikely
from schools.services.units import KEY_LENGTH, MAX_LEVELS

NAME, KIND, OWNERSHIP, PARENT = "名称", "类别", "办学性质", "上级单位"
CODE, CREDIT_CODE, PINYIN = "学校（机构）标识码", "统一社会信用代码", "拼音简码"
NAME_LENGTH = Unit._meta.get_field("name").max_length
ROUNDS = 2 * MAX_LEVELS  # a level or more is settled in each

WRONG_CODE = "学校（机构）标识码为10位数字，请核对后重新填写。"
CODE_TAKEN = "这个代码已由其他单位使用，请核对后重新填写。"
HEAD = "“{name}”是您管辖范围的最上级单位，不能通过导入修改，请删除这一行。"
IS_CLOSED = "“{name}”已撤并，不能通过导入修改，请删除这一行。"
RENAMED = "“{old}”已更名为“{name}”，将按现名处理。"
NO_PARENT = "上级单位“{text}”没有找到，或与本单位互为上下级，请核对后重新填写。"
BELOW_ITSELF = "不能把单位移到自己或自己的下级单位之下，请另填上级单位。"
SIBLING = "上级单位之下已有同名单位，请换一个名称，或核对代码。"
TOO_DEEP = f"单位最多{MAX_LEVELS}级，请另填级别更高的上级单位。"


@dataclass(eq=False)
class Wish:
    """A row whose own cells are in order; `node` once it is known which unit it speaks of."""

    row: Row
    name: str
    kind: str
    ownership: str
    node: Node | None = None


class UnitCheck:
    """Goes through the rows; leaves in `tree` the units as they would stand.

    `everything`: no limit to the reach, so that rows may speak of roots. `taken`: which of some
    codes belong to units out of reach.
    """

    def __init__(
        self,
        tree: Tree,
        findings: Findings,
        *,
        everything: bool,
        taken: Callable[[Iterable[str], Iterable[str]], set[str]],
    ) -> None:
        self.tree = tree
        self.findings = findings
        self.everything = everything
        self._taken = taken
        self.placed: list[Node] = []
        self.failed: set[str] = set()  # names in rows with mistakes: who refers to them is not blamed

    def run(self, rows: list[Row]) -> list[Node]:
        """The nodes that rows speak of, in the order of the rows."""
        foreign = self._taken([row[CODE] for row in rows], [row[CREDIT_CODE] for row in rows])
        seen: dict[tuple[str, str], int] = {}
        wishes = [wish for row in rows if (wish := self._wish(row, foreign, seen))]
        wishes = [wish for wish in wishes if self._by_code(wish)]
        self._settle(wishes)
        self._measure()
        return sorted(self.placed, key=lambda node: node.row.number)

    # One row by itself

    def _wish(self, row: Row, foreign: set[str], seen: dict[tuple[str, str], int]) -> Wish | None:
        note, before = self.findings, len(self.findings.errors)
        note.required(row, NAME, KIND)
        if not self.everything:
            note.required(row, PARENT)
        note.short(row, NAME, NAME_LENGTH)
        kind = note.choice(row, KIND, KINDS)
        ownership = note.choice(row, OWNERSHIP, OWNERSHIPS)
        self._code(row, CODE, is_code, WRONG_CODE, foreign, seen)
        self._code(row, CREDIT_CODE, is_credit_code, WRONG_CREDIT_CODE, foreign, seen)
        if len(note.errors) > before:
            return self._fail(row)
        if row[CODE] and (doubt := why_unlikely(row[CODE], kind)):
            note.doubt(row, CODE, doubt)
        return Wish(row, row[NAME], kind, ownership or "")

    def _code(
        self,
        row: Row,
        column: str,
        sound: Callable[[str], bool],
        sentence: str,
        foreign: set[str],
        seen: dict[tuple[str, str], int],
    ) -> None:
        code = row[column]
        if not code:
            return
        other = seen.setdefault((column, code), row.number)
        if not sound(code):
            self.findings.refuse(row, column, sentence)
        elif code in foreign:
            self.findings.refuse(row, column, CODE_TAKEN)
        elif other != row.number:
            self.findings.refuse(row, column, REPEATED.format(other=other))

    def _fail(self, row: Row, column: str = "", sentence: str = "") -> None:
        if sentence:
            self.findings.refuse(row, column, sentence)
        self.failed.update({row[NAME], row[CODE]} - {""})

    # Which unit it is

    def _by_code(self, wish: Wish) -> bool:
        """Recognise a unit by its codes; False when the row cannot be used."""
        row = wish.row
        first = self.tree.by_code.get(row[CODE])
        second = self.tree.by_credit_code.get(row[CREDIT_CODE])
        if first and second and first is not second:
            self._fail(row, CREDIT_CODE, CODE_TAKEN)
            return False
        node = first or second
        if node is None:
            return True
        if not self._claim(wish, node):
            return False
        if node.name != wish.name:
            self.tree.rename(node, wish.name)
        return True

    def _claim(self, wish: Wish, node: Node) -> bool:
        """Let the row speak of `node`, and give it the row's codes."""
        row = wish.row
        if node.row is not None:
            self._fail(row, NAME, REPEATED.format(other=node.row.number))
        elif not node.open:
            self._fail(row, NAME, IS_CLOSED.format(name=node.name))
        elif node.parent is None and not self.everything:
            self._fail(row, NAME, HEAD.format(name=node.name))
        else:
            node.row, wish.node = row, node
            self.tree.recode(node, row[CODE] or node.code, row[CREDIT_CODE] or node.credit_code)
            return True
        return False

    # Where it stands

    def _settle(self, wishes: list[Wish]) -> None:
        """Place each row once its parent is placed, in whatever order they come."""
        waiting = left = wishes
        for _ in range(ROUNDS):
            awaited = Counter(one for wish in waiting for one in _called(wish))
            left = []
            for wish in waiting:
                if self._waits(wish, awaited):
                    left.append(wish)
                else:
                    self._place(wish)
                    awaited.subtract(_called(wish))
            if len(left) in (0, len(waiting)):
                break
            waiting = left
        for wish in left:  # what these wait for is only called alike, or will never come
            self._place(wish, unknown=NO_PARENT.format(text=wish.row[PARENT]))

    def _waits(self, wish: Wish, awaited: Counter[str]) -> bool:
        """Whether another row that is not placed yet goes by the name of this one's parent."""
        text, own = wish.row[PARENT], _called(wish)
        return any(awaited[one] > own.count(one) for one in {text, text.rpartition("/")[2]} if one)

    def _place(self, wish: Wish, unknown: str = "") -> None:
        try:
            parent = self._parent(wish)
        except NotFound as reason:
            if wish.row[PARENT] not in self.failed:
                self.findings.refuse(wish.row, PARENT, unknown or str(reason))
            self._fail(wish.row)
            return
        node = wish.node or self._by_place(wish, parent)
        if node is None:
            return
        if parent is not None and node in parent.line():
            self._fail(wish.row, PARENT, BELOW_ITSELF)
        elif parent is not None and _level(parent) >= MAX_LEVELS:
            self._fail(wish.row, PARENT, TOO_DEEP)
        elif self.tree.by_place.get((parent, node.name), node) is not node:
            self._fail(wish.row, NAME, SIBLING)
        else:
            self.tree.place(node, parent)
            self._fill(node, wish)
            self.placed.append(node)

    def _parent(self, wish: Wish) -> Node | None:
        """Where the row puts the unit; raises NotFound. An empty cell moves nothing."""
        if wish.row[PARENT]:
            return self.tree.find(wish.row[PARENT])
        return wish.node.parent if wish.node else None

    def _by_place(self, wish: Wish, parent: Node | None) -> Node | None:
        """The unit of that name, or once of that name, under `parent`, else a new one; None on a mistake."""
        node = self.tree.by_place.get((parent, wish.name))
        if node is None:
            once = [
                one
                for one in self.tree.by_former.get(wish.name, [])
                if one.parent is parent and one.row is None and one.open
            ]
            if len(once) == 1:
                node = once[0]
                self.findings.doubt(wish.row, NAME, RENAMED.format(old=wish.name, name=node.name))
        if node is not None:
            return node if self._claim(wish, node) else None
        row = wish.row
        wish.node = Node(wish.name, row=row, code=row[CODE] or None, credit_code=row[CREDIT_CODE] or None)
        self.tree.add(wish.node)
        return wish.node

    def _fill(self, node: Node, wish: Wish) -> None:
        """Give the node what else the row says; a cell left empty changes nothing."""
        node.kind = wish.kind
        node.ownership = wish.ownership or node.ownership or Ownership.PUBLIC
        typed = wish.row[PINYIN]
        if node.unit is None:
            node.pinyin = key_for(node.name, typed, KEY_LENGTH)
        elif typed or node.name != node.before.name:
            known_as = (node.before.name, node.before.pinyin)
            node.pinyin = key_for(node.name, typed or node.pinyin, KEY_LENGTH, before=known_as)

    def _measure(self) -> None:
        """A subtree that moved must still fit below its new place."""
        if not any(node.moved for node in self.placed):
            return
        for node in self.tree.nodes:
            if _level(node) > MAX_LEVELS and (cause := next((one for one in node.line() if one.row), None)):
                self.findings.refuse(cause.row, PARENT, TOO_DEEP)


def _called(wish: Wish) -> list[str]:
    """What other rows may call it by."""
    return [one for one in (wish.row[NAME], wish.row[CODE]) if one]


def _level(node: Node) -> int:
    """How deep the node stands, counted from the root of the whole tree."""
    line = list(node.line())
    top = line[-1].unit
    return len(line) + (len(top.path) // STEP - 1 if top else 0)


def change(node: Node) -> Change | None:
    """What would change about the unit; None when nothing does."""
    was = dict(_shown(node.before)) if node.before else {}
    values = [(label, was.get(label, ""), now) for label, now in _shown(node) if was.get(label, "") != now]
    if not values:
        return None
    return Change(UNITS, node.row.number, node.name, node.unit is None, values)


def _shown(node: Node | Before) -> list[tuple[str, str]]:
    return [
        (NAME, node.name),
        (KIND, UnitKind(node.kind).label),
        (OWNERSHIP, Ownership(node.ownership).label),
        (PARENT, node.parent.name if node.parent else ""),
        (CODE, node.code or ""),
        (CREDIT_CODE, node.credit_code or ""),
        (PINYIN, node.pinyin),
    ]
