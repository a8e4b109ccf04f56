"""How a person is told, by what, and what became of it."""

from django.db.models import TextChoices


class Manner(TextChoices):
    """How a notice goes out, once it is in the inbox."""

    ORDINARY = "ordinary", "一般"
    DEADLINE = "deadline", "期限"
    URGENT = "urgent", "紧急"

    @classmethod
    def mandatory(cls) -> tuple["Manner", ...]:
        """What nobody can switch off."""
        return (cls.DEADLINE, cls.URGENT)

    @classmethod
    def at_once(cls) -> tuple["Manner", ...]:
        """Each notice goes out by itself; the others wait for the day's digest."""
        return (cls.ORDINARY, cls.URGENT)


class ChannelKind(TextChoices):
    MAIL = "mail", "电子邮件"
    DINGTALK = "dingtalk", "钉钉群机器人"
    WECOM = "wecom", "企业微信群机器人"
    FEISHU = "feishu", "飞书群机器人"

    @classmethod
    def robots(cls) -> tuple["ChannelKind", ...]:
        """They speak to a group, never to one person."""
        return (cls.DINGTALK, cls.WECOM, cls.FEISHU)


class DeliveryState(TextChoices):
    WAITING = "waiting", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"
    DROPPED = "dropped", "无需发送"

    @classmethod
    def open(cls) -> tuple["DeliveryState", ...]:
        """A worker still has something to do."""
        return (cls.WAITING, cls.SENDING)


class Outcome(TextChoices):
    """What one attempt came to, by the channel's own answer."""

    BEGUN = "begun", "正在发送"
    ACCEPTED = "accepted", "对方已接收"
    BUSY = "busy", "对方要求稍候"
    UNREACHABLE = "unreachable", "未能连接或中断"
    REFUSED = "refused", "对方拒绝"
    INTERRUPTED = "interrupted", "发送程序中断，结果不明"


class DayKind(TextChoices):
    """What an administrator knows of days, beside the official calendar."""

    WORK = "work", "上班"
    REST = "rest", "放假"
    SCHOOL_HOLIDAY = "school_holiday", "学校假期"
