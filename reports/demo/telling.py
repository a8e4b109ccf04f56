"""The five campaigns of the demo, each from its draft to where it stands today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from campaigns.enums import RequirementKind
from campaigns.models import Campaign, Occurrence
from notices.workdays import add_workdays, end_of, last_day
from reports.demo import courses, plan, reporting, years
from reports.demo.county import MERGED, County
from reports.demo.courses import Pace
from reports.demo.dates import Frame, midnight, month_first, workdays_ago
from reports.demo.desk import Desk
from reports.demo.people import Staff
from reports.demo.proposals import Proposals
from reports.demo.scenes import Scenes
from reports.demo.story import Story
from reports.demo.words import campaigns as words
from reports.demo.words import desk as desk_words
from reports.demo.years import Years
from submissions.models import Assignment
from submissions.services import changing, closing, mergers, reasons

R = RequirementKind
#: How many pieces lie on the desk today.
DISCUSSION_PILE, ANNUAL_PILE = 16, 4
#: This section is often late.
LATE_SECTION = "体育卫生艺术科"
MORNING, EVENING = timedelta(hours=10, minutes=5), timedelta(hours=17, minutes=35)


@dataclass(frozen=True)
class Teller:
    """The county on the day of the demo. `seed` decides everything else."""

    county: County
    staff: Staff
    frame: Frame
    seed: str

    def tell(self, say: Callable[[str], None]) -> None:
        """Oldest first, so that what happened earlier is there when later things happen."""
        ages = Years.before(self.frame.today)
        say("正在生成前年和去年的活动……")
        first_day = self.at(ages.excellence)
        reasons.keep(self.county.bureau, desk_words.COMMON, by=self.staff.officer, at=first_day)
        self.excellence(years.excellence(self.county, self.staff, ages))
        self.innovation(years.innovation(self.county, self.staff, ages))
        say("正在生成年度重点工作……")
        annual = years.annual(self.county, self.staff, ages)
        self.annual(annual)
        say("正在生成大讨论……")
        self.discussion(plan.discussion(self.county, self.staff, self.frame))
        self.merge()
        say("正在起草明年的活动……")
        plan.improvement(self.county, self.staff, self.frame)

    def story(self, campaign: Campaign, *, until: datetime, pile: int = 0) -> Story:
        seed = f"{self.seed}/{campaign.kind}"
        desk = Desk(self.staff, self.frame.today, pile, seed)
        return Story(campaign, self.staff, seed, self.paces(seed), desk, until)

    def paces(self, seed: str) -> dict[int, Pace]:
        """Schools as the dice fall; sections are in time, but for one."""
        found = courses.paces(self.county.schools, seed)
        for name, unit in self.county.sections.items():
            found[unit.pk] = Pace.TARDY if name == LATE_SECTION else Pace.STEADY
        found[self.county.named(MERGED[0]).pk] = Pace.EARLY
        return found

    def scenes(self, story: Story) -> Scenes:
        merged = self.county.named(MERGED[0])
        return Scenes(story, self.staff, self.frame.today, self.county.schools[0], {merged.pk})

    def proposals(self, campaign: Campaign) -> Proposals:
        return Proposals(campaign, self.county, self.staff, self.frame.today)

    def at(self, day: date, hour: timedelta = MORNING) -> datetime:
        """That hour of the day, or of the working day after it."""
        return midnight(add_workdays(day - timedelta(days=1), 1)) + hour

    # What happens in each

    def excellence(self, campaign: Campaign) -> None:
        """Told to the end, closed, and put away two months later."""
        over = self.at(campaign.ends_on + timedelta(days=6))
        story = self.story(campaign, until=over)
        story.plan()
        story.tell()
        by = self.staff.officer
        closing.close(campaign, reason=words.CLOSED, by=by, at=over)
        campaign.refresh_from_db()
        later = self.at(month_first(campaign.ends_on, 3))
        self.scenes(story).show_what_came_of_it()
        closing.archive(campaign, reason=words.ARCHIVED, by=by, at=later)

    def innovation(self, campaign: Campaign) -> None:
        """A requirement is withdrawn on the way, a deadline moved; closed, its suggestions are answered."""
        over = self.at(campaign.ends_on + timedelta(days=8))
        story = self.story(campaign, until=over)
        for course in story.newly_owed():
            course.nil = course.nil and course.unit != self.county.schools[0]
            story.follow(course)
        problems = campaign.requirements.get(title="岗位问题清单")
        tackled = campaign.requirements.get(title="攻关项目进展报告").occurrences.get()
        by = self.staff.officer

        def withdraw(at: datetime) -> None:
            changing.withdraw_requirement(problems, reason=words.WITHDRAWN, by=by, at=at)
            owed = Assignment.objects.filter(occurrence__requirement=problems)
            story.stop(set(owed.values_list("pk", flat=True)))

        story.then(self.at(last_day(problems.occurrences.get().due_at) - timedelta(days=12)), withdraw)
        story.then(self.at(last_day(tackled.due_at) - timedelta(days=9)), self.moved(tackled, 10))
        story.tell()
        closing.close(campaign, reason=words.CLOSED, by=by, at=over)
        campaign.refresh_from_db()
        self.proposals(campaign).answer_all()
        self.scenes(story).show_what_came_of_it()
        reporting.sum_up(campaign, self.staff, self.seed)

    def reported(self, campaign: Campaign) -> Callable[[datetime], None]:
        def act(at: datetime) -> None:
            reporting.report_on_first_phase(campaign, self.staff, self.seed, at)

        return act

    def moved(self, occurrence: Occurrence, days: int) -> Callable[[datetime], None]:
        def act(at: datetime) -> None:
            due_at = end_of(last_day(occurrence.due_at) + timedelta(days=days))
            by = self.staff.officer
            changing.move_deadline(
                occurrence, due_at=due_at, cutoff_at=None, reason=words.MOVED, by=by, at=at
            )

        return act

    def annual(self, campaign: Campaign) -> None:
        """A kindergarten is dropped by mistake, and asked again three days later."""
        story = self.story(campaign, until=self.frame.cut, pile=ANNUAL_PILE)
        story.plan()
        summary = campaign.requirements.get(title="年度工作总结和目标自评")
        private = [unit for unit in self.county.schools if "小苗" in unit.name]
        by, today = self.staff.officer, self.frame.today

        def drop(at: datetime) -> None:
            changing.drop_units(summary, private, reason=words.DROPPED, by=by, at=at)

        def add(at: datetime) -> None:
            changing.add_units(summary, private, reason=words.REINSTATED, by=by, at=at)

        story.then(self.at(workdays_ago(today, 9)), drop)
        story.then(self.at(workdays_ago(today, 6)), add)
        story.tell()

    def discussion(self, campaign: Campaign) -> None:
        """The rich one: every turn that a piece can take."""
        frame, cut, first = self.frame, self.frame.cut, self.county.schools[0]
        story = self.story(campaign, until=cut, pile=DISCUSSION_PILE)
        planned = list(story.newly_owed())
        courses.arrange(planned, first, frame.today, cut, self.seed)
        courses.arrange_the_pile(planned, first, frame.today, cut, self.seed)
        courses.show_first_school(planned, first, frame.today, cut, self.seed)
        for course in planned:
            story.follow(course)
        over = self.at(self.frame.spreading.last + timedelta(days=1))
        story.then(over, self.reported(campaign))
        story.tell()
        self.proposals(campaign).hear(first)
        self.scenes(story).play()

    def merge(self) -> None:
        """Yesterday evening one school became part of another."""
        small, large = map(self.county.named, MERGED)
        at = midnight(workdays_ago(self.frame.today, 1)) + EVENING
        mergers.merge(small, large, reason=words.MERGED, by=self.staff.officer, at=at)
