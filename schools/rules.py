"""“Allowed now?”, each answered with "" or the sentence that says why not."""

from schools.access import scope_of
from schools.enums import Role, UnitKind
from schools.models import Unit, User


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
