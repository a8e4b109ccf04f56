"""The steps by which a requirement is reminded of, where a template says so."""

import re

from campaigns.blueprints import texts
from campaigns.blueprints.fields import Fields
from campaigns.enums import Told
from campaigns.steps import NONE, Step, wrong_with

_WHEN = re.compile(r"截止当天|(截止前|逾期)([0-9]{1,3})个工作日")
_TOLD = {told.label: (told.value,) for told in Told}

NO_DAY = "“时间”应写成“截止前7个工作日”“截止当天”或“逾期1个工作日”的样子。"


def read_reminders(fields: Fields) -> tuple[Step, ...] | None:
    """The own steps of the requirement, lowest first; None when it leaves them to the bureau."""
    if fields.says("催办", NONE):
        return ()
    entries = fields.many("催办", f"催办节点（不需要的写“{NONE}”）")
    if not entries:
        return None
    read = [(entry, step) for entry in entries if (step := _step(entry))]
    for place, sentence in wrong_with([step for _, step in read]):
        read[min(place, len(read) - 1)][0].problem("时间", f"催办：{sentence}")
    return tuple(sorted((step for _, step in read), key=lambda step: step.days))


def _step(fields: Fields) -> Step | None:
    written = texts.digits(fields.text("时间", 20, required=True)).replace(" ", "")
    tells = frozenset(map(Told, fields.choices("对象", _TOLD)))
    fields.done()
    found = _WHEN.fullmatch(written)
    if written and not found:
        fields.problem("时间", NO_DAY)
    if not found:
        return None
    side, days = found.groups()
    if side and not int(days):
        fields.problem("时间", NO_DAY)  # on the day itself is said otherwise
        return None
    return Step(0 if not side else -int(days) if side == "截止前" else int(days), tells)
