"""States of the two things that move: a piece of work and the assignment it answers."""

from django.db.models import IntegerChoices, TextChoices


class PieceState(TextChoices):
    DRAFT = "draft", "草稿"
    TO_SIGN = "to_sign", "待签发"
    PENDING = "pending", "待审"
    FIRST_PASSED = "first_passed", "初审通过"
    ACCEPTED = "accepted", "通过"
    RETURNED = "returned", "退回"

    @classmethod
    def editable(cls) -> tuple["PieceState", ...]:
        """The school holds the pen."""
        return (cls.DRAFT, cls.RETURNED)

    @classmethod
    def sent(cls) -> tuple["PieceState", ...]:
        """The secretary has done their part."""
        return (cls.TO_SIGN, *cls.handed_in())

    @classmethod
    def with_the_school(cls) -> tuple["PieceState", ...]:
        """Nothing that holds has reached the bureau."""
        return (cls.TO_SIGN, *cls.editable())

    @classmethod
    def decided(cls) -> tuple["PieceState", ...]:
        """The last word has been said, for the time being."""
        return (cls.ACCEPTED, cls.RETURNED)

    @classmethod
    def undecided(cls) -> tuple["PieceState", ...]:
        """A reviewer has something to decide."""
        return (cls.PENDING, cls.FIRST_PASSED)

    @classmethod
    def handed_in(cls) -> tuple["PieceState", ...]:
        """With the bureau; where sign-off is asked, signed by the head."""
        return (cls.PENDING, cls.FIRST_PASSED, cls.ACCEPTED)


class Act(TextChoices):
    """What can be done to a piece."""

    SUBMIT = "submit", "提交"
    SUBMIT_FOR_SIGNATURE = "submit_for_signature", "送签"
    SIGN = "sign", "签发"
    WITHDRAW = "withdraw", "撤回"
    WITHDRAW_CORRECTION = "withdraw_correction", "撤回"
    PASS_FIRST = "pass_first", "初审通过"
    ACCEPT = "accept", "通过"
    RETURN = "return", "退回"
    REOPEN = "reopen", "重新打开"


class AssignmentState(TextChoices):
    TODO = "todo", "待报"
    TO_SIGN = "to_sign", "待签发"
    SUBMITTED = "submitted", "已报待审"
    FIRST_PASSED = "first_passed", "初审通过"
    ACCEPTED = "accepted", "通过"
    RETURNED = "returned", "退回"
    EXEMPT = "exempt", "免报"
    CANCELLED = "cancelled", "撤销"

    @classmethod
    def owed(cls) -> tuple["AssignmentState", ...]:
        """应报: everything but 免报 and 撤销."""
        return (cls.TODO, cls.TO_SIGN, cls.SUBMITTED, cls.FIRST_PASSED, cls.ACCEPTED, cls.RETURNED)

    @classmethod
    def not_handed_in(cls) -> tuple["AssignmentState", ...]:
        """Nothing (or not enough) has reached the bureau; past its due time this is 逾期."""
        return (cls.TODO, cls.TO_SIGN)

    @classmethod
    def unfinished(cls) -> tuple["AssignmentState", ...]:
        """Owed, and not all of it with the bureau."""
        return (*cls.not_handed_in(), cls.RETURNED)

    @classmethod
    def handed_in(cls) -> tuple["AssignmentState", ...]:
        return (cls.SUBMITTED, cls.FIRST_PASSED, cls.ACCEPTED)

    @classmethod
    def under_review(cls) -> tuple["AssignmentState", ...]:
        """All that is asked for is with the bureau, and not yet decided."""
        return (cls.SUBMITTED, cls.FIRST_PASSED)

    @classmethod
    def school_acts(cls) -> tuple["AssignmentState", ...]:
        """The secretary has something to do; what waits for the head's signature is found by its pieces."""
        return (cls.TODO, cls.RETURNED)


class Override(TextChoices):
    """What settles an assignment whatever its pieces are."""

    NONE = "", "无"
    EXEMPT = "exempt", "免报"
    CANCELLED = "cancelled", "撤销"
    NIL = "nil", "零报告"
    ACKNOWLEDGED = "acknowledged", "签收"


class EventKind(TextChoices):
    """What can happen to an assignment (the trail behind timelines and trends)."""

    ASSIGNED = "assigned", "下达任务"
    DRAFTED = "drafted", "开始起草"
    SUBMITTED = "submitted", "提交材料"
    WITHDRAWN = "withdrawn", "撤回"
    ACCEPTED = "accepted", "审核通过"
    RETURNED = "returned", "退回修改"
    REOPENED = "reopened", "重新打开"
    ACKNOWLEDGED = "acknowledged", "签收"
    SENT_TO_SIGN = "sent_to_sign", "提交签发"
    SIGNED = "signed", "负责人签发"
    NOT_SIGNED = "not_signed", "负责人退回"
    PASSED_FIRST = "passed_first", "初审通过"
    NIL = "nil", "零报告"
    RESCHEDULED = "rescheduled", "调整期限"
    CANCELLED = "cancelled", "撤销任务"
    REINSTATED = "reinstated", "恢复任务"
    ON_BEHALF = "on_behalf", "代为报送"
    EXEMPTED = "exempted", "免报"
    OWED_AGAIN = "owed_again", "取消免报"
    EXTENSION_ASKED = "ext_asked", "申请延期"
    EXTENSION_REFUSED = "ext_refused", "未同意延期"

    @classmethod
    def handing_in(cls) -> tuple["EventKind", ...]:
        """The version they name has reached the bureau."""
        return (cls.SUBMITTED, cls.SIGNED, cls.ON_BEHALF)

    @classmethod
    def inside(cls) -> tuple["EventKind", ...]:
        """Between the secretary and the head: the bureau learns that it happened, not what was said."""
        return (cls.SENT_TO_SIGN, cls.NOT_SIGNED)


class NudgeResult(TextChoices):
    """What a nudge came to for one unit."""

    TOLD = "told", "已催办"
    COOLING = "cooling", "近期已催办，未重复催办"
    FINISHED = "finished", "已报齐，无需催办"
    NOBODY = "nobody", "没有在用的信息员或负责人"


class Verdict(TextChoices):
    ACCEPT = "accept", "通过"
    RETURN = "return", "退回修改"
    REOPEN = "reopen", "重新打开"

    @classmethod
    def sending_back(cls) -> tuple["Verdict", ...]:
        """The school has to correct and hand in again."""
        return (cls.RETURN, cls.REOPEN)


class ReviewStep(IntegerChoices):
    """Whose decision a review is; with one step at the bureau, that is the first."""

    SIGN = 0, "负责人签发"
    FIRST = 1, "审核"
    FINAL = 2, "终审"


class ExtensionState(TextChoices):
    OPEN = "open", "待答复"
    GRANTED = "granted", "已同意"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"


class SuggestionState(TextChoices):
    NEW = "new", "待答复"
    MERGED = "merged", "已合并"
    ADOPTED = "adopted", "采纳"
    PARTLY = "partly", "部分采纳"
    DECLINED = "declined", "未采纳"
    WITHDRAWN = "withdrawn", "已撤回"

    @classmethod
    def in_order(cls) -> tuple["SuggestionState", ...]:
        """As they are worked on."""
        return (cls.NEW, cls.ADOPTED, cls.PARTLY, cls.DECLINED, cls.MERGED, cls.WITHDRAWN)

    @classmethod
    def answered(cls) -> tuple["SuggestionState", ...]:
        return (cls.ADOPTED, cls.PARTLY, cls.DECLINED)

    @classmethod
    def with_reason(cls) -> tuple["SuggestionState", ...]:
        """Answers that owe the school a reason."""
        return (cls.PARTLY, cls.DECLINED)

    @classmethod
    def carried_out(cls) -> tuple["SuggestionState", ...]:
        """What a responsible unit may be given to do."""
        return (cls.ADOPTED, cls.PARTLY)


class ExhibitState(TextChoices):
    ASKED = "asked", "待学校同意"
    SHOWN = "shown", "展示中"
    DECLINED = "declined", "学校未同意"
    REMOVED = "removed", "已撤下"
