"""The officers' desk: every working day, morning and afternoon, they decide on what has come in."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from notices.workdays import add_workdays, end_of
from reports.demo.courses import Course
from reports.demo.dates import workdays
from reports.demo.people import Staff
from reports.demo.texts import dice
from reports.demo.words import reviews
from schools.models import User
from submissions.enums import Verdict
from submissions.models import Review, Version
from submissions.services import reviewing

#: How many pieces lie on the desk in quiet weeks, and over how many days the pile grows towards today.
USUAL, GROWING = 3, 14
SESSION = timedelta(hours=2, minutes=20)


@dataclass
class Desk:
    """What waits for a decision, oldest first. `pile` of it lie there `today`; 0: all gets done."""

    staff: Staff
    today: date
    pile: int
    seed: str
    waiting: list[tuple[Version, Course]] = field(default_factory=list)

    def receive(self, version: Version, course: Course) -> None:
        self.waiting.append((version, course))

    def take_back(self, course: Course) -> None:
        """A withdrawn piece disappears from the desk."""
        self.waiting = [entry for entry in self.waiting if entry[1] is not course]

    def forget(self, tasks: set[int]) -> None:
        """What was cancelled is not reviewed any more."""
        self.waiting = [entry for entry in self.waiting if entry[1].task.pk not in tasks]

    def session(self, at: datetime) -> list[tuple[Course, Review]]:
        """Decide on what there is time for; what is left behind grows towards today."""
        throw = dice(self.seed, "desk", at)
        today = timezone.localtime(at).date()
        officer = self.staff.officer if throw.random() < 0.8 else self.staff.second_officer
        fixed = [entry for entry in self.waiting if entry[1].review_on == today]
        ready = [entry for entry in self.waiting if entry[1].review_on is None and not entry[1].withdrawn]
        taken = [*fixed, *ready[: max(0, len(ready) - self.left_behind(at))]]
        decided, now = [], at
        for version, course in taken:
            now += timedelta(minutes=throw.randint(2, 7), seconds=throw.randint(0, 59))
            if now - at > SESSION:
                break
            decided.append((course, self.decide(version, course, officer, now)))
            self.take_back(course)
        return decided

    def left_behind(self, at: datetime) -> int:
        if not self.pile:
            return 0
        days = len(workdays(timezone.localtime(at).date(), self.today))
        return max(USUAL, round(self.pile - (self.pile - USUAL) * (days - 1) / GROWING))

    def decide(self, version: Version, course: Course, by: User, at: datetime) -> Review:
        """Return the version if its course says so, accept it otherwise, recommending the best articles."""
        throw = dice(self.seed, course.unit.name, course.task.name, course.number, course.version, "review")
        if course.verdicts and course.verdicts.pop(0) == Verdict.RETURN:
            last = add_workdays(timezone.localtime(at).date(), throw.choice((3, 4, 5)))
            reason = throw.choice(reviews.RETURNS[course.kind] if course.task.at_length else reviews.RETURNED)
            return reviewing.send_back(version, by=by, at=at, reason=reason, correct_by=end_of(last))
        if course.task.is_article and throw.random() < 0.22:
            words = throw.choice(reviews.RECOMMENDED)
            return reviewing.accept(version, by=by, at=at, reason=words, recommended=True)
        return reviewing.accept(version, by=by, at=at, reason=throw.choice(reviews.ACCEPTED))

    def reopen(self, version: Version, course: Course, at: datetime) -> Review:
        """An accepted piece turns out to need another look."""
        throw = dice(self.seed, course.unit.name, "reopen")
        last = add_workdays(timezone.localtime(at).date(), 5)
        return reviewing.reopen(
            version,
            by=self.staff.officer,
            at=at,
            reason=throw.choice(reviews.REOPENED),
            correct_by=end_of(last),
        )
