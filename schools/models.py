"""Who: the unit tree, people, and the memberships that tie them together."""

from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from schools.codes import validate_credit_code
from schools.enums import Ownership, Role, UnitKind

STEP = 8  # digits of one level in a unit's path


def ancestor_paths(path: str) -> list[str]:
    """The paths from the root down to `path` itself."""
    return [path[:end] for end in range(STEP, len(path) + 1, STEP)]


class UnitQuerySet(models.QuerySet["Unit"]):
    def within(self, unit: "Unit") -> Self:
        """The unit itself and everything below it."""
        return self.filter(path__startswith=unit.path)

    def active(self) -> Self:
        return self.filter(closed_at=None)


class Unit(models.Model):
    """A body that can owe work. `path` is the tree: the ids from the root down, eight digits each.

    A database trigger derives `path` from `parent` on every insert and move (subtrees move with
    their head), so a subtree is one indexed prefix and nobody can write a wrong one.
    """

    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类别", max_length=16, choices=UnitKind)
    ownership = models.CharField("办学性质", max_length=8, choices=Ownership, default=Ownership.PUBLIC)
    code = models.CharField(
        "学校（机构）标识码",
        max_length=10,
        null=True,
        blank=True,
        unique=True,
        validators=[RegexValidator(r"^\d{10}$", "学校（机构）标识码为10位数字，请核对后重新填写。")],
        help_text="10位数字；没有的单位留空。",
    )
    credit_code = models.CharField(
        "统一社会信用代码",
        max_length=18,
        null=True,
        blank=True,
        unique=True,
        validators=[validate_credit_code],
        help_text="18位；没有的单位留空。",
    )
    pinyin = models.CharField(
        "拼音简码",
        max_length=60,
        blank=True,
        help_text="名称各字拼音的首字母，用于检索；留空自动生成，多音字有误时请改正。",
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        editable=False,
        verbose_name="并入单位",
    )
    path = models.CharField("路径", max_length=96, unique=True, editable=False)
    closed_at = models.DateTimeField("撤并时间", null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="unit_name_unique_among_siblings",
                violation_error_message="同一上级单位下已有同名单位，请换一个名称。",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=UnitKind.values),
                name="unit_kind_known",
                violation_error_message="单位类别不在允许的范围内，请重新选择。",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | (Q(closed_at__isnull=False) & ~Q(successor=F("pk"))),
                name="unit_merged_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save and read back the path that the trigger has set."""
        super().save(*args, **kwargs)
        self.refresh_from_db(fields=["path"])

    def ancestor_paths(self) -> list[str]:
        """Paths from the root down to this unit itself."""
        return ancestor_paths(self.path)


class FormerName(models.Model):
    """A name that a unit bore until `until`; rosters and searches still know it by that name."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="former_names", verbose_name="单位")
    name = models.CharField("曾用名", max_length=100)
    until = models.DateTimeField("更名时间")

    class Meta:
        verbose_name = verbose_name_plural = "曾用名"
        ordering = ["-until", "-pk"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; `password=None` leaves an unusable one."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create the technical account that sets up the first administrators."""
        return self.create_user(username, password, is_superuser=True, must_change_password=False, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do comes from their memberships alone (see `schools.access`)."""

    username = models.CharField(
        "用户名",
        max_length=60,
        unique=True,
        validators=[ASCIIUsernameValidator()],
        error_messages={"unique": "这个用户名已被使用，请换一个。"},
    )
    name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField("拼音简码", max_length=40, blank=True, help_text="留空自动生成。")
    phone = models.CharField("手机", max_length=20, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("在用", default=True, help_text="人员调离时取消勾选，其经手的材料保留。")
    must_change_password = models.BooleanField("下次登录须改密码", default=True)
    date_joined = models.DateTimeField("建立时间", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    get_short_name = get_full_name

    @cached_property
    def active_memberships(self) -> list["Membership"]:
        """Memberships in force, with units and scopes, read once per request."""
        return list(self.memberships.filter(ended_at=None).select_related("unit", "scope").order_by("pk"))

    @property
    def roles(self) -> set[Role]:
        return {Role(membership.role) for membership in self.active_memberships}

    @property
    def is_staff(self) -> bool:
        """Whether the admin opens for this person."""
        return self.is_superuser or bool(self.roles & {Role.OFFICER, *Role.duties()})


class Membership(models.Model):
    """A person's role in a unit, and the scope unit whose subtree (or self) the role reaches."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="人员")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships", verbose_name="所在单位")
    role = models.CharField("角色", max_length=12, choices=Role)
    scope = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        verbose_name="管辖范围",
        blank=True,
        help_text="留空时取所在单位或其最近的上级教育局；信息员和负责人只及本单位。",
    )
    started_at = models.DateTimeField("任职时间", default=timezone.now)
    ended_at = models.DateTimeField("离任时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["unit__path", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                condition=Q(ended_at=None),
                name="membership_once",
                violation_error_message="该人员在这个单位已有相同角色，无需重复添加。",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(role__in=Role.duties(), ended_at=None),
                name="membership_one_duty_per_person",
                violation_error_message="系统、安全、审计三种管理职责须由不同的人担任，请另选人员。",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=~Q(role__in=Role.own_unit()) | Q(scope=F("unit")),
                name="membership_own_unit_scope",
                violation_error_message="信息员和单位负责人的管辖范围只能是所在单位，请改正。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（{self.unit}{self.get_role_display()}）"
