"""优秀成果: chosen, asked for, shown, taken down; who may do it and who finds it (domain invariant 3)."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from notices.models import Notice
from portal.models import AuditEvent, StoredFile
from schools.enums import Role, UnitKind
from submissions import access
from submissions.enums import ExhibitState, PieceState
from submissions.models import Exhibit, Submission
from submissions.rules import NotAllowed, NotYours
from submissions.services import drafts, exhibiting, reviewing, submitting
from tests.concurrently import at_once, kinds
from tests.factories import DUE, NOW, UnitFactory, assigned, county, drafted, handed_in, person, upload

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
ASKED, SHOWN = ExhibitState.ASKED, ExhibitState.SHOWN
DECLINED, REMOVED = ExhibitState.DECLINED, ExhibitState.REMOVED


def refused(call, *args, **kwargs) -> str:
    """The sentence with which the call is refused."""
    with pytest.raises(NotAllowed) as refusal:
        call(*args, **kwargs)
    return str(refusal.value)


def accepted(place, owed, **words):
    version = handed_in(owed, place.secretary, **words)
    reviewing.accept(version, by=place.officer, at=NOW)
    return version


@pytest.fixture
def version(place, owed):
    """An accepted piece of the school."""
    return accepted(place, owed)


@pytest.fixture
def exhibit(place, version):
    """The piece, chosen and waiting for the school's answer."""
    return exhibiting.choose(version, "贴近课堂", by=place.officer, at=NOW)


@pytest.fixture
def shown(place, exhibit):
    """The piece on the shelf."""
    exhibiting.consent(exhibit, by=place.secretary, at=NOW)
    exhibit.refresh_from_db()
    return exhibit


def state(exhibit) -> str:
    return Exhibit.objects.get(pk=exhibit.pk).state


def trail():
    """Action, state before and after of every audit event about exhibits, oldest first."""
    events = AuditEvent.objects.filter(action__startswith="exhibit.").order_by("pk")
    return [(one.action, one.detail["before"], one.detail["after"]) for one in events]


# Choosing -------------------------------------------------------------------------------------------


def test_choosing_asks_the_school(place, version):
    exhibit = exhibiting.choose(version, "贴近课堂", by=place.officer, at=NOW)
    assert (exhibit.state, exhibit.comment, exhibit.chosen_by) == (ASKED, "贴近课堂", place.officer)


def test_secretaries_and_heads_are_asked_once_each(place, version):
    head = person(Role.HEAD, place.school)
    exhibit = exhibiting.choose(version, by=place.officer, at=NOW)
    told = Notice.objects.filter(matter__startswith=f"exhibit:{exhibit.pk}:")
    assert set(told.values_list("recipient", "url")) == {
        (one.pk, f"/exhibits/{exhibit.pk}/consent/") for one in (place.secretary, head)
    }
    assert told.count() == 2


def test_a_piece_that_nobody_recommended_may_be_chosen_too(place, version):
    assert version.reviews.get().recommended is False
    assert exhibiting.choose(version, by=place.officer, at=NOW).pk is not None


def test_what_is_not_accepted_cannot_be_chosen(place, owed):
    version = handed_in(owed, place.secretary)
    said = refused(exhibiting.choose, version, by=place.officer, at=NOW)
    assert said == "只有终审通过的材料才能选为优秀成果。"


def test_what_a_district_has_passed_on_is_not_accepted_yet(place):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau, name="东区教育局")
    school = UnitFactory(parent=district, name="东区小学")
    there = replace(place, school=school, secretary=person(Role.SECRETARY, school))
    version = handed_in(assigned(there, district_first=True), there.secretary)
    reviewing.accept(version, by=person(Role.OFFICER, district), at=NOW, recommended=True)
    said = refused(exhibiting.choose, version, by=place.officer, at=NOW)
    assert said == "只有终审通过的材料才能选为优秀成果。"


def test_an_older_version_cannot_be_chosen(place, owed, version):
    reviewing.reopen(version, by=place.officer, at=NOW, reason="附件有误", correct_by=DUE)
    newer = accepted(place, owed, title="改稿")
    said = refused(exhibiting.choose, version, by=place.officer, at=NOW)
    assert (newer.number, said) == (2, "学校已提交新的版本，请刷新页面后选为优秀成果最新版本。")


def test_officers_elsewhere_cannot_choose(version):
    with pytest.raises(NotYours):
        exhibiting.choose(version, by=county().officer, at=NOW)


def test_a_district_cannot_choose_from_the_citys_campaign(place):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau, name="东区教育局")
    school = UnitFactory(parent=district, name="东区小学")
    there = replace(place, school=school, secretary=person(Role.SECRETARY, school))
    version = accepted(there, assigned(there))
    said = refused(exhibiting.choose, version, by=person(Role.OFFICER, district), at=NOW)
    assert said == "优秀成果由活动主办单位选定，您不能办理。"


def test_choosing_twice_is_refused_and_asks_nobody_twice(place, version, exhibit):
    before = Notice.objects.count()
    said = refused(exhibiting.choose, version, by=place.officer, at=LATER)
    assert said == "这篇材料已选为优秀成果（待学校同意），不用重复选定。"
    assert Notice.objects.count() == before


def test_work_may_be_chosen_after_the_campaign(place, version):
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    assert exhibiting.choose(version, by=place.officer, at=NOW).state == ASKED


# The answer -----------------------------------------------------------------------------------------


def test_with_consent_it_is_shown(place, shown):
    assert (shown.state, shown.answered_by, shown.answered_at) == (SHOWN, place.secretary, NOW)


def test_the_officer_who_chose_is_told_the_answer(place, shown):
    told = Notice.objects.get(recipient=place.officer, matter__startswith="exhibit:")
    assert told.title == "东镇中心小学同意展示《一次家访》"


def test_a_second_press_changes_nothing(place, shown):
    before = AuditEvent.objects.count(), Notice.objects.count()
    exhibiting.consent(shown, by=place.secretary, at=LATER)
    shown.refresh_from_db()
    assert (shown.answered_at, (AuditEvent.objects.count(), Notice.objects.count())) == (NOW, before)


def test_the_school_may_decline(place, exhibit):
    exhibiting.decline(exhibit, by=place.secretary, at=NOW)
    assert (state(exhibit), list(access.shown())) == (DECLINED, [])


def test_consent_can_be_taken_back(place, shown):
    exhibiting.decline(shown, by=place.secretary, at=LATER)
    assert (state(shown), list(access.shown())) == (DECLINED, [])


def test_after_declining_the_bureau_has_to_ask_again(place, exhibit):
    exhibiting.decline(exhibit, by=place.secretary, at=NOW)
    said = refused(exhibiting.consent, exhibit, by=place.secretary, at=LATER)
    assert said == "本单位已答复不同意展示；如要改为同意，请联系主办单位重新选定。"


def test_asking_anew_uses_the_same_row_and_the_trail_keeps_it_all(place, version, shown):
    exhibiting.remove(shown, by=place.officer, at=NOW)
    again = exhibiting.choose(version, "再次推荐", by=place.officer, at=LATER)
    exhibiting.decline(again, by=place.secretary, at=LATER)
    exhibiting.choose(version, by=place.officer, at=LATER + timedelta(hours=1))
    found = Exhibit.objects.get()
    assert (found.state, found.answered_at, found.removed_at) == (ASKED, None, None)
    assert trail() == [
        ("exhibit.choose", "", ASKED),
        ("exhibit.consent", ASKED, SHOWN),
        ("exhibit.remove", SHOWN, REMOVED),
        ("exhibit.choose", REMOVED, ASKED),
        ("exhibit.decline", ASKED, DECLINED),
        ("exhibit.choose", DECLINED, ASKED),
    ]


def test_what_was_taken_down_needs_no_answer(place, exhibit):
    exhibiting.remove(exhibit, by=place.officer, at=NOW)
    said = [
        refused(call, exhibit, by=place.secretary, at=LATER)
        for call in (exhibiting.consent, exhibiting.decline)
    ]
    assert said == ["主办单位已撤下这篇材料，不再展示，无需答复。"] * 2


def test_removing_twice_changes_nothing(place, shown):
    exhibiting.remove(shown, by=place.officer, at=NOW)
    exhibiting.remove(shown, by=place.officer, at=LATER)
    shown.refresh_from_db()
    assert (shown.state, shown.removed_at) == (REMOVED, NOW)


def test_what_is_declined_cannot_be_removed(place, exhibit):
    exhibiting.decline(exhibit, by=place.secretary, at=NOW)
    said = refused(exhibiting.remove, exhibit, by=place.officer, at=NOW)
    assert said == "学校未同意展示，这篇材料没有展示，不用撤下。"


def test_officers_elsewhere_cannot_remove(shown):
    with pytest.raises(NotYours):
        exhibiting.remove(shown, by=county().officer, at=NOW)


# Opened again ---------------------------------------------------------------------------------------


def test_a_piece_opened_again_is_shown_no_more(place, version, shown):
    reviewing.reopen(version, by=place.officer, at=LATER, reason="附件有误", correct_by=DUE)
    assert (state(shown), list(access.shown())) == (SHOWN, [])


def test_the_corrected_version_has_to_be_chosen_by_itself(place, owed, version, shown):
    reviewing.reopen(version, by=place.officer, at=LATER, reason="附件有误", correct_by=DUE)
    newer = accepted(place, owed, title="改稿")
    assert list(access.shown()) == []
    exhibiting.consent(exhibiting.choose(newer, by=place.officer, at=LATER), by=place.secretary, at=LATER)
    assert [one.version for one in access.shown()] == [newer]


def test_nobody_consents_to_what_was_opened_again(place, version, exhibit):
    reviewing.reopen(version, by=place.officer, at=LATER, reason="附件有误", correct_by=DUE)
    said = refused(exhibiting.consent, exhibit, by=place.secretary, at=LATER)
    assert said == "这篇材料已重新打开或有了新的版本，这一版不再展示，无需答复。"


# Who finds it ---------------------------------------------------------------------------------------


def finds(user) -> int:
    return access.exhibits(user).count()


def test_everybody_below_the_host_finds_it_and_nobody_else(place, shown):
    elsewhere = county()
    below = [
        place.secretary, person(Role.SECRETARY, place.middle), person(Role.HEAD, place.middle), place.officer,
        person(Role.LEADER, place.bureau), person(Role.SECRETARY, place.section),
    ]  # fmt: skip
    others = [elsewhere.secretary, elsewhere.officer, person(Role.SYSTEM, place.section)]
    assert ([finds(one) for one in below], [finds(one) for one in others]) == ([1] * 6, [0] * 3)


def test_a_bureau_above_the_host_finds_it_but_not_the_schools_of_other_counties(place, shown):
    city = UnitFactory(kind=UnitKind.BUREAU, name="示例市教育局")
    place.bureau.parent = city
    place.bureau.save()
    neighbour = UnitFactory(kind=UnitKind.BUREAU, name="邻县教育局", parent=city)
    school = UnitFactory(name="邻县小学", parent=neighbour)
    found = finds(person(Role.LEADER, city)), finds(person(Role.SECRETARY, school))
    assert found == (1, 0)


def test_before_consent_nobody_finds_it(place, exhibit):
    assert [finds(one) for one in (place.secretary, place.officer, person(Role.HEAD, place.middle))] == [
        0,
        0,
        0,
    ]


def test_files_open_with_the_exhibit_and_close_with_it(place, owed):
    piece = drafted(owed, place.secretary)
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    reviewing.accept(version, by=place.officer, at=NOW)
    stored, neighbour = StoredFile.objects.get(), person(Role.SECRETARY, place.middle)

    def open_to_neighbour() -> bool:
        return access.files(neighbour).filter(pk=stored.pk).exists()

    seen = [open_to_neighbour()]
    exhibit = exhibiting.choose(version, by=place.officer, at=NOW)
    seen.append(open_to_neighbour())
    exhibiting.consent(exhibit, by=place.secretary, at=NOW)
    seen.append(open_to_neighbour())
    exhibiting.decline(exhibit, by=place.secretary, at=NOW)
    seen.append(open_to_neighbour())
    assert seen == [False, False, True, False]


def test_the_version_itself_stays_the_schools_and_the_bureaus(place, version, shown):
    neighbour = person(Role.SECRETARY, place.middle)
    assert access.versions(neighbour).filter(pk=version.pk).exists() is False


# The database ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"state": SHOWN, "answered_at": None},
        {"state": REMOVED, "removed_at": None},
        {"state": ASKED, "removed_at": NOW},
    ],
)
def test_the_database_refuses_what_no_service_writes(exhibit, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Exhibit.objects.filter(pk=exhibit.pk).update(**values)


def test_a_version_lies_on_the_shelf_once(place, version, exhibit):
    with pytest.raises(IntegrityError), transaction.atomic():
        Exhibit.objects.create(version=version, chosen_by=place.officer, chosen_at=NOW)


# At once --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_choose_at_once_ask_once(place, owed):
    version, other = accepted(place, owed), person(Role.OFFICER, place.section)
    calls = [partial(exhibiting.choose, version, by=by, at=NOW) for by in (place.officer, other)]
    assert (kinds(at_once(*calls)), Exhibit.objects.count()) == (["Exhibit", "NotAllowed"], 1)


@pytest.mark.django_db(transaction=True)
def test_of_consent_and_removal_at_once_it_ends_removed(place, owed):
    exhibit = exhibiting.choose(accepted(place, owed), by=place.officer, at=NOW)
    at_once(
        partial(exhibiting.consent, exhibit, by=place.secretary, at=NOW),
        partial(exhibiting.remove, exhibit, by=place.officer, at=NOW),
    )
    assert state(exhibit) == REMOVED


@pytest.mark.django_db(transaction=True)
def test_of_consent_and_reopening_at_once_nothing_is_shown(place, owed):
    version = accepted(place, owed)
    exhibit = exhibiting.choose(version, by=place.officer, at=NOW)
    at_once(
        partial(exhibiting.consent, exhibit, by=place.secretary, at=NOW),
        partial(reviewing.reopen, version, by=place.officer, at=NOW, reason="附件有误", correct_by=DUE),
    )
    assert (Submission.objects.get().state, list(access.shown())) == (PieceState.RETURNED, [])
