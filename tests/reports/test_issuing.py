"""From compiled figures to readers: edited, signed, kept as files, published, received; never otherwise."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from docx import Document
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from campaigns.enums import PhaseState
from notices.models import Notice
from portal.audit import target_of
from portal.files import store
from portal.models import AuditEvent
from reports import access
from reports.enums import Audience
from reports.enums import PaperState as S
from reports.models import Receipt, Report, SignedCopy
from reports.papers import filling
from reports.services import compiling, issuing, ordering, shapes
from schools.enums import Role, UnitKind
from schools.models import Unit
from submissions.models import Exhibit
from submissions.rules import NotAllowed, NotYours
from submissions.services import easing, exhibiting, reviewing
from tests.factories import PhaseFactory, UnitFactory, county, person, upload
from tests.reports.bulletins import SECOND, THIRD
from tests.reports.reporting import CLOSED, MINUTE, TODAY, Case, count, reporting

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SCHOOLS = ["东镇中心小学", "东镇第二小学", "东镇第三小学", "示例县第一初级中学"]


@pytest.fixture
def case(place) -> Case:
    return reporting(place)


def told(matter: str) -> set[int]:
    return set(Notice.objects.filter(matter__startswith=matter).values_list("recipient", flat=True))


def texts(made: Report) -> list[str]:
    return [one.text for one in Document(BytesIO(store.path_of(made.word).read_bytes())).paragraphs]


# Compiled ---------------------------------------------------------------------------------------------


class TestCompiling:
    def test_who_asked_for_it_goes_on_with_it(self, case) -> None:
        made = case.drafted()
        assert (made.state, made.counted_at, told("report-compile:")) == (S.DRAFT, TODAY, {case.officer.pk})

    def test_what_the_calendar_asked_for_goes_to_all_officers(self, case) -> None:
        other = person(Role.OFFICER, case.place.section)
        case.close()
        ordering.order_due(CLOSED)
        count(Report.objects.get())
        assert told("report-compile:") == {case.officer.pk, other.pk}

    def test_compiled_again_it_stays_as_it_is(self, case) -> None:
        made = case.drafted()
        assert compiling.freeze(made, {"schema": 9}, at=TODAY + DAY).figures == made.figures

    def test_the_same_figures_make_the_same_bytes(self, case) -> None:
        made = case.drafted()
        assert shapes.word_of(made) == shapes.word_of(Report.objects.get())
        assert shapes.book_of(made) == shapes.book_of(Report.objects.get())


# Edited -----------------------------------------------------------------------------------------------


class TestEditing:
    def test_words_are_changed_and_who_did_it_is_kept(self, case) -> None:
        made = case.drafted()
        found = issuing.edit(made, {"opening": "按照安排，"}, by=case.officer, at=TODAY + DAY)
        assert (found.opening, found.edited_by, found.edited_at) == ("按照安排，", case.officer, TODAY + DAY)
        event = AuditEvent.objects.get(action="report.change")
        assert event.detail["after"] == {"opening": "按照安排，"}

    def test_the_same_words_leave_no_trace(self, case) -> None:
        made = case.drafted()
        issuing.edit(made, {"title": made.title}, by=case.officer, at=TODAY)
        assert not AuditEvent.objects.filter(action="report.change").exists()

    def test_a_title_is_needed(self, case) -> None:
        with pytest.raises(NotAllowed, match="标题不能为空，请补充"):
            issuing.edit(case.drafted(), {"title": " "}, by=case.officer, at=TODAY)

    def test_what_somebody_else_has_changed_since_is_not_overwritten(self, case) -> None:
        made, other = case.drafted(), person(Role.OFFICER, case.place.section, name="李示例")
        seen = issuing.edition(made)
        issuing.edit(made, {"number": "示教发〔2026〕1号"}, by=other, at=TODAY, seen=seen)
        with pytest.raises(NotAllowed, match="已由李示例修改"):
            issuing.edit(made, {"opening": "一"}, by=case.officer, at=TODAY, seen=seen)

    def test_a_template_that_does_not_fit_is_found_out_at_once(self, case, monkeypatch) -> None:
        def faulty(report: Report) -> bytes:
            raise filling.Faulty("模板中的字段“甲”不存在，请修改后重新上传。")

        made = case.drafted()
        monkeypatch.setattr(shapes, "word_of", faulty)
        with pytest.raises(NotAllowed, match="字段“甲”不存在"):
            issuing.edit(made, {"opening": "一"}, by=case.officer, at=TODAY)
        assert Report.objects.get().opening == ""

    def test_leaders_and_others_do_not_edit(self, case) -> None:
        made = case.drafted()
        for other in (case.leader, case.place.secretary, county().officer):
            with pytest.raises(NotYours):
                issuing.edit(made, {"opening": "一"}, by=other, at=TODAY)


# Signed and published ---------------------------------------------------------------------------------


class TestSigning:
    def test_files_are_kept_as_they_were_signed(self, case) -> None:
        made = case.sent()
        assert (made.word.name, made.book.name) == (f"{made.title}.docx", f"{made.title}.xlsx")
        assert store.path_of(made.word).read_bytes() == shapes.word_of(made)
        assert store.path_of(made.book).read_bytes() == shapes.book_of(made)

    def test_the_kept_file_is_no_draft_and_dated(self, case) -> None:
        made = case.to_sign()
        assert shapes.paper_of(made).mark == "草稿"
        made = issuing.sign(made, by=case.leader, at=TODAY)
        assert (shapes.paper_of(made).mark, shapes.paper_of(made).dated) == ("", TODAY.date())
        assert "2026年5月6日" in texts(made)

    def test_a_leader_signs_what_they_have_read(self, case) -> None:
        made = case.to_sign()
        seen = issuing.edition(made)
        issuing.take_back(made, by=case.officer, at=TODAY)
        issuing.edit(made, {"opening": "一"}, by=case.officer, at=TODAY)
        issuing.submit(made, by=case.officer, at=TODAY)
        with pytest.raises(NotAllowed, match="请重新阅读后再签发"):
            issuing.sign(made, by=case.leader, at=TODAY, seen=seen)

    def test_a_second_press_keeps_the_first(self, case) -> None:
        made = case.sent()
        assert issuing.sign(made, by=case.leader, at=TODAY + DAY).ended_at == TODAY
        assert Receipt.objects.count() == 4

    def test_officers_do_not_sign(self, case) -> None:
        with pytest.raises(NotYours):
            issuing.sign(case.to_sign(), by=case.officer, at=TODAY)

    def test_where_nobody_could_sign_it_is_not_submitted(self, case) -> None:
        case.leader.memberships.update(ended_at=TODAY)
        with pytest.raises(NotAllowed, match="无人签发"):
            case.to_sign()


class TestPublishing:
    def addressed(self, made: Report) -> list[str]:
        return list(Receipt.objects.filter(report=made).values_list("unit__name", flat=True))

    def test_it_goes_to_those_who_owed_something_in_the_order_of_the_tree(self, case) -> None:
        made = case.sent()
        assert sorted(self.addressed(made)) == sorted(SCHOOLS)
        assert [one.unit.path for one in made.receipts.all()] == sorted(
            one.unit.path for one in made.receipts.all()
        )

    def test_their_people_are_told_and_those_of_the_host(self, case) -> None:
        head = person(Role.HEAD, case.place.school)
        made = case.sent()
        expected = {one.pk for one in (*case.late.secretaries.values(), head, case.officer, case.leader)}
        assert told(f"report:{made.pk}") == expected

    def test_units_are_asked_to_sign_for_it(self, case) -> None:
        case.sent()
        bodies = Notice.objects.filter(matter__startswith="report:").values_list("recipient", "body")
        said = dict(bodies)
        assert (said[case.place.secretary.pk], said[case.leader.pk]) == (
            "示例县教育局已印发，请阅读后签收。", "示例县教育局已印发，请阅读。",
        )  # fmt: skip

    def test_inside_it_goes_to_the_sections_of_the_bureau(self, case) -> None:
        section = person(Role.SECRETARY, case.place.section)
        made = case.drafted()
        issuing.edit(made, {"audience": Audience.INSIDE}, by=case.officer, at=TODAY)
        issuing.submit(made, by=case.officer, at=TODAY)
        made = issuing.sign(made, by=case.leader, at=TODAY)
        assert self.addressed(made) == ["党办"]
        assert told("report:") == {case.officer.pk, case.leader.pk, section.pk}

    def test_a_week_goes_to_them_as_well(self, case) -> None:
        about = ordering.of_week(case.place.bureau, TODAY.date())
        made = ordering.order(about, by=case.officer, at=TODAY)
        assert issuing.addressed(made) == [case.place.section.pk]

    def test_a_phase_that_asked_for_nothing_is_told_to_all(self, case) -> None:
        later = PhaseFactory(campaign=case.campaign, track=2, state=PhaseState.OPEN, opened_at=CLOSED)
        made = ordering.order(ordering.of_phase(later), by=case.officer, at=TODAY)
        units = Unit.objects.filter(pk__in=issuing.addressed(made)).values_list("name", flat=True)
        assert sorted(units) == sorted(SCHOOLS)

    def test_who_was_exempt_is_not_addressed(self, case) -> None:
        unit = case.late.task(THIRD).unit
        easing.exempt(case.late.occurrence, [unit], reason="停办", by=case.officer, at=TODAY)
        assert sorted(self.addressed(case.sent())) == sorted(set(SCHOOLS) - {THIRD})

    def test_who_was_merged_away_is_not_addressed_any_more(self, case) -> None:
        Unit.objects.filter(name=SECOND).update(closed_at=TODAY)
        assert sorted(self.addressed(case.sent())) == sorted(set(SCHOOLS) - {SECOND})

    def test_before_the_signature_the_bureau_alone_reads(self, case) -> None:
        made = case.to_sign()
        readers = (case.officer, case.leader, case.place.secretary)
        assert [made in access.reports(one) for one in readers] == [True, True, False]

    def test_then_all_to_whom_it_was_published(self, case) -> None:
        made, elsewhere = case.sent(), county()
        nursery = UnitFactory(name="东镇幼儿园", kind=UnitKind.KINDERGARTEN, parent=case.place.township)
        readers = (*case.late.secretaries.values(), person(Role.HEAD, case.place.school))
        assert all(made in access.reports(one) for one in readers)
        strangers = (person(Role.SECRETARY, nursery), elsewhere.officer, elsewhere.secretary)
        assert not any(made in access.reports(one) for one in strangers)

    def test_who_moves_to_another_school_still_finds_it(self, case) -> None:
        made, mover = case.sent(), case.late.secretaries[SECOND]
        other = UnitFactory(name="东镇幼儿园", kind=UnitKind.KINDERGARTEN, parent=case.place.township)
        mover.memberships.update(ended_at=TODAY)
        person(Role.SECRETARY, other)
        assert made in access.reports(type(mover).objects.get(pk=mover.pk))


class TestWhatNoLongerHolds:
    def test_an_older_edition_does_not_follow_a_newer(self, case) -> None:
        older = case.to_sign()
        newer = case.sent(TODAY + MINUTE)
        with pytest.raises(NotAllowed, match="第2版已经印发"):
            issuing.sign(older, by=case.leader, at=TODAY + 2 * MINUTE)
        assert issuing.why_stale(newer) is None

    def test_a_number_is_used_once(self, case) -> None:
        number = {"number": "示教发〔2026〕1号"}
        first = issuing.edit(case.drafted(), number, by=case.officer, at=TODAY)
        second = case.drafted(TODAY + MINUTE)
        with pytest.raises(NotAllowed, match=r"已用于.*第1版，请核对"):
            issuing.edit(second, number, by=case.officer, at=TODAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.filter(pk=second.pk).update(**number)
        issuing.discard(first, "改用新版", by=case.officer, at=TODAY)
        assert issuing.edit(second, number, by=case.officer, at=TODAY).number == number["number"]

    def test_an_outsider_does_not_learn_of_numbers(self, case) -> None:
        number = {"number": "示教发〔2026〕1号"}
        issuing.edit(case.drafted(), number, by=case.officer, at=TODAY)
        with pytest.raises(NotYours):
            issuing.edit(case.drafted(TODAY + MINUTE), number, by=county().officer, at=TODAY)

    @pytest.fixture
    def printed(self, case) -> Report:
        """A newsletter of one piece that waits for the leader."""
        version = case.late.task(case.place.school.name).submissions.get(number=1).current
        reviewing.accept(version, by=case.officer, at=TODAY)
        exhibiting.consent(
            exhibiting.choose(version, by=case.officer, at=TODAY), by=case.place.secretary, at=TODAY
        )
        about = ordering.newsletter(case.campaign, [version.pk], TODAY.date())
        made = count(ordering.order(about, by=case.officer, at=TODAY))
        return issuing.submit(made, by=case.officer, at=TODAY)

    def test_work_whose_consent_was_taken_back_is_not_published(self, case, printed) -> None:
        exhibit = Exhibit.objects.get()
        assert issuing.why_stale(printed) is None
        exhibiting.decline(exhibit, by=case.place.secretary, at=TODAY)
        with pytest.raises(NotAllowed, match="已不在优秀成果中展示，不能印发"):
            issuing.sign(printed, by=case.leader, at=TODAY)
        assert (Report.objects.get().state, Receipt.objects.count()) == (S.TO_SIGN, 0)

    def test_shown_work_is(self, case, printed) -> None:
        assert issuing.sign(printed, by=case.leader, at=TODAY).state == S.SENT

    def test_where_files_cannot_be_kept_nothing_is_signed(self, case, settings, tmp_path) -> None:
        made = case.to_sign()
        (tmp_path / "file").write_bytes(b"")
        settings.MEDIA_ROOT = tmp_path / "file"
        with pytest.raises(NotAllowed, match="服务器暂时无法保存文件，没有签发"):
            issuing.sign(made, by=case.leader, at=TODAY)
        assert (Report.objects.get().state, Receipt.objects.count()) == (S.TO_SIGN, 0)


class TestReceipts:
    def test_one_click_of_one_person_counts_and_the_first_stays(self, case) -> None:
        made, head = case.sent(), person(Role.HEAD, case.place.school)
        for by, moment in ((case.place.secretary, TODAY), (head, TODAY + DAY)):
            issuing.acknowledge(made, case.place.school, by=by, at=moment)
        found = Receipt.objects.get(unit=case.place.school)
        assert (found.by, found.at) == (case.place.secretary, TODAY)
        assert AuditEvent.objects.filter(action="report.acknowledge").count() == 1

    def test_nobody_signs_for_another_unit(self, case) -> None:
        made = case.sent()
        for other in (case.officer, case.leader, case.late.secretaries[SECOND]):
            with pytest.raises(NotYours):
                issuing.acknowledge(made, case.place.school, by=other, at=TODAY)

    def test_there_is_nothing_to_sign_for_where_it_did_not_go(self, case) -> None:
        with pytest.raises(NotAllowed, match="无需签收"):
            issuing.acknowledge(case.sent(), case.place.township, by=case.place.secretary, at=TODAY)

    def test_a_receipt_is_neither_changed_nor_removed(self, case) -> None:
        made = case.sent()
        issuing.acknowledge(made, case.place.school, by=case.place.secretary, at=TODAY)
        given = Receipt.objects.filter(unit=case.place.school)
        for change in (lambda: given.update(at=TODAY + DAY), given.delete, Receipt.objects.all().delete):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    def test_those_of_units_merged_away_later_stay(self, case) -> None:
        made = case.sent()
        Unit.objects.filter(name=SECOND).update(closed_at=TODAY)
        assert made.receipts.count() == 4


class TestSignedCopies:
    def stored(self, case, name: str = "正式文件.pdf"):
        return store.save(upload(name), by=case.officer, at=TODAY)

    def test_the_newest_comes_first_and_the_older_stay(self, case) -> None:
        made = case.sent()
        for name, moment in (("一.pdf", TODAY), ("二.pdf", TODAY + DAY)):
            issuing.add_copy(made, self.stored(case, name), by=case.officer, at=moment)
        assert [one.file.name for one in made.copies.all()] == ["二.pdf", "一.pdf"]

    def test_before_the_signature_there_is_none(self, case) -> None:
        with pytest.raises(NotAllowed, match="签发后才能上传"):
            issuing.add_copy(case.to_sign(), self.stored(case), by=case.officer, at=TODAY)

    def test_officers_of_the_host_alone_bring_it(self, case) -> None:
        made, stored = case.sent(), self.stored(case)
        for other in (case.leader, county().officer, case.place.secretary):
            with pytest.raises(NotYours):
                issuing.add_copy(made, stored, by=other, at=TODAY)

    def test_it_stays(self, case) -> None:
        issuing.add_copy(case.sent(), self.stored(case), by=case.officer, at=TODAY)
        for change in (lambda: SignedCopy.objects.update(at=TODAY + DAY), SignedCopy.objects.all().delete):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


# Any sequence of acts ---------------------------------------------------------------------------------

ACTS = ("edit", "submit", "take_back", "give_back", "sign", "discard", "order", "acknowledge")
WHO = ("theirs", "theirs", "theirs", "theirs", "other", "elsewhere", "school")
FREE = (
    *("title", "opening", "ending", "number", "audience", "figures", "counted_at", "state", "note"),
    *("signed_by_id", "ended_at", "word_id", "book_id"),
)


class Life(RuleBasedStateMachine):
    """Two counties, each with editions of a report of its phase."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.now = TODAY
        self.over: dict[int, tuple] = {}  # report → what it was when it ended
        self.frozen: dict[int, tuple] = {}  # report → its figures
        self.submitted: dict[int, tuple[str, str]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @initialize()
    def two_campaigns(self) -> None:
        self.cases = [reporting(county()), reporting(county())]
        for case in self.cases:
            case.drafted(self.now)

    def attempt(self, service, *args, **terms) -> None:
        self.now += 7 * MINUTE
        try:
            with transaction.atomic():
                service(*args, at=self.now, **terms)
        except NotAllowed:
            pass

    @rule(
        which=st.booleans(), act=st.sampled_from(ACTS), who=st.sampled_from(WHO), word=st.sampled_from("甲乙")
    )
    def act(self, which: bool, act: str, who: str, word: str) -> None:
        """Mostly whose it is; sometimes the other role, the other county, or a school."""
        host = self.cases[which]
        found = Report.objects.filter(host=host.place.bureau).latest("pk")
        case = self.cases[which != (who == "elsewhere")]
        theirs, other = case.officer, case.leader
        if act in ("sign", "give_back"):
            theirs, other = other, theirs
        by = {"other": other, "school": case.place.secretary}.get(who, theirs)
        if act == "order":
            self.attempt(ordering.order, ordering.of_phase(host.phase), by=by)
            return
        if act == "acknowledge":
            self.attempt(issuing.acknowledge, found, host.place.school, by=by)
            return
        args = [{"opening": word, "number": f"示教发〔2026〕{ord(word)}号"}] if act == "edit" else []
        args = [word] if act in ("give_back", "discard") else args
        self.attempt(getattr(issuing, act), found, *args, by=by)

    @rule(which=st.booleans())
    def a_worker_compiles(self, which: bool) -> None:
        host = self.cases[which].place.bureau
        self.now += MINUTE
        for one in Report.objects.filter(host=host, state=S.COMPILING):
            count(one, self.now)

    @invariant()
    def what_is_over_stays_as_it_was_and_figures_always(self) -> None:
        rows = list(Report.objects.all())
        now = {one.pk: tuple(getattr(one, name) for name in FREE) for one in rows if one.ended_at}
        assert {pk: now.get(pk) for pk in self.over} == self.over
        self.over = now
        counted = {one.pk: (one.figures, one.counted_at) for one in rows if one.counted_at}
        assert {pk: counted.get(pk) for pk in self.frozen} == self.frozen
        self.frozen = counted

    @invariant()
    def editions_are_numbered_without_a_gap(self) -> None:
        for case in self.cases:
            numbers = (
                Report.objects.filter(host=case.place.bureau).order_by("pk").values_list("edition", flat=True)
            )
            assert list(numbers) == list(range(1, len(numbers) + 1))

    @invariant()
    def none_is_published_unsigned_or_otherwise_than_submitted(self) -> None:
        for one in Report.objects.select_related("signed_by"):
            if one.state == S.TO_SIGN:
                self.submitted[one.pk] = (one.opening, one.number)
            told = Notice.objects.filter(matter=f"report:{one.pk}").exists()
            assert (told, one.receipts.exists()) == (one.state == S.SENT,) * 2
            if told:
                assert (one.signed_by.roles, self.submitted[one.pk]) == (
                    {Role.LEADER}, (one.opening, one.number),
                )  # fmt: skip

    @invariant()
    def units_sign_for_themselves(self) -> None:
        for one in Receipt.objects.exclude(by=None).select_related("unit", "by"):
            assert one.by.memberships.filter(unit=one.unit, role__in=Role.own_unit()).exists()

    @invariant()
    def every_change_of_state_left_a_trace(self) -> None:
        for one in Report.objects.all():
            events = AuditEvent.objects.filter(target=target_of(one)).order_by("pk")
            state = None
            for action in events.values_list("action", flat=True):
                state = {
                    "report.order": S.COMPILING, "report.compile": S.DRAFT, "report.submit": S.TO_SIGN,
                    "report.sign": S.SENT, "report.discard": S.DISCARDED, "report.give_back": S.DRAFT,
                    "report.take_back": S.DRAFT,
                }.get(action, state)  # fmt: skip
            assert state == one.state


def test_whatever_they_do_in_whatever_order() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Life, settings=settings(max_examples=10, stateful_step_count=20, suppress_health_check=checks)
    )
