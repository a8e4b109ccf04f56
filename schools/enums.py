"""Kinds of units, ownership and roles, each with the groups the rest of the code speaks of."""

from django.db.models import TextChoices


class UnitKind(TextChoices):
    """单位类别, from the addressees of the source papers."""

    BUREAU = "bureau", "教育局"
    SECTION = "section", "科室"
    DISTRICT = "district", "区县局"
    TOWNSHIP = "township", "镇街"
    KINDERGARTEN = "kindergarten", "幼儿园"
    PRIMARY = "primary", "小学"
    MIDDLE = "middle", "初中"
    HIGH = "high", "高中"
    NINE_YEAR = "nine_year", "九年一贯制"
    COMPLETE = "complete", "完全中学"
    VOCATIONAL = "vocational", "中职"
    SPECIAL = "special", "特教"
    ADULT = "adult", "成人学校"
    OTHER = "other", "其他"

    @classmethod
    def bureaus(cls) -> tuple["UnitKind", ...]:
        """Bodies that oversee a subtree; a bureau membership's scope is one of these by default."""
        return (cls.BUREAU, cls.DISTRICT)

    @classmethod
    def branches(cls) -> tuple["UnitKind", ...]:
        """Bodies by which figures are grouped: townships, else the bureau a unit hangs under."""
        return (cls.BUREAU, cls.DISTRICT, cls.TOWNSHIP)

    @classmethod
    def schools(cls) -> tuple["UnitKind", ...]:
        """Everything that teaches."""
        return (
            cls.KINDERGARTEN,
            cls.PRIMARY,
            cls.MIDDLE,
            cls.HIGH,
            cls.NINE_YEAR,
            cls.COMPLETE,
            cls.VOCATIONAL,
            cls.SPECIAL,
            cls.ADULT,
        )


class Ownership(TextChoices):
    PUBLIC = "public", "公办"
    PRIVATE = "private", "民办"


class Role(TextChoices):
    """What a person does; always held through a membership of a unit."""

    OFFICER = "officer", "活动专员"
    LEADER = "leader", "局领导"
    SECRETARY = "secretary", "信息员"
    HEAD = "head", "单位负责人"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDITOR = "auditor", "审计管理员"

    @classmethod
    def own_unit(cls) -> tuple["Role", ...]:
        """Roles that see their own unit's work and nothing else."""
        return (cls.SECRETARY, cls.HEAD)

    @classmethod
    def overseeing(cls) -> tuple["Role", ...]:
        """Roles that see the work of a whole subtree."""
        return (cls.OFFICER, cls.LEADER)

    @classmethod
    def duties(cls) -> tuple["Role", ...]:
        """The three duties that must lie with three people (三员分立)."""
        return (cls.SYSTEM, cls.SECURITY, cls.AUDITOR)
