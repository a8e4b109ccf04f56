"""Two people at the same moment: one wins, the other reads a sentence, nothing is counted twice."""

from functools import partial
from threading import Event

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from campaigns.enums import RequirementKind
from campaigns.models import Indicator
from notices.models import Notice
from portal.models import StoredFile
from schools.enums import Role
from submissions.enums import AssignmentState, EventKind
from submissions.models import (
    Assignment,
    AssignmentEvent,
    DraftFile,
    Reading,
    Review,
    Standing,
    Submission,
    Version,
)
from submissions.rules import NotAllowed
from submissions.services import counting, drafts, mergers, nil, publishing, reviewing, signing, submitting
from tests.concurrently import PATIENCE, at_once, kinds
from tests.factories import (
    NOW,
    OccurrenceFactory,
    RequirementFactory,
    TopicFactory,
    UnitFactory,
    assigned,
    at,
    drafted,
    handed_in,
    person,
    ready_plan,
    upload,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_reviewers_who_accept_at_once_leave_one_review(place, owed):
    version = handed_in(owed, place.secretary)
    other = person(Role.OFFICER, place.section)
    results = at_once(*(partial(reviewing.accept, version, by=by, at=NOW) for by in (place.officer, other)))
    assert (kinds(results), Review.objects.count()) == (["NotAllowed", "Review"], 1)


def test_the_slower_reviewer_is_told_how_it_stands(place, owed):
    version = handed_in(owed, place.secretary)
    results = at_once(*[partial(reviewing.accept, version, by=place.officer, at=NOW)] * 2)
    refusal = next(result for result in results if isinstance(result, NotAllowed))
    assert str(refusal) == "这篇材料已有人审核，结论是“通过”；请刷新页面查看最新情况。"


def test_of_an_acceptance_and_a_withdrawal_at_once_one_wins(place, owed):
    version = handed_in(owed, place.secretary)
    at_once(
        partial(reviewing.accept, version, by=place.officer, at=NOW),
        partial(submitting.withdraw, version.submission, by=place.secretary, at=NOW),
    )
    kept = AssignmentEvent.objects.filter(kind__in=[EventKind.ACCEPTED, EventKind.WITHDRAWN])
    assert kept.count() == 1


def test_two_clicks_on_submit_make_one_version(place, owed):
    piece = drafted(owed, place.secretary)
    results = at_once(*[partial(submitting.submit, piece, by=place.secretary, at=NOW)] * 2)
    assert (kinds(results), Version.objects.count()) == (["NotAllowed", "Version"], 1)


def test_fifty_schools_that_hand_in_at_the_same_moment_are_all_counted_once(place):
    """Twenty connections, each with the next school as soon as the last is in: nobody waits for a counter."""
    schools = UnitFactory.create_batch(50, parent=place.township)
    people = [person(Role.SECRETARY, school) for school in schools]
    assigned(place)
    owing = {one.unit_id: one for one in Assignment.objects.filter(unit__in=schools)}
    pieces = [drafted(owing[school.pk], by) for school, by in zip(schools, people, strict=True)]
    todo = list(zip(pieces, people, strict=True))

    def clerk():
        done = []
        while todo:
            try:
                piece, by = todo.pop()
            except IndexError:  # another clerk has taken the last one
                break
            done.append(submitting.submit(piece, by=by, at=NOW))
        return done

    versions = [version for done in at_once(*[clerk] * 20) for version in done]
    assert (len(versions), Version.objects.count(), counting.drift()) == (50, 50, [])
    handed = Standing.objects.filter(state=AssignmentState.SUBMITTED).aggregate(n=Sum("n"))["n"]
    assert (handed, AssignmentEvent.objects.filter(kind=EventKind.SUBMITTED).count()) == (50, 50)


@pytest.fixture
def reporting(place):
    """Ten schools with a progress table in draft for each of two requirements; pieces and their people."""
    plan = ready_plan(place, kind=RequirementKind.PROGRESS)
    indicator = Indicator.objects.create(
        topic=TopicFactory(campaign=plan.campaign), name="人均读书", value=2, unit="本"
    )
    again = RequirementFactory(campaign=plan.campaign, phase=plan.phase, kind=RequirementKind.PROGRESS)
    OccurrenceFactory(requirement=again)
    schools = UnitFactory.create_batch(10, parent=place.township)
    publishing.publish(plan.campaign, by=place.officer, at=NOW)
    found = []
    for n, school in enumerate(schools):
        by = person(Role.SECRETARY, school)
        for owed in school.assignments.order_by("pk"):
            words = drafts.Words(title="进度", sheet={f"value_{indicator.pk}": str(n)})
            found.append((drafts.save_draft(owed.pk, 1, words, by=by, at=NOW).piece, by))
    return found


def test_two_tables_of_one_school_at_once_leave_one_true_value(reporting):
    results = at_once(*(partial(submitting.submit, piece, by=by, at=NOW) for piece, by in reporting))
    assert (kinds(results), Reading.objects.count(), counting.drift()) == (["Version"] * 20, 10, [])


def test_a_recount_that_mends_keeps_nobody_from_handing_in(reporting):
    """The counters are emptied first, so that there is much to mend while the tables come in."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM submissions_tallydelta")
    hand_ins = [partial(submitting.submit, piece, by=by, at=NOW) for piece, by in reporting]
    results = at_once(*hand_ins, *[counting.mend] * 3, *[counting.fold_deltas] * 3)
    assert kinds(results[:20]) == ["Version"] * 20
    assert [one for one in results[20:] if isinstance(one, Exception)] == []
    counting.mend()
    assert counting.drift() == []


def test_a_merger_and_the_tables_of_the_school_at_once_wait_for_each_other(place, reporting):
    for (one, by), (other, _) in zip(reporting[::2], reporting[1::2], strict=True):
        unit = one.assignment.unit
        results = at_once(
            partial(submitting.submit, one, by=by, at=NOW),
            partial(submitting.submit, other, by=by, at=NOW),
            partial(mergers.merge, unit, place.school, reason="并校", by=place.officer, at=NOW),
        )
        assert set(kinds(results)) <= {"Version", "NotAllowed", "Effect"}
    assert counting.drift() == []


def test_two_clicks_on_save_make_one_piece(place, owed):
    at_once(*[partial(drafted, owed, place.secretary)] * 2)
    assert Submission.objects.count() == 1


def test_two_clicks_on_sign_leave_one_event(place):
    owed = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
    at_once(*[partial(submitting.acknowledge, owed, by=place.secretary, at=NOW)] * 2)
    assert owed.events.filter(kind=EventKind.ACKNOWLEDGED).count() == 1


def test_two_clicks_on_the_signature_leave_one(place):
    head = person(Role.HEAD, place.school)
    version = handed_in(assigned(place, sign_off=True), place.secretary)
    results = at_once(*[partial(signing.sign, version, by=head, at=NOW)] * 2)
    assert (kinds(results), Review.objects.count()) == (["NotAllowed", "Review"], 1)


def test_of_a_signature_and_a_withdrawal_at_once_both_leave_a_true_state(place):
    head = person(Role.HEAD, place.school)
    version = handed_in(assigned(place, sign_off=True), place.secretary)
    at_once(
        partial(signing.sign, version, by=head, at=NOW),
        partial(submitting.withdraw, version.submission, by=place.secretary, at=NOW),
    )
    assert (Submission.objects.get().state, counting.drift()) == ("draft", [])


def test_of_a_nil_report_and_a_hand_in_at_once_one_wins(place):
    owed = assigned(place, nil_allowed=True)
    piece = drafted(owed, place.secretary)
    results = at_once(
        partial(nil.report_nil, owed, by=place.secretary, at=NOW, reason="没有"),
        partial(submitting.submit, piece, by=place.secretary, at=NOW),
    )
    assert sum(isinstance(result, NotAllowed) for result in results) == 1


def test_two_clicks_on_a_nil_report_leave_one_event(place):
    owed = assigned(place, nil_allowed=True)
    at_once(*[partial(nil.report_nil, owed, by=place.secretary, at=NOW, reason="没有")] * 2)
    assert owed.events.filter(kind=EventKind.NIL).count() == 1


def test_two_uploads_at_once_do_not_pass_the_limit(place, owed, settings):
    settings.UPLOAD_MAX_FILES = 1
    piece = drafted(owed, place.secretary)
    results = at_once(
        *(
            partial(drafts.attach, piece, upload(name), by=place.secretary, at=NOW)
            for name in ("甲.pdf", "乙.pdf")
        )
    )
    assert (kinds(results), DraftFile.objects.count()) == (["DraftFile", "NotAllowed"], 1)
    assert StoredFile.objects.filter(purged_at=None).get() == DraftFile.objects.get().file


def test_two_officers_who_publish_at_once_publish_once(place):
    plan = ready_plan(place)
    results = at_once(*[partial(publishing.publish, plan.campaign, by=place.officer, at=NOW)] * 2)
    assert (kinds(results), Assignment.objects.count()) == (["NotAllowed", "int"], 2)


def test_two_workers_who_top_up_at_once_give_and_tell_once(place):
    plan = ready_plan(place)
    publishing.publish(plan.campaign, by=place.officer, at=NOW)
    newcomer = person(Role.SECRETARY, UnitFactory(parent=place.township))
    results = at_once(*(partial(publishing.top_up, plan.campaign, at=at(3, 9, minute=n)) for n in range(2)))
    assert (sorted(results), Notice.objects.filter(recipient=newcomer).count()) == ([0, 1], 1)


@pytest.fixture
def twenty(place):
    """Twenty schools with a drafted essay each, for one requirement."""
    schools = [UnitFactory(parent=place.township) for _ in range(20)]
    plan = ready_plan(place)
    publishing.publish(plan.campaign, by=place.officer, at=NOW)
    return [
        (drafted(Assignment.objects.get(unit=school), secretary), secretary)
        for school in schools
        for secretary in [person(Role.SECRETARY, school)]
    ]


def submit_all(twenty):
    return [partial(submitting.submit, piece, by=by, at=NOW) for piece, by in twenty]


def test_twenty_schools_that_submit_at_once_all_succeed(twenty):
    assert kinds(at_once(*submit_all(twenty))) == ["Version"] * 20


def test_twenty_schools_that_submit_at_once_are_all_counted(twenty):
    at_once(*submit_all(twenty))
    submitted = Standing.objects.filter(state=AssignmentState.SUBMITTED).aggregate(n=Sum("n"))
    assert (submitted, counting.drift()) == ({"n": 20}, [])


def test_workers_that_fold_at_once_while_schools_submit_count_nothing_twice(twenty):
    at_once(*submit_all(twenty), *[partial(counting.fold_deltas, batch=3)] * 4)
    at_once(*[partial(counting.fold_deltas, batch=3)] * 4)
    assert counting.drift() == []


def test_no_school_waits_for_another_ones_transaction(twenty):
    """No hot row: the first submission is held open while the second one commits."""
    (first, first_by), (second, second_by) = twenty[:2]
    written, release = Event(), Event()

    def hold_open():
        with transaction.atomic():
            submitting.submit(first, by=first_by, at=NOW)
            written.set()
            release.wait(PATIENCE)

    def hurry():
        written.wait(PATIENCE)
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '2s'")
                return submitting.submit(second, by=second_by, at=NOW)
        finally:
            release.set()

    assert kinds(at_once(hold_open, hurry)) == ["NoneType", "Version"]


def test_two_who_begin_one_piece_at_once_write_one_and_the_slower_is_asked(place, owed):
    other = person(Role.SECRETARY, place.school)
    results = at_once(*(
        partial(drafts.save_draft, owed.pk, 1, drafts.Words(title), by=by, at=NOW, seen="")
        for by, title in ((place.secretary, "甲"), (other, "乙"))
    ))  # fmt: skip
    assert (kinds(results), Submission.objects.count()) == (["Overtaken", "Saved"], 1)
