"""What a digest says at the moment it is sent: only what still holds then (`notices.letters` asks)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from campaigns.enums import Told
from notices.letters import Letter
from notices.models import Delivery, Notice
from notices.services import routing
from notices.templatetags.days import due_day
from schools.access import scope_of
from schools.enums import Role, UnitKind
from schools.models import User
from submissions.deadlines import IN_FORCE, still_due
from submissions.enums import AssignmentState
from submissions.models import Assignment, GroupReminder, Reminder
from submissions.owed_words import heading, lines_of_others, opening, own_lines, soon
from submissions.recipients import above
from submissions.services.group_reminding import missing
from submissions.worklist import dated


class Digests:
    """Composes the letters; see `notices.letters.Composer`."""

    def for_person(self, user: User, notices: Sequence[Notice], at: datetime) -> Letter:
        """All that the person owes soon, or has not handed in, and what others owe whom the person answers
        for; empty where nothing of what `notices` reminded of still holds."""
        rows = list(Reminder.objects.filter(notice__in=notices).select_related("nudge").order_by("pk"))
        holding = {task.pk: task for task in still_due({row.assignment_id for row in rows}).with_plan()}
        holding = {
            row.assignment_id: holding[row.assignment_id]
            for row in rows
            if row.assignment_id in holding and holding[row.assignment_id].act_by == row.edition
        }
        mine = scope_of(user, *Role.own_unit())
        others = _answered_for(user, [task for task in holding.values() if not mine.covers(task.unit)])
        if not others and not any(mine.covers(task.unit) for task in holding.values()):
            return Letter("", "")
        near = _owed(user, at)
        own = near + [task for task in holding.values() if mine.covers(task.unit) and task not in near]
        nudges = dict.fromkeys(row.nudge.text for row in rows if row.nudge and row.assignment_id in holding)
        several = len(mine.own) > 1
        lines = [*nudges, *own_lines(own, at, named=several), *lines_of_others(others, at)]
        place = "work" if own else "all_behind" if user.roles & set(Role.overseeing()) else "inbox"
        where = routing.address_of(reverse(place))
        parts = (
            f"{user.name}，您好：\n{opening(own, others, at)}",
            "\n".join(lines),
            f"请登录平台办理：\n{where}" if where else "请登录教育活动管理平台办理。",
        )
        return Letter(f"报送提醒：{heading(own, others, at)}", "\n\n".join(parts))

    def for_group(self, digest: Delivery, at: datetime) -> Letter:
        """How many units are missing for each thing that waits to be told to the group."""
        rows = GroupReminder.objects.filter(Q(digest=None) | Q(digest=digest), channel=digest.channel)
        rows = list(rows.select_related("occurrence__requirement__campaign").order_by("edition", "pk"))

        def carried(by: Delivery) -> None:
            GroupReminder.objects.filter(pk__in=[row.pk for row in rows]).update(digest=by)

        lines = []
        for occurrence in dict.fromkeys(
            row.occurrence for row in rows if row.edition == row.occurrence.due_at
        ):
            kinds = list(missing(digest.channel, occurrence).values_list("unit_kind", flat=True))
            if kinds:
                counted = "所学校" if set(kinds) <= set(UnitKind.schools()) else "个单位"
                over = "已于" if occurrence.due_at <= at else ""
                lines.append(
                    f"《{occurrence.requirement.campaign.title}》{occurrence.name}："
                    f"{over}{due_day(occurrence.due_at)}截止，尚有{len(kinds)}{counted}未交。"
                )
        body = "\n".join(["报送提醒", *lines]) if lines else ""
        return Letter("报送提醒", body, carried)


def _owed(user: User, at: datetime) -> list[Assignment]:
    """What the person's own units owe soon, or have not handed in in time."""
    tasks = Assignment.objects.in_scope(scope_of(user, *Role.own_unit())).filter(
        IN_FORCE, state__in=AssignmentState.unfinished(), unit__closed_at=None
    )
    return list(dated(tasks).with_plan().filter(act_by__lte=soon(at)))


def _answered_for(user: User, tasks: Sequence[Assignment]) -> list[Assignment]:
    """Those of which the person is still one of the people above the unit who are told."""
    found = []
    for campaign in {task.requirement.campaign for task in tasks}:
        theirs = [task for task in tasks if task.requirement.campaign == campaign]
        units = {task.unit for task in theirs}
        told = [above(whom, units, campaign) for whom in (Told.LEADER, Told.SECTION, Told.OFFICE)]
        found += [task for task in theirs if any(user.pk in people[task.unit_id] for people in told)]
    return found
