"""The weeks of work, told through the services in the order in which they happened."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from campaigns.enums import RequirementKind
from campaigns.models import Campaign, Topic
from notices.models import Notice
from notices.services import mark_read
from notices.workdays import add_workdays
from portal.files.kinds import FileKind
from portal.models import StoredFile
from reports.demo import files
from reports.demo.courses import Course
from reports.demo.dates import Frame, midnight, office_hour, workdays
from reports.demo.desk import Desk
from reports.demo.people import Staff
from reports.demo.texts import dice
from reports.demo.writing import Text, Voice, compose
from schools.enums import UnitKind
from schools.models import Unit, User
from submissions.enums import Verdict
from submissions.models import Assignment, Review, Submission
from submissions.services import submitting

R = RequirementKind
#: Of twenty pieces: how many come as Word, how many as PDF; the others are typed into the portal.
AS_WORD, AS_PDF = 12, 4
WRITERS = {FileKind.DOCX: files.word, FileKind.PDF: files.pdf}
EDITIONS = {1: "", 2: "（修改稿）", 3: "（第三稿）"}
#: After how many happenings the planner is told how full the tables are.
STATISTICS_EVERY = 120
SESSIONS = (timedelta(hours=9, minutes=10), timedelta(hours=14, minutes=5))


@dataclass
class Story:
    """Everything that happens before `frame.cut`, in order of time."""

    campaign: Campaign
    staff: Staff
    frame: Frame
    seed: str
    ahead: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = Desk(self.staff, self.frame, self.seed)
        self.serial = count()
        owed = Assignment.objects.filter(occurrence__requirement__campaign=self.campaign)
        keys = owed.values_list("unit_id", "occurrence__requirement__kind", "pk")
        self.owed = {(unit, kind): pk for unit, kind, pk in keys}
        self.topics: dict[tuple[int, ...], Topic] = {
            tuple(topic.position): topic for topic in self.campaign.topics.all()
        }

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let `act` happen at `at`; what lies in the future does not happen."""
        if at < self.frame.cut:
            heapq.heappush(self.ahead, (at, next(self.serial), act))

    def tell(self, say: Callable[[str], None]) -> None:
        """Run through all of it; one line a month."""
        for day in workdays(self.frame.published_on, self.frame.today):
            for hour in SESSIONS:
                self.then(midnight(day) + hour, self.hold_session)
        month, done = 0, 0
        while self.ahead:
            at, _, act = heapq.heappop(self.ahead)
            local = timezone.localtime(at)
            if local.month != month:
                month = local.month
                say(f"正在生成{local.year}年{month}月的报送和审核……")
            act(at)
            done += 1
            if done % STATISTICS_EVERY == 0:
                refresh_statistics()

    # Signing

    def sign(self, unit: Unit, day: date) -> None:
        """签收 on `day`; reading the notices goes with it."""
        secretary, head = self.staff.secretaries[unit.pk], self.staff.heads[unit.pk]
        throw = dice(self.seed, unit.name, "sign")

        def act(at: datetime) -> None:
            assignment = Assignment.objects.get(pk=self.owed[unit.pk, R.ACKNOWLEDGEMENT])
            mark_read(secretary, at=at)
            if throw.random() < 0.6:
                mark_read(head, at=at)
            submitting.acknowledge(assignment, by=secretary, at=at)

        self.then(office_hour(day, throw), act)

    # The way of a piece

    def follow(self, course: Course) -> None:
        self.then(course.drafted_at, lambda at: self.draft(course, at))

    def draft(self, course: Course, at: datetime) -> None:
        piece = self.write(course, at)
        self.then(course.handed_at, lambda later: self.hand_in(piece, course, later))

    def write(self, course: Course, at: datetime) -> Submission:
        """Write the draft of the version to come, and replace its files."""
        unit, by = course.unit, self.author(course)
        text = compose(self.voice(unit), course.kind, course.number, course.version)
        form = self.form(course)
        words = submitting.Words(
            title=text.title,
            authors=text.authors,
            topic=self.topics.get(text.topic) if text.topic else None,
            abstract=text.abstract,
            body="" if form else "\n".join(text.paragraphs),
        )
        piece = submitting.save_draft(self.owed[unit.pk, course.kind], course.number, words, by=by, at=at)
        if course.version > 1:
            for old in piece.draft.draft_files.all():
                submitting.detach(old, by=by, at=at)
        if form:
            submitting.attach(piece, self.upload(course, text, form), by=by, at=at)
        return piece

    def hand_in(self, piece: Submission, course: Course, at: datetime) -> None:
        version = submitting.submit(piece, by=self.author(course), at=at)
        self.desk.receive(version, course)
        if course.withdrawn:
            self.then(at + timedelta(minutes=25), lambda later: self.withdraw(piece, course, later))

    def withdraw(self, piece: Submission, course: Course, at: datetime) -> None:
        """Taken back; most of them come again on the next working day, better than before."""
        submitting.withdraw(piece, by=self.author(course), at=at)
        self.desk.take_back(course)
        course.withdrawn = False
        if course.again:
            self.correct(course, at, 1)

    def hold_session(self, at: datetime) -> None:
        for course, review in self.desk.session(at):
            if review.verdict == Verdict.RETURN:
                self.correct(course, review.at, course.patience)
            elif course.reopened:
                course.reopened = False
                later = office_hour(self.day_after(review.at, 7), dice(self.seed, course.unit.name, "again"))
                self.then(later, lambda then, c=course, r=review: self.reopen(c, r, then))

    def reopen(self, course: Course, review: Review, at: datetime) -> None:
        self.desk.reopen(review.version, course, at)
        self.correct(course, at, 2)

    def correct(self, course: Course, at: datetime, patience: int) -> None:
        """Write the next version `patience` working days after `at`, hand it in a little later."""
        course.version += 1
        throw = dice(self.seed, course.unit.name, course.kind, course.version, "correct")
        begun = office_hour(self.day_after(at, patience), throw)

        def act(now: datetime) -> None:
            mark_read(self.author(course), at=now)
            piece = self.write(course, now)
            self.then(
                now + timedelta(minutes=throw.randint(6, 40)),
                lambda later: self.hand_in(piece, course, later),
            )

        self.then(begun, act)

    # Who and how

    @staticmethod
    def day_after(at: datetime, workdays_later: int) -> date:
        return add_workdays(timezone.localtime(at).date(), workdays_later)

    def author(self, course: Course) -> User:
        return self.staff.secretaries[course.unit.pk]

    def voice(self, unit: Unit) -> Voice:
        above = unit.parent
        return Voice(
            seed=self.seed,
            school=unit.name,
            place=above.name if above.kind == UnitKind.TOWNSHIP else "县城",
            kind=UnitKind(unit.kind),
            head=self.staff.heads[unit.pk].name,
            secretary=self.staff.secretaries[unit.pk].name,
        )

    def form(self, course: Course) -> FileKind | None:
        """Word, PDF, or typed into the portal; the same for all versions of a piece."""
        thrown = dice(self.seed, course.unit.name, course.kind, course.number, "form").randint(1, 20)
        if thrown <= AS_WORD:
            return FileKind.DOCX
        return FileKind.PDF if thrown <= AS_WORD + AS_PDF else None

    def upload(self, course: Course, text: Text, form: FileKind) -> SimpleUploadedFile:
        paper = files.Paper(text.title, f"{course.unit.name}　{text.authors}", text.paragraphs)
        serial = "" if course.number == 1 else f"（{course.number}）"
        name = f"{course.unit.name}{course.kind.label}{serial}{EDITIONS.get(course.version, '')}.{form.value}"
        return SimpleUploadedFile(name, WRITERS[form](paper), form.content_type)


def refresh_statistics() -> None:
    """Tell PostgreSQL how full the tables have become inside this long transaction.

    Autovacuum cannot see rows that are not committed: after an interrupted load it finds the tables
    empty, and from then on queries are planned for no rows at all and take seconds. ANALYZE counts
    our own rows, and its lock keeps autovacuum away from the tables until we are done.
    """
    models = (*apps.get_app_config("submissions").get_models(), StoredFile, Notice)
    names = ", ".join(connection.ops.quote_name(one._meta.db_table) for one in models if one._meta.managed)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")
