"""Which step a piece is in, and who may take it: 区县初审, 终审, and the reviewers a plan names."""

import pytest
from django.urls import reverse

from schools.enums import Role, UnitKind
from submissions import access
from submissions.enums import AssignmentState, EventKind
from submissions.models import Assignment, Review
from submissions.rules import NotYours
from submissions.services import publishing, reviewing
from tests.factories import (
    DUE,
    NOW,
    CampaignFactory,
    LeadershipFactory,
    OccurrenceFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    handed_in,
    person,
)
from tests.submissions.test_pages import as_

DISTRICT_FIRST = "这篇材料先由报送单位所属的区县局初审，您不能审核。"
HOST_LAST = "这项材料由主办单位终审，您不能审核。"
NAMED = "这项材料由指定的审核人审核。"


class City:
    """示例市教育局 ─ 示例区 ─ 镇 ─ (school); a school right under the city; officers at every level."""

    def __init__(self) -> None:
        self.city = UnitFactory(name="示例市教育局", kind=UnitKind.BUREAU)
        self.district = UnitFactory(name="示例区教育局", kind=UnitKind.DISTRICT, parent=self.city)
        self.township = UnitFactory(name="东镇", kind=UnitKind.TOWNSHIP, parent=self.district)
        self.other = UnitFactory(name="另一区教育局", kind=UnitKind.DISTRICT, parent=self.city)
        self.school = UnitFactory(name="区小学", parent=self.township)
        self.direct = UnitFactory(name="市直小学", parent=self.city)
        self.people = {
            "city": person(Role.OFFICER, self.city),
            "district": person(Role.OFFICER, self.district),
            "other": person(Role.OFFICER, self.other),
        }

    def version(self, school: str = "school", **requirement):
        campaign = CampaignFactory(host=requirement.pop("host", self.city), office=self.city)
        LeadershipFactory(campaign=campaign)
        reviewers = requirement.pop("reviewers", [])
        asked = RequirementFactory(campaign=campaign, **requirement)
        asked.reviewers.set(self.people[who] for who in reviewers)
        OccurrenceFactory(requirement=asked)
        publishing.publish(campaign, by=self.people["city"], at=NOW)
        owed = Assignment.objects.get(unit=getattr(self, school), occurrence__requirement=asked)
        return handed_in(owed, person(Role.SECRETARY, owed.unit))

    def waiting_for(self, version) -> set[str]:
        """Who finds the piece in the queue."""
        return {
            who for who, user in self.people.items() if access.queue(user).filter(pk=version.submission_id)
        }


@pytest.fixture
def city(db):
    return City()


@pytest.mark.parametrize(
    ("school", "requirement", "first", "then"),
    [
        ("school", {}, {"city", "district"}, None),
        ("school", {"district_first": True}, {"district"}, {"city"}),
        # no district above the unit: one step
        ("direct", {"district_first": True}, {"city"}, None),
        # named reviewers have the last word, the district keeps the first
        ("school", {"reviewers": ["city"]}, {"city"}, None),
        ("school", {"reviewers": ["district"]}, {"district"}, None),
        ("school", {"district_first": True, "reviewers": ["city"]}, {"district"}, {"city"}),
        # a reviewer without the unit in the own scope decides nothing
        ("school", {"reviewers": ["other"]}, set(), None),
        # a reviewer of the district is no substitute for the last word
        ("school", {"district_first": True, "reviewers": ["district"]}, {"district"}, set()),
    ],
)
def test_whose_turn_it_is(city, school, requirement, first, then):
    version = city.version(school, **requirement)
    assert city.waiting_for(version) == first
    if then is not None:
        reviewing.accept(version, by=city.people["district"], at=NOW)
        assert city.waiting_for(version) == then


def test_a_district_that_hosts_the_plan_has_the_last_word(city):
    version = city.version(host=city.district, district_first=True)
    assert city.waiting_for(version) == {"city", "district"}
    reviewing.accept(version, by=city.people["district"], at=NOW)
    assert version.submission.assignment.events.last().kind == EventKind.ACCEPTED


def test_a_district_bureau_that_owes_something_itself_is_read_once(city):
    version = city.version("district", district_first=True, audience_kinds=[UnitKind.DISTRICT])
    assert city.waiting_for(version) == {"city"}


def test_an_officer_of_a_township_decides_nothing_in_two_steps(city):
    version = city.version(district_first=True)
    officer = person(Role.OFFICER, city.township)
    officer.memberships.update(scope=city.township)
    assert not access.queue(officer).exists()
    reviewing.accept(version, by=city.people["district"], at=NOW)
    assert not access.queue(officer).exists()


def test_both_steps_leave_a_review_and_an_event_each(city):
    version = city.version(district_first=True)
    reviewing.accept(version, by=city.people["district"], at=NOW)
    owed = version.submission.assignment
    owed.refresh_from_db()
    assert (owed.state, owed.events.last().kind) == (AssignmentState.FIRST_PASSED, EventKind.PASSED_FIRST)
    reviewing.accept(version, by=city.people["city"], at=NOW, recommended=True)
    owed.refresh_from_db()
    assert (owed.state, owed.events.last().kind) == (AssignmentState.ACCEPTED, EventKind.ACCEPTED)
    assert list(Review.objects.values_list("step", "by")) == [
        (1, city.people["district"].pk), (2, city.people["city"].pk),
    ]  # fmt: skip


@pytest.mark.parametrize("steps", [0, 1])
def test_a_correction_begins_with_the_district_again(city, steps):
    version = city.version(district_first=True)
    if steps:
        reviewing.accept(version, by=city.people["district"], at=NOW)
    by = city.people["city" if steps else "district"]
    reviewing.send_back(version, by=by, at=NOW, reason="太短", correct_by=DUE)
    second = handed_in(version.submission.assignment, version.submitted_by, title="改稿")
    assert city.waiting_for(second) == {"district"}


@pytest.mark.parametrize(
    ("requirement", "passed", "who", "said"),
    [
        ({"district_first": True}, False, "city", DISTRICT_FIRST),
        ({"district_first": True}, True, "district", HOST_LAST),
        ({"reviewers": ["city"]}, False, "district", NAMED),
        ({"district_first": True, "reviewers": ["city"]}, True, "district", NAMED),
    ],
)
def test_out_of_turn_nobody_decides_and_everybody_reads_why(city, requirement, passed, who, said):
    version = city.version(**requirement)
    if passed:
        reviewing.accept(version, by=city.people["district"], at=NOW)
    user = city.people[who]
    for decide, terms in (
        (reviewing.accept, {}),
        (reviewing.send_back, {"reason": "太短", "correct_by": DUE}),
    ):
        with pytest.raises(NotYours, match=f"^{said}$"):
            decide(version, by=user, at=NOW, **terms)
    page = as_(user).get(reverse("version", args=[version.pk])).context
    assert (page["may_review"], page["not_yours"]) == (False, said)
    answer = as_(user).post(reverse("review", args=[version.pk]), {"verdict": "accept"})
    assert (answer.status_code, answer.context["refusal"]) == (403, said)


def test_only_who_has_the_last_word_opens_again(city):
    version = city.version(district_first=True)
    reviewing.accept(version, by=city.people["district"], at=NOW)
    reviewing.accept(version, by=city.people["city"], at=NOW)
    with pytest.raises(NotYours):
        reviewing.reopen(version, by=city.people["district"], at=NOW, reason="附件有误", correct_by=DUE)
    review = reviewing.reopen(version, by=city.people["city"], at=NOW, reason="附件有误", correct_by=DUE)
    assert review.step == 2


def test_what_passed_first_is_decided_although_the_plan_no_longer_asks_for_two_steps(city):
    version = city.version(district_first=True)
    reviewing.accept(version, by=city.people["district"], at=NOW)
    requirement = version.submission.assignment.requirement
    requirement.district_first = False
    requirement.save()
    assert reviewing.accept(version, by=city.people["city"], at=NOW).step == 2


def test_the_page_names_the_step(city):
    version = city.version(district_first=True)
    page = reverse("version", args=[version.pk])
    assert as_(city.people["district"]).get(page).context["step"] == "初审"
    answer = as_(city.people["district"]).post(reverse("review", args=[version.pk]), {"verdict": "accept"})
    assert answer.status_code == 302
    context = as_(city.people["city"]).get(page).context
    assert (context["step"], context["standing"]) == ("终审", ("first_passed", "初审通过"))
    assert [review.step_name for review in context["reviews"]] == ["初审"]


def test_naming_a_reviewer_hides_the_queue_from_colleagues_in_the_county_too(place):
    owed = assigned(place)
    colleague = person(Role.OFFICER, place.section)
    owed.requirement.reviewers.add(place.officer)
    handed_in(owed, place.secretary)
    assert [access.queue(who).count() for who in (place.officer, colleague)] == [1, 0]
