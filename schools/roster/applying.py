"""A plan into the database: everything or nothing, in bulk."""

from collections.abc import Callable
from datetime import datetime
from itertools import groupby

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from portal import audit
from portal.changes import difference, values_of
from schools.enums import Role
from schools.models import FormerName, Membership, Unit, User
from schools.reach import units_within_reach
from schools.roster import people as of_people
from schools.roster.charges import NOTE
from schools.roster.checking import SHOWN_ERRORS, Plan, as_lists, check
from schools.roster.layout import IN_USE
from schools.roster.people import FACTS, STATE, Person
from schools.roster.reading import Book, RowError
from schools.roster.tree import Node
from schools.services import responsibilities

Report = Callable[[str, int, int], None]

BATCH = 500
#: What must be unique while others still hold it, in the middle of an exchange of names.
SHARED = {"name", "code", "credit_code"}

CHANGED = "花名册核对之后，系统中的单位或人员有了变化，本次导入没有写入任何内容；请按下列说明改正后重新上传。"
OUTRUN = "导入时刚好有人修改了相同的单位或人员，本次导入没有写入任何内容；请重新上传核对。"


class NotApplied(Exception):
    """Nothing was written; `errors` says row by row why, if it is about rows (`checking.as_lists`)."""

    def __init__(self, sentence: str, errors: list[RowError] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.count = len(errors or [])
        self.errors = as_lists((errors or [])[:SHOWN_ERRORS])


def apply(book: Book, *, at: datetime, by: User, report: Report) -> Plan:
    """Check the rows once more, now under lock, and write all of them; returns what was done.

    Raises NotApplied, with nothing written, when there are errors or somebody else's save came between.
    """
    try:
        with transaction.atomic():
            _one_at_a_time()
            list(
                units_within_reach(by, Role.SYSTEM).select_for_update(no_key=True).order_by("pk").values("pk")
            )
            report("核对", 0, 0)
            plan = check(book, by)
            if plan.errors:
                raise NotApplied(CHANGED, plan.errors)
            _write_units(plan.units, at=at, by=by, report=report)
            _write_people(plan.people, at=at, by=by, report=report)
            _write_map(plan, at=at, by=by, report=report)
            summary = "；".join(
                f"{sheet}：新增{n['create']}、修改{n['update']}、未变{n['unchanged']}"
                for sheet, n in plan.counts.items()
            )
            audit.record("roster.apply", at=at, by=by, summary=summary, detail={"counts": plan.counts})
            return plan
    except IntegrityError as error:
        raise NotApplied(OUTRUN) from error


def _one_at_a_time() -> None:
    """Two imports at once would both find that a unit is not there yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('schools.roster'))")


# Units ----------------------------------------------------------------------------------------------


def _write_units(nodes: list[Node], *, at: datetime, by: User, report: Report) -> None:
    new = [node for node in nodes if node.unit is None]
    renewed = [node for node in nodes if node.unit is not None and (node.changed or node.moved)]
    before = {node.unit.pk: values_of(node.unit) for node in renewed}
    _free(renewed)
    _create(new, report)
    _move(renewed, report)
    _rewrite(renewed, at, report)
    now = Unit.objects.in_bulk([node.unit.pk for node in (*new, *renewed)])
    audit.record_many(
        "unit.create",
        ((unit, f"新增单位{unit}", {"after": values_of(unit)}) for unit in (now[n.unit.pk] for n in new)),
        at=at, by=by,
    )  # fmt: skip
    audit.record_many(
        "unit.save",
        (
            (unit, f"修改单位{unit}", difference(before[unit.pk], values_of(unit)))
            for unit in (now[node.unit.pk] for node in renewed)
        ),
        at=at, by=by,
    )  # fmt: skip


def _free(nodes: list[Node]) -> None:
    """Take names and codes off units that get others, so that two of them may exchange theirs."""
    pks = [node.unit.pk for node in nodes if node.moved or SHARED & set(node.changed)]
    provisional = Concat(Value("导入中·"), Cast("pk", CharField()))
    Unit.objects.filter(pk__in=pks).update(name=provisional, code=None, credit_code=None)


def _create(nodes: list[Node], report: Report) -> None:
    """Level by level, so that every parent is there before its children."""
    done = 0
    for _, level in groupby(sorted(nodes, key=_depth), key=_depth):
        nodes_here = list(level)
        for start in range(0, len(nodes_here), BATCH):
            batch = nodes_here[start : start + BATCH]
            made = Unit.objects.bulk_create(_unit(node) for node in batch)
            for node, unit in zip(batch, made, strict=True):
                node.unit = unit
            done += len(batch)
            report("新增单位", done, len(nodes))


def _unit(node: Node) -> Unit:
    return Unit(
        name=node.name,
        kind=node.kind,
        ownership=node.ownership,
        code=node.code,
        credit_code=node.credit_code,
        pinyin=node.pinyin,
        parent_id=node.parent and node.parent.unit.pk,
    )


def _depth(node: Node) -> int:
    return sum(1 for _ in node.line())


def _move(nodes: list[Node], report: Report) -> None:
    """From the top down, one by one: each arrives where its new parent already stands."""
    movers = sorted((node for node in nodes if node.moved), key=_depth)
    for done, node in enumerate(movers, start=1):
        Unit.objects.filter(pk=node.unit.pk).update(parent=node.parent.unit)
        report("移动单位", done, len(movers))


def _rewrite(nodes: list[Node], at: datetime, report: Report) -> None:
    """The facts of units that get others; moved ones have lost their names for a moment, too."""
    fields = sorted({one for node in nodes for one in node.changed} | SHARED)
    renamed = [node for node in nodes if "name" in node.changed]
    FormerName.objects.bulk_create(
        (FormerName(unit=node.unit, name=node.before.name, until=at) for node in renamed), batch_size=BATCH
    )
    for start in range(0, len(nodes), BATCH):
        batch = nodes[start : start + BATCH]
        for node in batch:
            for one in fields:
                setattr(node.unit, one, getattr(node, one))
        Unit.objects.bulk_update([node.unit for node in batch], fields)
        report("修改单位", start + len(batch), len(nodes))


# People ---------------------------------------------------------------------------------------------


def _write_people(people: list[Person], *, at: datetime, by: User, report: Report) -> None:
    new = [person for person in people if person.user is None]
    posts = [(person, *post) for person in people for post in person.new_posts]
    _amend([person for person in people if person.differing], at=at, by=by, report=report)
    _enroll(new, at=at, by=by, report=report)
    for start in range(0, len(posts), BATCH):
        batch = posts[start : start + BATCH]
        made = Membership.objects.bulk_create(
            Membership(user=person.user, unit=node.unit, role=role, scope=node.unit, started_at=at)
            for person, node, role in batch
        )
        audit.record_many("membership.start", ((one, str(one), {}) for one in made), at=at, by=by)
        report("登记任职", start + len(batch), len(posts))


def _enroll(people: list[Person], *, at: datetime, by: User, report: Report) -> None:
    """New people get no password but an activation code (schools.activation)."""
    for start in range(0, len(people), BATCH):
        batch = people[start : start + BATCH]
        made = User.objects.bulk_create(_user(person, at) for person in batch)
        for person, user in zip(batch, made, strict=True):
            person.user = user
        told = ((user, f"新增人员{user}", {"after": values_of(user)}) for user in made)
        audit.record_many("user.create", told, at=at, by=by)
        report("新增人员", start + len(batch), len(people))


def _user(person: Person, at: datetime) -> User:
    return User(
        username=person.username,
        name=person.name,
        pinyin=of_people.key_of(person),
        phone=person.facts.get(of_people.PHONE, ""),
        email=person.facts.get(of_people.EMAIL, ""),
        password=make_password(None),
        date_joined=at,
    )


def _amend(people: list[Person], *, at: datetime, by: User, report: Report) -> None:
    now = User.objects.select_for_update(no_key=True).order_by("pk").in_bulk([one.user.pk for one in people])
    traced = []
    for person in people:
        user = now[person.user.pk]
        before = values_of(user)
        user.pinyin = of_people.key_of(person)
        for column in person.differing:
            said = person.facts[column]
            setattr(user, FACTS[column], said == IN_USE if column == STATE else said)
        traced.append((user, f"修改人员{user}的资料", difference(before, values_of(user))))
    fields = [*FACTS.values(), "pinyin"]
    for start in range(0, len(traced), BATCH):
        batch = traced[start : start + BATCH]
        User.objects.bulk_update([user for user, *_ in batch], fields)
        audit.record_many("user.save", batch, at=at, by=by)
        report("修改人员", start + len(batch), len(traced))


# The map --------------------------------------------------------------------------------------------


def _write_map(plan: Plan, *, at: datetime, by: User, report: Report) -> None:
    """Start what is new; what stands is left alone but for the note of a pairing."""
    charges = [charge.made(at) for charge in plan.charges if not charge.held]
    pairs = [pair.made(at) for pair in plan.pairs if pair.pairing is None]
    for step, rows in (("登记包挂", charges), ("登记结对", pairs)):
        responsibilities.start_all(rows, by=by)
        if rows:
            report(step, len(rows), len(rows))
    for pair in plan.pairs:
        if pair.renoted:
            responsibilities.describe(pair.pairing, pair.row[NOTE], at=at, by=by)
