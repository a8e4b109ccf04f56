"""The pages of 督查通报: who finds what on them, and what officers and leaders press."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from lxml import html

from reports.enums import PaperState as S
from reports.models import Bulletin
from reports.services import bulletins
from schools.enums import Role, UnitKind
from submissions.services import closing, easing
from tests.factories import UnitFactory, at, county, person
from tests.pages import filled
from tests.reports.bulletins import REACHED, THIRD, Late, late
from tests.reports.following import client_of, count_behind, sheet_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = REACHED + 3 * DAY


@pytest.fixture
def case(place, monkeypatch) -> Late:
    """Pages are looked at three days after the last rung."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: TODAY)
    return late(place)


def read(user, made: Bulletin):
    return client_of(user).get(reverse("bulletin", args=[made.pk]))


def press(user, made: Bulletin, act: str, **data):
    return client_of(user).post(reverse("bulletin_act", args=[made.pk, act]), data)


def listed(user, **query) -> list[Bulletin]:
    return list(client_of(user).get(reverse("bulletins"), query).context["page"])


def forms_on(page) -> list[str]:
    tree = html.fromstring(page.content.decode())
    return sorted(form.get("id") for form in tree.xpath("//main//form[@id]"))


def state_of(made: Bulletin) -> str:
    return Bulletin.objects.get(pk=made.pk).state


# Who sees what --------------------------------------------------------------------------------------


class TestWhoReads:
    def test_before_it_is_sent_the_bureau_alone(self, case) -> None:
        case.drafted()
        head = person(Role.HEAD, case.place.school)
        found = [len(listed(one)) for one in (case.place.officer, case.leader, case.place.secretary, head)]
        assert found == [1, 1, 0, 0]

    def test_then_all_of_whom_it_was_asked(self, case) -> None:
        made = case.sent()
        asked = [*case.secretaries.values(), person(Role.HEAD, case.place.school)]
        assert [listed(one) for one in asked] == [[made]] * len(asked)
        assert {read(one, made).status_code for one in asked} == {200}

    def test_a_school_that_was_not_asked_does_not(self, case) -> None:
        nursery = UnitFactory(name="东镇幼儿园", kind=UnitKind.KINDERGARTEN, parent=case.place.township)
        stranger, made = person(Role.SECRETARY, nursery), case.sent()
        assert (listed(stranger), read(stranger, made).status_code) == ([], 404)

    def test_who_was_exempt_does_not(self, case) -> None:
        unit = case.task(THIRD).unit
        easing.exempt(case.occurrence, [unit], reason="停办", by=case.place.officer, at=at(5, 8))
        made = case.sent()
        assert read(case.secretaries[THIRD], made).status_code == 404

    def test_what_was_sent_to_a_person_stays_with_them(self, case) -> None:
        made, unit = case.sent(), case.task(THIRD).unit
        easing.exempt(case.occurrence, [unit], reason="停办", by=case.place.officer, at=TODAY)
        assert read(case.secretaries[THIRD], made).status_code == 200

    def test_a_notice_to_edit_opens_no_draft_to_who_is_no_officer_any_more(self, case) -> None:
        made = case.drafted()
        case.place.officer.memberships.update(
            role=Role.SECRETARY, unit=case.place.school, scope=case.place.school
        )
        assert read(case.place.officer, made).status_code == 404

    def test_a_school_finds_neither_trail_nor_state_nor_forms(self, case) -> None:
        page = read(case.place.secretary, case.sent())
        assert (page.context["trail"], forms_on(page)) == ([], [])
        assert "经过" not in page.content.decode()

    def test_another_county_finds_nothing(self, case) -> None:
        made, elsewhere = case.sent(), county()
        for stranger in (elsewhere.officer, person(Role.LEADER, elsewhere.bureau), elsewhere.secretary):
            assert (listed(stranger), read(stranger, made).status_code) == ([], 404)


class TestTheList:
    def test_shelves_count_what_they_hold(self, case) -> None:
        case.sent()
        page = client_of(case.leader).get(reverse("bulletins"))
        counts = {key: n for key, _, n in page.context["shelves"]}
        assert counts == {"draft": 0, "to_sign": 0, "sent": 1, "discarded": 0, "all": 1}
        assert {key: len(listed(case.leader, shelf=key)) for key in counts} == counts

    def test_it_is_narrowed_to_a_campaign(self, case) -> None:
        made = case.drafted()
        found = [
            listed(case.leader, campaign=one) for one in (made.campaign.pk, made.campaign.pk + 1, "x", "")
        ]
        assert found == [[made], [], [], [made]]

    @pytest.mark.parametrize("rows", [1, 3])
    def test_three_rows_take_as_many_queries_as_one(self, case, rows, django_assert_num_queries) -> None:
        made = case.drafted()
        for n in range(1, rows):
            made.pk, made.edition = None, made.edition - n * DAY
            made.save(force_insert=True)
        client = client_of(case.leader)
        client.get(reverse("inbox"))
        with django_assert_num_queries(7):
            assert len(client.get(reverse("bulletins")).context["page"]) == rows


# Reading --------------------------------------------------------------------------------------------


class TestThePage:
    def test_it_reads_like_a_paper(self, case) -> None:
        made = case.sent(at(5, 12))
        tree = html.fromstring(read(case.place.secretary, made).content.decode())
        [paper] = tree.xpath("//article")
        assert [one.text for one in paper.xpath(".//h2")] == [
            "一、总体情况", "二、报送及时的单位", "三、尚未报送的单位", "四、有关要求", "附：各镇街报送情况",
        ]  # fmt: skip
        assert paper.xpath("string(.//p[@class='signed'])") == "示例县教育局2026年5月12日"
        rows = [[cell.text for cell in row] for row in paper.xpath(".//tbody/tr")]
        assert rows == [
            ["示例县教育局直属", "1", "0", "0", "0", "1"],
            ["东镇", "3", "2", "0", "0", "1"],
            ["合计", "4", "2", "0", "0", "2"],
        ]

    def test_its_heading_is_its_title(self, case) -> None:
        made = case.to_sign()
        tree = html.fromstring(read(case.leader, made).content.decode())
        assert [one.text_content() for one in tree.xpath("//main//h1")] == [made.title]

    def test_who_may_act_finds_the_forms(self, case) -> None:
        made = case.drafted()
        found = {"draft": [forms_on(read(one, made)) for one in (case.place.officer, case.leader)]}
        case.to_sign()
        found["to_sign"] = [forms_on(read(one, made)) for one in (case.place.officer, case.leader)]
        bulletins.sign(made, by=case.leader, at=TODAY)
        found["sent"] = [forms_on(read(one, made)) for one in (case.place.officer, case.leader)]
        assert found == {
            "draft": [["discard", "redraft", "submit"], []],
            "to_sign": [["discard", "redraft", "take-back"], ["give-back", "sign"]],
            "sent": [[], []],
        }

    @pytest.mark.parametrize("state", [S.DRAFT, S.TO_SIGN])
    def test_of_a_closed_campaign_there_is_the_form_to_discard_it(self, case, state) -> None:
        made = case.drafted() if state == S.DRAFT else case.to_sign()
        closing.close(made.campaign, reason="已完成", by=case.place.officer, at=TODAY)
        pages = [read(one, made) for one in (case.place.officer, case.leader)]
        assert [forms_on(page) for page in pages] == [
            ["discard"], ["give-back"] if state == S.TO_SIGN else [],
        ]  # fmt: skip
        assert ["活动已结束" in page.content.decode() for page in pages] == [True, True]
        address = reverse("edit_bulletin", args=[made.pk])
        assert address not in pages[0].content.decode()
        assert client_of(case.place.officer).get(address).status_code == 302

    def test_who_has_handed_in_since_is_named(self, case) -> None:
        made = case.drafted()
        before = read(case.leader, made).content.decode()
        case.hand_in(THIRD, REACHED + DAY)
        said = f"统计时间之后又有1个单位报送：{THIRD}。"
        assert [said in text for text in (before, read(case.leader, made).content.decode())] == [False, True]

    def test_it_takes_as_many_queries_however_many_lag(self, case, django_assert_num_queries) -> None:
        made = case.to_sign()
        client = client_of(case.leader)
        client.get(reverse("inbox"))
        with django_assert_num_queries(9):
            client.get(reverse("bulletin", args=[made.pk]))


# Acting ---------------------------------------------------------------------------------------------


class TestEditing:
    def address(self, made: Bulletin) -> str:
        return reverse("edit_bulletin", args=[made.pk])

    def test_the_words_are_saved(self, case) -> None:
        made, client = case.drafted(), client_of(case.place.officer)
        sent = filled(client.get(self.address(made)), "words", body="一、情况\r\n正文")
        assert client.post(self.address(made), sent).status_code == 302
        assert Bulletin.objects.get().body == "一、情况\n正文"

    def test_unchanged_words_are_no_edit(self, case) -> None:
        made, client = case.drafted(), client_of(case.place.officer)
        client.post(self.address(made), filled(client.get(self.address(made)), "words"))
        assert Bulletin.objects.get().edited_by is None

    def test_what_was_typed_stays_when_it_does_not_go_through(self, case) -> None:
        made, client = case.drafted(), client_of(case.place.officer)
        answer = client.post(self.address(made), {"title": "", "body": "费心写的正文"})
        assert (answer.status_code, "费心写的正文" in answer.content.decode()) == (422, True)

    def test_who_comes_second_is_asked_and_means_it_the_second_time(self, case) -> None:
        made, client = case.drafted(), client_of(case.place.officer)
        sent = filled(client.get(self.address(made)), "words", body="后来的")
        bulletins.edit(made, title=made.title, body="先来的", by=case.place.officer, at=TODAY)
        answer = client.post(self.address(made), sent)
        shown = answer.content.decode()
        assert (answer.status_code, "先来的" in shown, "后来的" in shown) == (409, True, True)
        client.post(self.address(made), filled(answer, "words"))
        assert Bulletin.objects.get().body == "后来的"

    def test_who_does_not_say_what_they_read_is_shown_it_and_keeps_what_they_typed(self, case) -> None:
        made, client = case.drafted(), client_of(case.place.officer)
        answer = client.post(self.address(made), {"title": "标题", "body": "费心写的"})
        shown = answer.content.decode()
        assert (answer.status_code, "哪一稿" in shown, "费心写的" in shown) == (422, True, True)
        client.post(self.address(made), filled(answer, "words"))
        assert Bulletin.objects.get().body == "费心写的"

    @pytest.mark.parametrize("same", [True, False])
    def test_who_was_first_is_named_unless_it_is_the_same_person(self, case, same) -> None:
        made, client = case.drafted(), client_of(case.place.officer)
        sent = filled(client.get(self.address(made)), "words", body="后来的")
        other = case.place.officer if same else person(Role.OFFICER, case.place.section, name="谢示例")
        bulletins.edit(made, title=made.title, body="先来的", by=other, at=TODAY)
        who = "已在别处修改" if same else "已由谢示例修改"
        refused = client.post(self.address(made), sent)
        assert refused.context["refusal"] == f"这份通报刚才{who}；下面是您填写的内容，请核对后再保存。"
        page = filled(read(case.place.officer, made), "submit", seen="older")
        assert press(case.place.officer, made, "submit", **page).context["refusal"] == (
            f"这份通报刚才{who}，请重新阅读后再送签。"
        )

    def test_what_is_no_draft_leads_back_to_its_page(self, case) -> None:
        answer = client_of(case.place.officer).get(self.address(case.to_sign()))
        assert answer.url == reverse("bulletin", args=[Bulletin.objects.get().pk])


class TestActs:
    def test_from_the_draft_to_the_schools(self, case) -> None:
        made = case.drafted()
        for user, form, act, state in (
            (case.place.officer, "submit", "submit", S.TO_SIGN),
            (case.leader, "give-back", "give_back", S.DRAFT),
            (case.place.officer, "submit", "submit", S.TO_SIGN),
            (case.leader, "sign", "sign", S.SENT),
        ):
            sent = filled(
                read(user, made), form, **({"give_back-reason": "语气过重"} if act == "give_back" else {})
            )
            assert (press(user, made, act, **sent).status_code, state_of(made)) == (302, state)

    def test_given_back_and_submitted_unchanged_it_says_so(self, case) -> None:
        def said(user) -> list[str]:
            tree = html.fromstring(read(user, Bulletin.objects.get()).content.decode())
            return [one.text_content() for one in tree.xpath("//*[@id='unchanged']")]

        made, people = case.to_sign(), (case.place.officer, case.leader)
        found = [[said(one) for one in people]]
        bulletins.give_back(made, "语气过重", by=case.leader, at=at(5, 13))
        found.append([said(one) for one in people])
        bulletins.submit(made, by=case.place.officer, at=TODAY)
        found.append([said(one) for one in people])
        bulletins.give_back(made, "语气仍重", by=case.leader, at=at(5, 13))
        bulletins.edit(made, title=made.title, body="改过的", by=case.place.officer, at=TODAY)
        found.append([said(one) for one in people])
        once = "5月13日 09:00退回以后，标题和正文没有修改过"
        assert found == [
            [[], []],
            [[f"{once}。"]] * 2,
            [[f"{once}（退回原因：语气过重）。"]] * 2,
            [[], []],
        ]

    @pytest.mark.parametrize(
        ("act", "data"),
        [("submit", {"seen": ""}), ("discard", {"discard-reason": "已电话通知"}), ("redraft", {})],
    )
    def test_a_second_press_does_no_harm(self, case, act, data) -> None:
        made = case.drafted()
        if "seen" in data:
            data = {"seen": bulletins.edition(made)}
        assert [press(case.place.officer, made, act, **data).status_code for _ in range(2)] == [302, 302]

    def test_a_leader_presses_twice(self, case) -> None:
        made = case.to_sign()
        sent = filled(read(case.leader, made), "sign")
        assert [press(case.leader, made, "sign", **sent).status_code for _ in range(2)] == [302, 302]

    def test_an_officer_takes_back_what_was_not_signed_yet(self, case) -> None:
        made = case.to_sign()
        sent = filled(read(case.place.officer, made), "take-back")
        answers = [press(case.place.officer, made, "take_back", **sent) for _ in range(2)]
        assert ([one.status_code for one in answers], state_of(made)) == ([302, 302], S.DRAFT)

    @pytest.mark.parametrize("act", ["submit", "sign"])
    @pytest.mark.parametrize("data", [{}, {"seen": ""}])
    def test_who_does_not_say_what_they_read_reads_it_first(self, case, act, data) -> None:
        made = case.drafted() if act == "submit" else case.to_sign()
        answer = press(case.place.officer if act == "submit" else case.leader, made, act, **data)
        assert (answer.status_code, answer.context["refusal"], state_of(made)) == (
            422, "未能确认您阅读的是哪一稿，请阅读本页内容后再提交。", made.state,
        )  # fmt: skip

    def test_what_changed_while_the_leader_read_is_shown_first(self, case) -> None:
        made = case.to_sign()
        sent = filled(read(case.leader, made), "sign")
        case.hand_in(THIRD, TODAY)
        answer = press(case.leader, made, "sign", **sent)
        assert (answer.status_code, state_of(made)) == (409, S.TO_SIGN)
        assert f"又有1个单位报送：{THIRD}" in answer.content.decode()
        assert press(case.leader, made, "sign", **filled(answer, "sign")).status_code == 302

    def test_a_reason_is_asked_for_and_stays(self, case) -> None:
        made = case.drafted()
        answers = [
            press(case.place.officer, made, "discard", **{"discard-reason": typed})
            for typed in ("", "长" * 301)
        ]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert "长" * 301 in answers[1].content.decode()

    def test_edits_are_lost_only_when_that_is_ticked(self, case) -> None:
        made = case.drafted()
        bulletins.edit(made, title="标题", body="费心写的", by=case.place.officer, at=TODAY)
        answer = press(case.place.officer, made, "redraft")
        assert (answer.status_code, Bulletin.objects.get().body) == (422, "费心写的")
        ticked = press(case.place.officer, made, "redraft", lose_edits="on")
        assert (ticked.status_code, Bulletin.objects.get().body == "费心写的") == (302, False)

    def test_who_signs_a_draft_is_told_why_not(self, case) -> None:
        answer = press(case.leader, case.drafted(), "sign", seen="x")
        assert (answer.status_code, "待修改" in answer.context["refusal"]) == (409, True)

    def test_another_act_is_not_found(self, case) -> None:
        assert press(case.leader, case.drafted(), "burn").status_code == 404


# On the overview ------------------------------------------------------------------------------------


class TestDecisions:
    def matters(self, user) -> dict[str, int]:
        page = client_of(user).get(reverse("progress"))
        return {one.key: n for one, n in page.context["waiting"] if one.key in ("drafts", "bulletins")}

    def test_a_draft_waits_for_officers_and_then_for_leaders(self, case) -> None:
        people = (case.place.officer, case.leader)
        case.drafted()
        found = [[self.matters(one) for one in people]]
        case.to_sign()
        found.append([self.matters(one) for one in people])
        bulletins.sign(Bulletin.objects.get(), by=case.leader, at=TODAY)
        found.append([self.matters(one) for one in people])
        assert found == [[{"drafts": 1}, {}], [{}, {"bulletins": 1}], [{}, {}]]

    def test_the_numbers_lead_to_their_rows(self, case) -> None:
        made = case.to_sign()
        address = reverse("waiting", query={"kind": "bulletins"})
        client = client_of(case.leader)
        assert count_behind(client, address) == 1
        moment = datetime(2026, 5, 11)
        assert sheet_of(client, address) == [
            ("通报", "活动", "主办单位", "统计时间"),
            (made.title, made.campaign.title, "示例县教育局", moment),
        ]
