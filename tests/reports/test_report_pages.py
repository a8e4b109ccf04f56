"""The pages of reports: who finds what on them, and what officers, leaders and units press."""

from datetime import timedelta

import pytest
from django.urls import reverse
from lxml import html

from portal import jobs
from portal.models import Job, JobState
from reports.enums import Audience
from reports.enums import PaperState as S
from reports.models import Report
from reports.services import issuing, ordering
from schools.enums import Role
from schools.models import User
from submissions.models import Exhibit
from submissions.services import exhibiting, reviewing
from tests.factories import DUE, UnitFactory, assigned, county, handed_in, person
from tests.pages import filled
from tests.reports.following import client_of, count_behind, sheet_of
from tests.reports.reporting import MINUTE, TODAY, Case, count, reporting

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOW = TODAY + DAY


@pytest.fixture
def case(place, monkeypatch) -> Case:
    """Pages are looked at a day after things are done."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return reporting(place)


def read(user, made: Report):
    return client_of(user).get(reverse("report", args=[made.pk]))


def press(user, made: Report, act: str, **data):
    return client_of(user).post(reverse("report_act", args=[made.pk, act]), data)


def order(user, **data):
    return client_of(user).post(reverse("order_report"), data)


def listed(user, **query) -> list[Report]:
    return list(client_of(user).get(reverse("reports"), query).context["page"])


def tree_of(page):
    return html.fromstring(page.content.decode())


def forms_on(page) -> list[str]:
    return sorted(form.get("id") for form in tree_of(page).xpath("//main//form[@id]"))


def state_of(made: Report) -> str:
    return Report.objects.get(pk=made.pk).state


def said(page) -> str:
    return " ".join(tree_of(page).xpath("//main")[0].text_content().split())


# Who sees what ----------------------------------------------------------------------------------------


class TestWhoReads:
    def test_a_draft_is_the_bureaus_alone(self, case) -> None:
        made = case.drafted()
        readers = (case.officer, case.leader, case.place.secretary, county().officer)
        assert [read(one, made).status_code for one in readers] == [200, 200, 404, 404]

    def test_a_school_finds_neither_trail_nor_state_nor_the_officers_forms(self, case) -> None:
        page = read(case.place.secretary, case.sent())
        assert (forms_on(page), "经过" in page.content.decode()) == (["acknowledge"], False)

    def test_a_school_finds_no_drafts_among_the_editions(self, case) -> None:
        first = case.sent()
        case.drafted(TODAY + MINUTE)
        assert [
            len(read(one, first).context["editions"]) for one in (case.place.secretary, case.officer)
        ] == [0, 1]

    def test_it_reads_like_a_paper_marked_as_a_draft(self, case) -> None:
        made = case.drafted()
        tree = tree_of(read(case.leader, made))
        [paper] = tree.xpath("//article")
        assert paper.xpath(".//h1")[0].text_content() == made.title
        assert "草稿" in paper.text_content()
        signed = tree_of(read(case.leader, case.sent(TODAY + MINUTE)))
        assert "草稿" not in signed.xpath("//article")[0].text_content()

    def test_each_finds_the_buttons_that_are_theirs(self, case) -> None:
        made = case.drafted()
        found = [forms_on(read(one, made)) for one in (case.officer, case.leader)]
        assert found == [["again", "discard", "submit"], []]
        issuing.submit(made, by=case.officer, at=TODAY)
        found = [forms_on(read(one, made)) for one in (case.officer, case.leader)]
        assert found == [["again", "discard", "take-back"], ["give-back", "sign"]]
        issuing.sign(made, by=case.leader, at=TODAY)
        found = [forms_on(read(one, made)) for one in (case.officer, case.leader)]
        assert found == [["again", "copy"], []]

    def test_how_many_units_it_goes_to_is_said_before(self, case) -> None:
        assert "局内和参加活动的单位（4个单位）" in said(read(case.leader, case.to_sign()))

    def test_hundreds_of_receipts_do_not_fill_the_trail(self, case) -> None:
        made = case.sent()
        issuing.acknowledge(made, case.place.school, by=case.place.secretary, at=TODAY)
        done = [word for _, word in read(case.leader, made).context["trail"]]
        assert done == ["开始编制", "编制完成", "送签", "签发"]


class TestTheList:
    def test_shelves_count_what_they_hold(self, case) -> None:
        case.sent()
        case.ordered(TODAY + MINUTE)
        page = client_of(case.leader).get(reverse("reports"))
        counts = {key: n for key, _, n in page.context["shelves"]}
        assert counts == {"all": 2, "compiling": 1, "draft": 0, "to_sign": 0, "sent": 1, "discarded": 0}
        assert {key: len(listed(case.leader, shelf=key)) for key in counts} == counts

    def test_it_is_narrowed_to_a_campaign_and_a_kind(self, case) -> None:
        made = case.drafted()
        week = ordering.order(ordering.of_week(case.place.bureau, TODAY.date()), by=case.officer, at=TODAY)
        assert [listed(case.officer, campaign=one) for one in (case.campaign.pk, 10**9, "x")] == [
            [made],
            [],
            [],
        ]
        kinds = [listed(case.officer, kind=one) for one in ("phase", "week", "month", "x")]
        assert kinds == [[made], [week], [], [week, made]]

    def test_a_school_finds_first_what_it_has_not_signed_for(self, case) -> None:
        first, second = case.sent(), case.sent(TODAY + MINUTE)
        issuing.acknowledge(second, case.place.school, by=case.place.secretary, at=NOW)
        assert listed(case.place.secretary) == [first, second]
        text = said(client_of(case.place.secretary).get(reverse("reports")))
        assert ("待签收" in text, "已签收" in text, "待签发" in text) == (True, True, False)

    def test_what_failed_is_called_so(self, case) -> None:
        made = case.ordered()
        assert "编制中" in said(client_of(case.leader).get(reverse("reports"), {"shelf": "compiling"}))
        fail(made)
        assert "编制未完成" in said(client_of(case.leader).get(reverse("reports")))

    @pytest.mark.parametrize("who", ["officer", "school"])
    @pytest.mark.parametrize("rows", [1, 3])
    def test_three_rows_take_as_many_queries_as_one(self, case, rows, who, django_assert_num_queries) -> None:
        for n in range(rows):
            case.sent(TODAY + n * MINUTE)
        client = client_of(case.officer if who == "officer" else case.place.secretary)
        client.get(reverse("inbox"))
        with django_assert_num_queries({"officer": 8, "school": 6}[who]):
            assert len(client.get(reverse("reports")).context["page"]) == rows


class TestWaiting:
    """“需要您决定”: drafts for officers, signatures for leaders."""

    def test_each_finds_what_waits_for_them(self, case) -> None:
        made = case.drafted()
        found = []
        for _ in range(2):
            for user in (case.officer, case.leader):
                client = client_of(user)
                found.append({one.key: n for one, n in client.get(reverse("progress")).context["waiting"]})
            if made.state == S.DRAFT:
                made = issuing.submit(made, by=case.officer, at=TODAY)
        counted = [one.get("report_drafts", one.get("reports", 0)) for one in found]
        assert counted == [1, 0, 0, 1]

    @pytest.mark.parametrize(("kind", "who"), [("report_drafts", "officer"), ("reports", "leader")])
    def test_the_list_has_them_and_can_be_taken_away(self, case, kind, who) -> None:
        made = case.drafted() if who == "officer" else case.to_sign()
        client, address = client_of(getattr(case, who)), f"{reverse('waiting')}?kind={kind}"
        assert count_behind(client, address) == 1
        head, row = sheet_of(client, address)[-2:]
        assert (head[:4], row[:4]) == (
            ("报告", "类型", "版本", "编制单位"), (made.title, "阶段报告", "第1版", "示例县教育局"),
        )  # fmt: skip


# Ordering ---------------------------------------------------------------------------------------------


def fail(made: Report) -> None:
    Job.objects.filter(pk=made.job_id).update(state=JobState.FAILED, finished_at=NOW, message=jobs.CRASHED)


class TestOrdering:
    def test_the_page_offers_weeks_months_and_campaigns(self, case) -> None:
        page = client_of(case.officer).get(reverse("new_report"))
        [(host, offers)] = page.context["sums"]
        assert (host, [one.name for one in offers]) == (
            case.place.bureau, ["上周进展", "本周进展", "上月汇总", "本月汇总"],
        )  # fmt: skip
        assert list(page.context["page"]) == [case.campaign]

    def test_of_a_campaign_it_offers_the_phases_that_have_begun_and_the_summary(self, case) -> None:
        page = client_of(case.officer).get(reverse("new_report"), {"campaign": case.campaign.pk})
        assert [one.name for one in page.context["offers"]] == [case.phase.name, "活动总结"]

    def test_a_press_begins_it_and_leads_to_its_page(self, case) -> None:
        answer = order(case.officer, kind="phase", of=case.phase.pk, after=0)
        made = Report.objects.get()
        assert (answer.url, made.state, made.ordered_by) == (
            reverse("report", args=[made.pk]), S.COMPILING, case.officer,
        )  # fmt: skip

    def test_pressed_twice_there_is_one_even_when_the_worker_was_quick(self, case) -> None:
        order(case.officer, kind="phase", of=case.phase.pk, after=0)
        order(case.officer, kind="phase", of=case.phase.pk, after=0)
        count(Report.objects.get())
        answer = client_of(case.officer).post(
            reverse("order_report"), {"kind": "phase", "of": case.phase.pk, "after": 0}, follow=True
        )
        assert (Report.objects.count(), "没有重复编制" in said(answer)) == (1, True)

    def test_a_new_edition_is_asked_for_by_name(self, case) -> None:
        page = client_of(case.officer).get(reverse("report", args=[case.sent().pk]))
        client_of(case.officer).post(reverse("order_report"), filled(page, "again"))
        assert list(Report.objects.order_by("edition").values_list("edition", "state")) == [
            (1, "sent"), (2, "compiling"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("kind", "subject"), [("week", "2026-04-27"), ("month", "2026-04-01"), ("campaign", None)]
    )
    def test_every_kind_can_be_ordered(self, case, kind, subject) -> None:
        of = case.campaign.pk if kind == "campaign" else case.place.bureau.pk
        order(case.officer, kind=kind, of=of, day="2026-04-29", after=0)
        made = Report.objects.get()
        assert (made.kind, made.subject.partition(":")[2]) == (
            kind,
            f"{of}:{subject}" if subject else f"{of}",
        )

    @pytest.mark.parametrize(
        "data",
        [
            {"kind": "week", "day": "2026-05-08"},  # has not come
            {"kind": "week", "day": "2026-02-30"},
            {"kind": "week", "day": "x"},
            {"kind": "week"},
            {"kind": "newsletter", "day": "2026-04-29"},
            {"kind": "x", "day": "2026-04-29"},
            {"kind": "phase", "of": 10**9},
            {"kind": "again", "of": "x"},
            {},
        ],
    )
    def test_what_nobody_could_press_is_not_found(self, case, data) -> None:
        answer = order(case.officer, **({"of": case.place.bureau.pk} | data))
        assert (answer.status_code, Report.objects.count()) == (404, 0)

    def test_elsewhere_there_is_nothing_to_order(self, case) -> None:
        stranger = county().officer
        asked = ({"kind": "phase", "of": case.phase.pk}, {"kind": "month", "of": case.place.bureau.pk})
        answers = [order(stranger, day="2026-04-29", **one).status_code for one in asked]
        page = client_of(stranger).get(reverse("new_report"), {"campaign": case.campaign.pk})
        assert (answers, page.status_code) == ([404, 404], 404)

    def test_after_closing_the_page_of_changes_leads_to_it(self, case) -> None:
        case.close()
        page = client_of(case.officer).get(reverse("changes", args=[case.campaign.pk]))
        address = f"{reverse('reports')}?campaign={case.campaign.pk}"
        assert [one for one in tree_of(page).xpath("//main//a/@href") if one.startswith(address)] == [
            address, f"{address}&kind=phase",
        ]  # fmt: skip


class TestNewsletters:
    @pytest.fixture
    def shown(self, case) -> list[int]:
        """Versions of two exhibits."""
        owed, by, made = case.late.task(case.place.school.name), case.place.secretary, []
        for number in (2, 3):
            made.append(version := handed_in(owed, by, number=number, at=DUE))
            reviewing.accept(version, by=case.officer, at=DUE)
            exhibiting.consent(exhibiting.choose(version, by=case.officer, at=DUE), by=by, at=DUE)
        return [one.pk for one in made]

    def page(self, case):
        return client_of(case.officer).get(reverse("order_newsletter", args=[case.campaign.pk]))

    def send(self, case, **places):
        data = filled(self.page(case), "newsletter", **places)
        return client_of(case.officer).post(reverse("order_newsletter", args=[case.campaign.pk]), data)

    def test_the_typed_places_are_the_order(self, case, shown) -> None:
        first, second = shown
        self.send(case, **{f"place{first}": 2, f"place{second}": 1})
        assert Report.objects.get().chosen == [second, first]

    def test_without_a_place_nothing_is_chosen(self, case, shown) -> None:
        answer = self.send(case)
        assert (answer.status_code, "请至少选择一篇" in said(answer), Report.objects.count()) == (
            409,
            True,
            0,
        )

    def test_what_is_no_place_is_said_beside_it(self, case, shown) -> None:
        answer = self.send(case, **{f"place{shown[0]}": "甲"})
        assert (answer.status_code, "请填写数字" in said(answer)) == (422, True)

    def test_a_place_that_is_typed_twice_is_refused(self, case, shown) -> None:
        answer = self.send(case, **{f"place{pk}": 2 for pk in shown})
        told = said(answer).count("序号2填写了不止一次，请改为别的序号。")
        assert (answer.status_code, told, Report.objects.count()) == (422, 1, 0)

    def test_what_an_issue_has_printed_is_marked(self, case, shown) -> None:
        assert "已用" not in said(self.page(case))
        self.send(case, **{f"place{shown[0]}": 1})
        assert said(self.page(case)).count("第1期已用") == 1
        Report.objects.update(state=S.DISCARDED, ended_at=DUE)
        assert "已用" not in said(self.page(case))

    def test_what_was_withdrawn_meanwhile_is_told_inside_the_bureau(self, case, shown) -> None:
        self.send(case, **{f"place{pk}": n for n, pk in enumerate(shown, start=1)})
        exhibiting.decline(Exhibit.objects.get(version=shown[0]), by=case.place.secretary, at=DUE)
        made = count(Report.objects.get())
        [told] = tree_of(read(case.leader, made)).xpath("//div[@id='left-out']")
        assert "在编制时已不在优秀成果中展示，没有编入。" in told.text_content()

    def test_without_exhibits_there_is_nothing_to_press(self, case) -> None:
        assert tree_of(self.page(case)).xpath("//main//form[@id='newsletter']//button") == []

    def test_the_next_issue_begins_with_the_choice(self, case, shown) -> None:
        self.send(case, **{f"place{shown[0]}": 1})
        made = count(Report.objects.get())
        page = read(case.officer, made)
        assert (forms_on(page), "选择材料编制下一期" in said(page)) == (["discard", "submit"], True)


class TestCompiling:
    def test_the_page_asks_again_until_it_is_done(self, case) -> None:
        made, client = case.ordered(), client_of(case.leader)
        address = reverse("report_progress", args=[made.pk])
        assert tree_of(read(case.leader, made)).xpath("//section[@id='progress']/@hx-get") == [address]
        first = client.get(address)
        case.run(made)
        then = client.get(address)
        assert [one.headers.get("HX-Refresh") for one in (first, then)] == [None, "true"]

    def test_the_finished_job_leads_to_it(self, case) -> None:
        made = case.run(case.ordered())
        page = client_of(case.officer).get(reverse("job", args=[made.job_id]), follow=True)
        assert page.redirect_chain[-1][0] == reverse("report", args=[made.pk])

    def test_what_failed_says_why_and_asks_what_to_do(self, case) -> None:
        fail(made := case.ordered())
        page = read(case.officer, made)
        assert (forms_on(page), jobs.CRASHED in said(page)) == (["give-up", "retry"], True)
        assert forms_on(read(case.leader, made)) == []

    def test_retried_it_goes_on(self, case) -> None:
        fail(made := case.ordered())
        press(case.officer, made, "retry")
        assert Report.objects.get().job.state == JobState.WAITING

    def test_given_up_it_is_over(self, case) -> None:
        fail(made := case.ordered())
        press(case.officer, made, "give_up")
        page = read(case.officer, made)
        assert (state_of(made), "已放弃" in said(page)) == (S.DISCARDED, True)


# Editing ----------------------------------------------------------------------------------------------


class TestEditing:
    def address(self, made: Report) -> str:
        return reverse("edit_report", args=[made.pk])

    def send(self, case, made, **typed):
        client = client_of(case.officer)
        return client.post(self.address(made), filled(client.get(self.address(made)), "words", **typed))

    def test_words_are_saved(self, case) -> None:
        made = case.drafted()
        self.send(case, made, title="标题", opening="一\r\n二", ending="完", audience=Audience.INSIDE)
        found = Report.objects.get()
        assert (found.title, found.opening, found.ending, found.audience) == (
            "标题", "一\n二", "完", Audience.INSIDE,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("示教发〔2026〕12号", "示教发〔2026〕12号"),
            (" 示教发 [2026] 12号 ", "示教发〔2026〕12号"),
            ("示教发（２０２６）１２号", "示教发〔2026〕12号"),
            ("", ""),
        ],
    )
    def test_a_number_gets_the_brackets_of_the_standard(self, case, typed, kept) -> None:
        made = case.drafted()
        assert (self.send(case, made, number=typed).status_code, Report.objects.get().number) == (302, kept)

    @pytest.mark.parametrize(
        "typed",
        [
            "12号",
            "示教发〔26〕12号",
            "示教发〔2026〕第12号",
            "示教发〔2026〕012号",
            "示教发〔2026〕12",
            "发" * 41,
        ],
    )
    def test_what_is_no_number_is_said_in_one_sentence(self, case, typed) -> None:
        made = case.drafted()
        answer = self.send(case, made, number=typed, opening="没有丢的字")
        assert (answer.status_code, len(answer.context["form"].errors["number"])) == (422, 1)
        assert "没有丢的字" in answer.content.decode()

    def test_what_was_typed_stands_beside_what_somebody_else_saved(self, case) -> None:
        made, client = case.drafted(), client_of(case.officer)
        page = client.get(self.address(made))
        issuing.edit(made, {"opening": "他写的"}, by=person(Role.OFFICER, case.place.section), at=TODAY)
        answer = client.post(self.address(made), filled(page, "words", opening="我写的"))
        assert (answer.status_code, "他写的" in said(answer), "我写的" in said(answer)) == (409, True, True)
        client.post(self.address(made), filled(answer, "words"))
        assert Report.objects.get().opening == "我写的"

    def test_what_was_typed_stays_when_it_has_been_submitted_meanwhile(self, case) -> None:
        made, client = case.drafted(), client_of(case.officer)
        page = client.get(self.address(made))
        issuing.submit(made, by=case.officer, at=TODAY)
        answer = client.post(self.address(made), filled(page, "words", opening="我写的"))
        assert (answer.status_code, "我写的" in said(answer)) == (409, True)

    def test_what_is_no_draft_is_not_opened(self, case) -> None:
        made = case.to_sign()
        answer = client_of(case.officer).get(self.address(made))
        assert answer.url == reverse("report", args=[made.pk])

    def test_of_a_week_nobody_asks_for_units(self, case) -> None:
        made = count(
            ordering.order(ordering.of_week(case.place.bureau, TODAY.date()), by=case.officer, at=TODAY)
        )
        fields = client_of(case.officer).get(self.address(made)).context["form"].fields
        assert sorted(fields) == ["ending", "number", "opening", "seen", "title"]


# The way to the readers -------------------------------------------------------------------------------


class TestActs:
    def test_from_the_draft_to_the_signature(self, case) -> None:
        made = case.drafted()
        for user, act in ((case.officer, "submit"), (case.leader, "sign")):
            press(user, made, act, **filled(read(user, made), act))
        assert state_of(made) == S.SENT

    def test_given_back_it_says_why(self, case) -> None:
        made = case.to_sign()
        press(case.leader, made, "give_back", **{"give_back-reason": "补充典型"})
        page = read(case.officer, made)
        assert (state_of(made), "退回原因：补充典型" in said(page)) == (S.DRAFT, True)
        assert "退回以后没有修改过" in said(page)

    def test_taken_back_and_discarded(self, case) -> None:
        made = case.to_sign()
        press(case.officer, made, "take_back")
        press(case.officer, made, "discard", **{"discard-reason": "不需要"})
        assert (state_of(made), Report.objects.get().note) == (S.DISCARDED, "不需要")

    def test_without_a_reason_the_page_says_so(self, case) -> None:
        made = case.to_sign()
        answer = press(case.leader, made, "give_back", **{"give_back-reason": " "})
        assert (answer.status_code, state_of(made)) == (422, S.TO_SIGN)

    def test_what_changed_since_is_read_again(self, case) -> None:
        made = case.drafted()
        sent = filled(read(case.officer, made), "submit")
        issuing.edit(made, {"opening": "一"}, by=person(Role.OFFICER, case.place.section), at=TODAY)
        answer = press(case.officer, made, "submit", **sent)
        assert (answer.status_code, "重新阅读后再送签" in said(answer)) == (409, True)

    @pytest.mark.parametrize("act", ["submit", "sign"])
    def test_who_does_not_say_what_they_read_is_asked_to(self, case, act) -> None:
        made = case.drafted() if act == "submit" else case.to_sign()
        answer = press(case.officer if act == "submit" else case.leader, made, act)
        assert (answer.status_code, "未能确认您阅读的是哪一稿" in said(answer)) == (422, True)

    def test_there_is_no_other_act(self, case) -> None:
        assert press(case.officer, case.drafted(), "delete").status_code == 404


class TestReceipts:
    def acknowledge(self, user, made: Report):
        return client_of(user).post(reverse("acknowledge_report", args=[made.pk]))

    def test_a_unit_signs_for_it_once_and_reads_who_did(self, case) -> None:
        made = case.sent()
        for _ in range(2):
            self.acknowledge(case.place.secretary, made)
        page = read(case.place.secretary, made)
        signed = f"东镇中心小学已签收（{case.place.secretary.name}，2026年5月7日 09:00）"
        assert (forms_on(page), signed in said(page)) == ([], True)

    def test_who_serves_two_units_signs_for_both(self, case) -> None:
        made, both = case.sent(), case.place.secretary
        both.memberships.create(
            unit=case.place.middle, scope=case.place.middle, role=Role.SECRETARY, started_at=TODAY
        )
        self.acknowledge(type(both).objects.get(pk=both.pk), made)
        assert made.receipts.exclude(at=None).count() == 2

    def test_officers_see_who_has_not_by_township(self, case) -> None:
        made = case.sent()
        self.acknowledge(case.place.secretary, made)
        assert "已签收1个，共4个单位" in said(read(case.officer, made))
        client, address = client_of(case.leader), reverse("report_receipts", args=[made.pk])
        assert (count_behind(client, address), count_behind(client, f"{address}?shelf=signed")) == (3, 1)
        heads = [one.text for one in tree_of(client.get(address)).xpath("//dt")]
        assert sorted(heads) == ["东镇（2）", "示例县教育局（1）"]

    def test_where_nobody_can_sign_it_says_so_and_leads_to_the_unit(self, case) -> None:
        made = case.sent()
        User.objects.filter(memberships__unit=case.place.middle).update(is_active=False)
        tree = tree_of(client_of(case.officer).get(reverse("report_receipts", args=[made.pk])))
        rows = {
            one.xpath("a")[0].get("href"): " ".join(one.text_content().split())
            for one in tree.xpath("//*[@data-row]")
        }
        school, middle = (reverse("unit", args=[one.pk]) for one in (case.place.school, case.place.middle))
        assert rows[school] == "东镇中心小学"
        assert rows[middle] == "示例县第一初级中学 没有在用的信息员或负责人"

    @pytest.mark.parametrize("units", [1, 3])
    def test_its_queries_do_not_grow_with_the_units(self, place, units, django_assert_num_queries) -> None:
        for _ in range(units):
            UnitFactory(parent=place.township)
        made = reporting(place).sent()
        client = client_of(place.officer)
        client.get(reverse("inbox"))
        with django_assert_num_queries(9):
            client.get(reverse("report_receipts", args=[made.pk]))

    def test_a_draft_has_none(self, case) -> None:
        made = case.drafted()
        assert client_of(case.officer).get(reverse("report_receipts", args=[made.pk])).status_code == 404
        assert self.acknowledge(case.place.secretary, made).status_code == 404

    def test_where_it_did_not_go_there_is_nothing_to_sign_for(self, case) -> None:
        made = case.sent()
        other = person(Role.SECRETARY, UnitFactory(parent=case.place.township))
        assert self.acknowledge(other, made).status_code == 404


def test_the_page_of_a_campaign_leads_to_its_reports(case) -> None:
    assigned(case.place)
    page = client_of(case.leader).get(reverse("campaign", args=[case.campaign.pk]))
    assert f"{reverse('reports')}?campaign={case.campaign.pk}" in tree_of(page).xpath("//main//a/@href")
