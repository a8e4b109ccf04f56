"""The unit tree as a roster would leave it: what exists, what is new, and what each of them is called."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schools.codes import clean_code
from schools.models import STEP, FormerName, Unit
from schools.roster.layout import tidy
from schools.roster.reading import Row

UNKNOWN = "“{text}”不在您的管辖范围内或不存在，请核对名称或标识码，或先在“单位”表中补上。"
AMBIGUOUS = "管辖范围内有{n}个单位叫“{text}”，请改填标识码，或按“上级单位/{text}”填写。"
CLOSED = "“{text}”已撤并，请改填在办的单位。"


class NotFound(Exception):
    """No single unit goes by that name; the message is a sentence about the cell."""


@dataclass(frozen=True)
class Before:
    """An existing unit as it stands."""

    name: str
    kind: str
    ownership: str
    parent: "Node | None"
    code: str | None
    credit_code: str | None
    pinyin: str


#: What a roster may change about a unit, but for its place.
FACTS = ("name", "kind", "ownership", "code", "credit_code", "pinyin")


@dataclass(eq=False)
class Node:
    """A unit as it will stand. `unit` is the row it has now (None: new), `row` the line that speaks of it."""

    name: str
    kind: str = ""
    ownership: str = ""
    parent: "Node | None" = None
    code: str | None = None
    credit_code: str | None = None
    pinyin: str = ""
    unit: Unit | None = None
    before: Before | None = None
    row: Row | None = None
    former: list[str] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return self.unit is None or self.unit.closed_at is None

    @property
    def moved(self) -> bool:
        return self.before is not None and self.parent is not self.before.parent

    @property
    def changed(self) -> list[str]:
        """Which of the facts of an existing unit would be others."""
        return [one for one in FACTS if self.before and getattr(self, one) != getattr(self.before, one)]

    def line(self) -> "Iterator[Node]":
        """The node itself and those above it, up to the edge of the reach."""
        above: Node | None = self
        while above is not None:
            yield above
            above = above.parent

    def is_called(self, text: str) -> bool:
        """By its name, or by that of its parent, a slash and its name, and so on up."""
        if self.name == text:
            return True
        above, own = text[: -len(self.name) - 1], text[-len(self.name) - 1 :]
        return own == f"/{self.name}" and self.parent is not None and self.parent.is_called(above)


class Tree:
    """All units within reach, found by code, by name and by names they once had."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.nodes: list[Node] = []
        self.by_pk: dict[int, Node] = {}
        self.by_code: dict[str, Node] = {}
        self.by_credit_code: dict[str, Node] = {}
        self.by_name: dict[str, list[Node]] = defaultdict(list)
        self.by_former: dict[str, list[Node]] = defaultdict(list)
        self.by_place: dict[tuple[Node | None, str], Node] = {}
        for unit in units:
            self.add(_node(unit))
        for node in self.nodes:
            node.parent = self.by_pk.get(node.unit.parent_id)
            node.before = Before(parent=node.parent, **{one: getattr(node, one) for one in FACTS})
            self.by_place[node.parent, node.name] = node
        names = FormerName.objects.filter(unit__in=self.by_pk).order_by("pk").values_list("unit_id", "name")
        for pk, name in names:
            self._once(self.by_pk[pk], tidy(name))

    def add(self, node: Node) -> None:
        """Make a node known by its codes and its name."""
        self.nodes.append(node)
        if node.unit is not None:
            self.by_pk[node.unit.pk] = node
        self.by_name[node.name].append(node)
        self.recode(node, node.code, node.credit_code)

    def place(self, node: Node, parent: Node | None) -> None:
        """Put a node under `parent`, where its name must be free."""
        if self.by_place.get((node.parent, node.name)) is node:
            del self.by_place[node.parent, node.name]
        node.parent = parent
        self.by_place[parent, node.name] = node

    def rename(self, node: Node, name: str) -> None:
        """From here on the node goes by `name`; the old one is remembered."""
        if self.by_place.get((node.parent, node.name)) is node:
            del self.by_place[node.parent, node.name]
        self.by_name[node.name].remove(node)
        self._once(node, node.name)
        node.name = name
        self.by_name[name].append(node)

    def recode(self, node: Node, code: str | None, credit_code: str | None) -> None:
        for index, old, new in (
            (self.by_code, node.code, code),
            (self.by_credit_code, node.credit_code, credit_code),
        ):
            if old and index.get(old) is node:
                del index[old]
            if new:
                index[new] = node
        node.code, node.credit_code = code, credit_code

    def find(self, text: str) -> Node:
        """The unit that a cell names; raises NotFound with a sentence."""
        if (coded := self.by_code.get(clean_code(text))) and coded.open:
            return coded
        called = self.by_name.get(text) or self._by_way(text)
        for found in (called, self.by_former.get(text, [])):
            in_force = [node for node in found if node.open]
            if len(in_force) == 1:
                return in_force[0]
            if in_force:
                raise NotFound(AMBIGUOUS.format(n=len(in_force), text=text))
        raise NotFound((CLOSED if called or coded else UNKNOWN).format(text=text))

    def reference(self, node: Node) -> str:
        """The shortest text by which `find` finds the node again."""
        ways = [node.name, *([node.code] if node.code else [])]
        way = node.name
        for above in list(node.line())[1:]:
            way = f"{above.name}/{way}"
            ways.append(way)
        return next((one for one in ways if self._leads_to(one, node)), way)

    def as_unit(self, node: Node) -> Unit:
        """An unsaved unit that stands where the node will stand, for rules to look at.

        New ones have paths of the right length that no saved unit has.
        """
        line = list(node.line())[::-1]
        head = line[0].unit
        path = head.path[:-STEP] if head else ""
        for one in line:
            path += one.unit.path[-STEP:] if one.unit else f"+{one.row.number:0{STEP - 1}}"
        return Unit(
            pk=node.unit and node.unit.pk,
            name=node.name,
            kind=node.kind,
            path=path,
            closed_at=node.unit and node.unit.closed_at,
        )

    def _leads_to(self, text: str, node: Node) -> bool:
        try:
            return self.find(text) is node
        except NotFound:
            return False

    def _by_way(self, text: str) -> list[Node]:
        places = [place for place, one in enumerate(text) if one == "/"]
        return [
            node
            for place in places
            for node in self.by_name.get(text[place + 1 :], [])
            if node.is_called(text)
        ]

    def _once(self, node: Node, name: str) -> None:
        if name not in node.former:
            node.former.append(name)
            self.by_former[name].append(node)


def _node(unit: Unit) -> Node:
    return Node(
        name=tidy(unit.name),
        kind=unit.kind,
        ownership=unit.ownership,
        code=unit.code or None,
        credit_code=unit.credit_code or None,
        pinyin=unit.pinyin,
        unit=unit,
    )
