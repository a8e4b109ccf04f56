"""The unit tree, and the names that units once had."""

from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from schools.codes import validate_credit_code
from schools.enums import Ownership, UnitKind

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

    def tops(self) -> Self:
        """Units in operation with nothing above them."""
        return self.active().filter(parent=None)


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
