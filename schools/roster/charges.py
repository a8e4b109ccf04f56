"""The check of the sheets 包挂 and 结对: who would answer for what, and who would help whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schools.enums import Role
from schools.models import Pairing, Responsibility, User
from schools.roster.findings import REPEATED, Change, Findings
from schools.roster.layout import CHARGES, PAIRS, STOPPED, tidy_name
from schools.roster.people import STATE, Person
from schools.roster.reading import Row
from schools.roster.tree import Node, NotFound, Tree
from schools.rules import why_no_leader, why_no_section, why_not_paired

UNIT, LEADER, USERNAME, SECTION = "所包单位", "包挂领导", "领导用户名", "包挂科室"
ONE, OTHER, NOTE = "单位", "结对单位", "结对内容"
NOTE_LENGTH = Pairing._meta.get_field("note").max_length

ONE_BEARER = "包挂领导和包挂科室须填且只填一个，请改正。"
NO_ACCOUNT = "用户名“{text}”不存在或不在您的管辖范围内，请核对后重新填写。"
OTHER_NAME = "用户名“{username}”是{name}的账号，与所填姓名不符，请核对后改正。"
NO_LEADER = "管辖范围内没有叫“{text}”的局领导或活动专员，请核对姓名，或先由安全管理员任命。"
NAMESAKES = "管辖范围内有{n}名叫“{text}”的局领导或活动专员，请填写用户名加以区分。"
STOPS = "{name}在“人员”表第{row}行停用，请另选包挂领导，或改正那一行的状态。"
ITSELF = "单位不能与自己结对，请另填结对单位。"


@dataclass(eq=False)
class Charge:
    """A row of 包挂: `leader` or else `section` answers for `unit`; `held`: they do already."""

    row: Row
    unit: Node
    leader: User | None
    section: Node | None
    held: bool = False

    def made(self, at: datetime) -> Responsibility:
        """The row to be saved, once the units are there."""
        section = self.section and self.section.unit
        return Responsibility(leader=self.leader, section=section, unit=self.unit.unit, started_at=at)


@dataclass(eq=False)
class Pair:
    """A row of 结对. `pairing` is the one in force (None: new)."""

    row: Row
    unit: Node
    partner: Node
    pairing: Pairing | None = None

    @property
    def renoted(self) -> bool:
        """Whether the row says something else about an existing pairing; an empty cell says nothing."""
        return self.pairing is not None and self.row[NOTE] not in ("", self.pairing.note)

    def made(self, at: datetime) -> Pairing:
        """The row to be saved, once the units are there."""
        return Pairing(unit=self.unit.unit, partner=self.partner.unit, note=self.row[NOTE], started_at=at)


class MapCheck:
    """Goes through the rows of both sheets, when the units of the book stand in `tree` already.

    `failed`: names in rows of units with mistakes; who refers to them is not blamed. `people`: as the
    sheet 人员 of the book would leave them.
    """

    def __init__(self, tree: Tree, findings: Findings, *, failed: set[str], people: Iterable[Person]) -> None:
        self.tree = tree
        self.findings = findings
        self.failed = failed
        self.planned = {one.user.pk: one for one in people if one.user}
        self.by_username: dict[str, User] = {}
        self.by_name: dict[str, list[User]] = defaultdict(list)

    def charges(
        self, rows: list[Row], people: Iterable[User], held: Iterable[tuple[int | None, int | None, int]]
    ) -> list[Charge]:
        """What the rows of 包挂 mean.

        `people`: those within reach whom they could name; `held`: the pks (leader, section, unit) of
        what is in force.
        """
        for user in people:
            self.by_username[user.username] = user
            if user.roles & set(Role.overseeing()):
                self.by_name[tidy_name(user.name)].append(user)
        known, seen, found = set(held), {}, []
        for row in rows:
            charge = self._charge(row)
            if charge is None:
                continue
            key = (charge.leader, charge.section, charge.unit)
            if (other := seen.setdefault(key, row.number)) != row.number:
                self.findings.refuse(row, UNIT, REPEATED.format(other=other))
                continue
            charge.held = (charge.leader and charge.leader.pk, _pk(charge.section), _pk(charge.unit)) in known
            if charge.held or self._may_be(charge):
                found.append(charge)
        return found

    def pairs(self, rows: list[Row], held: Iterable[Pairing]) -> list[Pair]:
        """What the rows of 结对 mean; `held` is in force."""
        known = {frozenset((one.unit_id, one.partner_id)): one for one in held}
        seen, found = {}, []
        for row in rows:
            self.findings.short(row, NOTE, NOTE_LENGTH)
            self.findings.required(row, ONE, OTHER)
            unit, partner = self._unit(row, ONE), self._unit(row, OTHER)
            if unit is None or partner is None:
                continue
            if unit is partner:
                self.findings.refuse(row, OTHER, ITSELF)
                continue
            if (other := seen.setdefault(frozenset((unit, partner)), row.number)) != row.number:
                self.findings.refuse(row, ONE, REPEATED.format(other=other))
                continue
            pair = Pair(row, unit, partner, known.get(frozenset((_pk(unit), _pk(partner)))))
            if pair.pairing or self._may_pair(pair):
                found.append(pair)
        return found

    def _charge(self, row: Row) -> Charge | None:
        """A row of which every cell is in order by itself."""
        self.findings.required(row, UNIT)
        unit = self._unit(row, UNIT)
        by_leader, by_section = bool(row[LEADER] or row[USERNAME]), bool(row[SECTION])
        if by_leader == by_section:
            self.findings.refuse(row, SECTION if by_section else LEADER, ONE_BEARER)
            return None
        leader = self._leader(row) if by_leader else None
        section = self._unit(row, SECTION)
        return Charge(row, unit, leader, section) if unit and (leader or section) else None

    def _unit(self, row: Row, column: str) -> Node | None:
        if not row[column]:
            return None
        try:
            return self.tree.find(row[column])
        except NotFound as reason:
            if row[column] not in self.failed:
                self.findings.refuse(row, column, str(reason))
        return None

    def _leader(self, row: Row) -> User | None:
        name, username = row[LEADER], row[USERNAME]
        if username:
            user = self.by_username.get(username)
            if user is None:
                self.findings.refuse(row, USERNAME, NO_ACCOUNT.format(text=username))
            elif name and name != tidy_name(user.name):
                self.findings.refuse(row, USERNAME, OTHER_NAME.format(username=username, name=user.name))
            else:
                return user
            return None
        called = self.by_name.get(name, [])
        if len(called) == 1:
            return called[0]
        sentence = NAMESAKES if called else NO_LEADER
        self.findings.refuse(row, LEADER, sentence.format(n=len(called), text=name))
        return None

    def _may_be(self, charge: Charge) -> bool:
        unit = self.tree.as_unit(charge.unit)
        if charge.leader:
            refusal = self._why_stopped(charge.leader) or why_no_leader(charge.leader, unit)
            return self._allowed(charge.row, LEADER, refusal)
        return self._allowed(charge.row, SECTION, why_no_section(self.tree.as_unit(charge.section), unit))

    def _why_stopped(self, leader: User) -> str:
        """Why the book itself keeps the leader from answering for anything new."""
        person = self.planned.get(leader.pk)
        if person is None or person.facts.get(STATE) != STOPPED:
            return ""
        return STOPS.format(name=leader.name, row=person.said_by[STATE])

    def _may_pair(self, pair: Pair) -> bool:
        first = self._allowed(pair.row, ONE, why_not_paired(self.tree.as_unit(pair.unit)))
        second = self._allowed(pair.row, OTHER, why_not_paired(self.tree.as_unit(pair.partner)))
        return first and second

    def _allowed(self, row: Row, column: str, refusal: str) -> bool:
        if refusal:
            self.findings.refuse(row, column, refusal)
        return not refusal


def _pk(node: Node | None) -> int | None:
    return node.unit.pk if node and node.unit else None


def change_of_charge(charge: Charge) -> Change | None:
    """What would change about the responsibility; None when they answer already."""
    if charge.held:
        return None
    what, who = (LEADER, charge.leader.name) if charge.leader else (SECTION, charge.section.name)
    return Change(CHARGES, charge.row.number, charge.unit.name, True, [(what, "", who)])


def change_of_pair(pair: Pair) -> Change | None:
    """What would change about the pairing; None when nothing does."""
    was, now = pair.pairing.note if pair.pairing else "", pair.row[NOTE]
    values = [(NOTE, was, now)] if now and now != was else []
    if pair.pairing is None:
        values.insert(0, (OTHER, "", pair.partner.name))
    if not values:
        return None
    return Change(PAIRS, pair.row.number, pair.unit.name, pair.pairing is None, values)
