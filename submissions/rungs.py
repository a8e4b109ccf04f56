"""On which day a rung of the ladder is reached, and which one counts: all by working days, nothing by luck.

A rung is due from its day on until it is recorded, so that a day on which nothing ran loses nothing; of all
that were reached only the highest that concerns a person is told.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from campaigns.enums import Told
from campaigns.ladders import Step
from notices.workdays import add_workdays, is_workday, last_day, nth_workday

#: Rungs reached longer ago are history: who was not told then is not told now.
MEMORY = timedelta(days=30)
#: Of what came back for correction people were told at once; they are reminded from the last working day on.
FIRST_OF_CORRECTION = -1


def day_of(edition: datetime, days: int, *, school: bool) -> date:
    """The working day of the rung `days` for something due at the exclusive instant `edition`.

    0 is the last day itself, or the last working day before where that is a day of rest; negative ones
    are counted back from it, positive ones from the last day on. `school`: by the calendar of schools.
    """
    last = last_day(edition)
    if days > 0:
        return add_workdays(last, days, school=school)
    on_the_day = last if is_workday(last, school=school) else nth_workday(last, -1, school=school)
    return nth_workday(on_the_day, days, school=school)


def reached(
    steps: Iterable[Step], edition: datetime, today: date, *, school: bool, since: date
) -> dict[Told, int]:
    """Whom to tell `today`, each by the highest rung that concerns them.

    Rungs up to the deadline whose day was not after `since`, when the task was given out, are passed over:
    that told people enough.
    """
    highest: dict[Told, int] = {}
    for step in sorted(steps, key=lambda one: one.days):
        day = day_of(edition, step.days, school=school)
        if day <= today and (step.days > 0 or day > since):
            highest |= dict.fromkeys(step.tells, step.days)
    return {
        told: days for told, days in highest.items() if today - day_of(edition, days, school=school) <= MEMORY
    }
