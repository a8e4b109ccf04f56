"""The worker that compiles reports: what it leaves when it dies, and several people at the same moment."""

from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from notices.models import Notice
from portal import jobs
from portal.models import Job, JobState
from reports import jobs as work
from reports.counts import counting
from reports.enums import PaperState as S
from reports.models import Receipt, Report
from reports.services import issuing, ordering
from schools.enums import Role
from tests.concurrently import at_once, kinds
from tests.factories import county, handed_in, person
from tests.reports.bulletins import THIRD
from tests.reports.reporting import CLOSED, MINUTE, TODAY, Case, reporting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case() -> Case:
    return reporting(county())


class Killed(BaseException):
    """Passes every handler, as the end of a process does."""


def dying(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """The counting of the next reports ends like that."""

    def die(*about: object) -> dict:
        raise error

    monkeypatch.setattr(work, "figures_of", die)


def test_a_worker_makes_a_draft(case) -> None:
    made = case.run(case.ordered(), TODAY + MINUTE)
    assert (made.state, made.counted_at, made.job.state) == (S.DRAFT, TODAY + MINUTE, JobState.DONE)
    assert Notice.objects.filter(matter=f"report-compile:{made.pk}").count() == 1


def test_a_killed_worker_leaves_the_old_edition_and_the_job_is_taken_up_again(case, monkeypatch) -> None:
    case.sent()
    before = Report.objects.values().get()
    made = case.ordered(TODAY + MINUTE)
    with monkeypatch.context() as patch:
        dying(patch, Killed())
        with pytest.raises(Killed):
            jobs.run(made.job_id, lambda: TODAY + MINUTE)
    assert Report.objects.values().get(pk=before["id"]) == before
    assert Report.objects.get(pk=made.pk).state == S.COMPILING
    jobs.run_waiting(lambda: TODAY + 2 * MINUTE)
    found = Report.objects.select_related("job__progress").get(pk=made.pk)
    assert (found.state, found.edition, found.job.progress.attempts) == (S.DRAFT, 2, 2)
    assert Report.objects.values().get(pk=before["id"]) == before


def test_a_crash_fails_the_job_and_another_one_goes_on(case, monkeypatch) -> None:
    made = case.ordered()
    with monkeypatch.context() as patch:
        dying(patch, ZeroDivisionError())
        failed = case.run(made)
    assert (failed.state, failed.job.state, failed.job.message) == (
        S.COMPILING,
        JobState.FAILED,
        jobs.CRASHED,
    )
    again = ordering.again(made, by=case.officer, at=TODAY)
    assert (case.run(again).state, Report.objects.count()) == (S.DRAFT, 1)


def test_a_job_that_is_repeated_changes_nothing(case) -> None:
    made = case.run(case.ordered())
    Job.objects.update(state=JobState.WAITING, finished_at=None)
    case.run(made, TODAY + MINUTE)
    assert Report.objects.get().counted_at == TODAY


def test_all_is_counted_as_of_one_moment(case, monkeypatch) -> None:
    """A school hands in while the figures are counted: they do not see it."""
    seen: list[str] = []

    def slow(*about: object) -> dict:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            seen.extend(cursor.fetchone())
        task, by = case.late.task(THIRD), case.late.secretaries[THIRD]
        at_once(partial(handed_in, task, by, at=TODAY))
        seen.append(case.late.task(THIRD).state)
        return counting.figures_of(*about)

    monkeypatch.setattr(work, "figures_of", slow)
    case.run(case.ordered())
    assert [*seen, case.late.task(THIRD).state] == ["repeatable read", "todo", "submitted"]


# Several at once --------------------------------------------------------------------------------------


def test_two_presses_order_one(case) -> None:
    about = ordering.of_phase(case.phase)
    made = at_once(*[partial(ordering.order, about, by=case.officer, at=TODAY)] * 2)
    assert ({one.pk for one in made}, Job.objects.count()) == ({Report.objects.get().pk}, 1)


def test_two_scans_order_one(case, monkeypatch) -> None:
    monkeypatch.setattr(
        timezone, "now", lambda: CLOSED + 2 * ordering.LATEST
    )  # what closing asks for at once
    case.close()
    assert sorted(at_once(*[partial(ordering.order_due, CLOSED)] * 2)) == [0, 1]
    assert Report.objects.count() == 1


def test_two_officers_of_a_bureau_order_one_week(case) -> None:
    about = ordering.of_week(case.place.bureau, TODAY.date())
    at_once(*[partial(ordering.order, about, by=case.officer, at=TODAY)] * 2)
    assert Report.objects.count() == 1


def test_two_workers_compile_once(case) -> None:
    made = case.ordered()
    done = at_once(*[partial(jobs.run, made.job_id, lambda: TODAY)] * 2)
    assert (sorted(done), Report.objects.get().state) == ([False, True], S.DRAFT)


def test_two_leaders_sign_once(case) -> None:
    made, other = case.to_sign(), person(Role.LEADER, case.place.bureau)
    results = at_once(*[partial(issuing.sign, made, by=one, at=TODAY) for one in (case.leader, other)])
    assert (kinds(results), Receipt.objects.count()) == (["NotAllowed", "Report"], 4)


def test_what_is_signed_is_not_taken_back_at_that_moment(case) -> None:
    made = case.to_sign()
    results = at_once(
        partial(issuing.sign, made, by=case.leader, at=TODAY),
        partial(issuing.take_back, made, by=case.officer, at=TODAY),
    )
    state = Report.objects.get().state
    assert (kinds(results), state in (S.SENT, S.DRAFT)) == (["NotAllowed", "Report"], True)
    assert Receipt.objects.exists() == (state == S.SENT)


def test_two_people_of_a_school_sign_for_it_once(case) -> None:
    made, head = case.sent(), person(Role.HEAD, case.place.school)
    signing = [
        partial(issuing.acknowledge, made, case.place.school, by=one, at=TODAY)
        for one in (head, case.place.secretary)
    ]
    first, second = at_once(*signing)
    assert first.by == second.by
