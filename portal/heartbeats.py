"""What the operator's page tells of periodic work: when it was last done, and what it came to."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.utils import timezone

from portal.broker import Remembered
from portal.models import Heartbeat

#: What people wait for: when these are late, officers are told on every page.
WATCHED = ("reminders", "deliver")
LATE = timedelta(minutes=15)
DAILY = timedelta(hours=25)
#: Periodic work, what it is called, and after how long without it something is amiss.
WORK = {
    "reminders": ("扫描催办", LATE),
    "deliver": ("发送外发消息", LATE),
    "run_jobs": ("处理导入、导出等后台任务", LATE),
    "fold_counters": ("归并统计数字", LATE),
    "switch_phases": ("按日期开始和关闭阶段", LATE),
    "top_up_assignments": ("下达临近的期次", 3 * LATE),
    "release_closed_units": ("清理已撤并单位的未完成任务", LATE),
    "compare_versions": ("比对相似材料", LATE),
    "draft_bulletins": ("起草督查通报", 3 * LATE),
    "order_reports": ("编制已结束阶段的报告", LATE),
    "warn_of_calendar": ("检查工作日历", DAILY),
    "sweep_uploads": ("清理未完成的上传", DAILY),
    "purge_products": ("清除到期的导出文件", DAILY),
}


def beat(name: str, *, at: datetime, seconds: float, summary: dict[str, Any] | None = None) -> None:
    """Write down that the work `name` has been done; a run that began earlier overwrites no later one."""
    fresh = {"at": at, "seconds": seconds, "summary": summary or {}}
    _, made = Heartbeat.objects.get_or_create(name=name, defaults=fresh)
    if not made:
        Heartbeat.objects.filter(name=name, at__lte=at).update(**fresh)


def beating(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Stands below `@shared_task` of periodic work (one of `WORK`): each run that comes to its end is
    written down. A result that is no dictionary is told as {"done": result}.
    """
    if name not in WORK:
        raise LookupError(name)

    def decorate(work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def run(*args: Any) -> Any:
            began, at = time.monotonic(), timezone.now()
            done = work(*args)
            summary = done if isinstance(done, dict) else {"done": done}
            beat(name, at=at, seconds=time.monotonic() - began, summary=summary)
            return done

        return run

    return decorate


def late(at: datetime) -> bool:
    """Whether some of what is watched has been done once, and not in the last quarter of an hour."""
    return Heartbeat.objects.filter(name__in=WATCHED, at__lt=at - LATE).exists()


#: As `late`, asked now and then alone: every page of an officer wants to know.
on_time = Remembered(lambda: not late(timezone.now()))
