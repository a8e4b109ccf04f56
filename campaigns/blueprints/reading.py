"""From the text of a template to its plan, with every mistake named by its line."""

from campaigns.blueprints import lengths
from campaigns.blueprints.fields import Fields
from campaigns.blueprints.problems import Invalid, Problem
from campaigns.blueprints.reading_asked import Frame, read_activity, read_requirement
from campaigns.blueprints.shape import Basis, Indicator, Phase, Plan, Seat, Topic, number_of, numbered
from campaigns.blueprints.tree import Mapping, parse
from campaigns.enums import Aggregation, CampaignKind, Comparator, LeadershipRole

FORMAT = 1
MAX_LEVELS = 6
MAX_TOPICS = 1000


def read(text: str) -> Plan:
    """The plan that `text` holds. Raises Invalid with every problem found, and nothing else."""
    root, problems = parse(text)
    if not isinstance(root, Mapping):
        said = "模板应由“名称: 内容”组成，冒号用半角，后面空一格；第一行写“格式: 1”。"
        raise Invalid([*problems, Problem(root.line, said)])
    fields = Fields(root, problems, "模板")
    if fields.count("格式", 1, 999, required=True) not in (None, FORMAT):
        fields.problem("格式", f"本平台只认识格式{FORMAT}，请用本平台导出的文件。")
    plan = _plan(fields)
    fields.done()
    if problems:
        raise Invalid(problems)
    return plan


def _plan(fields: Fields) -> Plan:
    frame = Frame(fields.day("开始", required=True), fields.day("结束", required=True))
    if frame.starts_on and frame.ends_on and frame.ends_on < frame.starts_on:
        fields.problem("结束", "“结束”不能早于“开始”，请改正。")
    phases = tuple(_phase(inner, frame) for inner in fields.many("阶段", "阶段"))
    topics = tuple(_topic(inner, 1) for inner in fields.many("专题", "专题"))
    frame.numbers = {number_of(position) for position, _ in numbered(topics)}
    if len(frame.numbers) > MAX_TOPICS:
        fields.problem("专题", f"专题最多{MAX_TOPICS}个，现有{len(frame.numbers)}个，请精简。")
    return Plan(
        name=fields.text("名称", lengths.NAME, required=True),
        kind=fields.choice("类型", CampaignKind, required=True),
        summary=fields.text("说明", lengths.SUMMARY),
        source=fields.text("来源", lengths.SUMMARY),
        theme=fields.text("主题", lengths.THEME),
        goals=fields.block("目标"),
        starts_on=frame.starts_on,
        ends_on=frame.ends_on,
        bases=tuple(_basis(inner) for inner in fields.many("依据", "依据")),
        phases=phases,
        topics=topics,
        leadership=tuple(_seat(inner) for inner in fields.many("领导小组", "领导小组成员")),
        office=fields.text("办公室", lengths.UNIT),
        inspection_groups=_groups(fields),
        activities=tuple(read_activity(inner, frame) for inner in fields.many("活动安排", "活动安排")),
        requirements=tuple(read_requirement(inner, frame) for inner in fields.many("报送要求", "报送要求")),
    )


def _basis(fields: Fields) -> Basis:
    basis = Basis(
        title=fields.text("标题", lengths.BASIS, required=True),
        number=fields.text("文号", lengths.BASIS_NUMBER),
    )
    fields.done()
    return basis


def _phase(fields: Fields, frame: Frame) -> Phase:
    phase = Phase(
        name=fields.text("名称", lengths.PHASE, required=True),
        aim=fields.block("任务"),
        starts_on=fields.day("开始"),
        ends_on=fields.day("结束"),
        suggested=fields.yes("建议日期"),
        track=fields.count("系列", 1, 99) or 1,
    )
    fields.done()
    if phase.starts_on and phase.ends_on and phase.ends_on < phase.starts_on:
        fields.problem("结束", "“结束”不能早于“开始”，请改正。")
    for key, day in (("开始", phase.starts_on), ("结束", phase.ends_on)):
        if day and not frame.holds(day):
            fields.problem(key, f"阶段的“{key}”应在活动起止日期之内，请改正。")
    if phase.name and phase.name in frame.phases:
        fields.problem("名称", f"已有阶段“{phase.name}”，请换一个名称。")
    for other in frame.phases.values():
        if _overlap(phase, other):
            fields.problem("开始", f"阶段“{phase.name}”与“{other.name}”的日期重叠，请改正。")
    frame.phases[phase.name] = phase
    return phase


def _overlap(one: Phase, other: Phase) -> bool:
    days = (one.starts_on, one.ends_on, other.starts_on, other.ends_on)
    if one.track != other.track or None in days:
        return False
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def _topic(fields: Fields, level: int) -> Topic:
    below = fields.many("下级", "专题")
    if below and level == MAX_LEVELS:
        fields.problem("下级", f"专题最多{MAX_LEVELS}级，请减少层次。")
        below = []
    indicators = tuple(_indicator(inner) for inner in fields.many("指标", "指标"))
    names = [indicator.name for indicator in indicators]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        fields.problem("指标", f"同一专题的指标“{name}”重复，请换一个名称。")
    topic = Topic(
        title=fields.text("标题", lengths.TOPIC, required=True),
        questions=fields.texts("引导问题", lengths.QUESTION),
        lead=fields.text("牵头", lengths.UNIT),
        supporting=fields.texts("配合", lengths.UNIT),
        indicators=indicators,
        children=tuple(_topic(inner, level + 1) for inner in below),
    )
    fields.done()
    return topic


def _indicator(fields: Fields) -> Indicator:
    unit = fields.text("单位", lengths.INDICATOR_UNIT, required=True)
    indicator = Indicator(
        name=fields.text("名称", lengths.INDICATOR, required=True),
        comparator=fields.choice("关系", Comparator) or Comparator.AT_LEAST.value,
        value=fields.amount("数值"),
        unit=unit,
        aggregation=fields.choice("汇总", Aggregation) or Aggregation.usual(unit).value,
        due_on=fields.day("时限"),
    )
    fields.done()
    return indicator


def _seat(fields: Fields) -> Seat:
    seat = Seat(
        role=fields.choice("职务", LeadershipRole, required=True),
        post=fields.text("岗位", lengths.POST, required=True),
    )
    fields.done()
    return seat


def _groups(fields: Fields) -> tuple[str, ...]:
    names = fields.texts("检查组", lengths.GROUP)
    for name in sorted({name for name in names if names.count(name) > 1}):
        fields.problem("检查组", f"检查组“{name}”重复，请换一个名称。")
    return names
