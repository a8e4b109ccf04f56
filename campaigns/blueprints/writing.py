"""From a plan to the text that people read, edit and hand on. What is as usual is left out."""

from datetime import date
from typing import Any

from campaigns.blueprints import shape
from campaigns.blueprints.reading import FORMAT
from campaigns.blueprints.reading_asked import ALL_SCHOOLS
from campaigns.blueprints.tree import emit
from campaigns.enums import (
    ActivityKind,
    Aggregation,
    CampaignKind,
    Comparator,
    Frequency,
    LeadershipRole,
    RequirementKind,
)
from campaigns.steps import NONE, Step, when, whom
from schools.enums import Ownership, UnitKind

Entries = dict[str, Any]


def write(plan: shape.Plan) -> str:
    """The plan as YAML, in one canonical way: `read` gives back an equal plan."""
    return emit(
        _entries(
            {
                "格式": FORMAT,
                "名称": plan.name,
                "类型": CampaignKind(plan.kind).label,
                "说明": plan.summary,
                "来源": plan.source,
                "主题": plan.theme,
                "目标": plan.goals,
                "依据": [_entries({"标题": basis.title, "文号": basis.number}) for basis in plan.bases],
                "开始": plan.starts_on,
                "结束": plan.ends_on,
                "阶段": [_phase(phase) for phase in plan.phases],
                "专题": [_topic(topic) for topic in plan.topics],
                "领导小组": [
                    _entries({"职务": LeadershipRole(seat.role).label, "岗位": seat.post})
                    for seat in plan.leadership
                ],
                "办公室": plan.office,
                "检查组": plan.inspection_groups,
                "活动安排": [_activity(activity) for activity in plan.activities],
                "报送要求": [_requirement(requirement) for requirement in plan.requirements],
            }
        )
    )


def _phase(phase: shape.Phase) -> Entries:
    return _entries(
        {
            "名称": phase.name,
            "任务": phase.aim,
            "开始": phase.starts_on,
            "结束": phase.ends_on,
            "建议日期": phase.suggested,
            "系列": _unless(phase.track, 1),
        }
    )


def _topic(topic: shape.Topic) -> Entries:
    return _entries(
        {
            "标题": topic.title,
            "引导问题": topic.questions,
            "牵头": topic.lead,
            "配合": topic.supporting,
            "指标": [
                _entries(
                    {
                        "名称": indicator.name,
                        "关系": Comparator(indicator.comparator).label,
                        "数值": f"{indicator.value.normalize():f}",
                        "单位": indicator.unit,
                        "汇总": Aggregation(indicator.aggregation).label,
                        "时限": indicator.due_on,
                    }
                )
                for indicator in topic.indicators
            ],
            "下级": [_topic(child) for child in topic.children],
        }
    )


def _activity(activity: shape.Activity) -> Entries:
    return _entries(
        {
            "形式": ActivityKind(activity.kind).label,
            "名称": activity.title,
            "阶段": activity.phase,
            "专题": activity.topic,
            "日期": activity.starts_on,
            "结束": activity.ends_on,
            "地点": activity.place,
            "承办": activity.host,
            "主持": activity.chair,
            "纪要截止": activity.minutes_due,
        }
    )


def _requirement(asked: shape.Requirement) -> Entries:
    return _entries(
        {
            "类别": RequirementKind(asked.kind).label,
            "名称": asked.title,
            "说明": asked.guidance,
            "阶段": asked.phase,
            "专题": asked.topic,
            "不少于": _unless(asked.min_pieces, 1),
            "不超过": _unless(asked.max_pieces, max(shape.PIECES, asked.min_pieces)),
            "字数不少于": asked.words_min,
            "字数不超过": asked.words_max,
            "文件类型": asked.file_kinds,
            "截止": asked.due_on,
            "停止接收": asked.cutoff_on,
            "定期": asked.recurs and _recurrence(asked.recurs),
            "报送单位": _audience(asked.audience),
            "办学性质": asked.ownership and Ownership(asked.ownership).label,
            "限定范围": asked.branch,
            "另加单位": asked.included,
            "除外单位": asked.excluded,
            "报送至": asked.receiver,
            "负责人签发": asked.sign_off,
            "区县初审": asked.district_first,
            "零报告": asked.nil_allowed,
            "预计用时": _unless(asked.effort_minutes, shape.EFFORT),
            "催办": None if asked.reminders is None else _reminders(asked.reminders),
        }
    )


def _reminders(asked: tuple[Step, ...]) -> list[Entries] | str:
    return [{"时间": when(step.days), "对象": whom(step.tells)} for step in asked] or NONE


def _recurrence(rule: shape.Recurrence) -> Entries:
    return _entries(
        {"频次": Frequency(rule.frequency).label, "自": rule.first, "至": rule.last, "截止日": rule.due_day}
    )


def _audience(kinds: tuple[str, ...]) -> list[str]:
    """Labels of the kinds; all that teach in one word."""
    schools = set(UnitKind.schools())
    if not schools <= set(kinds):
        return [UnitKind(kind).label for kind in kinds]
    return [ALL_SCHOOLS, *(UnitKind(kind).label for kind in kinds if kind not in schools)]


def _unless(value: int, usual: int) -> int | None:
    return None if value == usual else value


def _entries(values: dict[str, Any]) -> Entries:
    """Those that say something, as texts."""
    told = {key: _plain(value) for key, value in values.items() if value is not None and value is not False}
    return {key: value for key, value in told.items() if value not in ("", [])}


def _plain(value: Any) -> Any:
    if value is True:
        return "是"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return value
    return str(value)
