"""What is held and what is asked for, read within the frame of phases and topics."""

from dataclasses import dataclass, field
from datetime import date

from campaigns.blueprints import lengths
from campaigns.blueprints.fields import Fields
from campaigns.blueprints.reading_reminders import read_reminders
from campaigns.blueprints.shape import EFFORT, PIECES, Activity, Phase, Recurrence, Requirement
from campaigns.enums import ActivityKind, Frequency, RequirementKind
from campaigns.recurrence import periods
from portal.files.kinds import FileKind
from schools.enums import Ownership, UnitKind

ALL_SCHOOLS = "全部学校"
MAX_PIECES = 999
MAX_WORDS = 1_000_000
MAX_MINUTES = 6000

_AUDIENCE = {ALL_SCHOOLS: tuple(kind.value for kind in UnitKind.schools())} | {
    kind.label: (kind.value,) for kind in UnitKind
}
_FILES = {value: (value,) for value, _ in FileKind.offered()}


@dataclass
class Frame:
    """The days and names that the rest of the file refers to, as far as they could be read."""

    starts_on: date | None
    ends_on: date | None
    phases: dict[str, Phase] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)

    def holds(self, day: date) -> bool:
        return (self.starts_on is None or day >= self.starts_on) and (
            self.ends_on is None or day <= self.ends_on
        )

    def place(self, fields: Fields) -> tuple[str, str]:
        """The names of phase and topic that the entry belongs to, checked."""
        phase, topic = fields.text("阶段", lengths.PHASE, required=True), fields.text("专题", 40)
        if phase and phase not in self.phases:
            fields.problem("阶段", f"没有名为“{phase}”的阶段，请与“阶段”一节的名称写得一致。")
        if topic and topic not in self.numbers:
            fields.problem("专题", f"没有编号为“{topic}”的专题，请写成“2”或“2.1”的样子。")
        return phase, topic

    def within(self, fields: Fields, key: str, day: date | None, name: str = "") -> None:
        """Note a problem when `day` lies outside the campaign, or the phase called `name`."""
        phase = self.phases.get(name)
        if day is None:
            return
        if phase and ((phase.starts_on and day < phase.starts_on) or (phase.ends_on and day > phase.ends_on)):
            fields.problem(key, f"“{key}”应在阶段“{name}”的起止日期之内，请改正。")
        elif not self.holds(day):
            fields.problem(key, f"“{key}”应在活动起止日期之内，请改正。")


def read_activity(fields: Fields, frame: Frame) -> Activity:
    phase, topic = frame.place(fields)
    activity = Activity(
        kind=fields.choice("形式", ActivityKind, required=True),
        title=fields.text("名称", lengths.ACTIVITY, required=True),
        phase=phase,
        topic=topic,
        starts_on=fields.day("日期"),
        ends_on=fields.day("结束"),
        place=fields.text("地点", lengths.PLACE),
        host=fields.text("承办", lengths.UNIT),
        chair=fields.text("主持", lengths.CHAIR),
        minutes_due=fields.day("纪要截止"),
    )
    fields.done()
    for key, day in (
        ("日期", activity.starts_on),
        ("结束", activity.ends_on),
        ("纪要截止", activity.minutes_due),
    ):
        frame.within(fields, key, day, phase)
        if day and activity.starts_on and day < activity.starts_on:
            fields.problem(key, f"“{key}”不能早于“日期”，请改正。")
    if activity.ends_on and not activity.starts_on:
        fields.problem("结束", "请先填写“日期”，再填写“结束”。")
    if activity.minutes_due and not activity.host:
        fields.problem("纪要截止", "会议纪要由承办单位报送，请填写“承办”。")
    return activity


def read_requirement(fields: Fields, frame: Frame) -> Requirement:
    phase, topic = frame.place(fields)
    least, most = _pieces(fields)
    fewest, longest = _words(fields)
    due_on, cutoff_on, recurs = _due(fields, frame, phase)
    requirement = Requirement(
        kind=fields.choice("类别", RequirementKind, required=True),
        title=fields.text("名称", lengths.REQUIREMENT, required=True),
        guidance=fields.block("说明"),
        phase=phase,
        topic=topic,
        receiver=fields.text("报送至", lengths.UNIT),
        min_pieces=least,
        max_pieces=most,
        words_min=fewest,
        words_max=longest,
        file_kinds=_ordered(fields.choices("文件类型", _FILES), FileKind.values),
        due_on=due_on,
        cutoff_on=cutoff_on,
        recurs=recurs,
        audience=_ordered(fields.choices("报送单位", _AUDIENCE), UnitKind.values),
        ownership=fields.choice("办学性质", Ownership) or "",
        branch=fields.text("限定范围", lengths.UNIT),
        included=fields.texts("另加单位", lengths.UNIT),
        excluded=fields.texts("除外单位", lengths.UNIT),
        sign_off=fields.yes("负责人签发"),
        district_first=fields.yes("区县初审"),
        nil_allowed=fields.yes("零报告"),
        effort_minutes=_or(fields.count("预计用时", 0, MAX_MINUTES), EFFORT),
        reminders=read_reminders(fields),
    )
    fields.done()
    return requirement


def _pieces(fields: Fields) -> tuple[int, int]:
    least = fields.count("不少于", 1, MAX_PIECES) or 1
    most = fields.count("不超过", 1, MAX_PIECES) or max(PIECES, least)
    if most < least:
        fields.problem("不超过", "“不超过”不能小于“不少于”，请改正。")
    return least, most


def _words(fields: Fields) -> tuple[int | None, int | None]:
    fewest, most = fields.count("字数不少于", 1, MAX_WORDS), fields.count("字数不超过", 1, MAX_WORDS)
    if fewest and most and most < fewest:
        fields.problem("字数不超过", "“字数不超过”不能小于“字数不少于”，请改正。")
    return fewest, most


def _due(fields: Fields, frame: Frame, phase: str) -> tuple[date | None, date | None, Recurrence | None]:
    due_on, cutoff_on = fields.day("截止"), fields.day("停止接收")
    rule = fields.one("定期", "定期报送")
    frame.within(fields, "截止", due_on, phase)
    if due_on and cutoff_on and cutoff_on < due_on:
        fields.problem("停止接收", "“停止接收”不能早于“截止”，请改正。")
    if rule and (due_on or cutoff_on):
        fields.problem("定期", "“定期”不能与“截止”“停止接收”同时填写，请只保留一种。")
    elif cutoff_on and not due_on:
        fields.problem("停止接收", "请先填写“截止”，再填写“停止接收”。")
    return due_on, cutoff_on, _recurrence(rule, frame) if rule else None


def _recurrence(fields: Fields, frame: Frame) -> Recurrence | None:
    frequency = fields.choice("频次", Frequency, required=True)
    first, last = fields.day("自", required=True), fields.day("至", required=True)
    due_day = fields.count("截止日", 1, 31, required=True)
    fields.done()
    for key, day in (("自", first), ("至", last)):
        frame.within(fields, key, day)
    if None in (frequency, first, last, due_day):
        return None
    try:
        if not periods(frequency, first, last, due_day):
            fields.problem("至", "起止日期之间没有一期，请改正“自”“至”或“截止日”。")
    except ValueError as error:
        fields.problem("频次", str(error))
    return Recurrence(frequency, first, last, due_day)


def _ordered(chosen: tuple[str, ...], values: list[str]) -> tuple[str, ...]:
    """Each value once, in the order of the enum."""
    return tuple(value for value in values if value in chosen)


def _or(number: int | None, default: int) -> int:
    return default if number is None else number
