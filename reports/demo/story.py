"""The weeks of work of one campaign, told through the services in the order in which they happened."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign, Indicator, Topic
from notices.models import Notice
from notices.services.telling import mark_read
from notices.workdays import DAY, add_workdays
from portal.files.kinds import FileKind
from portal.models import StoredFile
from reports.demo import files, owing, retelling
from reports.demo.courses import Course, Pace, Task, courses, signing_day
from reports.demo.dates import midnight, office_hour, workdays
from reports.demo.desk import Desk
from reports.demo.people import Staff
from reports.demo.sheets import fill_in
from reports.demo.texts import dice
from reports.demo.words import reviews, short
from reports.demo.writing import Text, Voice, brief, compose
from schools.enums import UnitKind
from schools.models import Unit, User
from submissions import sheets
from submissions.enums import Verdict
from submissions.models import Assignment, Review, Submission, Version
from submissions.services import drafts, nil, phases, publishing, signing, submitting

#: Of twenty pieces: how many come as Word, how many as PDF; the others are typed into the portal.
AS_WORD, AS_PDF = 12, 4
WRITERS = {FileKind.DOCX: files.word, FileKind.PDF: files.pdf}
EDITIONS = {1: "", 2: "（修改稿）", 3: "（第三稿）"}
#: After how many happenings the planner is told how full the tables are; then each time they have doubled.
FIRST_STATISTICS = 60
SESSIONS = (timedelta(hours=9, minutes=10), timedelta(hours=14, minutes=5))
#: When the periodic scans are told to have run: what is due within the horizon is handed out every so often.
SCAN, EVERY = timedelta(hours=8, minutes=35), 20
LAST_HOUR = 17


@dataclass
class Story:
    """Everything that happens in a campaign before `until`, in order of time."""

    campaign: Campaign
    staff: Staff
    seed: str
    pace: dict[int, Pace]  # by unit
    desk: Desk
    until: datetime
    ahead: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    known: set[int] = field(default_factory=set)  # assignments whose course is planned
    ended: set[int] = field(default_factory=set)  # and those that were cancelled

    def __post_init__(self) -> None:
        self.serial = count()
        self.topics: dict[tuple[int, ...], Topic] = {
            tuple(topic.position): topic for topic in self.campaign.topics.all()
        }

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let `act` happen at `at`; what lies in the future does not happen."""
        if at < self.until:
            heapq.heappush(self.ahead, (at, next(self.serial), act))

    def tell(self) -> None:
        """Run through all of it."""
        self._keep_office()
        done, look = 0, FIRST_STATISTICS
        while self.ahead:
            at, _, act = heapq.heappop(self.ahead)
            act(at)
            done += 1
            if done == look:
                refresh_statistics()
                look *= 2

    def _keep_office(self) -> None:
        """Sessions at the desk, and the scans that hand out work and switch phases."""
        published_on = timezone.localtime(self.campaign.published_at).date()
        days = workdays(published_on, timezone.localtime(self.until).date())
        for day in days:
            for hour in SESSIONS:
                self.then(midnight(day) + hour, self.hold_session)
        for day in days[EVERY::EVERY]:
            self.then(midnight(day) + SCAN, self.scan)
        for phase in self.campaign.phases.all():
            for day in (phase.starts_on, phase.ends_on + DAY):
                self.then(midnight(day), lambda at: phases.switch_in(self.campaign, at=at))

    def scan(self, at: datetime) -> None:
        if publishing.top_up(self.campaign, at=at):
            self.plan()

    # What is owed

    def plan(self) -> None:
        for course in self.newly_owed():
            self.follow(course)

    def newly_owed(self) -> Iterator[Course]:
        """The courses of everything handed out since this was asked last; what is signed for is arranged."""
        for task in owing.tasks(self.campaign, self.known):
            self.known.add(task.pk)
            pace = self.pace[task.unit.pk]
            if not task.by_click:
                yield from courses(task, pace, self.seed)
            elif day := signing_day(task, pace, dice(self.seed, task.unit.name, "signing")):
                self.sign_for(task, day)

    def stop(self, tasks: set[int]) -> None:
        """Nothing more happens to these assignments."""
        self.ended |= tasks
        self.desk.forget(tasks)

    def sign_for(self, task: Task, day: date) -> None:
        """签收 on `day`; reading the notices goes with it."""
        secretary, head = self.staff.secretaries[task.unit.pk], self.staff.heads[task.unit.pk]
        throw = dice(self.seed, task.unit.name, "sign")

        def act(at: datetime) -> None:
            mark_read(secretary, at=at)
            if throw.random() < 0.6:
                mark_read(head, at=at)
            submitting.acknowledge(Assignment.objects.get(pk=task.pk), by=secretary, at=at)

        self.then(office_hour(day, throw), act)

    # The way of a piece

    def follow(self, course: Course) -> None:
        if course.nil:
            self.then(course.handed_at, lambda at: self.report_nil(course, at))
        else:
            self.then(course.drafted_at, lambda at: self.draft(course, at))

    def report_nil(self, course: Course, at: datetime) -> None:
        if course.task.pk in self.ended:
            return
        reason = dice(self.seed, course.unit.name, course.task.name, "nil").choice(short.NOTHING)
        assignment = Assignment.objects.get(pk=course.task.pk)
        nil.report_nil(assignment, by=self.author(course), at=at, reason=reason)

    def draft(self, course: Course, at: datetime) -> None:
        if course.task.pk not in self.ended:
            piece = self.write(course, at)
            self.then(course.handed_at, lambda later: self.hand_in(piece, course, later))

    def write(self, course: Course, at: datetime) -> Submission:
        """Write the draft of the version to come, and replace its files."""
        by, task = self.author(course), course.task
        voice = self.voice(course.unit)
        text = self.text(course)
        form = self.form(course)
        words = drafts.Words(
            title=text.title,
            authors=text.authors,
            topic=self.topics.get(text.topic) if text.topic else None,
            abstract=text.abstract,
            body="" if form else "\n".join(text.paragraphs),
            sheet=fill_in(voice, course.kind, task.name, timezone.localdate(at), self.asked_for(task)),
        )
        piece = drafts.save_draft(task.pk, course.number, words, by=by, at=at).piece
        if course.version > 1:
            for old in piece.draft.draft_files.all():
                drafts.detach(old, by=by, at=at)
        if form:
            drafts.attach(piece, self.upload(course, text, form), by=by, at=at)
        return piece

    def text(self, course: Course) -> Text:
        """What the version to come says; a copy says what its original said, a little otherwise."""
        voice, version = self.voice(course.unit), course.version
        if not course.task.at_length:
            return brief(voice, course.kind, course.task.name, version)
        if other := course.copied_from:
            source = compose(self.voice(other.unit), other.kind, other.number, 1)
            return retelling.copied(source, self.voice(other.unit), voice)
        text = compose(voice, course.kind, course.number, version)
        return retelling.revised(text) if course.typed and version > 1 else text

    def asked_for(self, task: Task) -> list[Indicator]:
        """The indicators for which the task wants a value."""
        return sheets.asked_for(Assignment.objects.with_plan().get(pk=task.pk))

    def hand_in(self, piece: Submission, course: Course, at: datetime) -> None:
        if course.task.pk in self.ended:
            return
        version = submitting.submit(piece, by=self.author(course), at=at)
        if course.task.sign_off:
            self.lay_before_head(version, course, at)
            return
        self.desk.receive(version, course)
        if course.withdrawn:
            self.then(at + timedelta(minutes=25), lambda later: self.withdraw(piece, course, later))

    def lay_before_head(self, version: Version, course: Course, at: datetime) -> None:
        """Heads sign within the hour or two, or next morning."""
        if not course.signed:
            return
        throw = dice(self.seed, course.unit.name, course.task.name, course.version, "head")
        later = at + timedelta(minutes=throw.randint(15, 110))
        if timezone.localtime(later).hour >= LAST_HOUR:
            later = office_hour(self.day_after(at, 1), throw)
        declined = course.version == 1 and throw.random() < 0.08
        self.then(later, lambda now: self.signature(version, course, now, declined=declined))

    def signature(self, version: Version, course: Course, at: datetime, *, declined: bool) -> None:
        if course.task.pk in self.ended:
            return
        head = self.staff.heads[course.unit.pk]
        if declined:
            reason = dice(self.seed, course.unit.name, "declined").choice(reviews.NOT_SIGNED)
            signing.decline(version, by=head, at=at, reason=reason)
            self.correct(course, at, 1)
        else:
            signing.sign(version, by=head, at=at)
            self.desk.receive(version, course)

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
        throw = dice(self.seed, course.unit.name, course.task.name, course.version, "correct")
        begun = office_hour(self.day_after(at, patience), throw)

        def act(now: datetime) -> None:
            if course.task.pk in self.ended:
                return
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
        """What the plan asks for; else Word, PDF, or typed in, the same for all versions of a piece."""
        if asked := course.task.file_kinds:
            return FileKind.DOCX if FileKind.DOCX in asked else FileKind.XLSX
        if course.typed or not course.task.at_length:
            return None
        thrown = dice(self.seed, course.unit.name, course.kind, course.number, "form").randint(1, 20)
        if thrown <= AS_WORD:
            return FileKind.DOCX
        return FileKind.PDF if thrown <= AS_WORD + AS_PDF else None

    def upload(self, course: Course, text: Text, form: FileKind) -> SimpleUploadedFile:
        serial = "" if course.number == 1 else f"（{course.number}）"
        what = course.kind.label if course.task.at_length else course.task.name
        name = f"{course.unit.name}{what}{serial}{EDITIONS.get(course.version, '')}.{form.value}"
        if form == FileKind.XLSX:
            content = files.sheet(self.measures(course))
        else:
            paper = files.Paper(text.title, f"{course.unit.name}　{text.authors}", text.paragraphs)
            content = WRITERS[form](paper)
        return SimpleUploadedFile(name, content, form.content_type)

    def measures(self, course: Course) -> list[tuple[str, ...]]:
        """The indicators of the topics that the unit leads, with what has been reached of each."""
        throw = dice(self.seed, course.unit.name, course.task.name, course.version, "measures")
        led = [topic.position[0] for topic in self.topics.values() if topic.lead_id == course.unit.pk]
        found = Indicator.objects.filter(topic__campaign=self.campaign, topic__position__0__in=led)
        rows = [
            (str(one), f"{one.value.normalize():f}{one.unit}", f"{throw.randint(55, 98)}%", "可以完成")
            for one in found.order_by("topic__position", "order")
        ]
        title = (course.unit.name, "目标", "完成进度", "年底预计")
        return [title, *(rows or [("本科室没有量化指标", "", f"{throw.randint(55, 98)}%", "按序时进度推进")])]


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
