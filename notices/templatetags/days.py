"""Due instants in words, for templates."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone

from notices.workdays import is_known, last_day, workdays_left

register = template.Library()

WEEKDAYS = "一二三四五六日"
FAR = timedelta(days=120)  # beyond this, or without the year's calendar, nobody counts working days


@register.filter
def due_day(due_at: datetime) -> str:
    """“4月30日（周四）”: the last day on which it is in time; with its year unless it is this year's."""
    return weekday(last_day(due_at))


@register.filter
def weekday(day: date) -> str:
    """“4月30日（周四）”; with its year unless it is this year's."""
    return f"{day_of(day)}（周{WEEKDAYS[day.weekday()]}）"


@register.filter
def due_date(due_at: datetime) -> str:
    """“2026年4月30日”, as a paper writes it."""
    day = last_day(due_at)
    return f"{day.year}年{day.month}月{day.day}日"


@register.filter
def day_of(day: date) -> str:
    """“4月30日”; with its year unless it is this year's."""
    year = "" if day.year == timezone.localdate().year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


@register.filter
def remaining(due_at: datetime, now: datetime) -> str:
    """“今天截止”, “还有3个工作日”, “逾期2天”; calendar days once it is over."""
    today, last = timezone.localtime(now).date(), last_day(due_at)
    if due_at <= now:
        return f"逾期{(today - last).days}天"
    if today == last:
        return "今天截止"
    if last - today > FAR or not is_known(last):
        return f"还有{(last - today).days}天"
    left = workdays_left(due_at, now)
    return f"还有{left}个工作日" if left else f"还有{(last - today).days}天（均为休息日）"


@register.filter
def urgency(due_at: datetime, now: datetime) -> str:
    """The style of a due date: over, within three working days, or neither."""
    if due_at <= now:
        return "flag-overdue"
    near = last_day(due_at) - timezone.localtime(now).date() <= FAR
    return "flag-soon" if near and workdays_left(due_at, now) <= 3 else "muted"
