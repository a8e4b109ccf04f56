"""The demo: one load (it takes a while), looked at from all sides; dates, texts and refusals without it."""

import io
from collections import Counter
from datetime import date, datetime, timedelta
from hashlib import sha256

import docx
import pytest
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone
from docx.oxml.ns import qn

from campaigns.blueprints import naming, shelf
from campaigns.enums import CampaignKind, CampaignState, PhaseState, RequirementKind
from campaigns.models import Activity, Campaign, Indicator, InspectionGroup, Requirement
from campaigns.readiness import gaps
from notices.enums import ChannelKind
from notices.models import Channel, Delivery, Notice
from notices.sealing import unseal
from notices.workdays import end_of, is_workday
from portal.files.kinds import FileKind
from portal.files.store import path_of
from portal.models import AuditEvent, StoredFile
from reports.demo import accounts, files, names, people, reaching
from reports.demo.dates import Frame
from reports.demo.words import short
from reports.demo.writing import COMPOSERS, TONES, Voice, brief, compose
from reports.demo.years import Years
from reports.enums import PaperState
from reports.models import Bulletin, Report
from schools.enums import Ownership, Role, UnitKind
from schools.models import Membership, Pairing, Responsibility, Unit, User
from schools.responsibility import answering_for, charge_of
from submissions.enums import (
    AssignmentState,
    EventKind,
    Override,
    PieceState,
    ReviewStep,
    Verdict,
)
from submissions.models import (
    Assignment,
    AssignmentEvent,
    Draft,
    Reminder,
    Review,
    Submission,
    Version,
)
from submissions.services import counting
from submissions.states import fold
from tests.factories import UnitFactory
from tests.reports import demo_work

NOW = datetime(2026, 11, 17, 16, 20, tzinfo=timezone.get_default_timezone())


def loaded(capture: io.StringIO | None = None) -> list[str]:
    """Run the command; the lines it printed."""
    out = capture or io.StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db(transaction=False)
def test_the_demo(monkeypatch: pytest.MonkeyPatch, settings, tmp_path) -> None:
    """One load for all of it: a load costs far more than everything that is asked afterwards."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    said = loaded()
    assert 3 <= len(said) <= 8
    check_county()
    check_people()
    check_map()
    check_logins()
    check_names_in_templates()
    check_five_campaigns()
    check_discussion()
    check_annual()
    check_what_is_over()
    check_draft()
    check_states()
    check_turns()
    demo_work.check(NOW)
    check_units_that_lag()
    check_times()
    check_files()
    check_reports()
    check_reminders()
    check_bulletins()
    check_nothing_happens_twice()


def check_county() -> None:
    assert 125 <= Unit.objects.count() <= 135
    kinds = Counter(Unit.objects.values_list("kind", flat=True))
    assert set(kinds) == set(UnitKind.values) - {UnitKind.DISTRICT}
    assert (kinds[UnitKind.SECTION], kinds[UnitKind.TOWNSHIP]) == (15, 12)
    assert list(Unit.objects.exclude(closed_at=None).values_list("name", flat=True)) == ["麦浪东片小学"]
    private = Unit.objects.filter(ownership=Ownership.PRIVATE)
    assert private.filter(kind=UnitKind.KINDERGARTEN).exists()
    assert private.exclude(kind=UnitKind.KINDERGARTEN).exists()
    for unit in Unit.objects.exclude(code=None):
        unit.full_clean()
        assert unit.code[2:4] == "00"


def check_people() -> None:
    """Every role has an account with the one password, which passes the portal's own rules."""
    shown = User.objects.filter(username__in=accounts.SHOWN)
    assert shown.count() == len(accounts.SHOWN)
    assert set().union(*(user.roles for user in shown)) == set(Role)
    for user in shown:
        assert user.check_password(people.PASSWORD)
        validate_password(people.PASSWORD, user)
    assert User.objects.values("password").distinct().count() == 1
    assert [user.username for user in User.objects.filter(must_change_password=True)] == [people.NEWCOMER]
    assert all(user.name.endswith(names.GIVEN) for user in User.objects.all())
    assert len(User.objects.get(username=people.TWO_UNITS).active_memberships) == 2
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(accounts.SHOWN) + 1
    assert len({accounts.width(line[: line.index(people.PASSWORD)]) for line in lines[1:]}) == 1


def check_map() -> None:
    """Leaders answer for schools, some of them through sections; one school has two leaders."""
    charges = {
        name: Unit.objects.filter(charge_of(user).narrow(), kind__in=UnitKind.schools())
        for name in ("leader1", "leader2", "leader3")
        if (user := User.objects.get(username=name))
    }
    counts = {name: schools.count() for name, schools in charges.items()}
    assert (counts["leader1"], all(10 <= count <= 50 for count in counts.values())) == (16, True)
    own = Responsibility.objects.in_force().filter(
        leader__username="leader1", unit__kind__in=UnitKind.schools()
    )
    assert own.count() == 3
    assert [str(one) for one in charges["leader1"].filter(pk__in=charges["leader2"])] == ["青禾中心小学"]
    school = Unit.objects.get(name="橘灯学校")
    assert [(one.who, one.way(school)) for one in answering_for(school)] == [
        (Unit.objects.get(name="党委办"), "包挂橘灯镇"),
        (User.objects.get(username="leader1"), "经党委办包挂橘灯镇"),
    ]
    assert [str(one.other(school)) for one in Pairing.objects.for_unit(school)] == ["示例县实验小学"]
    assert Responsibility.objects.exclude(ended_at=None).count() == 1


def check_logins() -> None:
    """Who handed something in has been here; the newcomer and some others have not."""
    busy = User.objects.filter(pk__in=Version.objects.values("submitted_by"))
    assert busy.filter(last_login=None).count() == 0
    never = Membership.objects.filter(user__last_login=None, role__in=Role.own_unit())
    assert 0 < never.count() < 40
    assert User.objects.get(username="newcomer").last_login is None


def of_kind(kind: CampaignKind) -> Campaign:
    return Campaign.objects.get(kind=kind)


def check_reminders() -> None:
    """All that goes out is of yesterday: digests, and the word of papers. History has sent nothing."""
    people_known = User.objects.filter(is_superuser=False)
    assert set(people_known.exclude(email=Concat("username", Value("@example.com")))) == set()
    yesterday = end_of(NOW.date() - timedelta(days=2))
    scanned, nudged = yesterday + reaching.SCAN, yesterday + reaching.NUDGED_AT
    out = Delivery.objects.filter(manner="deadline")
    assert set(out.values_list("state", "made_at")) == {("waiting", scanned), ("waiting", nudged)}
    of_papers = Delivery.objects.difference(out)
    assert {one.notice.title.split("，")[0].split("：")[0] for one in of_papers} == {
        *("督查通报已起草", "有督查通报等待您签发"),
        *("每周进展已编制", "月度汇总已编制", "简报已编制", "有报告等待您签发"),
    }
    assert Delivery.objects.filter(not_before__gt=NOW).count() == 0
    reminded = Reminder.objects.values("person").distinct()
    assert out.filter(recipient__in=reminded).count() == reminded.count() > 30
    assert out.filter(recipient__username__in=accounts.SHOWN).count() >= 2
    assert Notice.objects.uncarried().filter(recipient__username="officer1").exists()
    assert set(out.exclude(channel=None).values_list("channel__kind", flat=True)) <= set(ChannelKind.robots())
    assert out.exclude(channel=None).count() >= 1
    assert {unseal(one.token)[:10] for one in Channel.objects.all()} == {"demo-group"}


def check_bulletins() -> None:
    """A leader has one to sign, with words of an officer; others, if any, are drafts."""
    found = Bulletin.objects.order_by("-edition").values_list("state", "edited_by__username")
    assert found[0] == ("to_sign", "officer1")
    assert set(found[1:]) <= {("draft", None)}


def check_names_in_templates() -> None:
    """The county has a unit for all but two of the names that the five templates use."""
    bureau = Unit.objects.get(kind=UnitKind.BUREAU)
    named = {name for plan in shelf.built_in().values() for name in naming.names_of_units(plan)}
    found = naming.match(named, bureau)
    assert {name for name, unit in found.items() if unit is None} == {"文化体育科", "共青团工作委员会"}


def check_five_campaigns() -> None:
    """One of each kind, at five stages; each led by people, on numbered papers."""
    states = dict(Campaign.objects.values_list("kind", "state"))
    assert states == {
        CampaignKind.DISCUSSION: CampaignState.PUBLISHED,
        CampaignKind.ANNUAL: CampaignState.PUBLISHED,
        CampaignKind.INNOVATION: CampaignState.CLOSED,
        CampaignKind.EXCELLENCE: CampaignState.ARCHIVED,
        CampaignKind.IMPROVEMENT: CampaignState.DRAFT,
    }
    for campaign in Campaign.objects.visible():
        assert campaign.leadership.filter(user=None).count() == 0
        assert campaign.bases.first().number
        assert campaign.office
        assert not campaign.phases.filter(suggested=True)
        assert all(one.starts_on and one.place for one in campaign.activities.all())
    assert Indicator.objects.count() > 40
    assert Activity.objects.count() == 40


def check_discussion() -> None:
    campaign = of_kind(CampaignKind.DISCUSSION)
    first, second, third = campaign.phases.all()
    assert first.ends_on < second.starts_on <= NOW.date() <= second.ends_on < third.starts_on
    found = [phase.state for phase in (first, second, third)]
    assert found == [PhaseState.CLOSED, PhaseState.OPEN, PhaseState.UPCOMING]
    assert campaign.leadership.count() == 7
    assert campaign.office.name == "党委办"
    assert [len(topic.position) for topic in campaign.topics.all()] == [1, 2, 2, 2] * 6
    assert all(topic.questions for topic in campaign.topics.all() if topic.depth == 2)
    assert campaign.bases.get(order=1).file.kind == FileKind.PDF
    asked = set(campaign.requirements.values_list("kind", flat=True))
    assert asked > set(COMPOSERS)
    to_sign = Submission.objects.get(
        assignment__unit=User.objects.get(username="head001").active_memberships[0].unit,
        state=PieceState.TO_SIGN,
    )
    assert to_sign.assignment.requirement.campaign == campaign
    minutes = Assignment.objects.filter(occurrence__requirement__activity__campaign=campaign)
    assert minutes.filter(state__in=AssignmentState.handed_in()).exists()
    merged = Assignment.objects.filter(unit__name="麦浪东片小学", occurrence__requirement__campaign=campaign)
    assert set(merged.values_list("state", flat=True)) == {
        AssignmentState.ACCEPTED,
        AssignmentState.CANCELLED,
    }


def check_annual() -> None:
    """Weekly, monthly and quarterly reports of past periods are there, some late, some missing; not all
    of those to come are handed out yet."""
    campaign = of_kind(CampaignKind.ANNUAL)
    reports = campaign.requirements.filter(kind=RequirementKind.PROGRESS)
    assert set(reports.values_list("frequency", flat=True)) == {"weekly", "monthly", "quarterly"}
    for one in reports:
        past = Assignment.objects.filter(occurrence__requirement=one, due_at__lte=NOW)
        assert past.values("occurrence").distinct().count() >= 2
        assert past.filter(state=AssignmentState.ACCEPTED).count() > past.count() * 0.7
    owed = Assignment.objects.filter(occurrence__requirement__in=reports)
    assert owed.filter(late=True).exists()
    assert owed.filter(state=AssignmentState.TODO, due_at__lte=NOW).exists()
    weekly = reports.get(frequency="weekly").occurrences
    assert weekly.filter(assignments=None).exists()
    assert not weekly.filter(assignments=None, due_at__lte=NOW).exists()
    plans = Assignment.objects.filter(occurrence__requirement__title="学校年度工作计划")
    assert plans.filter(state=AssignmentState.ACCEPTED).count() > 20


def check_what_is_over() -> None:
    """Closed and archived: most accepted, a few never handed in; what was changed on the way."""
    for kind in (CampaignKind.INNOVATION, CampaignKind.EXCELLENCE):
        campaign = of_kind(kind)
        assert campaign.closed_at < NOW
        assert set(campaign.phases.values_list("state", flat=True)) == {PhaseState.CLOSED}
        owed = Assignment.objects.filter(
            occurrence__requirement__campaign=campaign, state__in=AssignmentState.owed()
        )
        assert owed.filter(state=AssignmentState.ACCEPTED).count() > owed.count() * 0.8
        assert owed.filter(state=AssignmentState.TODO).exists()
    withdrawn = Requirement.objects.exclude(withdrawn_at=None)
    assert [one.title for one in withdrawn] == ["岗位问题清单"]
    moved = AssignmentEvent.objects.filter(
        kind=EventKind.RESCHEDULED,
        assignment__occurrence__requirement__campaign__state=CampaignState.CLOSED,
    )
    titles = moved.values_list("assignment__occurrence__requirement__title", flat=True)
    assert set(titles) == {"攻关项目进展报告"}
    groups = InspectionGroup.objects.prefetch_related("units")
    assert [group.leader is not None and len(group.units.all()) >= 1 for group in groups] == [True] * 11
    covered = {unit.pk for group in groups for unit in group.units.all()}
    assert covered >= set(Unit.objects.filter(kind=UnitKind.TOWNSHIP).values_list("pk", flat=True))


def check_draft() -> None:
    draft = of_kind(CampaignKind.IMPROVEMENT)
    assert [gap.sentence for gap in gaps(draft, at=NOW)] == [
        "请指定领导小组办公室设在哪个单位。",
        "阶段“落实提升”缺少起止日期，请填写。",
        "报送要求“整改情况报告”没有报送单位，请选择单位类别或另加单位。",
        "报送要求“提升年工作简报”没有截止日期，请填写。",
    ]
    assert draft.topics.count() == 13


def check_states() -> None:
    """States are the fold of what lies below, counters their sum, and all that can be reached are shown."""
    assert counting.drift() == []
    for one in Assignment.objects.select_related("occurrence__requirement").prefetch_related("submissions"):
        pieces = [PieceState(piece.state) for piece in one.submissions.all()]
        assert one.state == fold(pieces, one.requirement.min_pieces, Override(one.override)), one
    pieces = Counter(Submission.objects.values_list("state", flat=True))
    assert set(pieces) >= {PieceState.DRAFT, PieceState.PENDING, PieceState.RETURNED, PieceState.ACCEPTED}
    assert 25 <= pieces[PieceState.PENDING] <= 40
    states = set(Assignment.objects.values_list("state", flat=True))
    assert states >= {
        AssignmentState.TODO,
        AssignmentState.SUBMITTED,
        AssignmentState.RETURNED,
        AssignmentState.ACCEPTED,
    }


def check_turns() -> None:
    """Returns, later versions, recommendations, withdrawals and re-openings are all there."""
    # No district bureau stands between this county's schools and their bureau.
    possible = set(EventKind) - {EventKind.PASSED_FIRST}
    assert set(AssignmentEvent.objects.values_list("kind", flat=True)) == possible
    assert Submission.objects.filter(state=PieceState.RETURNED, correct_by__gt=NOW).count() >= 4
    assert Version.objects.filter(number=3).count() >= 3
    assert Submission.objects.filter(state=PieceState.DRAFT, versions__isnull=False).exists()
    reviews = Counter(Review.objects.values_list("verdict", "recommended"))
    assert reviews[Verdict.ACCEPT, True] >= 10
    assert reviews[Verdict.RETURN, False] >= 30
    at_the_bureau = Review.objects.exclude(step=ReviewStep.SIGN).order_by()
    assert at_the_bureau.values("by").distinct().count() == 2


def check_units_that_lag() -> None:
    """About a tenth of the schools have missed everything that is over; some have been late."""
    over = Assignment.objects.filter(
        due_at__lte=NOW,
        occurrence__requirement__phase__order=1,
        occurrence__requirement__campaign__kind=CampaignKind.DISCUSSION,
    )
    lagging = set(over.values_list("unit", flat=True)) - set(
        over.exclude(state=AssignmentState.TODO).values_list("unit", flat=True)
    )
    assert 8 <= len(lagging) <= 20
    assert 10 <= Assignment.objects.filter(late=True).count() <= 120
    assert over.filter(state=AssignmentState.ACCEPTED).count() > over.count() * 0.7


def check_times() -> None:
    """Everything happened in office hours of working days before today, and in order."""
    instants = [
        *AssignmentEvent.objects.values_list("at", flat=True),
        *Version.objects.values_list("submitted_at", flat=True),
        *Review.objects.values_list("at", flat=True),
        *Draft.objects.values_list("saved_at", flat=True),
        *StoredFile.objects.values_list("uploaded_at", flat=True),
        *Notice.objects.values_list("at", flat=True),
    ]
    for at in map(timezone.localtime, instants):
        assert at.date() < NOW.date()
        assert 8 <= at.hour < 18
        assert is_workday(at.date())
    assert AuditEvent.objects.latest("at").at == NOW
    last: dict[int, datetime] = {}
    for assignment, at in AssignmentEvent.objects.order_by("pk").values_list("assignment", "at"):
        assert last.get(assignment, at) <= at
        last[assignment] = at


def check_files() -> None:
    """The files are on disk, small, and what they say they are."""
    stored = StoredFile.objects.all()
    assert {one.kind for one in stored} == {FileKind.DOCX, FileKind.PDF, FileKind.XLSX}
    handed_in = stored.filter(report_words=None, report_books=None)
    assert max(one.size for one in handed_in) < 30_000
    for one in stored:
        assert sha256(path_of(one).read_bytes()).hexdigest() == one.sha256
    assert len({one.sha256 for one in stored}) == len(stored)
    document = docx.Document(str(path_of(handed_in.filter(kind=FileKind.DOCX)[0])))
    title, byline = document.paragraphs[:2]
    assert title.alignment == byline.alignment == 1
    assert all(run._element.rPr.rFonts.get(qn("w:eastAsia")) for p in document.paragraphs for run in p.runs)
    assert Version.objects.filter(files=None).exclude(body="").exists()


def check_reports() -> None:
    """A finished phase has its report, signed and received; others wait for a leader and for an officer."""
    found = Report.objects.exclude(state=PaperState.COMPILING).order_by("pk")
    assert [(one.kind, one.state) for one in found] == [
        ("campaign", "sent"), ("phase", "sent"), ("week", "to_sign"), ("month", "draft"),
        ("newsletter", "draft"),
    ]  # fmt: skip
    summary, phase = found[:2]
    assert phase.phase.name == "宣传发动"
    assert phase.opening in "\n".join(one.text for one in docx.Document(str(path_of(phase.word))).paragraphs)
    received = [one.receipts.exclude(at=None).count() for one in (summary, phase)]
    asked = [one.receipts.count() for one in (summary, phase)]
    assert received[0] == asked[0] > 0
    assert 0.8 < received[1] / asked[1] < 1


def check_nothing_happens_twice() -> None:
    before = {model: model._default_manager.count() for model in apps.get_models()}
    assert loaded() == ["演示数据已在库中，未作改动。"]
    assert {model: model._default_manager.count() for model in apps.get_models()} == before


@pytest.mark.django_db
def test_refuses_a_database_that_holds_something_else() -> None:
    UnitFactory()
    with pytest.raises(CommandError, match=r"^数据库里已有.*空的数据库。$"):
        loaded()
    assert Unit.objects.count() == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_no_accounts_without_a_demo() -> None:
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    assert out.getvalue() == ""


def test_the_dates_fit_every_day() -> None:
    """Today lies in the second phase with eight days or more to go; the phases follow each other."""
    for days in range(800):
        today = date(2026, 1, 1) + timedelta(days=days)
        frame = Frame.around(today)
        assert 8 <= (frame.learning.last - today).days <= 23
        assert (today - frame.learning.first).days > 0.58 * (frame.learning.last - frame.learning.first).days
        assert frame.spreading.last + timedelta(days=1) == frame.learning.first
        assert frame.learning.last + timedelta(days=1) == frame.harvest.first
        assert frame.spreading.first <= frame.published_on < frame.spreading.last
        assert frame.learning.first < frame.minutes_by < today
        assert frame.harvest.first < frame.summary_by < frame.harvest.last
        assert frame.spreading.last.day == 15 or (frame.spreading.last + timedelta(days=1)).day == 1


def test_the_years_lie_one_after_the_other() -> None:
    for days in range(800):
        years = Years.before(date(2026, 1, 1) + timedelta(days=days))
        assert years.excellence.day == years.innovation.day == years.annual.day == 1
        assert years.annual.replace(year=years.annual.year - 1) == years.innovation
        assert years.annual.replace(year=years.annual.year - 2) == years.excellence
        assert 240 < (years.today - years.annual).days < 276


@pytest.mark.parametrize("kind", [UnitKind.PRIMARY, *TONES])
def test_texts_are_whole_and_come_out_alike(kind: UnitKind) -> None:
    """No slot is left open, a corrected version says more, and the same school says the same again."""
    for number in range(20):
        voice = Voice("1", f"示例小学{number}", "青禾镇", kind, "王示例", "李样例")
        for asked in COMPOSERS:
            first, second = (compose(voice, asked, 1, version) for version in (1, 2))
            assert first == compose(voice, asked, 1, 1)
            assert set(first.paragraphs) < set(second.paragraphs)
            assert first.title
            assert len(first.title) <= 60
            for text in (first.title, first.abstract, *second.paragraphs):
                assert not set("{}") & set(text)


@pytest.mark.parametrize("kind", short.SENTENCES)
def test_short_papers_are_whole(kind: RequirementKind) -> None:
    voice = Voice("1", "示例小学", "青禾镇", UnitKind.PRIMARY, "王示例", "李样例")
    first, second = (brief(voice, kind, "2026年11月每月工作汇总", version) for version in (1, 2))
    assert first == brief(voice, kind, "2026年11月每月工作汇总", 1)
    assert first.title == "示例小学2026年11月每月工作汇总"
    assert set(first.paragraphs) < set(second.paragraphs)
    assert not set("{}") & set("".join(second.paragraphs))


def test_the_same_words_make_the_same_file() -> None:
    paper = files.Paper("关于示例的实践与思考", "示例小学　王示例", ["一、认识", "正文 <与> & 其他。" * 20])
    for write in (files.word, files.pdf):
        assert write(paper) == write(paper)
    rows = [("指标", "目标", "完成进度", "年底预计"), ("教师交流比例", "15%", "60%", "可以完成")]
    assert files.sheet(rows) == files.sheet(rows)
