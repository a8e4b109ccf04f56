"""督查通报: drafted once after the last rung, edited, signed and sent; what was sent stays."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from campaigns.enums import Frequency, Told
from campaigns.models import Ladder, Occurrence, Requirement, Rung
from notices.models import Notice
from portal.audit import target_of
from portal.models import AuditEvent
from reports.enums import PaperState as S
from reports.models import Bulletin
from reports.services import bulletin_figures, bulletin_words, bulletins
from reports.tasks import draft_bulletins
from schools.enums import Role
from submissions.figures import EVERY
from submissions.models import Assignment
from submissions.rules import NotAllowed, NotYours
from submissions.services import changing, closing, easing
from tests.factories import NOW, at, county, person
from tests.reports.bulletins import REACHED, THIRD, Late, late

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MIDDLE = "示例县第一初级中学"


@pytest.fixture
def case(place) -> Late:
    return late(place)


def told(verb: str) -> list[tuple[int, str]]:
    """(person, title) of the notices with that matter."""
    found = Notice.objects.filter(matter__startswith=f"{verb}:").order_by("recipient")
    return list(found.values_list("recipient", "title"))


# Drafting -------------------------------------------------------------------------------------------


class TestDrafting:
    def test_it_comes_on_the_day_of_the_last_rung(self, case) -> None:
        assert [bulletins.draft_due(moment) for moment in (REACHED - timedelta(seconds=1), REACHED)] == [0, 1]

    def test_again_it_drafts_nothing(self, case) -> None:
        assert [bulletins.draft_due(REACHED + n * DAY) for n in range(3)] == [1, 0, 0]

    def test_a_day_without_the_scan_loses_nothing(self, case) -> None:
        assert bulletins.draft_due(REACHED + 30 * DAY) == 1

    def test_what_was_reached_long_ago_is_history(self, case) -> None:
        assert bulletins.draft_due(REACHED + 31 * DAY) == 0

    def test_a_ladder_of_ones_own_says_when(self, case) -> None:
        ladder = Ladder.objects.create(requirement=case.occurrence.requirement)
        Rung.objects.create(ladder=ladder, days=1, tells=[Told.SECRETARY])
        first_workday = at(5, 6, 0)
        assert [bulletins.draft_due(moment) for moment in (first_workday - DAY, first_workday)] == [0, 1]

    @pytest.mark.parametrize("days", [None, -3, 0])
    def test_a_ladder_without_overdue_rungs_makes_none(self, case, days) -> None:
        ladder = Ladder.objects.create(unit=case.place.bureau)
        if days is not None:
            Rung.objects.create(ladder=ladder, days=days, tells=[Told.SECRETARY])
        assert bulletins.draft_due(REACHED) == 0

    def test_where_nobody_is_missing_there_is_none(self, case) -> None:
        for school in (THIRD, MIDDLE):
            case.hand_in(school, at(5, 8))
        assert bulletins.draft_due(REACHED) == 0

    def test_who_has_more_time_is_not_missing(self, case) -> None:
        units = [case.task(school).unit for school in (THIRD, MIDDLE)]
        easing.extend(
            case.occurrence, units, until=at(6, 1), reason="停电", by=case.place.officer, at=at(5, 8)
        )
        assert bulletins.draft_due(REACHED) == 0

    def test_of_a_closed_campaign_there_is_none(self, case) -> None:
        campaign = case.occurrence.requirement.campaign
        closing.close(campaign, reason="已完成", by=case.place.officer, at=at(5, 8))
        assert bulletins.draft_due(REACHED) == 0

    def test_of_what_was_withdrawn_there_is_none(self, case) -> None:
        requirement = case.occurrence.requirement
        changing.withdraw_requirement(requirement, reason="重复", by=case.place.officer, at=at(5, 8))
        assert bulletins.draft_due(REACHED) == 0

    def test_a_moved_deadline_gets_one_of_its_own(self, case) -> None:
        first = case.drafted()
        changing.move_deadline(
            case.occurrence, due_at=at(6, 1, 0), cutoff_at=None, reason="顺延", by=case.place.officer,
            at=REACHED,
        )  # fmt: skip
        assert [bulletins.draft_due(moment) for moment in (REACHED + DAY, at(6, 5, 0))] == [0, 1]
        editions = Bulletin.objects.order_by("edition").values_list("edition", flat=True)
        assert list(editions) == [first.edition, at(6, 1, 0)]

    def test_a_deadline_that_moves_there_and_back_gets_another(self, case) -> None:
        first = case.drafted()
        Occurrence.objects.update(due_at=at(6, 1, 0))
        bulletins.discard(first, "期限已调整", by=case.place.officer, at=REACHED)
        Occurrence.objects.update(due_at=first.edition)
        assert [bulletins.draft_due(REACHED + n * DAY) for n in (1, 2)] == [1, 0]
        assert list(Bulletin.objects.order_by("pk").values_list("edition", "state", "lapsed")) == [
            (first.edition, S.DISCARDED, True), (first.edition, S.DRAFT, False),
        ]  # fmt: skip

    def test_a_campaign_that_runs_again_gets_another(self, case) -> None:
        made, officer = case.drafted(), case.place.officer
        closing.close(made.campaign, reason="已完成", by=officer, at=REACHED)
        bulletins.discard(made, "活动已结束", by=officer, at=REACHED)
        closing.reopen(made.campaign, reason="继续", by=officer, at=REACHED)
        assert bulletins.draft_due(REACHED + DAY) == 1

    @pytest.mark.parametrize(("handed", "drafted"), [((), 1), ((THIRD,), 0)])
    def test_of_what_recurs_one_that_lags_is_too_few(self, case, handed, drafted) -> None:
        Requirement.objects.update(
            frequency=Frequency.MONTHLY, recurs_from=NOW, recurs_until=REACHED, due_day=31
        )
        for school in handed:
            case.hand_in(school, at(5, 8))
        assert bulletins.draft_due(REACHED) == drafted

    def test_the_officers_of_the_host_are_told_once(self, case) -> None:
        person(Role.OFFICER, county().section)
        for n in range(2):
            bulletins.draft_due(REACHED + n * DAY)
        assert told("bulletin-draft") == [
            (case.place.officer.pk, f"督查通报已起草，请修改后送签：{case.occurrence.name}")
        ]

    def test_the_task_does_the_same(self, case, monkeypatch) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: REACHED)
        assert [draft_bulletins() for _ in range(2)] == [1, 0]


# Figures and words ----------------------------------------------------------------------------------


class TestFigures:
    def test_they_are_those_of_the_dashboards(self, case) -> None:
        tasks = Assignment.objects.filter(occurrence=case.occurrence)
        numbers = case.drafted().figures["numbers"]
        assert numbers == {key: tasks.filter(EVERY[key].condition(REACHED)).count() for key in numbers}
        assert numbers == {
            "owed": 4, "handed": 2, "returned": 0, "not_due": 0, "overdue": 2, "in_time": 1, "late": 1,
        }  # fmt: skip

    def test_branches_add_up(self, case) -> None:
        figures = case.drafted().figures
        assert [(one["branch"], one["owed"], one["overdue"]) for one in figures["branches"]] == [
            ("示例县教育局直属", 1, 1), ("东镇", 3, 1),
        ]  # fmt: skip
        assert {key: sum(one[key] for one in figures["branches"]) for key in figures["numbers"]} == figures[
            "numbers"
        ]

    def test_who_leads_and_who_lags(self, case) -> None:
        figures = case.drafted().figures
        assert [one["name"] for one in figures["leading"]] == ["东镇中心小学"]
        assert {(one["name"], one["days"]) for one in figures["lagging"]} == {(THIRD, 11), (MIDDLE, 11)}

    def test_who_is_exempt_is_neither_counted_nor_named(self, case) -> None:
        unit = case.task(THIRD).unit
        easing.exempt(case.occurrence, [unit], reason="停办", by=case.place.officer, at=at(5, 8))
        made = case.drafted()
        assert made.figures["numbers"]["owed"] == 3
        assert [THIRD in text for text in (str(made.figures), made.body)] == [False, False]

    def test_one_query_counts_all(self, case, django_assert_num_queries) -> None:
        with django_assert_num_queries(1):
            bulletin_figures.count(case.occurrence, REACHED)

    def test_since_then_tells_who_has_handed_in_and_who_was_eased(self, case) -> None:
        made = case.drafted()
        assert not bulletin_figures.since(made, REACHED + DAY)
        case.hand_in(THIRD, REACHED + DAY)
        unit = case.task(MIDDLE).unit
        easing.exempt(case.occurrence, [unit], reason="停办", by=case.place.officer, at=REACHED + DAY)
        assert bulletin_figures.since(made, REACHED + 2 * DAY) == bulletin_figures.Since((THIRD,), (MIDDLE,))


@pytest.mark.parametrize(
    ("recurs", "overdue", "owed", "needed"),
    [
        (False, 0, 500, False), (False, 1, 500, True),
        (True, 1, 4, False), (True, 2, 4, True),
        (True, 2, 20, True), (True, 2, 21, False), (True, 49, 500, False), (True, 50, 500, True),
    ],
)  # fmt: skip
def test_what_recurs_calls_for_one_from_a_tenth_of_the_units_on(recurs, overdue, owed, needed) -> None:
    assert bulletin_figures.call_for_one({"overdue": overdue, "owed": owed}, recurs=recurs) == needed


def test_the_draft_reads_as_an_office_writes(case) -> None:
    made = case.drafted()
    campaign = case.occurrence.requirement.campaign.title
    name = case.occurrence.name
    assert made.title == f"关于《{campaign}》{name}报送情况的通报"
    assert made.body.splitlines() == [
        "各有关单位：",
        f"按照《{campaign}》安排，各有关单位应于2026年4月30日前报送{name}。现将截至2026年5月11日00:00的报送情况通报如下。",
        "一、总体情况",
        "应报单位4个，已报2个，报送率50%；逾期未报2个。以首次报齐的时间计，按时1个，迟报1个。",
        "二、报送及时的单位",
        "较早报齐的单位有（括号内为报齐日期）：东镇中心小学（4月1日）。",
        "三、尚未报送的单位",
        "示例县教育局直属1个：示例县第一初级中学（逾期11天）。",
        "东镇1个：东镇第三小学（逾期11天）。",
        "四、有关要求",
        "（一）尚未报送的单位要查明原因，抓紧补报。确有困难的，请及时与党办联系。",
        "（二）各单位要对照检查，切实负起责任，按时保质做好后续报送工作。",
    ]


class TestWords:
    def figures(self, lagging: list[tuple[str, int]], **numbers: int) -> dict:
        """Units of branches with that many missing ones."""
        keys = ("owed", "handed", "returned", "not_due", "overdue", "in_time", "late")
        missing = [
            {"unit": n, "name": f"{branch}{n}校", "branch": branch, "days": 5}
            for branch, count in lagging
            for n in range(count)
        ]
        counted = {"owed": 500, "overdue": len(missing)} | numbers
        return {
            "numbers": dict.fromkeys(keys, 0) | counted, "branches": [], "leading": [], "lagging": missing,
        }  # fmt: skip

    def section(self, case, figures, heading: str) -> list[str]:
        lines = bulletin_words.body_of(case.occurrence, figures, REACHED).splitlines()
        after = lines[lines.index(heading) + 1 :]
        return after[: next((n for n, line in enumerate(after) if line[1] == "、"), len(after))]

    def test_no_section_is_empty(self, case) -> None:
        figures = self.figures([], handed=500)
        found = {
            heading: self.section(case, figures, heading)
            for heading in ("二、报送及时的单位", "三、尚未报送的单位", "四、有关要求")
        }
        assert found == {
            "二、报送及时的单位": ["暂无按时报齐的单位可列。"],
            "三、尚未报送的单位": ["无逾期单位。"],
            "四、有关要求": ["各单位要对照检查，切实负起责任，按时保质做好后续报送工作。"],
        }

    def test_beyond_a_bound_units_are_counted(self, case) -> None:
        figures = self.figures([("东镇", 150), ("西镇", 60), ("南镇", 7), ("北镇", 3)])
        east, west, rest = self.section(case, figures, "三、尚未报送的单位")
        assert (east.count("逾期"), west.count("逾期"), west[-8:], rest) == (
            150, 50, "）等60个单位。", "其余2个镇街另有10个单位尚未报送。",
        )  # fmt: skip

    def test_a_long_name_keeps_the_title_within_bounds(self, case) -> None:
        requirement = case.occurrence.requirement
        requirement.campaign.title = "长" * 120
        case.occurrence.requirement = requirement
        case.occurrence.label = "第1季度"
        title = bulletin_words.title_of(case.occurrence)
        assert (len(title), title[:4]) == (120, "关于《长")
        assert title.endswith(f"长…》{case.occurrence.name}报送情况的通报")


# Acts -----------------------------------------------------------------------------------------------


class TestEditing:
    def edit(self, case, made, body="改过的正文", **terms):
        by = terms.pop("by", case.place.officer)
        return bulletins.edit(made, title="标题", body=body, by=by, at=REACHED, **terms)

    def test_the_officers_words_stand_and_leave_a_trace(self, case) -> None:
        made = self.edit(case, case.drafted())
        assert (made.title, made.body, made.edited_by) == ("标题", "改过的正文", case.place.officer)
        event = AuditEvent.objects.get(target=target_of(made), action="bulletin.change")
        assert event.detail["after"] == {"title": "标题", "body": "改过的正文"}

    def test_the_same_words_again_leave_none(self, case) -> None:
        made = case.drafted()
        for _ in range(2):
            self.edit(case, made, seen=bulletins.edition(made))
        assert AuditEvent.objects.filter(action="bulletin.change").count() == 1

    def test_what_another_has_changed_is_not_overwritten(self, case) -> None:
        made = case.drafted()
        self.edit(case, made)
        with pytest.raises(NotAllowed, match="已在别处修改"):
            self.edit(case, made, body="另一种", seen=bulletins.edition(made))

    def test_nothing_is_no_text(self, case) -> None:
        with pytest.raises(NotAllowed, match="不能为空"):
            self.edit(case, case.drafted(), body=" \n")

    def test_what_waits_for_signature_is_not_edited(self, case) -> None:
        with pytest.raises(NotAllowed, match="待签发"):
            self.edit(case, case.to_sign())

    def test_another_countys_officer_and_the_leader_do_not_edit(self, case) -> None:
        made = case.drafted()
        for stranger in (county().officer, case.leader):
            with pytest.raises(NotYours):
                self.edit(case, made, by=stranger)

    def test_drafted_anew_it_says_what_is_so_now(self, case) -> None:
        made = case.drafted()
        case.hand_in(THIRD, REACHED + DAY)
        again = bulletins.redraft(made, by=case.place.officer, at=REACHED + 2 * DAY)
        assert (again.figures["numbers"]["overdue"], THIRD in again.body) == (1, False)
        assert (again.counted_at, again.state) == (REACHED + 2 * DAY, S.DRAFT)

    def test_edits_go_only_when_that_is_said(self, case) -> None:
        made = self.edit(case, case.drafted())
        with pytest.raises(NotAllowed, match="请勾选确认"):
            bulletins.redraft(made, by=case.place.officer, at=REACHED + DAY)
        again = bulletins.redraft(made, by=case.place.officer, at=REACHED + DAY, lose_edits=True)
        assert (again.edited_by, again.body == "改过的正文") == (None, False)
        event = AuditEvent.objects.get(target=target_of(made), action="bulletin.redraft")
        assert event.detail["before"]["body"] == "改过的正文"

    def test_drafted_anew_it_has_to_be_submitted_again(self, case) -> None:
        assert bulletins.redraft(case.to_sign(), by=case.place.officer, at=REACHED + DAY).state == S.DRAFT


class TestSigning:
    def test_the_leaders_of_the_host_are_told_once(self, case) -> None:
        person(Role.LEADER, county().bureau)
        made = case.drafted()
        for n in range(2):
            bulletins.submit(made, by=case.place.officer, at=REACHED + n * DAY)
        assert told("bulletin-submit") == [(case.leader.pk, f"有督查通报等待您签发：{case.occurrence.name}")]

    def test_without_a_leader_nobody_could_sign(self, case) -> None:
        case.leader.memberships.update(ended_at=NOW)
        with pytest.raises(NotAllowed, match="没有在用的局领导账号"):
            case.to_sign()

    def test_signed_it_goes_to_all_that_owe_and_to_the_officers(self, case) -> None:
        head = person(Role.HEAD, case.task(THIRD).unit)
        eased = case.task(MIDDLE).unit
        easing.exempt(case.occurrence, [eased], reason="停办", by=case.place.officer, at=at(5, 8))
        made = case.sent()
        reached = {one for name, one in case.secretaries.items() if name != MIDDLE}
        everybody = reached | {head, case.place.officer}
        title = f"督查通报：{made.title}"
        assert told("bulletin") == sorted((one.pk, title) for one in everybody)
        assert (made.state, made.signed_by, made.ended_at) == (S.SENT, case.leader, REACHED)

    def test_a_second_press_sends_nothing_twice(self, case) -> None:
        made = case.sent()
        bulletins.sign(made, by=case.leader, at=REACHED + DAY)
        assert AuditEvent.objects.filter(action="bulletin.sign").count() == 1

    def test_a_draft_is_not_signed(self, case) -> None:
        with pytest.raises(NotAllowed, match="待修改"):
            bulletins.sign(case.drafted(), by=case.leader, at=REACHED)

    def test_only_a_leader_over_the_host_signs(self, case) -> None:
        made = case.to_sign()
        for stranger in (case.place.officer, person(Role.LEADER, county().bureau), case.place.secretary):
            with pytest.raises(NotYours):
                bulletins.sign(made, by=stranger, at=REACHED)

    def test_who_has_handed_in_meanwhile_is_shown_to_the_leader_first(self, case) -> None:
        made = case.to_sign()
        seen = bulletins.edition(made, bulletin_figures.since(made, REACHED))
        case.hand_in(THIRD, REACHED + DAY)
        with pytest.raises(NotAllowed, match="又有变化"):
            bulletins.sign(made, by=case.leader, at=REACHED + DAY, seen=seen)
        seen = bulletins.edition(made, bulletin_figures.since(made, REACHED + DAY))
        assert bulletins.sign(made, by=case.leader, at=REACHED + DAY, seen=seen).state == S.SENT

    def test_given_back_the_officers_hear_why(self, case) -> None:
        made = case.to_sign()
        for _ in range(2):
            made = bulletins.give_back(made, " 语气过重 ", by=case.leader, at=REACHED)
        assert (made.state, made.note) == (S.DRAFT, "语气过重")
        assert told("bulletin-give_back") == [
            (case.place.officer.pk, f"督查通报已退回，请修改后重新送签：{case.occurrence.name}")
        ]

    def test_taken_back_it_is_edited_and_submitted_again(self, case) -> None:
        made, officer = case.to_sign(), case.place.officer
        for _ in range(2):
            made = bulletins.take_back(made, by=officer, at=REACHED)
        bulletins.edit(made, title="标题", body="改过的正文", by=officer, at=REACHED)
        assert bulletins.submit(made, by=officer, at=REACHED).state == S.TO_SIGN
        assert AuditEvent.objects.filter(target=target_of(made), action="bulletin.take_back").count() == 1

    def test_what_was_sent_is_not_taken_back(self, case) -> None:
        with pytest.raises(NotAllowed, match="已印发"):
            bulletins.take_back(case.sent(), by=case.place.officer, at=REACHED)

    def test_a_leader_gives_back_and_does_not_take_back(self, case) -> None:
        with pytest.raises(NotYours):
            bulletins.take_back(case.to_sign(), by=case.leader, at=REACHED)

    @pytest.mark.parametrize("service", [bulletins.give_back, bulletins.discard])
    def test_a_reason_is_needed(self, case, service) -> None:
        made = case.to_sign()
        by = case.leader if service is bulletins.give_back else case.place.officer
        with pytest.raises(NotAllowed, match="请写明"):
            service(made, " ", by=by, at=REACHED)

    def test_discarded_it_is_over_and_not_drafted_again(self, case) -> None:
        made = bulletins.discard(case.drafted(), "已电话通知", by=case.place.officer, at=REACHED)
        assert (made.state, made.note, made.lapsed) == (S.DISCARDED, "已电话通知", False)
        assert bulletins.draft_due(REACHED + DAY) == 0

    @pytest.mark.parametrize("why", ["报送期限已调整", "活动已结束"])
    def test_what_no_longer_holds_is_only_discarded(self, case, why) -> None:
        made, officer = case.to_sign(), case.place.officer
        if why == "活动已结束":
            closing.close(made.campaign, reason="已完成", by=officer, at=REACHED)
        else:
            case.move(at(6, 1, 0))
        for service, by in (
            (bulletins.sign, case.leader), (bulletins.redraft, officer), (bulletins.take_back, officer),
        ):  # fmt: skip
            with pytest.raises(NotAllowed, match=why):
                service(made, by=by, at=REACHED)
        bulletins.give_back(made, "请改为不印发", by=case.leader, at=REACHED)
        with pytest.raises(NotAllowed, match=why):
            bulletins.submit(made, by=officer, at=REACHED)
        with pytest.raises(NotAllowed, match=why):
            bulletins.edit(made, title="标题", body="正文", by=officer, at=REACHED)
        ended = bulletins.discard(made, why, by=officer, at=REACHED)
        assert (ended.state, ended.lapsed) == (S.DISCARDED, True)


# What the database refuses --------------------------------------------------------------------------


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [{"title": "别的"}, {"body": "别的"}, {"state": S.DRAFT, "signed_by": None, "ended_at": None}],
    )
    def test_what_was_sent_never_changes(self, case, change) -> None:
        case.sent()
        with pytest.raises(IntegrityError):
            Bulletin.objects.update(**change)

    def test_none_is_deleted(self, case) -> None:
        case.drafted()
        with pytest.raises(IntegrityError):
            Bulletin.objects.all().delete()

    def test_none_goes_out_that_was_not_submitted(self, case) -> None:
        case.drafted()
        with pytest.raises(IntegrityError):
            Bulletin.objects.update(state=S.SENT, signed_by=case.leader, ended_at=REACHED)

    def test_what_goes_out_is_what_was_submitted(self, case) -> None:
        case.to_sign()
        with pytest.raises(IntegrityError):
            Bulletin.objects.update(state=S.SENT, signed_by=case.leader, ended_at=REACHED, body="别的")

    def test_none_goes_out_unsigned(self, case) -> None:
        case.to_sign()
        with pytest.raises(IntegrityError):
            Bulletin.objects.update(state=S.SENT, ended_at=REACHED)

    def test_none_lapses_that_is_not_discarded(self, case) -> None:
        case.drafted()
        with pytest.raises(IntegrityError):
            Bulletin.objects.update(lapsed=True)

    def test_there_is_one_for_each_deadline(self, case) -> None:
        made = case.drafted()
        made.pk = None
        with pytest.raises(IntegrityError):
            made.save(force_insert=True)


# Any sequence of acts -------------------------------------------------------------------------------

ACTS = ("edit", "redraft", "submit", "take_back", "give_back", "sign", "discard")
WHO = ("theirs", "theirs", "theirs", "theirs", "other", "elsewhere", "school")
FREE = ("title", "body", "figures", "counted_at", "state", "note", "signed_by_id", "ended_at")


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.now = REACHED
        self.over: dict[int, tuple] = {}  # bulletin → what it was when it ended
        self.submitted: dict[int, tuple[str, str]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @initialize()
    def two_campaigns(self) -> None:
        self.cases = [late(county()), late(county())]
        bulletins.draft_due(self.now)

    def attempt(self, service, *args, **terms) -> None:
        self.now += timedelta(minutes=7)
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
        found = list(Bulletin.objects.order_by("pk"))[which]
        case = self.cases[which != (who == "elsewhere")]
        theirs, other = case.place.officer, case.leader
        if act in ("sign", "give_back"):
            theirs, other = other, theirs
        by = {"other": other, "school": case.place.secretary}.get(who, theirs)
        terms = {
            "edit": {"title": f"标题{word}", "body": f"正文{word}"},
            "redraft": {"lose_edits": word == "甲"},
            "give_back": {"reason": word},
            "discard": {"reason": word},
        }.get(act, {})
        self.attempt(getattr(bulletins, act), found, by=by, **terms)

    @rule(which=st.booleans(), days=st.integers(0, 9))
    def scan(self, which: bool, days: int) -> None:
        bulletins.draft_due(self.now + days * DAY)

    @rule(which=st.booleans())
    def a_school_hands_in(self, which: bool) -> None:
        case = self.cases[which]
        if not case.task(THIRD).complete:
            self.now += timedelta(minutes=1)
            case.hand_in(THIRD, self.now)

    @invariant()
    def there_is_one_for_each_deadline(self) -> None:
        assert Bulletin.objects.count() == 2

    @invariant()
    def what_is_over_stays_as_it_was(self) -> None:
        now = {
            one.pk: tuple(getattr(one, name) for name in FREE)
            for one in Bulletin.objects.all()
            if one.ended_at
        }
        assert {pk: now.get(pk) for pk in self.over} == self.over
        self.over = now

    @invariant()
    def none_is_sent_unsigned_or_otherwise_than_submitted(self) -> None:
        for one in Bulletin.objects.select_related("signed_by"):
            if one.state == S.TO_SIGN:
                self.submitted[one.pk] = (one.title, one.body)
            sent = Notice.objects.filter(matter=f"bulletin:{one.pk}").exists()
            assert sent == (one.state == S.SENT)
            if sent:
                assert (one.signed_by.roles, (one.title, one.body)) == ({Role.LEADER}, self.submitted[one.pk])

    @invariant()
    def every_change_of_state_left_a_trace(self) -> None:
        for one in Bulletin.objects.all():
            events = AuditEvent.objects.filter(target=target_of(one)).order_by("pk")
            state = S.DRAFT
            for action in events.values_list("action", flat=True):
                state = {
                    "bulletin.submit": S.TO_SIGN, "bulletin.sign": S.SENT, "bulletin.discard": S.DISCARDED,
                    "bulletin.give_back": S.DRAFT, "bulletin.redraft": S.DRAFT, "bulletin.take_back": S.DRAFT,
                }.get(action, state)  # fmt: skip
            assert state == one.state


def test_whatever_they_do_in_whatever_order() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Life, settings=settings(max_examples=15, stateful_step_count=20, suppress_health_check=checks)
    )
