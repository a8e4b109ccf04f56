"""What becomes of 合理化建议: merged, answered, given to sections, done; and what is heard at meetings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from campaigns.models import Campaign, Topic
from notices.workdays import add_workdays
from reports.demo.county import County
from reports.demo.dates import midnight, workdays_ago
from reports.demo.people import Staff
from reports.demo.words.suggestions import HEARD, MATTERS, Heard, Matter, Reply
from schools.models import Unit, User
from submissions.enums import SuggestionState
from submissions.models import Suggestion
from submissions.services import answering, suggesting

#: After the campaign the officer answers one matter each working day; some sections take long.
FIRST_ANSWER, WORKDAYS_TO_DO, WORKDAYS_TO_FINISH = 3, 90, 62
#: What is not done yet has been given time until so many working days from today.
LONG = 30
MORNING = timedelta(hours=10, minutes=25)


@dataclass(frozen=True)
class Proposals:
    """The officers' work on the suggestions of one campaign."""

    campaign: Campaign
    county: County
    staff: Staff
    today: date

    def answer_all(self) -> None:
        """What the schools proposed, matter by matter, after the campaign was closed; half of it merged."""
        over = timezone.localtime(self.campaign.closed_at).date()
        for n, matter in enumerate(MATTERS):
            new = self.campaign.suggestions.filter(state=SuggestionState.NEW)
            alike = list(new.filter(text__in=matter.wordings))
            day = add_workdays(over, FIRST_ANSWER + n)
            if n % 2:
                for one in alike:
                    self._answer(matter, [one], day)
            elif alike:
                self._answer(matter, alike, day)

    def _answer(self, matter: Matter, alike: Sequence[Suggestion], day: date) -> None:
        """One answer to all of them, merged into the first."""
        by, at = self.staff.officer, midnight(day) + MORNING
        main, *others = alike
        if others:
            suggesting.merge(main, others, by=by, at=at)
        if matter.reply is None:
            return
        later, last = at + timedelta(minutes=6), add_workdays(day, WORKDAYS_TO_DO)
        if not matter.reply.outcome:
            last = add_workdays(self.today, LONG)
        self._reply(main, matter.reply, last, later)
        if matter.reply.outcome:
            self._finish(main, matter.reply, midnight(add_workdays(day, WORKDAYS_TO_FINISH)) + MORNING)

    def hear(self, school: Unit) -> None:
        """What was said at meetings of the running campaign; `school` has told one by telephone."""
        topics = {topic.position[0]: topic for topic in self.campaign.topics.all() if topic.depth == 1}
        for n, heard in enumerate(HEARD):
            self._hear(heard, topics.get(heard.topic), school, timedelta(minutes=3 * n))

    def _hear(self, heard: Heard, topic: Topic | None, school: Unit, later: timedelta) -> None:
        made = suggesting.enter(
            self.campaign,
            heard.text,
            by=self.staff.officer,
            at=self._ago(heard.ago) + later,
            unit=None if heard.source else school,
            source=heard.source,
            topic=topic,
        )
        if heard.reply is None:
            return
        last = add_workdays(self.today, heard.due) if heard.due > 0 else workdays_ago(self.today, -heard.due)
        self._reply(made, heard.reply, last, self._ago(heard.answered) + later)
        if heard.reply.outcome:
            self._finish(made, heard.reply, midnight(last) + MORNING)

    def _reply(self, made: Suggestion, reply: Reply, last: date, at: datetime) -> None:
        section = self.county.sections[reply.section] if reply.section else None
        answering.answer(
            made,
            reply.state,
            reply.answer,
            by=self.staff.officer,
            at=at,
            responsible=section,
            due_on=last if section else None,
        )

    def _finish(self, made: Suggestion, reply: Reply, at: datetime) -> None:
        answering.finish(made, reply.outcome, by=self._clerk(reply.section), at=at)

    def _clerk(self, section: str) -> User:
        return self.staff.secretaries[self.county.sections[section].pk]

    def _ago(self, workdays: int) -> datetime:
        return midnight(workdays_ago(self.today, workdays)) + MORNING
