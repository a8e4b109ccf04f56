"""What happens beside the way of a piece: more time, 免报, 零报告, 代报, 沿用, excellent work on the shelf.

All of it is told after the story of a campaign, at instants before today and after all that happened to the
assignments concerned, so that their trails stay in order.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from campaigns.enums import RequirementKind
from campaigns.models import Campaign
from notices.workdays import add_workdays, end_of, last_day
from portal.files import store
from portal.files.kinds import FileKind
from reports.demo import files
from reports.demo.dates import midnight, workdays_ago
from reports.demo.people import Staff
from reports.demo.story import Story
from reports.demo.texts import dice
from reports.demo.words import desk as words
from reports.demo.writing import compose
from schools.enums import UnitKind
from schools.models import Unit, User
from submissions import access
from submissions.enums import AssignmentState, PieceState, Verdict
from submissions.models import Assignment, AssignmentEvent, ExtensionRequest, Review, Version
from submissions.services import drafts, easing, exhibiting, extending, on_behalf, reusing

R = RequirementKind
BIG = (UnitKind.MIDDLE, UnitKind.HIGH, UnitKind.COMPLETE)
#: How many of the running campaign's best are chosen; the last of them does not consent.
CHOSEN = 6
#: Of each earlier campaign: what is chosen, and how much of it.
EARLIER = {R.RECTIFICATION: 1, R.SUMMARY: 1}
MORNING, NOON = timedelta(hours=9, minutes=40), timedelta(hours=11, minutes=20)


@dataclass
class Scenes:
    """One campaign when its story has been told; each of the other units appears once at most."""

    story: Story
    staff: Staff
    today: date
    first: Unit  # the school that most people look at
    spared: set[int] = field(default_factory=set)  # units to which nothing more happens

    @property
    def campaign(self) -> Campaign:
        return self.story.campaign

    @property
    def officer(self) -> User:
        return self.staff.officer

    def ago(self, workdays: int, hour: timedelta = MORNING) -> datetime:
        return midnight(workdays_ago(self.today, workdays)) + hour

    def play(self) -> None:
        """All that happens in the running campaign."""
        self.ask_for_time()
        self.ease()
        self.hand_in_on_behalf()
        self.reuse()
        self.begin_summary()
        self.show_the_best()

    # Whom it happens to

    def untouched(self, kind: RequirementKind, since: datetime, **more: object) -> Assignment:
        """A task of a unit that was not on the stage yet: not begun, and left alone since then."""
        touched = AssignmentEvent.objects.filter(assignment=OuterRef("pk"), at__gte=since)
        found = (
            Assignment.objects.with_plan()
            .filter(
                ~Exists(touched),
                occurrence__requirement__campaign=self.campaign,
                occurrence__requirement__activity=None,
                occurrence__requirement__kind=kind,
                state=AssignmentState.TODO,
                submissions=None,
                unit__in=self.staff.heads,
                **more,
            )
            .exclude(unit__in={*self.spared, self.first.pk})
        )
        throw = dice(self.story.seed, kind, len(self.spared), "scene")
        chosen = throw.choice(found.order_by("unit__path", "pk"))
        self.spared.add(chosen.unit_id)
        return chosen

    # More time and less work

    def ask_for_time(self) -> None:
        """Three requests wait, one was granted and one refused."""
        self._ask(R.EXPERIENCE, words.BUSY, ago=1, days=7)
        self._ask(R.MINUTES, words.NO_WATER, ago=1, days=0)
        self._ask(R.RESEARCH, words.AWAY, ago=2, days=10)
        granted = self._ask(R.ESSAY, words.GRANTED_FOR, ago=6, days=7, unit__kind__in=BIG)
        extending.grant(
            granted, until=granted.until, by=self.officer, at=self.ago(5, NOON), answer=words.GRANTED
        )
        refused = self._ask(R.EXPERIENCE, words.REFUSED_FOR, ago=4, days=14)
        extending.refuse(refused, answer=words.REFUSED, by=self.officer, at=self.ago(3, NOON))

    def _ask(
        self, kind: RequirementKind, reason: str, *, ago: int, days: int, **more: object
    ) -> ExtensionRequest:
        """Ask for `days` beyond what is due, or (0: it is overdue) for some days from today."""
        at = self.ago(ago)
        task = self.untouched(kind, at, **more)
        until = last_day(task.due_at) + timedelta(days=days) if days else add_workdays(self.today, 4)
        by = self.staff.secretaries[task.unit_id]
        return extending.ask(task, until=end_of(until), reason=reason, by=by, at=at)

    def ease(self) -> None:
        """One unit owes nothing, one owes again what it did not, one has nothing to hand in."""
        by = self.officer
        moving = self.untouched(R.ESSAY, self.ago(9), unit__kind=UnitKind.KINDERGARTEN)
        easing.exempt(moving.occurrence, [moving.unit], reason=words.EXEMPT, by=by, at=self.ago(9))
        vacant = self.untouched(R.EXPERIENCE, self.ago(8), unit__kind=UnitKind.PRIMARY)
        easing.exempt(vacant.occurrence, [vacant.unit], reason=words.EXEMPT_FOR_NOW, by=by, at=self.ago(8))
        easing.owe_again(vacant.occurrence, [vacant.unit], reason=words.OWED_AGAIN, by=by, at=self.ago(3))
        new = self.untouched(R.RESEARCH, self.ago(4))
        easing.report_nil(new.occurrence, [new.unit], reason=words.NIL, by=by, at=self.ago(4))

    # In other ways than usual

    def hand_in_on_behalf(self) -> None:
        """A school in the hills has sent its signed paper."""
        at = self.ago(1, NOON)
        task = self.untouched(R.EXPERIENCE, at, unit__parent__kind=UnitKind.TOWNSHIP)
        text = compose(self.story.voice(task.unit), R.EXPERIENCE, 1, 1)
        paper = files.Paper(text.title, f"{task.unit.name}　{text.authors}", text.paragraphs)
        name = f"{task.unit.name}{words.BEHALF_FILE}.pdf"
        upload = SimpleUploadedFile(name, files.pdf(paper), FileKind.PDF.content_type)
        typed = drafts.Words(
            title=text.title,
            authors=text.authors,
            topic=self.story.topics.get(text.topic),
            abstract=text.abstract,
            body="\n".join(text.paragraphs),
        )
        scan = store.save(upload, by=self.officer, at=at)
        on_behalf.hand_in(task, typed, [scan], by=self.officer, at=at, reason=words.BEHALF)

    def reuse(self) -> None:
        """A school hands in its head's study again, as an article."""
        at = self.ago(1, NOON)
        study = (
            Version.objects.filter(
                submission__assignment__occurrence__requirement__campaign=self.campaign,
                submission__assignment__occurrence__requirement__kind=R.RESEARCH,
                submission__state=PieceState.ACCEPTED,
                number=1,
                submitted_at__lt=self.ago(3),
            )
            .exclude(submission__assignment__unit__in={*self.spared, self.first.pk})
            .order_by("pk")
            .last()
        )
        unit = study.submission.assignment.unit
        self.spared.add(unit.pk)
        task = Assignment.objects.get(
            unit=unit,
            occurrence__requirement__campaign=self.campaign,
            occurrence__requirement__kind=R.EXPERIENCE,
        )
        reusing.reuse(task, study, by=self.staff.secretaries[unit.pk], at=at)

    def begin_summary(self) -> None:
        """The first school has begun its summary early, with a table beside it."""
        by, at = self.staff.secretaries[self.first.pk], self.ago(1, NOON)
        task = Assignment.objects.get(
            unit=self.first,
            occurrence__requirement__campaign=self.campaign,
            occurrence__requirement__kind=R.SUMMARY,
        )
        typed = drafts.Words(
            title=words.SUMMARY_TITLE.format(school=self.first.name), authors=by.name, body=words.SUMMARY_BODY
        )
        piece = drafts.save_draft(task.pk, 1, typed, by=by, at=at).piece
        table = SimpleUploadedFile(
            words.SUMMARY_FILE, files.sheet(words.SUMMARY_ROWS), FileKind.XLSX.content_type
        )
        drafts.attach(piece, table, by=by, at=at + timedelta(minutes=4))

    # The shelf

    def show_the_best(self) -> None:
        """The best articles of the running campaign, all but one shown; the first school has not answered."""
        found = self._accepted(self.ago(9)).filter(
            submission__assignment__occurrence__requirement__kind__in=(R.EXPERIENCE, R.ESSAY, R.PLAN)
        )
        # After long holidays few articles have been read so far; then plans make up for them.
        ranked = found.annotate(best=Exists(_recommending())).order_by("-best", "-submitted_at", "pk")
        chosen = list(ranked[:CHOSEN])
        for n, (version, praise) in enumerate(zip(chosen, words.PRAISE, strict=True)):
            at = self.ago(8 - n // 2) + timedelta(minutes=7 * n)
            self._choose(version, praise, at, self.ago(5 - n // 2, NOON), declined=n == CHOSEN - 1)
        mine = self._accepted(self.ago(3), mine=True).filter(
            submission__assignment__occurrence__requirement__kind__in=(R.MINUTES, R.PLAN)
        )
        minutes = mine.latest("submitted_at")  # after long holidays it may be the plan
        exhibiting.choose(minutes, words.PRAISE_OF_MINUTES, by=self.officer, at=self.ago(2))

    def show_what_came_of_it(self) -> None:
        """Some work of a campaign that is over."""
        over = timezone.localtime(self.campaign.closed_at).date()
        praise = cycle(words.PRAISE_OF_WORK)
        for n, (kind, count) in enumerate(EARLIER.items(), start=2):
            found = self._accepted(self.campaign.closed_at).filter(
                submission__assignment__occurrence__requirement__kind=kind
            )
            for version in found.order_by("-pk")[:count]:
                at = midnight(add_workdays(over, n)) + MORNING
                answered = midnight(add_workdays(over, n + 2)) + NOON
                self._choose(version, next(praise), at, answered)

    def _accepted(self, before: datetime, *, mine: bool = False) -> QuerySet[Version]:
        """What stands accepted since before that instant, of the first school or of all others."""
        late = Review.objects.filter(version=OuterRef("pk"), at__gte=before)
        found = access.accepted().filter(
            ~Exists(late),
            submission__assignment__occurrence__requirement__campaign=self.campaign,
            submission__assignment__unit__in=self.staff.heads,
        )
        if mine:
            return found.filter(submission__assignment__unit=self.first)
        return found.exclude(submission__assignment__unit__in={*self.spared, self.first.pk})

    def _choose(
        self, version: Version, praise: str, at: datetime, answered: datetime, *, declined: bool = False
    ) -> None:
        exhibit = exhibiting.choose(version, praise, by=self.officer, at=at)
        unit = version.submission.assignment.unit_id
        if declined:
            exhibiting.decline(exhibit, by=self.staff.heads[unit], at=answered)
        else:
            exhibiting.consent(exhibit, by=self.staff.secretaries[unit], at=answered)


def _recommending() -> QuerySet[Review]:
    return Review.objects.filter(version=OuterRef("pk"), recommended=True, verdict=Verdict.ACCEPT)
