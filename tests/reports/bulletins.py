"""Bulletins to try things on: a county of four schools, of which one was first and two lag."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Occurrence
from reports.models import Bulletin
from reports.services import bulletins
from schools.enums import Role
from schools.models import User
from submissions.models import Assignment
from submissions.services import changing, publishing
from tests.factories import NOW, County, UnitFactory, assigned, at, handed_in, person

#: Five working days after 30 April: rest until 5 May, work on Saturday 9 May.
REACHED = at(5, 11, 0)
SECOND, THIRD = "东镇第二小学", "东镇第三小学"


@dataclass(frozen=True)
class Late:
    """中心小学 handed in on 1 April, 第二小学 on 3 May; 第三小学 and the middle school are missing."""

    place: County
    occurrence: Occurrence
    leader: User
    secretaries: dict[str, User]

    def task(self, school: str) -> Assignment:
        return Assignment.objects.get(occurrence=self.occurrence, unit__name=school)

    def hand_in(self, school: str, moment: datetime) -> None:
        handed_in(self.task(school), self.secretaries[school], at=moment)

    def move(self, due_at: datetime) -> None:
        reason, officer = "调整安排", self.place.officer
        changing.move_deadline(
            self.occurrence, due_at=due_at, cutoff_at=None, reason=reason, by=officer, at=REACHED
        )

    def drafted(self, moment: datetime = REACHED) -> Bulletin:
        bulletins.draft_due(moment)
        return Bulletin.objects.get(occurrence=self.occurrence)

    def to_sign(self) -> Bulletin:
        return bulletins.submit(self.drafted(), by=self.place.officer, at=REACHED)

    def sent(self, moment: datetime = REACHED) -> Bulletin:
        return bulletins.sign(self.to_sign(), by=self.leader, at=moment)


def late(place: County) -> Late:
    owed = assigned(place)
    for name in (SECOND, THIRD):
        UnitFactory(name=name, parent=place.township)
    campaign = owed.requirement.campaign
    publishing.top_up(campaign, at=NOW)
    names = Assignment.objects.filter(occurrence=owed.occurrence).exclude(unit=place.school)
    secretaries = {one.unit.name: person(Role.SECRETARY, one.unit) for one in names.select_related("unit")}
    made = Late(
        place,
        owed.occurrence,
        leader=person(Role.LEADER, place.bureau),
        secretaries=secretaries | {place.school.name: place.secretary},
    )
    made.hand_in(place.school.name, at(4, 1))
    made.hand_in(SECOND, at(5, 3))
    return made
