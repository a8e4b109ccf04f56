"""People, and the memberships that tie them to units."""

from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from schools.enums import Role
from schools.models.units import Unit


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


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_post(self, *roles: Role) -> Self:
        """Held now by somebody whose account is in use; as one of `roles` where any are named."""
        held = self.filter(ended_at=None, user__is_active=True)
        return held.filter(role__in=roles) if roles else held


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

    objects = MembershipQuerySet.as_manager()

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
