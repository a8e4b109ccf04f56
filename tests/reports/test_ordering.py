"""Which reports are ordered, by whom and when: one for each closing, one at a time, none overwritten."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns.enums import PhaseState
from notices.models import Notice
from portal import jobs
from portal.models import AuditEvent, Job, JobState
from reports.enums import Audience, ReportKind
from reports.enums import PaperState as S
from reports.models import Report
from reports.services import issuing, ordering
from reports.tasks import on_closed
from submissions.rules import NotAllowed, NotYours
from submissions.services import closing, exhibiting, phases, reviewing
from tests.factories import DUE, county, handed_in, ready_plan
from tests.reports.reporting import CLOSED, MINUTE, TODAY, Case, count, reporting

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def case(place) -> Case:
    return reporting(place)


def editions() -> list[tuple[str, int, str]]:
    return list(Report.objects.order_by("pk").values_list("kind", "edition", "state"))


# What it is about -------------------------------------------------------------------------------------


class TestSubjects:
    def test_a_phase_is_told_of_by_its_days(self, case) -> None:
        about = ordering.of_phase(case.phase)
        assert (about.kind, about.starts_on, about.ends_on) == (
            ReportKind.PHASE, date(2026, 3, 1), date(2026, 4, 30),
        )  # fmt: skip

    @pytest.mark.parametrize(("name", "said"), [("学习", "学习阶段"), ("第一阶段", "第一阶段")])
    def test_its_title_names_campaign_and_phase(self, case, name, said) -> None:
        phase = case.phase
        phase.name = name
        assert ordering.of_phase(phase).title == f"{phase.campaign.title}{said}情况通报"

    def test_a_long_title_is_shortened_in_the_middle(self, case) -> None:
        campaign = case.campaign
        campaign.title = "长" * 120
        title = ordering.of_campaign(campaign).title
        assert (len(title), title[-6:]) == (120, "长…工作总结")

    def test_a_phase_that_has_not_begun_has_no_report(self, case) -> None:
        phase = case.phase
        phase.state = PhaseState.UPCOMING
        with pytest.raises(NotAllowed, match="还没有开始"):
            ordering.of_phase(phase)

    @pytest.mark.parametrize("day", [date(2026, 12, 28), date(2026, 12, 31), date(2027, 1, 3)])
    def test_a_week_is_monday_to_sunday_over_the_new_year_too(self, place, day) -> None:
        about = ordering.of_week(place.bureau, day)
        assert (about.starts_on, about.ends_on) == (date(2026, 12, 28), date(2027, 1, 3))
        assert about.title == "示例县教育局教育活动每周进展（12月28日至1月3日）"

    @pytest.mark.parametrize(("month", "last"), [(2, 28), (4, 30), (12, 31)])
    def test_a_month_ends_on_its_last_day(self, place, month, last) -> None:
        about = ordering.of_month(place.bureau, date(2026, month, 15))
        assert (about.starts_on.day, about.ends_on) == (1, date(2026, month, last))

    @pytest.mark.parametrize("day", [date(2026, 4, 28), date(2026, 4, 30)])
    def test_a_week_and_a_month_again_are_the_same_ones(self, place, day) -> None:
        for make in (ordering.of_week, ordering.of_month):
            made = ordering.order(make(place.bureau, day), by=place.officer, at=TODAY)
            assert ordering.same_as(made, TODAY.date()).subject == made.subject

    def test_a_phase_and_a_campaign_again_are_the_same_ones(self, case) -> None:
        for about in (ordering.of_phase(case.phase), ordering.of_campaign(case.campaign)):
            made = ordering.order(about, by=case.officer, at=TODAY)
            assert ordering.same_as(made, TODAY.date()) == about


class TestNewsletters:
    @pytest.fixture
    def shown(self, case) -> list[int]:
        """Versions of three exhibits of the campaign."""
        owed, by = case.late.task(case.place.school.name), case.place.secretary
        pieces = [handed_in(owed, by, number=n, at=DUE) for n in (2, 3)]
        for version in (first := owed.submissions.get(number=1).current, *pieces):
            reviewing.accept(version, by=case.officer, at=DUE)
            exhibiting.consent(exhibiting.choose(version, by=case.officer, at=DUE), by=by, at=DUE)
        return [first.pk, *(one.pk for one in pieces)]

    def about(self, case, versions):
        return ordering.newsletter(case.campaign, versions, TODAY.date())

    def test_work_stands_in_the_order_of_the_choice_and_once(self, case, shown) -> None:
        assert self.about(case, [*reversed(shown), shown[0]]).chosen == [*reversed(shown)]

    def test_what_is_not_on_the_shelf_is_left_out(self, case, shown) -> None:
        assert self.about(case, [shown[1], 10**9]).chosen == [shown[1]]

    def test_without_work_there_is_none(self, case) -> None:
        with pytest.raises(NotAllowed, match="至少选择一篇"):
            self.about(case, [10**9])

    def test_more_than_fit_are_refused(self, case, shown, monkeypatch) -> None:
        monkeypatch.setattr(ordering, "MOST", 2)
        with pytest.raises(NotAllowed, match="最多选用2篇"):
            self.about(case, shown)

    def test_another_choice_waits_until_the_first_is_compiled(self, case, shown) -> None:
        made = ordering.order(self.about(case, shown[:1]), by=case.officer, at=TODAY)
        assert ordering.order(self.about(case, shown[:1]), by=case.officer, at=TODAY) == made
        with pytest.raises(NotAllowed, match="正在编制"):
            ordering.order(self.about(case, shown[1:]), by=case.officer, at=TODAY)

    def test_issues_are_numbered(self, case, shown) -> None:
        count(ordering.order(self.about(case, shown[:1]), by=case.officer, at=TODAY))
        second = ordering.order(self.about(case, shown[1:]), by=case.officer, at=TODAY)
        assert (second.edition, second.issue, second.chosen) == (2, "第2期", shown[1:])


# Ordering by hand -------------------------------------------------------------------------------------


class TestOrdering:
    def test_an_order_is_an_edition_a_job_and_a_trace(self, case) -> None:
        made = case.ordered()
        assert (made.state, made.edition, made.audience) == (S.COMPILING, 1, Audience.UNITS)
        assert (made.job.state, made.job.by, made.job.params) == (
            JobState.WAITING, case.officer, {"report": made.pk},
        )  # fmt: skip
        assert AuditEvent.objects.filter(action="report.order").values_list(
            "summary", flat=True
        ).get() == str(made)

    def test_a_second_press_gets_the_same(self, case) -> None:
        assert (case.ordered(), Job.objects.count()) == (case.ordered(TODAY + MINUTE), 1)

    def test_a_second_press_after_a_quick_worker_gets_the_same_too(self, case) -> None:
        made = case.drafted()
        about = ordering.of_phase(case.phase)
        assert ordering.order(about, by=case.officer, at=TODAY, after=0) == made
        assert ordering.order(about, by=case.officer, at=TODAY, after=1).edition == 2

    def test_another_edition_leaves_the_first_as_it_is(self, case) -> None:
        first = case.sent()
        before = Report.objects.filter(pk=first.pk).values().get()
        case.drafted(TODAY + DAY)
        assert editions() == [("phase", 1, "sent"), ("phase", 2, "draft")]
        assert Report.objects.filter(pk=first.pk).values().get() == before

    def test_another_edition_keeps_what_the_officer_wrote_but_for_its_number(self, case) -> None:
        words = {"opening": "开头。", "ending": "结束。", "number": "示教发〔2026〕1号"}
        chosen = words | {"audience": Audience.INSIDE}
        issuing.edit(case.drafted(), chosen, by=case.officer, at=TODAY)
        second = case.ordered(TODAY + DAY)
        assert {name: getattr(second, name) for name in chosen} == chosen | {"number": ""}

    def test_weeks_and_months_stay_inside(self, place) -> None:
        made = ordering.order(ordering.of_week(place.bureau, TODAY.date()), by=place.officer, at=TODAY)
        assert (made.campaign, made.audience) == (None, Audience.INSIDE)

    def test_only_officers_of_the_host_order(self, case) -> None:
        for other in (case.leader, case.place.secretary, county().officer):
            with pytest.raises(NotYours):
                ordering.order(ordering.of_phase(case.phase), by=other, at=TODAY)

    def test_of_a_draft_campaign_there_is_no_report(self, place) -> None:
        plan = ready_plan(place).campaign
        with pytest.raises(NotAllowed, match="还没有发布"):
            ordering.order(ordering.of_campaign(plan), by=place.officer, at=TODAY)

    def test_hosts_are_the_bureaus_of_an_officer(self, case) -> None:
        hosts = [ordering.hosts_of(one) for one in (case.officer, case.leader, case.place.secretary)]
        assert hosts == [[case.place.bureau], [], []]


# What has been closed ---------------------------------------------------------------------------------


class TestClosings:
    def test_a_closed_phase_gets_its_report_once(self, case) -> None:
        case.close()
        assert [ordering.order_due(CLOSED), ordering.order_due(CLOSED)] == [1, 0]
        made = Report.objects.get()
        assert (made.closing, made.ordered_by, made.job.by) == (CLOSED, None, None)

    def test_an_open_one_gets_none(self, case) -> None:
        assert ordering.order_due(CLOSED) == 0

    def test_a_month_later_it_is_history(self, case) -> None:
        case.close()
        assert ordering.order_due(CLOSED + ordering.LATEST) == 0

    def test_the_calendar_closes_as_a_person_does(self, case) -> None:
        assert (phases.switch(at=CLOSED), ordering.order_due(CLOSED)) == (1, 1)

    def test_closing_tells_at_once(self, case, django_capture_on_commit_callbacks, monkeypatch) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: CLOSED)
        with django_capture_on_commit_callbacks(execute=True):
            case.close()
        assert editions() == [("phase", 1, "compiling")]

    def test_the_signal_looks_at_its_campaign_alone(self, case, monkeypatch) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: CLOSED)
        other = reporting(county())
        case.close()
        other.close()
        on_closed(case.campaign)
        assert list(Report.objects.values_list("campaign", flat=True)) == [case.campaign.pk]

    def test_closed_again_it_gets_a_new_edition(self, case) -> None:
        case.close()
        ordering.order_due(CLOSED)
        count(Report.objects.get())
        phases.open_(case.phase, by=case.officer, at=TODAY)
        assert ordering.order_due(TODAY) == 0
        case.close(TODAY + MINUTE)
        assert ordering.order_due(TODAY + MINUTE) == 1
        assert editions() == [("phase", 1, "draft"), ("phase", 2, "compiling")]

    def test_opened_again_before_the_scan_it_gets_none(self, case) -> None:
        case.close()
        stale = list(ordering._closed(CLOSED, None))
        phases.open_(case.phase, by=case.officer, at=CLOSED + MINUTE)
        assert ([ordering._order_once(one, CLOSED) for one in stale], editions()) == ([False], [])

    def test_while_one_by_hand_is_compiled_the_next_scan_orders(self, case) -> None:
        by_hand = case.ordered(CLOSED)
        case.close()
        assert ordering.order_due(CLOSED) == 0
        count(by_hand)
        assert ordering.order_due(TODAY) == 1

    def test_one_that_was_given_up_is_not_ordered_again(self, case) -> None:
        case.close()
        ordering.order_due(CLOSED)
        fail(made := Report.objects.get())
        ordering.give_up(made, by=case.officer, at=TODAY)
        assert (ordering.order_due(TODAY), editions()) == (0, [("phase", 1, "discarded")])

    def test_a_campaign_that_ends_gets_its_summary_and_those_of_its_open_phases(self, case) -> None:
        closing.close(case.campaign, reason="工作完成", by=case.officer, at=CLOSED)
        assert (ordering.order_due(CLOSED), ordering.order_due(CLOSED)) == (2, 0)
        assert editions() == [("phase", 1, "compiling"), ("campaign", 1, "compiling")]

    def test_a_phase_that_was_over_before_the_plan_gets_none(self, case) -> None:
        case.close()
        phase = case.phase
        phase.opened_at = phase.closed_at
        phase.save()
        assert ordering.order_due(CLOSED) == 0


# What failed ------------------------------------------------------------------------------------------


def fail(made: Report) -> None:
    Job.objects.filter(pk=made.job_id).update(state=JobState.FAILED, finished_at=TODAY, message=jobs.CRASHED)


class TestFailures:
    def test_again_is_another_job_of_the_same_edition(self, case) -> None:
        fail(made := case.ordered())
        found = ordering.again(made, by=case.officer, at=TODAY)
        assert (found.pk, found.edition, found.job.state) == (made.pk, 1, JobState.WAITING)
        assert ordering.again(made, by=case.officer, at=TODAY).job == found.job
        assert Job.objects.count() == 2

    def test_who_asked_for_it_is_told_once(self, case) -> None:
        fail(made := case.ordered())
        for _ in range(2):
            ordering.tell_of_failures(TODAY)
        found = Notice.objects.filter(matter__startswith="report-failed:")
        assert list(found.values_list("recipient", "title")) == [
            (case.officer.pk, "阶段报告没有编制完成，请重新编制或放弃")
        ]
        fail(ordering.again(made, by=case.officer, at=TODAY))
        ordering.tell_of_failures(TODAY)
        assert found.count() == 2

    def test_what_failed_stands_in_no_closing_s_way(self, case) -> None:
        case.close()
        ordering.order_due(CLOSED)
        fail(Report.objects.get())
        phases.open_(case.phase, by=case.officer, at=CLOSED + MINUTE)
        case.close(CLOSED + 2 * MINUTE)
        assert ordering.order_due(TODAY) == 1
        assert editions() == [("phase", 1, "discarded"), ("phase", 2, "compiling")]

    def test_another_order_does_not_get_what_failed(self, case) -> None:
        fail(case.ordered())
        assert case.ordered(TODAY + MINUTE).edition == 2

    def test_given_up_it_says_why_and_makes_room(self, case) -> None:
        fail(made := case.ordered())
        found = ordering.give_up(made, by=case.officer, at=TODAY)
        assert (found.state, found.note, found.ended_at) == (S.DISCARDED, jobs.CRASHED, TODAY)
        assert case.ordered(TODAY + MINUTE).edition == 2

    def test_what_is_under_way_is_not_given_up(self, case) -> None:
        with pytest.raises(NotAllowed, match="正在编制"):
            ordering.give_up(case.ordered(), by=case.officer, at=TODAY)

    @pytest.mark.parametrize("act", [ordering.again, ordering.give_up])
    def test_only_officers_of_the_host_decide_and_nothing_that_is_compiled(self, case, act) -> None:
        made = case.ordered()
        for other in (case.leader, county().officer):
            with pytest.raises(NotYours):
                act(made, by=other, at=TODAY)
        count(made)
        with pytest.raises(NotAllowed, match="已经编制完成"):
            act(made, by=case.officer, at=TODAY)


# What the database guarantees ---------------------------------------------------------------------------


class TestTheDatabase:
    def refuses(self, **values) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.update(**values)

    def test_one_edition_of_a_subject_is_compiled_at_a_time(self, case) -> None:
        made = case.ordered()
        made.pk, made.edition = None, 2
        with pytest.raises(IntegrityError):
            made.save(force_insert=True)

    def test_an_edition_is_numbered_once(self, case) -> None:
        made = case.drafted()
        made.pk, made.state, made.figures, made.counted_at = None, S.COMPILING, {}, None
        with pytest.raises(IntegrityError):
            made.save(force_insert=True)

    def test_none_begins_but_by_compiling(self, case) -> None:
        made = case.drafted()
        made.pk, made.edition = None, 2
        with pytest.raises(IntegrityError):
            made.save(force_insert=True)

    @pytest.mark.parametrize(
        "values", [{"figures": {"schema": 1}}, {"counted_at": TODAY + DAY}, {"renderer": 9}]
    )
    def test_figures_are_frozen(self, case, values) -> None:
        case.drafted()
        self.refuses(**values)

    @pytest.mark.parametrize(
        "values",
        [{"subject": "phase:0"}, {"edition": 2}, {"starts_on": date(2026, 2, 1)}, {"closing": TODAY}],
    )
    def test_it_stays_about_what_it_is_about(self, case, values) -> None:
        case.ordered()
        self.refuses(**values)

    def test_what_has_no_figures_is_no_draft(self, case) -> None:
        case.ordered()
        self.refuses(state=S.DRAFT)

    def test_what_is_over_stays_as_it_is(self, case) -> None:
        case.sent()
        for values in ({"title": "别的"}, {"note": "别的"}, {"opening": "别的"}):
            self.refuses(**values)

    def test_none_goes_out_that_was_not_submitted_or_otherwise_than_it_was(self, case) -> None:
        sent = {"state": S.SENT, "signed_by": case.leader, "ended_at": TODAY}
        case.drafted()
        self.refuses(**sent)
        Report.objects.update(state=S.TO_SIGN)
        for changed in ({"opening": "别的"}, {"number": "示教发〔2026〕1号"}, {"audience": Audience.INSIDE}):
            self.refuses(**sent, **changed)
        self.refuses(**sent)  # without its files

    def test_none_is_deleted(self, case) -> None:
        case.ordered()
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.all()._raw_delete("default")


def test_an_order_tells_nobody(case) -> None:
    case.ordered()
    assert not Notice.objects.filter(matter__startswith="report").exists()
