"""Who gets through which door: every address of the portal × every kind of person (domain invariant 3).

The addresses are read from the URL configuration itself; one without an entry here fails the test.
Outsiders get 404 (they learn nothing), people in scope without the right get 403.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from campaigns.blueprints import shelf
from campaigns.models import Activity, Campaign, Indicator, InspectionGroup
from campaigns.services import blueprints
from notices.enums import ChannelKind, DayKind, Manner
from notices.models import Channel, Delivery, Notice, SpecialDays
from notices.workdays import end_of
from portal import audit
from portal.files import resumable, store
from portal.middleware import STAMP
from portal.models import AuditEvent, JobState
from reports.enums import ReportKind
from reports.models import Bulletin, PaperTemplate, Report
from reports.services import bulletins, issuing, ordering
from schools.enums import Role
from schools.models import User
from submissions.enums import SuggestionState
from submissions.models import Assignment, Exhibit, Fingerprint, Likeness, Suggestion, Version
from submissions.services import (
    answering,
    drafts,
    exhibiting,
    extending,
    feeds,
    nudging,
    reviewing,
    submitting,
    suggesting,
)
from tests.factories import (
    DUE,
    NOW,
    County,
    JobFactory,
    PairingFactory,
    ResponsibilityFactory,
    StoredFileFactory,
    TopicFactory,
    UserFactory,
    assigned,
    county,
    drafted,
    handed_in,
    person,
    ready_plan,
    upload,
)
from tests.reports.reporting import count

World = SimpleNamespace

# The people: of the school itself, of the bureau above it, of other places, and of other duties.
OWN = ("secretary", "head")
ABOVE = ("officer", "leader")
OUTSIDE = ("neighbour", "foreign_secretary", "foreign_head", "foreign_officer", "foreign_leader")
DUTIES = ("system", "security", "auditor")
EVERYONE = (*OWN, *ABOVE, *OUTSIDE, *DUTIES, "nobody")
READERS = (*OWN, *ABOVE, *OUTSIDE)


@dataclass(frozen=True)
class Door:
    """One address and method: the status each person gets; who is not named gets 403."""

    name: str
    ok: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    method: str = "get"
    status: int = 200
    args: Callable[[World], list[Any]] = lambda world: []
    data: dict[str, Any] | Callable[[World], dict[str, Any]] = field(default_factory=dict)
    query: dict[str, Any] | Callable[[World], dict[str, Any]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    stranger: int = 302
    logged: bool = False  # a stored file leaves through it

    def expected(self, who: str) -> int:
        return self.status if who in self.ok else 404 if who in self.hidden else 403

    def address(self, world: World) -> str:
        query = self.query(world) if callable(self.query) else self.query
        return reverse(self.name, args=self.args(world), query=query)

    def knock(self, client: Client, world: World) -> HttpResponse:
        data = self.data(world) if callable(self.data) else self.data
        return getattr(client, self.method)(self.address(world), data, headers=self.headers)


def owed(world: World) -> list[int]:
    return [world.owed.pk]


def head(world: World) -> list[int]:
    return [world.people["head"].pk]


def draft(world: World) -> list[int]:
    return [world.owed.pk, world.draft.number]


def version(world: World) -> list[int]:
    return [world.version.pk]


def job(world: World) -> list[int]:
    return [world.job.pk]


def exhibit(world: World) -> list[int]:
    return [world.exhibit.pk]


def waiting(world: World) -> list[int]:
    return [world.waiting.pk]


def unsigned(world: World) -> list[int]:
    return [world.unsigned.pk]


SECRETARIES_ELSEWHERE = ("neighbour", "foreign_secretary")
OVERSEERS_ELSEWHERE = ("foreign_officer", "foreign_leader")
NOT_THE_SECRETARY = tuple(who for who in EVERYONE if who != "secretary")
PIECES = {"Tus-Resumable": "1.0.0"}

DOORS = [
    Door("home", ok=EVERYONE, status=302),
    Door("password_change", ok=EVERYONE),
    Door("forbidden", ok=()),
    Door("inbox", ok=EVERYONE),
    Door("read_all", ok=EVERYONE, method="post", status=302),
    Door(
        "open_notice", ok=("secretary",), hidden=NOT_THE_SECRETARY,
        method="post", status=302, args=lambda world: [world.notice.pk],
    ),
    Door("notice", ok=("secretary",), hidden=NOT_THE_SECRETARY, args=lambda world: [world.notice.pk]),
    Door("message_settings", ok=EVERYONE),
    Door("message_settings", ok=EVERYONE, method="post", status=422),
    Door("test_mail", ok=EVERYONE, method="post", status=302),
    Door("calendar_feed", ok=READERS),
    Door("issue_calendar", ok=READERS, method="post"),
    Door("revoke_calendar", ok=READERS, method="post", status=302),
    # Calendars have no login; what they show is that of the address's holder.
    Door("calendar_ics", ok=EVERYONE, stranger=200, args=lambda world: [world.calendar]),
    Door("work", ok=(*OWN, *SECRETARIES_ELSEWHERE, "foreign_head")),
    *(
        Door(name, ok=(*OWN, *SECRETARIES_ELSEWHERE, "foreign_head"), query=query)
        for name, query in {
            "standing": {}, "standing_rows": {"figure": "owed"}, "standing_history": {},
        }.items()
    ),
    Door("assignment", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=owed),
    Door("piece", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, args=draft),
    Door(
        "piece", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, args=draft, method="post", status=302,
        data={"title": "一次家访", "body": "正文", "save": "1"},
    ),
    Door("autosave", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, args=draft, method="post",
         data={"title": "一次家访"}),
    Door("withdraw", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=lambda world: [world.owed.pk, world.version.submission.number]),
    Door("acknowledge", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=owed),
    Door("report_nil", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=owed, data={"reason": "没有"}),
    Door("retract_nil", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=owed),
    Door("refuse_nil", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=owed, data={"reason": "请报送"}),
    Door("sign", ok=("head",), hidden=("foreign_head",), method="post", status=302, args=unsigned,
         data={"verdict": "sign"}),
    Door("detach", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=lambda world: [world.draft_file.pk]),
    Door(
        "plan", ok=(*OWN, *ABOVE, "neighbour"),
        hidden=("foreign_secretary", "foreign_head", *OVERSEERS_ELSEWHERE),
        args=lambda world: [world.campaign.pk],
    ),
    Door("version", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=version),
    # What the head has not signed has not left the school.
    Door("version", ok=OWN, hidden=(*ABOVE, *OUTSIDE), args=unsigned),
    Door("likeness", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE,
         args=lambda world: [world.version.pk, world.alike.pk]),
    Door("receipt", ok=OWN, hidden=(*ABOVE, *OUTSIDE), args=unsigned),
    Door("receipt", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=version),
    Door("file", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=lambda world: [world.version.files.get().pk]),
    # A draft is the school's own business: even the bureau above does not see its files.
    Door("file", ok=OWN, hidden=(*ABOVE, *OUTSIDE), args=lambda world: [world.draft_file.file_id]),
    # A template is for all of whom it is asked.
    Door("file", ok=(*OWN, *ABOVE, "neighbour"),
         hidden=("foreign_secretary", "foreign_head", *OVERSEERS_ELSEWHERE),
         args=lambda world: [world.template.pk]),
    Door("queue", ok=("officer", "foreign_officer")),
    Door("review", ok=("officer",), hidden=("foreign_officer",), args=version, method="post", status=302,
         data={"verdict": "accept"}),
    Door("reopen", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=lambda world: [world.accepted.pk],
         data={"reopen-reason": "附件有误", "reopen-correct_on": "2099-05-10"}),
    Door("accept_many", ok=("officer", "foreign_officer"), method="post", status=302),
    Door("common_reasons", ok=("officer", "foreign_officer")),
    Door("common_reasons", ok=("officer", "foreign_officer"), method="post", status=302,
         data={"reasons": "请补充数据"}),
    Door("new_plan", ok=("officer", "foreign_officer")),
    Door("begin_plan", ok=("officer", "foreign_officer"), args=lambda world: ["builtin-discussion"]),
    Door("begin_plan", ok=("officer",), hidden=("foreign_officer",),
         args=lambda world: [f"own-{world.blueprint.pk}"]),
    Door("copy_plan", ok=("officer",), hidden=("foreign_officer",), args=lambda world: [world.planned.pk]),
    Door("copy_plan", ok=("officer",), hidden=("foreign_officer",), args=lambda world: [world.planned.pk],
         method="post", status=302, data={"title": "新一年", "starts_on": "2027-03-01"}),
    Door("keep_as_template", ok=("officer",), hidden=("foreign_officer",),
         args=lambda world: [world.planned.pk]),
    Door("plan_templates", ok=("officer", "foreign_officer")),
    Door("plan_template_file", ok=("officer",), hidden=("foreign_officer",),
         args=lambda world: [f"own-{world.blueprint.pk}"]),
    Door("retire_plan_template", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=lambda world: [world.blueprint.pk]),
    Door("publish", ok=("officer",), hidden=("foreign_officer",), args=lambda world: [world.planned.pk]),
    Door("publish", ok=("officer",), hidden=("foreign_officer",), args=lambda world: [world.planned.pk],
         method="post", status=302),
    Door("changes", ok=("officer",), hidden=("foreign_officer",), args=lambda world: [world.campaign.pk]),
    *(
        Door("campaign_change", ok=("officer",), hidden=("foreign_officer",), method=method,
             args=lambda world: [world.campaign.pk, "close"], data={"reason": "工作已完成"})
        for method in ("get", "post")
    ),
    *(
        Door("phase_change", ok=("officer",), hidden=("foreign_officer",), method=method,
             args=lambda world: [world.owed.requirement.phase_id, "close"])
        for method in ("get", "post")
    ),
    *(
        Door("requirement_change", ok=("officer",), hidden=("foreign_officer",), method=method,
             args=lambda world: [world.owed.requirement.pk, "withdraw"], data={"reason": "与市里重复"})
        for method in ("get", "post")
    ),
    *(
        Door("deadline", ok=("officer",), hidden=("foreign_officer",), method=method,
             args=lambda world: [world.owed.occurrence_id], data={"due_on": "2099-05-10", "reason": "顺延"})
        for method in ("get", "post")
    ),
    *(
        Door("merge", ok=("officer",), hidden=("foreign_officer",), method=method,
             args=lambda world: [world.place.school.pk],
             data={"into": "示例县第一初级中学", "reason": "合并"})
        for method in ("get", "post")
    ),
    *(
        Door("split", ok=("officer",), hidden=("foreign_officer",), method=method,
             args=lambda world: [world.place.school.pk], data={"parts": "东镇二小", "reason": "拆分"})
        for method in ("get", "post")
    ),
    Door("all_suggestions", ok=(*ABOVE, *OVERSEERS_ELSEWHERE)),
    Door("suggestions", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk]),
    Door("suggestion", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.suggestion.pk]),
    Door("enter_suggestion", ok=("officer",), hidden=("foreign_officer",),
         args=lambda world: [world.campaign.pk]),
    Door("enter_suggestion", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=lambda world: [world.campaign.pk], data={"text": "错峰放学", "source": "座谈会"}),
    # Nothing ticked: sent back to the list, and refused when pressed.
    Door("merge_suggestions", ok=("officer",), hidden=("foreign_officer",), status=302,
         args=lambda world: [world.campaign.pk]),
    Door("merge_suggestions", ok=("officer",), hidden=("foreign_officer",), method="post", status=409,
         args=lambda world: [world.campaign.pk]),
    Door("suggestion_act", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=lambda world: [world.suggestion.pk, "answer"], data={"state": "adopted"}),
    # Proposed by the school, given to the neighbour.
    Door("finish_suggestion", ok=("officer", "neighbour"),
         hidden=(*OWN, "foreign_secretary", "foreign_head", "foreign_officer"), method="post", status=302,
         args=lambda world: [world.suggestion.pk], data={"outcome": "已办"}),
    Door("my_suggestions", ok=(*OWN, *SECRETARIES_ELSEWHERE, "foreign_head")),
    # More time, 免报 and 零报告 for some units; requests for more time
    *(
        Door("ease", ok=("officer",), hidden=("foreign_officer",), method=method,
             args=lambda world: [world.waiting.assignment.occurrence_id, "extend"],
             data={"names": "东镇中心小学", "until_on": "2099-05-20", "reason": "停电"})
        for method in ("get", "post")
    ),
    Door("ask_extension", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=lambda world: [world.waiting.assignment_id],
         data={"until_on": "2099-05-10", "reason": "外出培训"}),
    Door("take_back_extension", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=waiting),
    Door("extensions", ok=("officer", "foreign_officer")),
    Door("grant_extensions", ok=("officer", "foreign_officer"), method="post", status=302),
    Door("answer_extension", ok=("officer",), hidden=("foreign_officer",), method="post", status=422,
         args=waiting),
    Door("progress", ok=(*ABOVE, *OVERSEERS_ELSEWHERE)),
    Door(
        "recent", ok=(*ABOVE, *OVERSEERS_ELSEWHERE),
        query={"kind": "complete", "since": NOW.isoformat(), "until": (NOW + timedelta(days=9)).isoformat()},
    ),
    Door("waiting", ok=(*ABOVE, *OVERSEERS_ELSEWHERE), query={"kind": "campaigns"}),
    Door("seen", ok=(*ABOVE, *OVERSEERS_ELSEWHERE), method="post", status=204, data={"at": NOW.isoformat()}),
    Door("campaign", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk]),
    Door("walls", ok=(*ABOVE, *OVERSEERS_ELSEWHERE), status=302),
    Door("wall", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk]),
    Door("stay", ok=(*ABOVE, *OVERSEERS_ELSEWHERE), method="post", status=204),
    *(
        Door(name, ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk], query=query)
        for name, query in (("matrix", {}), ("matrix", {"dense": 1}), ("behind", {}))
    ),
    Door("all_behind", ok=(*ABOVE, *OVERSEERS_ELSEWHERE)),
    Door("take_behind", ok=(*ABOVE, *OVERSEERS_ELSEWHERE), method="post", status=302),
    Door("take_table", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, method="post", status=302,
         args=lambda world: [world.campaign.pk, "matrix"]),
    Door("rows", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk],
         query={"figure": "handed"}),
    *(
        Door(name, ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk])
        for name in ("topics", "topic_units", "pieces", "activities", "meetings", "indicators", "works")
    ),
    Door("occurrences", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk],
         query=lambda world: {"requirement": world.owed.requirement.pk}),
    Door("readings", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE,
         args=lambda world: [world.indicator.topic.campaign_id],
         query=lambda world: {"indicator": world.indicator.pk}),
    # A bulletin belongs to the bureau until a leader has signed it; then all who owe it read it.
    Door("bulletins", ok=READERS),
    Door("bulletin", ok=ABOVE, hidden=(*OWN, *OUTSIDE), args=lambda world: [world.bulletins["draft"]]),
    Door("bulletin", ok=(*OWN, *ABOVE, "neighbour"),
         hidden=("foreign_secretary", "foreign_head", *OVERSEERS_ELSEWHERE),
         args=lambda world: [world.bulletins["sent"]]),
    *(
        Door("edit_bulletin", ok=("officer",), hidden=("foreign_officer",), method=method, status=status,
             args=lambda world: [world.bulletins["draft"]],
             data=lambda world: {"title": "通报", "body": "正文"} | seen(world))
        for method, status in (("get", 200), ("post", 302))
    ),
    Door("bulletin_act", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=lambda world: [world.bulletins["draft"], "submit"], data=lambda world: seen(world)),
    Door("bulletin_act", ok=("leader",), hidden=("foreign_leader",), method="post", status=409,
         args=lambda world: [world.bulletins["draft"], "sign"], data=lambda world: seen(world)),
    # Templates are the officers' alone.
    *(
        Door(name, ok=("officer", "foreign_officer"), args=lambda world, args=args: list(args))
        for name, args in (
            ("paper_templates", ()), ("add_paper_template", ()), ("paper_fields", ()),
            ("paper_sample", ("phase",)),
        )
    ),
    Door("add_paper_template", ok=("officer", "foreign_officer"), method="post", status=422),
    Door("paper_template_file", ok=("officer",), hidden=("foreign_officer",), logged=True,
         args=lambda world: [world.paper_template.pk]),
    Door("retire_paper_template", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=lambda world: [world.paper_template.pk]),
    Door("bulletin_word", ok=ABOVE, hidden=(*OWN, *OUTSIDE), args=lambda world: [world.bulletins["draft"]]),
    # So does a report; who it was published to signs for it.
    Door("reports", ok=READERS),
    Door("new_report", ok=("officer", "foreign_officer")),
    Door("new_report", ok=("officer",), hidden=("foreign_officer",),
         query=lambda world: {"campaign": world.campaign.pk}),
    Door("order_report", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         data=lambda world: {"kind": "campaign", "of": world.campaign.pk}),
    *(
        Door("order_newsletter", ok=("officer",), hidden=("foreign_officer",), method=method, status=status,
             args=lambda world: [world.campaign.pk])
        for method, status in (("get", 200), ("post", 409))
    ),
    *(
        Door(name, ok=ABOVE, hidden=(*OWN, *OUTSIDE), args=lambda world: [world.reports["draft"]])
        for name in ("report", "report_word", "report_book")
    ),
    *(
        Door(name, ok=(*OWN, *ABOVE, "neighbour"), logged=name != "report",
             hidden=("foreign_secretary", "foreign_head", *OVERSEERS_ELSEWHERE),
             args=lambda world, more=more: [world.reports["sent"], *(world.reports[one] for one in more)])
        for name, more in (
            ("report", ()), ("report_word", ()), ("report_book", ()), ("report_copy", ("copy",)),
        )
    ),
    Door("add_report_copy", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=lambda world: [world.reports["sent"]], data=lambda world: {"file": upload()}),
    Door("report_progress", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE,
         args=lambda world: [world.reports["draft"]]),
    Door("report_of_job", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, status=302,
         args=lambda world: [Report.objects.get(pk=world.reports["draft"]).job_id]),
    Door("report_receipts", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE,
         args=lambda world: [world.reports["sent"]]),
    Door("acknowledge_report", ok=(*OWN, "neighbour"), hidden=("foreign_secretary", "foreign_head"),
         method="post", status=302, args=lambda world: [world.reports["sent"]]),
    *(
        Door("edit_report", ok=("officer",), hidden=("foreign_officer",), method=method, status=status,
             args=lambda world: [world.reports["draft"]],
             data=lambda world: {"title": "报告", "audience": "units"} | read(world))
        for method, status in (("get", 200), ("post", 302))
    ),
    Door("report_act", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=lambda world: [world.reports["draft"], "submit"], data=lambda world: read(world)),
    Door("report_act", ok=("leader",), hidden=("foreign_leader",), method="post", status=409,
         args=lambda world: [world.reports["draft"], "sign"], data=lambda world: read(world)),
    Door("units", ok=(*ABOVE, *OVERSEERS_ELSEWHERE), query={"q": "东镇"}),
    *(
        Door(name, ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.place.school.pk],
             query={"figure": "owed"})
        for name in ("unit", "unit_rows", "unit_history")
    ),
    *(
        Door(name, ok=(*ABOVE, *OVERSEERS_ELSEWHERE), query={"figure": "owed"})
        for name in ("mine", "mine_rows")
    ),
    *(
        Door("export", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, method="post", status=302,
             args=lambda world: [world.campaign.pk], data={"what": what})
        for what in ("archive", "list")
    ),
    Door("reissue", ok=("officer",), hidden=("foreign_officer",), args=head),
    Door("reissue", ok=("officer",), hidden=("foreign_officer",), args=head, method="post"),
    Door("roster", ok=("system",)),
    Door("roster", ok=("system",), method="post", status=422),
    Door("roster_template", ok=("system",)),
    Door("roster_export", ok=("system",), method="post", status=302),
    Door("activation_list", ok=("system",), method="post"),
    Door("roster_preview", ok=("system",), args=lambda world: [world.roster["roster.check"].pk]),
    Door("roster_apply", ok=("system",), args=lambda world: [world.roster["roster.check"].pk],
         method="post", status=302),
    Door("roster_outcome", ok=("system",), args=lambda world: [world.roster["roster.apply"].pk]),
    Door("jobs", ok=EVERYONE),
    Door("job", ok=("secretary",), hidden=NOT_THE_SECRETARY, args=job),
    Door("job_progress", ok=("secretary",), hidden=NOT_THE_SECRETARY, args=job),
    Door("job_file", ok=("secretary",), hidden=NOT_THE_SECRETARY, args=job),
    # Uploads in pieces: what a stranger gets is told to a script, by a sentence.
    Door("uploads", ok=EVERYONE, method="options", status=204, stranger=401),
    Door("uploads", ok=EVERYONE, method="post", status=201, stranger=401, headers=PIECES | {
        "Upload-Length": "5", "Upload-Metadata": "filename YS5wZGY=",
    }),
    *(
        Door("upload", ok=("secretary",), hidden=NOT_THE_SECRETARY, method=method, status=status,
             stranger=401, args=lambda world: [world.upload.pk], headers=PIECES)
        for method, status in (("head", 200), ("patch", 415), ("delete", 204))
    ),
    Door("attach_upload", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=422,
         args=draft),
    Door("file_preview", ok=(*OWN, *ABOVE), hidden=OUTSIDE,
         args=lambda world: [world.version.files.get().pk]),
    Door("file_preview", ok=OWN, hidden=(*ABOVE, *OUTSIDE), args=lambda world: [world.draft_file.file_id]),
    # The shelf of excellent work, reuse, handing in on behalf
    Door("shelf", ok=READERS),
    Door("shelf_desk", ok=("officer", "foreign_officer")),
    Door("exhibit", ok=(*OWN, *ABOVE, "neighbour"),
         hidden=("foreign_secretary", "foreign_head", *OVERSEERS_ELSEWHERE), args=exhibit),
    Door("file", ok=(*OWN, *ABOVE, "neighbour"),
         hidden=("foreign_secretary", "foreign_head", *OVERSEERS_ELSEWHERE),
         args=lambda world: [world.exhibit.version.files.get().pk]),
    # What is shown is read on the shelf alone.
    Door("version", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=lambda world: [world.exhibit.version_id]),
    *(
        Door("choose", ok=("officer",), hidden=("foreign_officer",), method=method, status=status,
             args=lambda world: [world.accepted.pk], data={"comment": "贴近课堂"})
        for method, status in (("get", 200), ("post", 302))
    ),
    Door("remove_exhibit", ok=("officer",), hidden=("foreign_officer",), method="post", status=302,
         args=exhibit),
    *(
        Door("consent", ok=OWN, hidden=(*SECRETARIES_ELSEWHERE, "foreign_head"), method=method,
             status=status, args=exhibit, data={"answer": "decline"})
        for method, status in (("get", 200), ("post", 302))
    ),
    Door("reuse", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, args=owed),
    *(
        Door("on_behalf", ok=("officer",), hidden=("foreign_officer",), method=method, status=status,
             args=owed, data={"title": "一次家访", "body": "正文", "reason": "学校断网"})
        for method, status in (("get", 200), ("post", 302))
    ),
    # 催办
    Door("nudges", ok=(*ABOVE, *OVERSEERS_ELSEWHERE)),
    Door("new_nudge", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE,
         query=lambda world: {"unit": world.place.school.pk}),
    Door("new_nudge", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, method="post", status=302,
         data=lambda world: {"units": world.place.school.pk, "text": "请尽快报送。", "send": "1"}),
    Door("nudge", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.nudge.pk]),
]  # fmt: skip

PUBLIC = {"login", "logout"}


def accepted_work(place: County) -> list[Version]:
    """Two accepted pieces of the school, each with a file."""
    owed_, versions = assigned(place), []
    for number in (1, 2):
        piece = drafted(owed_, place.secretary, number=number)
        drafts.attach(piece, upload(), by=place.secretary, at=NOW)
        versions.append(submitting.submit(piece, by=place.secretary, at=NOW))
        reviewing.accept(versions[-1], by=place.officer, at=NOW)
    return versions


def exhibit_of(place: County, shown: Version) -> Exhibit:
    """The piece on the shelf, with the school's consent."""
    made = exhibiting.choose(shown, by=place.officer, at=NOW)
    exhibiting.consent(made, by=place.secretary, at=NOW)
    return made


def suggested(place: County, campaign: Campaign) -> Suggestion:
    """Proposed by the school, adopted and given to the middle school."""
    made = suggesting.enter(campaign, "多开家长会", unit=place.school, by=place.officer, at=NOW)
    return answering.answer(
        made, SuggestionState.ADOPTED, "", responsible=place.middle, due_on=date(2099, 5, 10),
        by=place.officer, at=NOW,
    )  # fmt: skip


def seen(world: World) -> dict[str, str]:
    """The edition of the drafted bulletin, as its page says it."""
    return {"seen": bulletins.edition(Bulletin.objects.get(pk=world.bulletins["draft"]))}


def drafted_and_sent(draft: Assignment, sent: Assignment, place: County, leader: User) -> dict[str, int]:
    """Bulletins (ids) of what the two are due for: one drafted, the other signed by the leader."""
    moment = DUE + timedelta(days=20)
    bulletins.draft_due(moment)
    found = {
        key: Bulletin.objects.get(occurrence=one.occurrence)
        for key, one in {"draft": draft, "sent": sent}.items()
    }
    bulletins.submit(found["sent"], by=place.officer, at=moment)
    bulletins.sign(found["sent"], by=leader, at=moment)
    return {key: one.pk for key, one in found.items()}


def read(world: World) -> dict[str, str]:
    """The edition of the drafted report, as its page says it."""
    return {"seen": issuing.edition(Report.objects.get(pk=world.reports["draft"]))}


def reported(draft: Campaign, sent: Campaign, place: County, leader: User) -> dict[str, int]:
    """Reports (ids) of the two campaigns: one drafted, the other signed by the leader, with its copy."""
    orders = [ordering.order(ordering.of_campaign(one), by=place.officer, at=NOW) for one in (draft, sent)]
    drafted_, to_sign = (count(one, NOW) for one in orders)
    issuing.submit(to_sign, by=place.officer, at=NOW)
    signed = issuing.sign(to_sign, by=leader, at=NOW)
    scan = store.save(upload("扫描件.pdf"), by=place.officer, at=NOW)
    copy = issuing.add_copy(signed, scan, by=place.officer, at=NOW)
    return {"draft": drafted_.pk, "sent": signed.pk, "copy": copy.pk}


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, built once: each test takes back what it does, and the module everything."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None) -> World:
    # An upload is a file too, which no transaction brings back once somebody has given it up.
    built.upload = resumable.create("草稿.pdf", 5, by=built.place.secretary, at=NOW)
    return built


def build() -> World:
    """A school with one piece handed in and one in draft, and everybody who might look at them."""
    place, elsewhere = county(), county()
    owed_ = assigned(place)
    handed = drafted(owed_, place.secretary)
    drafts.attach(handed, upload(), by=place.secretary, at=NOW)
    version_: Version = submitting.submit(handed, by=place.secretary, at=NOW)
    draft_ = drafted(owed_, place.secretary, number=2)
    people: dict[str, User] = {
        "secretary": place.secretary,
        "head": person(Role.HEAD, place.school),
        "officer": place.officer,
        "leader": person(Role.LEADER, place.bureau),
        "neighbour": person(Role.SECRETARY, place.middle),
        "foreign_secretary": elsewhere.secretary,
        "foreign_head": person(Role.HEAD, elsewhere.school),
        "foreign_officer": elsewhere.officer,
        "foreign_leader": person(Role.LEADER, elsewhere.bureau),
        "system": person(Role.SYSTEM, place.section),
        "security": person(Role.SECURITY, place.section),
        "auditor": person(Role.AUDITOR, place.section),
        "nobody": UserFactory(),
    }
    template = store.save(upload("模板.pdf"), by=place.officer, at=NOW)
    to_sign = assigned(place, sign_off=True, template_file=template)
    may = end_of(date(2099, 5, 10))  # the pages read the clock
    planned = ready_plan(place).campaign
    alike = handed_in(assigned(place), place.secretary)
    Fingerprint.objects.get_or_create(version=version_)
    Fingerprint.objects.get_or_create(version=alike)
    Likeness.objects.create(version=alike, other=version_, share=100, other_share=100)
    shown, accepted = accepted_work(place)
    return World(
        exhibit=exhibit_of(place, shown),
        accepted=accepted,
        suggestion=suggested(place, owed_.requirement.campaign),
        alike=alike,
        indicator=Indicator.objects.create(
            topic=TopicFactory(campaign=alike.submission.assignment.requirement.campaign),
            name="骨干教师比例", value=15, unit="%",
        ),
        template=template,
        paper_template=PaperTemplate.objects.create(
            host=place.bureau, kind=ReportKind.PHASE, name="模板", file=template, added_by=place.officer,
            added_at=NOW,
        ),
        reports=reported(
            owed_.requirement.campaign, to_sign.requirement.campaign, place, people["leader"]
        ),
        bulletins=drafted_and_sent(owed_, to_sign, place, people["leader"]),
        blueprint=blueprints.save(place.bureau, shelf.text_of("annual"), by=place.officer, at=NOW),
        topic=TopicFactory(campaign=planned),
        charge=ResponsibilityFactory(leader=people["leader"], unit=place.school),
        pairing=PairingFactory(unit=place.school, partner=place.middle),
        group=InspectionGroup.objects.create(campaign=planned, name="第一检查组"),
        activity=Activity.objects.create(
            campaign=planned, phase=planned.phases.get(), kind="forum", title="校长论坛"
        ),
        unsigned=submitting.submit(drafted(to_sign, place.secretary), by=place.secretary, at=NOW),
        waiting=extending.ask(to_sign, until=may, reason="外出培训", by=place.secretary, at=NOW),
        nudge=nudging.nudge([place.school], nudging.Matter(), "请尽快报送。", by=place.officer, at=NOW),
        place=place, elsewhere=elsewhere, people=people, owed=owed_, version=version_, draft=draft_,
        draft_file=drafts.attach(draft_, upload("草稿.pdf"), by=place.secretary, at=NOW),
        campaign=owed_.requirement.campaign, planned=planned,
        notice=Notice.objects.filter(recipient=place.secretary).first(),
        calendar=feeds.issue(place.secretary, at=NOW),
        delivery=Delivery.objects.create(
            recipient=place.secretary, manner=Manner.URGENT, made_at=NOW, not_before=NOW
        ),
        channel=Channel.objects.create(unit=place.township, kind=ChannelKind.WECOM, name="东镇信息员群"),
        days=SpecialDays.objects.create(first=NOW.date(), last=NOW.date(), kind=DayKind.WORK, name="上班"),
        job=JobFactory(
            by=place.secretary, state=JobState.DONE, finished_at=timezone.now(),
            product=store.save(upload("台账.pdf"), by=place.secretary, at=NOW),
        ),
        roster={
            kind: JobFactory(
                kind=kind, by=people["system"], state=JobState.DONE, finished_at=NOW,
                source=StoredFileFactory(), result={"error_count": 0},
            )
            for kind in ("roster.check", "roster.apply")
        },
    )  # fmt: skip


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Every URL name of the portal; the admin's are prefixed with “admin:”."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or str(pattern.pattern))
        else:
            yield from patterns(pattern, f"{pattern.namespace}:" if pattern.namespace else prefix)


def test_every_address_has_an_entry() -> None:
    named = {name for name in patterns() if not name.startswith("admin:")}
    assert named == {door.name for door in DOORS} | PUBLIC


WRITES = ("INSERT", "UPDATE", "DELETE")


def in_session(user: User) -> Client:
    """Logged in, and on the way for a while: the first page of a session stamps it."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[STAMP] = int(time.time())
    session.save()
    return client


def writes_in(captured: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in captured if query["sql"].startswith(WRITES)]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method}-{door.name}")
def test_each_person_gets_what_the_matrix_says_and_a_get_writes_only_the_download_log(
    door: Door, world: World
) -> None:
    found, written = {}, {}
    for who in EVERYONE:
        client = in_session(world.people[who])
        with transaction.atomic():
            with CaptureQueriesContext(connection) as captured:
                found[who] = door.knock(client, world).status_code
            transaction.set_rollback(True)
        if door.method == "get" and who in door.ok:
            written[who] = ["portal_auditevent" in sql for sql in writes_in(captured)]
    assert found == {who: door.expected(who) for who in EVERYONE}
    log = [True] if door.logged or door.name in ("file", "job_file") else []
    assert written == dict.fromkeys(written, log)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method}-{door.name}")
def test_strangers_are_sent_to_the_login(door: Door, world: World) -> None:
    answer = door.knock(Client(), world)
    assert answer.status_code == door.stranger
    assert "Location" not in answer.headers or answer.headers["Location"].split("?")[0] == reverse("login")


def test_a_post_address_refuses_get(world: World) -> None:
    client = Client()
    client.force_login(world.people["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    statuses = {
        name: client.get(reverse(name, args=args)).status_code
        for name, args in {
            "read_all": [], "open_notice": [world.notice.pk], "acknowledge": owed(world),
            "detach": [world.draft_file.pk], "withdraw": draft(world), "review": version(world),
            "roster_export": [], "activation_list": [], "roster_apply": [1],
            "sign": unsigned(world), "report_nil": owed(world), "retract_nil": owed(world),
            "refuse_nil": owed(world), "export": [world.campaign.pk],
            "ask_extension": owed(world), "take_back_extension": waiting(world),
            "answer_extension": waiting(world), "grant_extensions": [], "attach_upload": draft(world),
            "autosave": draft(world), "reopen": version(world), "accept_many": [],
            "test_mail": [], "issue_calendar": [], "revoke_calendar": [],
        }.items()
    }  # fmt: skip
    assert set(statuses.values()) == {405}


# The admin: who gets a page (200); everybody else is sent away. Nobody but the staff roles comes in at all.

STAFF = ("officer", "foreign_officer", *DUTIES)
OFFICERS = ("officer", "foreign_officer")
ROSTER = (*OFFICERS, "system", "security")  # units and people, to be looked at
ROSTER_HERE = ("officer", "system", "security")

ADMIN: dict[str, tuple[str, ...]] = {
    "index": STAFF,
    "jsi18n": STAFF,
    "app_list": OFFICERS,
    "autocomplete": ROSTER,
    "campaigns_campaign_changelist": OFFICERS,
    "campaigns_campaign_add": OFFICERS,
    "campaigns_campaign_change": ("officer",),
    "campaigns_campaign_delete": ("officer",),
    "campaigns_campaign_history": ("officer",),
    **{
        f"campaigns_{part}_{page}": () if page == "changelist" else ("officer",)
        for part in ("requirement", "topic", "activity", "inspectiongroup")
        for page in ("changelist", "add", "change", "delete", "history")
    },
    "notices_delivery_changelist": ("system",),
    "notices_delivery_add": (),
    "notices_delivery_change": ("system",),
    "notices_delivery_delete": (),
    "notices_delivery_history": ("system",),
    "notices_delivery_resend": (),  # buttons
    "notices_delivery_hasten": (),
    "notices_delivery_resend_all": (),
    "notices_channel_changelist": ("system",),
    "notices_channel_add": ("system",),
    "notices_channel_change": ("system",),
    "notices_channel_delete": (),
    "notices_channel_history": ("system",),
    "notices_channel_test": (),  # by a POST alone: tests/notices/test_channels_admin.py
    # Two trees stand side by side here: only the technical account decides for both.
    **{f"notices_specialdays_{page}": ("system",) for page in ("changelist", "change", "history")},
    "notices_specialdays_add": (),
    "notices_specialdays_delete": (),
    "campaigns_requirement_ladder": ("officer",),
    "campaigns_ladder_changelist": OFFICERS,
    "campaigns_ladder_add": (),
    "campaigns_ladder_change": ("officer",),
    "campaigns_ladder_delete": (),
    "campaigns_ladder_history": ("officer",),
    "portal_auditevent_changelist": ("auditor",),
    "portal_auditevent_add": (),
    "portal_auditevent_change": ("auditor",),
    "portal_auditevent_delete": (),
    "portal_auditevent_history": ("auditor",),
    "schools_membership_changelist": ("security",),
    "schools_membership_add": ("security",),
    "schools_membership_change": ("security",),
    "schools_membership_delete": (),
    "schools_membership_history": ("security",),
    "schools_unit_changelist": ROSTER,
    "schools_unit_add": ("system",),
    "schools_unit_change": ROSTER_HERE,
    "schools_unit_delete": (),
    "schools_unit_history": ROSTER_HERE,
    **{
        f"schools_{model}_{page}": who
        for model in ("responsibility", "pairing")
        for page, who in {
            "changelist": (*OFFICERS, "system"),
            "add": (*OFFICERS, "system"),
            "delete": (),
            "change": ("officer", "system"),
            "history": ("officer", "system"),
        }.items()
    },
    "schools_user_changelist": ROSTER,
    "schools_user_add": ("system",),
    "schools_user_change": ROSTER_HERE,
    "schools_user_delete": (),
    "schools_user_history": ROSTER_HERE,
    # The portal's own pages stand in for these.
    "login": (),
    "logout": (),
    "password_change": (),
    "password_change_done": (),
}

#: Django's own by-roads, which only lead elsewhere.
BYROADS = {"<path:object_id>/", "(?P<url>.*)$", "view_on_site"}


def admin_address(name: str, world: World) -> str:
    planned, secretary = world.planned, world.people["secretary"]
    objects = {
        "campaigns_campaign": planned.pk,
        "campaigns_requirement": planned.requirements.get().pk,
        "campaigns_topic": world.topic.pk,
        "campaigns_activity": world.activity.pk,
        "campaigns_inspectiongroup": world.group.pk,
        "campaigns_ladder": world.place.bureau.pk,  # its rows are bureaus
        "notices_delivery": world.delivery.pk,
        "notices_channel": world.channel.pk,
        "notices_specialdays": world.days.pk,
        "portal_auditevent": AuditEvent.objects.first().pk,
        "schools_membership": secretary.memberships.get().pk,
        "schools_unit": world.place.school.pk,
        "schools_user": secretary.pk,
        "schools_responsibility": world.charge.pk,
        "schools_pairing": world.pairing.pk,
    }
    model, _, verb = name.rpartition("_")
    if verb in ("change", "delete", "history", "ladder", "resend", "hasten", "test") and model in objects:
        return reverse(f"admin:{name}", args=[objects[model]])
    if name == "autocomplete":
        asked = {"app_label": "campaigns", "model_name": "campaign", "field_name": "office", "term": ""}
        return reverse("admin:autocomplete", query=asked)
    if name == "campaigns_campaign_add":
        return reverse(f"admin:{name}", query={"blank": 1})
    if model.startswith("campaigns_") and verb == "add":
        return reverse(f"admin:{name}", query={"campaign": planned.pk})
    return reverse(f"admin:{name}", args=["campaigns"] if name == "app_list" else [])


def test_every_address_of_the_admin_has_an_entry() -> None:
    named = {name.removeprefix("admin:") for name in patterns() if name.startswith("admin:")}
    assert named == set(ADMIN) | BYROADS


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_opens_to_those_named_writes_nothing_and_sends_all_others_away(
    name: str, world: World
) -> None:
    audit.record("demo.load", at=NOW)
    address = admin_address(name, world)
    opened, written = set(), []
    for who in EVERYONE:
        client = in_session(world.people[who])
        with CaptureQueriesContext(connection) as captured:
            if client.get(address).status_code == 200:
                opened.add(who)
        written += writes_in(captured)
    assert (opened, written) == (set(ADMIN[name]), [])
