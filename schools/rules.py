"""“Allowed now?”, each answered with "" or the sentence that says why not."""

from schools.access import scope_of
from schools.enums import Role, UnitKind
from schools.models import STEP, Unit, User


class NotAllowed(Exception):
    """A rule forbids it; the message is one Chinese sentence for the person who asked."""


#: The first two digits of the 学校（机构）标识码, where the kind of unit leaves no choice.
CODE_CLASSES = {
    UnitKind.KINDERGARTEN: "11",
    UnitKind.PRIMARY: "21",
    UnitKind.MIDDLE: "31",
    UnitKind.HIGH: "34",
    UnitKind.VOCATIONAL: "36",
    UnitKind.SPECIAL: "51",
}


def why_unlikely(code: str, kind: str) -> str:
    """Why a 学校（机构）标识码 looks as if it belonged to another kind of unit: a doubt, not a mistake."""
    expected = CODE_CLASSES.get(kind)
    if expected is None or code.startswith(expected):
        return ""
    return f"{UnitKind(kind).label}的学校（机构）标识码通常以{expected}开头，请核对是否有误。"


def why_not_closed(unit: Unit, successor: Unit | None) -> str:
    """Why `unit` cannot be closed, and what it did be left to `successor` (None: to nobody)."""
    if unit.closed_at is not None:
        return f"{unit}已撤并，无需再次办理。"
    if unit.children.active().exists():
        return f"{unit}还有下级单位，请先撤并下级单位或把它们移到别的单位之下。"
    if successor is None:
        return ""
    if successor.pk == unit.pk:
        return "不能并入自己，请另选并入的单位。"
    if successor.closed_at is not None:
        return f"{successor}已撤并，请另选并入的单位。"
    return ""


def why_no_leader(leader: User, unit: Unit) -> str:
    """Why `leader` cannot answer for `unit`: who does not oversee it would be shown nothing of it."""
    if not leader.is_active:
        return f"{leader}的账号已停用，请另选包挂领导。"
    if not scope_of(leader, *Role.overseeing()).covers(unit):
        return f"{leader}不是管辖{unit}的局领导或活动专员，请另选包挂领导或所包单位。"
    return ""


def why_no_section(section: Unit, unit: Unit) -> str:
    """Why `section` cannot answer for `unit`. Looks at kinds and paths alone."""
    if section.kind != UnitKind.SECTION:
        return f"{section}不是科室，请另选包挂科室。"
    if section.closed_at is not None:
        return f"{section}已撤并，请另选包挂科室。"
    if section.path == unit.path:
        return "科室不能包挂自己，请另选所包单位。"
    if unit.kind == UnitKind.SECTION:
        return f"{unit}是科室，科室只能由领导包挂，请另选所包单位。"
    if section.path.startswith(unit.path):
        return f"{unit}是{section}的上级单位，不能由该科室包挂，请另选所包单位。"
    if not unit.path.startswith(section.path[:-STEP]):
        return f"{unit}不在{section}所属教育局的管辖范围内，请另选所包单位。"
    return ""


def why_not_charged(unit: Unit) -> str:
    """Why nobody can be made to answer for `unit`."""
    return f"{unit}已撤并，请另选所包单位。" if unit.closed_at is not None else ""


def why_not_paired(unit: Unit) -> str:
    """Why `unit` cannot be one of a pair."""
    if unit.closed_at is not None:
        return f"{unit}已撤并，请另选结对单位。"
    if unit.kind not in (*UnitKind.schools(), UnitKind.OTHER):
        return f"{unit}是{UnitKind(unit.kind).label}，结对的双方须是学校，请另选结对单位。"
    return ""


def keeps_map(by: User) -> bool:
    """Whether `by` keeps the map of responsibility: officers of a whole bureau, system administrators."""
    return keeps_roster(by) or any(
        post.role == Role.OFFICER and post.scope.kind in UnitKind.bureaus() for post in by.active_memberships
    )


def keeps_roster(by: User) -> bool:
    """Whether `by` imports and exports the roster: the system administrator, and the technical account."""
    return by.is_superuser or Role.SYSTEM in by.roles


def may_keep(by: User, user: User) -> bool:
    """Whether the system administrator `by` may change the facts and the password of `user`.

    Who can reset a password can act in that person's name: hence not over the two other duties,
    and over nobody whose posts reach further than the administrator's scope.
    """
    if by.is_superuser:
        return True
    if user.is_superuser or user.roles & {Role.SECURITY, Role.AUDITOR}:
        return False
    within = scope_of(by, Role.SYSTEM)
    return all(within.covers(post.unit) and within.covers(post.scope) for post in user.active_memberships)


def why_no_reissue(by: User, user: User) -> str:
    """Why the officer `by` may not give `user` a new activation code.

    Who knows the code can act as that person: hence only for people of single units, all of them
    inside the officer's own scope.
    """
    posts = user.active_memberships
    within = scope_of(by, Role.OFFICER)
    if user.is_superuser or any(post.role not in Role.own_unit() for post in posts):
        return f"{user}担任信息员、单位负责人以外的职务，请联系系统管理员重置密码。"
    if not posts or not all(within.covers(post.unit) for post in posts):
        return f"{user}另有管辖范围以外的任职或尚未任职，请联系系统管理员重置密码。"
    if not user.is_active:
        return f"{user}的账号已停用，请联系系统管理员启用后再重置密码。"
    return ""
