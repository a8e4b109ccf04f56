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
from django.utils import timezone
from docx.oxml.ns import qn

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Campaign, Topic
from campaigns.readiness import gaps
from notices.models import Notice
from notices.workdays import is_workday
from portal.files.kinds import FileKind
from portal.files.store import path_of
from portal.models import AuditEvent, StoredFile
from reports.demo import accounts, files, names, people
from reports.demo.dates import Frame
from reports.demo.words.plan import OUTLINE, TOPICS
from reports.demo.writing import COMPOSERS, TONES, Voice, compose
from schools.enums import Ownership, Role, UnitKind
from schools.models import Unit, User
from submissions.enums import AssignmentState, EventKind, Override, PieceState, Verdict
from submissions.models import Assignment, AssignmentEvent, Draft, Review, Submission, Version
from submissions.services import counting
from submissions.states import fold
from tests.factories import UnitFactory

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
    check_plans()
    check_states()
    check_turns()
    check_units_that_lag()
    check_times()
    check_files()
    check_nothing_happens_twice()


def check_county() -> None:
    assert 125 <= Unit.objects.count() <= 135
    kinds = Counter(Unit.objects.values_list("kind", flat=True))
    assert set(kinds) == set(UnitKind.values) - {UnitKind.DISTRICT}
    assert (kinds[UnitKind.SECTION], kinds[UnitKind.TOWNSHIP]) == (6, 12)
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


def check_plans() -> None:
    campaign = Campaign.objects.get(state=CampaignState.PUBLISHED)
    first, second, third = campaign.phases.all()
    assert first.ends_on < second.starts_on <= NOW.date() <= second.ends_on < third.starts_on
    assert campaign.leadership.count() == 7
    assert campaign.office.name == "党委办"
    assert [len(topic.position) for topic in campaign.topics.all()] == [1, 2, 2, 2] * 6
    assert all(topic.questions for topic in campaign.topics.all() if topic.depth == 2)
    asked = set(campaign.requirements.values_list("kind", flat=True))
    assert asked == {RequirementKind.ACKNOWLEDGEMENT, RequirementKind.SUMMARY, *COMPOSERS}
    draft = Campaign.objects.get(state=CampaignState.DRAFT)
    found = [gap.sentence for gap in gaps(draft, at=NOW)]
    assert len(found) >= 4
    assert not any("已过" in sentence for sentence in found)
    assert Topic.objects.filter(campaign=draft).count() == 8


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
    assert set(AssignmentEvent.objects.values_list("kind", flat=True)) == set(EventKind)
    assert Submission.objects.filter(state=PieceState.RETURNED, correct_by__gt=NOW).count() >= 4
    assert Version.objects.filter(number=3).count() >= 3
    assert Submission.objects.filter(state=PieceState.DRAFT, versions__isnull=False).exists()
    reviews = Counter(Review.objects.values_list("verdict", "recommended"))
    assert reviews[Verdict.ACCEPT, True] >= 10
    assert reviews[Verdict.RETURN, False] >= 30
    assert Review.objects.values("by").distinct().count() == 2


def check_units_that_lag() -> None:
    """About a tenth of the schools have missed everything that is over; some have been late."""
    over = Assignment.objects.filter(due_at__lte=NOW, occurrence__requirement__phase__order=1)
    lagging = set(over.values_list("unit", flat=True)) - set(
        over.exclude(state=AssignmentState.TODO).values_list("unit", flat=True)
    )
    assert 8 <= len(lagging) <= 20
    assert 10 <= Assignment.objects.filter(late=True).count() <= 60
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
    assert {one.kind for one in stored} == {FileKind.DOCX, FileKind.PDF}
    assert max(one.size for one in stored) < 30_000
    for one in stored:
        assert sha256(path_of(one).read_bytes()).hexdigest() == one.sha256
    assert len({one.sha256 for one in stored}) == len(stored)
    document = docx.Document(str(path_of(stored.filter(kind=FileKind.DOCX)[0])))
    title, byline = document.paragraphs[:2]
    assert title.alignment == byline.alignment == 1
    assert all(run._element.rPr.rFonts.get(qn("w:eastAsia")) for p in document.paragraphs for run in p.runs)
    assert Version.objects.filter(files=None).exclude(body="").exists()


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
        assert frame.spreading.first <= frame.published_on < frame.sign_by <= frame.spreading.last
        assert frame.learning.first < frame.minutes_by < today
        assert frame.harvest.first < frame.summary_by < frame.harvest.last
        assert frame.spreading.last.day == 15 or (frame.spreading.last + timedelta(days=1)).day == 1


def test_topics_have_three_aspects_with_questions() -> None:
    assert [len(aspects) for _, aspects in TOPICS] == [3] * 6
    assert len(OUTLINE) == 24
    assert all(questions for _, aspects in TOPICS for _, questions in aspects)


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


def test_the_same_words_make_the_same_file() -> None:
    paper = files.Paper("关于示例的实践与思考", "示例小学　王示例", ["一、认识", "正文 <与> & 其他。" * 20])
    for write in (files.word, files.pdf):
        assert write(paper) == write(paper)
