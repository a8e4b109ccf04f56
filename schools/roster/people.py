"""The check of the sheet 人员: which row is which person, and what would become of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib.auth.validators import ASCIIUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from schools.enums import Role
from schools.models import User
from schools.pinyin import initials, key_for
from schools.roster.findings import REPEATED, Change, Findings
from schools.roster.layout import (
    IN_USE,
    PEOPLE,
    ROLES,
    STOPPED,
    is_phone,
    tidy_contact,
    tidy_name,
    tidy_phone,
)
from schools.roster.reading import Row
from schools.roster.tree import Node, NotFound, Tree

NAME, UNIT, ROLE, PHONE, EMAIL = "姓名", "单位", "角色", "手机", "电子邮箱"
USERNAME, STATE = "用户名", "状态"
LIMITS = {NAME: 40, PHONE: 20, EMAIL: 254, USERNAME: 60}
KEY_LENGTH = User._meta.get_field("pinyin").max_length
FACTS = {NAME: "name", PHONE: "phone", EMAIL: "email", USERNAME: "username", STATE: "is_active"}
TIDY = {NAME: tidy_name, PHONE: tidy_phone}

OTHER_ROLE = "花名册只能填“信息员”或“单位负责人”，其他角色请由安全管理员在“任职”中任命。"
WRONG_PHONE = "手机应为1开头的11位号码，或7至12位的固定电话，请核对后重新填写。"
WRONG_EMAIL = "电子邮箱的格式不正确，请核对后重新填写。"
WRONG_USERNAME = "用户名只能由字母、数字和 @ . + - _ 组成，请改正。"
OTHER_POSTS = "用户名“{username}”是{name}的账号，担任其他职务，不能通过花名册修改；请核对用户名。"
NO_POSTS = "用户名“{username}”是{name}的账号，目前没有任职，不能通过花名册修改；请核对用户名。"
RENAMES = "用户名“{username}”是{old}的账号，导入后姓名将由“{old}”改为“{name}”，请核对是否为同一人。"
TAKEN = "这个用户名已被使用，请换一个或留空。"
SAME_PHONE = "手机与“{name}”的相同，姓名却不同：如为同一人更名，请填写其用户名；如为两人，请各填本人的手机。"
NAMESAKES = "“{unit}”有{n}名叫“{name}”的人员，请填写用户名加以区分。"
AT_ODDS = "与第{other}行是同一人，但“{column}”不同，请改为一致；如为同名的两人，请填写用户名或手机加以区分。"
TWICE = REPEATED[:-1] + "；如为同名的两人，请填写用户名或手机加以区分。"
NOT_YOURS = "“{name}”任职超出您的管辖范围，或担任安全、审计职责，不能通过导入修改，请删除这一行。"
APPOINTED = "“{name}”担任其他职务，其任职请由安全管理员办理，请删除这一行。"
NOT_SELF = "不能停用自己的账号，请由其他系统管理员办理。"
LEFT_ALREADY = "系统中没有这名人员，停用的人员无需导入，请删除这一行。"


@dataclass(eq=False)
class Person:
    """A person as they will stand: `facts` by column, and the posts that are to be added."""

    row: Row
    user: User | None = None
    facts: dict[str, str] = field(default_factory=dict)
    said_by: dict[str, int] = field(default_factory=dict)  # column → the row that said so first
    posts: dict[tuple[Node, Role], Row] = field(default_factory=dict)
    username: str = ""

    @property
    def name(self) -> str:
        return self.facts.get(NAME) or (self.user.name if self.user else "")

    @property
    def differing(self) -> list[str]:
        """Columns in which an existing person would change."""
        if self.user is None:
            return []
        return [one for one, now in self.facts.items() if now and now != shown(self.user, one)]

    @property
    def new_posts(self) -> list[tuple[Node, Role]]:
        """Posts the person does not hold; whoever is to leave is given none."""
        if self.facts.get(STATE) == STOPPED:
            return []
        held = {(post.unit_id, post.role) for post in self.user.active_memberships} if self.user else set()
        return [(node, role) for node, role in self.posts if (node.unit and node.unit.pk, role) not in held]


def shown(user: User, column: str) -> str:
    """What a roster says of the person in that column."""
    if column == STATE:
        return IN_USE if user.is_active else STOPPED
    return TIDY.get(column, tidy_contact)(getattr(user, FACTS[column]))


@dataclass(eq=False)
class Wish:
    """A row whose own cells are in order."""

    row: Row
    unit: Node
    role: Role


class PeopleCheck:
    """Goes through the rows, people known by user name first, then by telephone, then by name and unit."""

    def __init__(
        self, tree: Tree, findings: Findings, *, by: User, may_keep: Callable[[User], bool], failed: set[str]
    ) -> None:
        self.tree = tree
        self.findings = findings
        self.by = by
        self._may_keep = may_keep
        self.failed = failed
        self.people: list[Person] = []
        self.by_username: dict[str, Person] = {}
        self.by_phone: dict[str, list[Person]] = defaultdict(list)
        self.by_seat: dict[tuple[str, object], list[Person]] = defaultdict(list)
        self.kept_phones: set[str] = set()

    def run(self, rows: list[Row], known: Iterable[User], usernames: set[str]) -> list[Person]:
        """The people that rows speak of.

        `known`: those within reach whom the rows could mean, each with the memberships that ended
        in `former_posts`; `usernames`: all that are in use anywhere.
        """
        known = list(known)
        self.kept_phones = {shown(user, PHONE) for user in known}
        wishes = [wish for row in rows if (wish := self._wish(row))]
        for user in known:
            self._index(Person(wishes[0].row if wishes else Row(PEOPLE, 0, {}), user))
        for wish in sorted(wishes, key=self._rank):
            self._attach(wish, usernames)
        self.people.sort(key=lambda person: person.row.number)
        for person in self.people:
            self._judge(person)
        self._name_accounts(usernames)
        return self.people

    # One row by itself

    def _wish(self, row: Row) -> Wish | None:
        note, before = self.findings, len(self.findings.errors)
        note.required(row, NAME, UNIT, ROLE)
        for column, limit in LIMITS.items():
            note.short(row, column, limit)
        if row[ROLE] in Role.labels and row[ROLE] not in ROLES:
            note.refuse(row, ROLE, OTHER_ROLE)
        role = note.choice(row, ROLE, ROLES)
        note.choice(row, STATE, {IN_USE: True, STOPPED: True})
        self._contacts(row)
        unit = self._unit(row)
        return Wish(row, unit, role) if unit and len(note.errors) == before else None

    def _contacts(self, row: Row) -> None:
        # What somebody has typed into an account comes back in an export; it must not stop an import.
        if row[PHONE] and not is_phone(row[PHONE]) and row[PHONE] not in self.kept_phones:
            self.findings.refuse(row, PHONE, WRONG_PHONE)
        for column, validate, sentence in (
            (EMAIL, validate_email, WRONG_EMAIL),
            (USERNAME, ASCIIUsernameValidator(), WRONG_USERNAME),
        ):
            try:
                if row[column]:
                    validate(row[column])
            except ValidationError:
                self.findings.refuse(row, column, sentence)

    def _unit(self, row: Row) -> Node | None:
        if not row[UNIT]:
            return None
        try:
            return self.tree.find(row[UNIT])
        except NotFound as reason:
            if row[UNIT] not in self.failed:
                self.findings.refuse(row, UNIT, str(reason))
        return None

    # Who it is

    def _rank(self, wish: Wish) -> int:
        """The surest first: a row that could mean somebody must not take them from one that does."""
        row = wish.row
        signs = (
            row[USERNAME] in self.by_username,
            bool(self.by_phone.get(row[PHONE])),
            bool(row[USERNAME]),
            bool(row[PHONE]),
            True,
        )
        return signs.index(True)

    def _index(self, person: Person) -> None:
        """Make an existing person known by all that may stand in a row."""
        user = person.user
        person.username = user.username
        self.by_username[user.username] = person
        if phone := shown(user, PHONE):
            self.by_phone[phone].append(person)
        for pk in {post.unit_id for post in user.active_memberships or user.former_posts}:
            if node := self.tree.by_pk.get(pk):
                self.by_seat[tidy_name(user.name), node].append(person)

    def _attach(self, wish: Wish, usernames: set[str]) -> None:
        """Find or make the person, and give them what the row says."""
        row = wish.row
        before = len(self.findings.errors)
        person = self._find(wish, usernames)
        if len(self.findings.errors) > before:
            return
        if person is None:
            person = Person(row, username=row[USERNAME])
        if not person.posts:
            person.row = row
            self.people.append(person)
        if row[USERNAME]:
            self.by_username[row[USERNAME]] = person
        if person.user is None:
            self._remember(person, wish)
        self._merge(person, wish)

    def _find(self, wish: Wish, usernames: set[str]) -> Person | None:
        row, name = wish.row, wish.row[NAME]
        if (person := self.by_username.get(row[USERNAME])) is not None:
            if person.user and (refusal := _why_not_renamed(person.user, row)):
                self.findings.refuse(row, USERNAME, refusal)
            return person
        if row[USERNAME] in usernames:
            self.findings.refuse(row, USERNAME, TAKEN)
            return None
        if sharing := [one for one in self.by_phone.get(row[PHONE], []) if self._free(one, row)]:
            alike = [one for one in sharing if tidy_name(one.name) == name]
            if not alike:
                self.findings.refuse(row, PHONE, SAME_PHONE.format(name=sharing[0].name))
            elif len(alike) == 1:
                return alike[0]
        seated = [one for one in self.by_seat.get((name, wish.unit), []) if self._free(one, row)]
        if len(seated) > 1:
            sentence = NAMESAKES.format(unit=wish.unit.name, n=len(seated), name=name)
            self.findings.refuse(row, NAME, sentence)
        return seated[0] if len(seated) == 1 else None

    def _free(self, person: Person, row: Row) -> bool:
        """Whether no other row has claimed this person with another user name or telephone."""
        claims = ((row[column], person.facts.get(column)) for column in (USERNAME, PHONE))
        return not any(own and other and own != other for own, other in claims)

    def _remember(self, person: Person, wish: Wish) -> None:
        """A new person is known to the rows that follow."""
        row = wish.row
        if row[PHONE] and person not in self.by_phone[row[PHONE]]:
            self.by_phone[row[PHONE]].append(person)
        if person not in self.by_seat[row[NAME], wish.unit]:
            self.by_seat[row[NAME], wish.unit].append(person)

    def _merge(self, person: Person, wish: Wish) -> None:
        row = wish.row
        other = person.posts.setdefault((wish.unit, wish.role), row)
        if other is not row:
            self.findings.refuse(row, NAME, TWICE.format(other=other.number))
            return
        for column in FACTS:
            if not row[column]:
                continue
            said = person.facts.setdefault(column, row[column])
            if said != row[column]:
                first = person.said_by[column]
                self.findings.refuse(row, column, AT_ODDS.format(other=first, column=column))
            person.said_by.setdefault(column, row.number)

    # What may be done

    def _judge(self, person: Person) -> None:
        if person.user is None:
            if person.facts.get(STATE) == STOPPED:
                self.findings.refuse(person.row, STATE, LEFT_ALREADY)
        elif not person.differing and not person.new_posts:
            return
        elif not self._may_keep(person.user):
            self.findings.refuse(person.row, NAME, NOT_YOURS.format(name=person.name))
        elif person.new_posts and not self.by.is_superuser and person.user.roles - set(Role.own_unit()):
            self.findings.refuse(person.row, NAME, APPOINTED.format(name=person.name))
        elif person.user == self.by and person.facts.get(STATE) == STOPPED:
            self.findings.refuse(person.row, STATE, NOT_SELF)
        elif NAME in person.differing:
            user = person.user
            sentence = RENAMES.format(username=user.username, old=user.name, name=person.name)
            self.findings.doubt(person.row, NAME, sentence)

    def _name_accounts(self, usernames: set[str]) -> None:
        """Give new people without a user name one: the key of their unit and a number."""
        taken = {one.lower() for one in usernames} | {one.username.lower() for one in self.people}
        counters: dict[str, int] = defaultdict(int)
        for person in self.people:
            if person.user is not None:
                person.username = person.facts.get(USERNAME, person.user.username)
            elif not person.username:
                person.username = person.facts.get(USERNAME) or _free_name(person, taken, counters)


def _why_not_renamed(user: User, row: Row) -> str:
    """Why the row, which has the user name of `user`, can hardly mean them; "" when it may.

    A slip in a user name must not give somebody's account, with its rights, another name.
    """
    if row[NAME] == shown(user, NAME):
        return ""
    roles = user.roles
    if roles and roles <= set(Role.own_unit()):
        return ""
    return (OTHER_POSTS if roles else NO_POSTS).format(username=row[USERNAME], name=user.name)


def _free_name(person: Person, taken: set[str], counters: dict[str, int]) -> str:
    [unit, _], *_ = person.posts
    base = (unit.pinyin or initials(unit.name) or "user")[: LIMITS[USERNAME] - 10]
    while True:
        counters[base] += 1
        name = f"{base}{counters[base]:02}"
        if name not in taken:
            taken.add(name)
            return name


def key_of(person: Person) -> str:
    """The pinyin key the person will have."""
    user = person.user
    if user is None:
        return key_for(person.name, "", KEY_LENGTH)
    if NAME not in person.differing:
        return user.pinyin
    return key_for(person.name, user.pinyin, KEY_LENGTH, before=(user.name, user.pinyin))


def change(person: Person) -> Change | None:
    """What would change about the person; None when nothing does."""
    posts = "、".join(f"{node.name}{role.label}" for node, role in person.new_posts)
    if person.user is None:
        facts = {**person.facts, USERNAME: person.username}
        values = [(one, "", facts[one]) for one in FACTS if facts.get(one)]
    else:
        values = [(one, shown(person.user, one), person.facts[one]) for one in person.differing]
    if posts:
        values.append(("新任职", "", posts))
    if not values:
        return None
    return Change(PEOPLE, person.row.number, person.name, person.user is None, values)
