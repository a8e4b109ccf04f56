"""Words of a plan: kinds of campaigns and materials, states, roles in a leading group."""

from django.db.models import TextChoices


class CampaignKind(TextChoices):
    DISCUSSION = "discussion", "大讨论"
    INNOVATION = "innovation", "创新年"
    IMPROVEMENT = "improvement", "提升年"
    EXCELLENCE = "excellence", "创先争优"
    ANNUAL = "annual", "年度重点工作"


class CampaignState(TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "进行中"
    CLOSED = "closed", "已结束"
    ARCHIVED = "archived", "已归档"

    @classmethod
    def visible(cls) -> tuple["CampaignState", ...]:
        """States in which the campaign exists for anybody but its authors."""
        return (cls.PUBLISHED, cls.CLOSED, cls.ARCHIVED)


class PhaseState(TextChoices):
    UPCOMING = "upcoming", "未开始"
    OPEN = "open", "进行中"
    CLOSED = "closed", "已结束"


class Comparator(TextChoices):
    """How an indicator compares what is reported with its target (`submissions.sheets.meets`)."""

    AT_LEAST = "ge", "不低于"
    AT_MOST = "le", "不超过"
    REACHES = "eq", "达到"
    ABOUT = "ca", "约为"


class Aggregation(TextChoices):
    """How the values that units report for an indicator make one value of all of them."""

    SUM = "sum", "合计"
    AVERAGE = "average", "平均"

    @classmethod
    def usual(cls, unit: str) -> "Aggregation":
        """What is meant where nobody says: shares are averaged, everything else is added up."""
        return cls.AVERAGE if "%" in unit or "％" in unit else cls.SUM


class ActivityKind(TextChoices):
    LECTURE = "lecture", "专题讲座"
    DISCUSSION = "discussion", "座谈讨论"
    FORUM = "forum", "论坛"
    CLASS = "class", "学习培训"
    CONTEST = "contest", "竞赛评选"
    MEETING = "meeting", "会议"
    INSPECTION = "inspection", "督查点评"
    OTHER = "other", "其他"


class Frequency(TextChoices):
    ONCE = "once", "一次"
    WEEKLY = "weekly", "每周"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"


class Told(TextChoices):
    """Whom a rung of the ladder tells."""

    SECRETARY = "secretary", "信息员"
    HEAD = "head", "单位负责人"
    LEADER = "leader", "包挂领导"
    SECTION = "section", "包挂科室"
    OFFICE = "office", "领导小组办公室"
    GROUP = "group", "工作群"

    @classmethod
    def beforehand(cls) -> tuple["Told", ...]:
        """Who is told before the last day; the others hear of what is due today or late."""
        return (cls.SECRETARY, cls.HEAD, cls.GROUP)


class LeadershipRole(TextChoices):
    LEAD = "lead", "组长"
    DEPUTY = "deputy", "副组长"
    MEMBER = "member", "成员"
    OFFICE_HEAD = "office_head", "办公室主任"


class RequirementKind(TextChoices):
    """What may be asked for. A new kind is added here and nowhere else, unless it behaves differently
    (docs/CONTRIBUTING.md, “Add a requirement kind”)."""

    PLAN = "plan", "活动计划"
    MINUTES = "minutes", "会议纪要"
    EXPERIENCE = "experience", "体会文章"
    ESSAY = "essay", "征文"
    RESEARCH = "research", "调研报告"
    BRIEFING = "briefing", "简报"
    SUMMARY = "summary", "阶段总结"
    EXEMPLAR = "exemplar", "典型材料"
    SUGGESTION = "suggestion", "合理化建议"
    PROBLEMS = "problems", "问题清单"
    RECTIFICATION = "rectification", "整改报告"
    PROGRESS = "progress", "进度报表"
    ACKNOWLEDGEMENT = "acknowledgement", "签收"

    @classmethod
    def without_pieces(cls) -> tuple["RequirementKind", ...]:
        """Kinds fulfilled by one explicit click instead of a piece."""
        return (cls.ACKNOWLEDGEMENT,)

    @classmethod
    def compared(cls) -> tuple["RequirementKind", ...]:
        """Kinds whose text is compared with that of all others: what people write in words of their own."""
        others = (cls.SUGGESTION, cls.PROGRESS, *cls.without_pieces())
        return tuple(kind for kind in cls if kind not in others)
