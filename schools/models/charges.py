"""The map of responsibility (包挂): who answers for which unit; and schools that help each other (结对)."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from schools.enums import Role, UnitKind
from schools.models.people import Membership, User
from schools.models.units import Unit


def overseers() -> Q:
    """People who may be chosen to answer for a unit."""
    posts = Membership.objects.filter(ended_at=None, role__in=Role.overseeing())
    return Q(pk__in=posts.values("user"), is_active=True)


class ResponsibilityQuerySet(models.QuerySet["Responsibility"]):
    def in_force(self) -> Self:
        """Not ended; what a closed section answered for is nobody's until it is given anew."""
        return self.filter(Q(section=None) | Q(section__closed_at=None), ended_at=None)

    def of(self, user: User) -> Self:
        """The rows by which a person answers: the own ones, those of sections that the person answers
        for, and those of sections in which the person oversees."""
        seats = [post.unit_id for post in user.active_memberships if post.role in Role.overseeing()]
        mine = Responsibility.objects.in_force().filter(leader=user).values("unit")
        return self.filter(Q(leader=user) | Q(section__in=seats) | Q(section__in=mine))

    def for_unit(self, unit: Unit) -> Self:
        """The rows that name the unit, or one above it."""
        return self.filter(unit__path__in=unit.ancestor_paths())


class Responsibility(models.Model):
    """A person (`leader`) or a section answers for `unit` and everything below it.

    Rows are ended, never deleted. A person who answers for a section answers, through it, for what
    the section answers for (`schools.responsibility`). No row gives anybody a right.
    """

    leader = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="responsibilities",
        limit_choices_to=overseers,
        verbose_name="包挂领导",
        help_text="由个人包挂的填写；须是管辖范围包括所包单位的局领导或活动专员。",
    )
    section = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="responsibilities",
        limit_choices_to={"kind": UnitKind.SECTION, "closed_at": None},
        verbose_name="包挂科室",
        help_text="由科室包挂的填写；包挂该科室的领导随之包挂。",
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="answered_for",
        verbose_name="所包单位",
        help_text="科室、学校，或镇街、教育局；填镇街或教育局的，包括其下所有单位。",
    )
    started_at = models.DateTimeField("开始时间", default=timezone.now)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "包挂"
        ordering = ["unit__path", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(leader=None, section__isnull=False) | Q(leader__isnull=False, section=None),
                name="responsibility_one_bearer",
                violation_error_message="包挂领导和包挂科室须填且只填一个，请改正。",
            ),
            models.CheckConstraint(
                condition=Q(section=None) | ~Q(section=F("unit")),
                name="responsibility_not_itself",
                violation_error_message="科室不能包挂自己，请另选所包单位。",
            ),
            models.UniqueConstraint(
                fields=["leader", "unit"],
                condition=Q(ended_at=None),
                name="responsibility_once_by_leader",
                violation_error_message="该领导已包挂这个单位，无需重复添加。",
            ),
            models.UniqueConstraint(
                fields=["section", "unit"],
                condition=Q(ended_at=None),
                name="responsibility_once_by_section",
                violation_error_message="该科室已包挂这个单位，无需重复添加。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bearer}包挂{self.unit}"

    @property
    def bearer(self) -> User | Unit:
        """The person or the section."""
        return self.section if self.leader_id is None else self.leader


class PairingQuerySet(models.QuerySet["Pairing"]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)

    def for_unit(self, unit: Unit) -> Self:
        """The pairings of the unit itself, on whichever side it stands."""
        return self.filter(Q(unit=unit) | Q(partner=unit))


class Pairing(models.Model):
    """Two units that help each other; who helps whom stands in `note`, not in the order of the two.

    Rows are ended, never deleted.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pairings", verbose_name="结对单位")
    partner = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="partner_pairings",
        verbose_name="结对另一方",
        help_text="两个单位不分先后。",
    )
    note = models.CharField(
        "结对内容", max_length=100, blank=True, help_text="如：县城学校帮扶乡镇学校、同课异构。"
    )
    started_at = models.DateTimeField("开始时间", default=timezone.now)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结对"
        ordering = ["unit__path", "partner__path", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(unit=F("partner")),
                name="pairing_not_itself",
                violation_error_message="单位不能与自己结对，请另选结对单位。",
            ),
            models.UniqueConstraint(
                Least("unit", "partner"),
                Greatest("unit", "partner"),
                condition=Q(ended_at=None),
                name="pairing_once",
                violation_error_message="这两个单位已结对，无需重复添加。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}与{self.partner}结对"

    def other(self, unit: Unit) -> Unit:
        """The one that is paired with `unit`."""
        return self.partner if self.unit_id == unit.pk else self.unit
