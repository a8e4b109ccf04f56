"""When people are reminded, in the admin: for a bureau, in a draft, and of a requirement in force."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from campaigns.ladders import DEFAULT, own_steps
from campaigns.models import Campaign, Ladder, Requirement
from campaigns.services import ladders
from campaigns.steps import in_words
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from submissions.services import changing, closing, publishing
from tests import pages
from tests.campaigns.plan_pages import (
    REQUIREMENT_FORM,
    change,
    change_requirement,
    post_requirement,
)
from tests.campaigns.test_ladders import SHORT, SHORT_WORDS, fresh
from tests.factories import NOW, RequirementFactory, UnitFactory, person
from tests.pages import address, errors

LIST, FORM = address("campaigns_ladder", "changelist"), "ladder_form"


def row(number, side, days="", tells=("secretary",)):
    """A row of the table as it is filled in."""
    return {
        f"reminding-{number}-side": side, f"reminding-{number}-days": days,
        f"reminding-{number}-tells": list(tells),
    }  # fmt: skip


def table(*rows):
    """Own steps: these rows, all others not used."""
    values = {"reminding": "own"} | {f"reminding-{number}-side": "" for number in range(9)}
    for number, one in enumerate(rows):
        values |= row(number, *one)
    return values


TWO = table(("before", "２"), ("after", "1", ("head", "secretary")))


def of(bureau):
    return address("campaigns_ladder", "change", bureau.pk)


def adjust(requirement):
    return address("campaigns_requirement", "ladder", requirement.pk)


def send(client, page, form=FORM, **values):
    return client.post(page, pages.filled(client.get(page), form, **values))


def said(page):
    rows = html.fromstring(page.content.decode()).xpath("//tbody/tr")
    return [" ".join(one.text_content().split()) for one in rows]


def refusals(page):
    """What the page of a ladder complains with."""
    found = html.fromstring(page.content.decode()).xpath("//ul[contains(@class, 'errorlist')]/li")
    return [one.text_content() for one in found]


def trail():
    """What was done, newest first, logins left out."""
    return AuditEvent.objects.exclude(action="session.login")


def in_force(requirement, place):
    publishing.publish(requirement.campaign, by=place.officer, at=timezone.now())
    return fresh(requirement)


# Of a bureau ------------------------------------------------------------------------------------------


def test_the_list_says_what_holds_for_each_bureau_and_from_whom(officer, place, elsewhere):
    UnitFactory(name="东区教育局", kind=UnitKind.DISTRICT, parent=place.bureau)
    built_in = in_words(DEFAULT)
    assert said(officer.get(LIST)) == [
        f"示例县教育局 平台内置 {built_in}。",
        f"东区教育局 平台内置 {built_in}。",
    ]
    ladders.set_ladder(place.bureau, SHORT, at=NOW, by=place.officer)
    assert said(officer.get(LIST)) == [
        f"示例县教育局 本局自定 {SHORT_WORDS}。",
        f"东区教育局 沿用示例县教育局 {SHORT_WORDS}。",
    ]


def test_an_officer_sets_the_steps_of_the_bureau_and_gives_them_up_again(officer, place):
    assert send(officer, of(place.bureau), **TWO).url == LIST
    assert own_steps(fresh(place.bureau)) == SHORT
    page = officer.get(of(place.bureau))
    assert "恢复统一安排" in page.content.decode()
    assert pages.form_on(page, FORM)["reminding"] == ["own"]
    assert send(officer, of(place.bureau), reminding="unified").url == LIST
    assert not Ladder.objects.exists()
    assert list(trail().values_list("action", "actor")) == [
        ("ladder.use_default", place.officer.pk),
        ("ladder.save", place.officer.pk),
    ]


def test_the_table_begins_with_what_is_unified(officer, place):
    data = pages.form_on(officer.get(of(place.bureau)), FORM)
    assert data["reminding"] == ["unified"]
    assert send(officer, of(place.bureau), reminding="own").url == LIST
    assert own_steps(fresh(place.bureau)) == DEFAULT


def test_not_to_remind_is_a_choice_of_its_own(officer, place):
    assert send(officer, of(place.bureau), reminding="none").url == LIST
    assert own_steps(fresh(place.bureau)) == ()
    assert said(officer.get(LIST)) == ["示例县教育局 本局自定 不催办。"]


@pytest.mark.parametrize(
    ("values", "sentences"),
    [
        ({"reminding": ""}, ["请选择催办安排。"]),
        ({"reminding": "else"}, ["请选择催办安排。"]),
        (table(), ["单独安排的，请至少填写一个节点；不需要催办的，请选“不催办”。"]),
        (
            table(("before", ""), ("on", "", ())),
            ["第1行：请填写天数；不用的一行请选“不设”。"],
        ),
        (table(("before", "", ())), ["第1行：请填写天数；不用的一行请选“不设”。"]),
        (table(("on",), ("before", "0")), ["第2行：天数应为1至60的整数，请改正。"]),
        (table(("after", "61")), ["第1行：天数应为1至60的整数，请改正。"]),
        (table(("after", "1.5"), ("after", "一")), [
            "第1行：天数应为1至60的整数，请改正。", "第2行：天数应为1至60的整数，请改正。",
        ]),
        (table(("after", "1", ())), ["第1行：没有选择提醒谁，请至少选择一类。"]),
        (table(("after", "1", ("nobody",))), ["第1行：请从所列的选项中选择。"]),
        (table(("later", "1")), ["第1行：请从所列的选项中选择。"]),
        (
            table(("on", "3"), ("on", "")),
            ["第2行：“截止当天”重复，同一天只设一个节点，请合并。"],
        ),
        (
            table(("before", "1", ("section",))),
            ["第1行：截止前只提醒信息员、单位负责人和工作群，其余请安排在截止当天或逾期后。"],
        ),
    ],
)  # fmt: skip
def test_what_will_not_do_is_named_by_its_row_and_nothing_is_lost(officer, place, values, sentences):
    refused = send(officer, of(place.bureau), **values)
    assert refusals(refused) == sentences
    assert not Ladder.objects.exists()
    shown = pages.form_on(refused, FORM)
    assert [shown.get("reminding-0-days"), shown.get("reminding-0-side")] != [None, None]


def spare(number, **typed):
    """Own steps, unified ones to begin with, and something in a row that was empty."""
    return {"reminding": "own"} | {f"reminding-{number}-{name}": value for name, value in typed.items()}


def test_spare_rows_are_not_set_and_change_nothing(officer, place):
    shown = pages.form_on(officer.get(of(place.bureau)), FORM)
    used = len(DEFAULT)
    assert [shown[f"reminding-{number}-side"] for number in (used, used + 1)] == [[""], [""]]
    assert f"reminding-{used + 2}-side" not in shown


@pytest.mark.parametrize("typed", [{"days": "3"}, {"tells": ["secretary"]}])
def test_what_stands_in_a_row_without_a_time_is_not_passed_over(officer, place, typed):
    refused = send(officer, of(place.bureau), **spare(len(DEFAULT), **typed))
    assert refusals(refused) == [
        f"第{len(DEFAULT) + 1}行：请选择何时提醒；不用的一行请不要填写天数、不要勾选。"
    ]
    assert send(officer, of(place.bureau), **spare(len(DEFAULT), **typed, side="after")).status_code == 200
    assert not Ladder.objects.exists()


def test_a_row_that_was_filled_in_is_taken_out_with_its_number(officer, place):
    assert send(officer, of(place.bureau), reminding="own", **{"reminding-0-side": ""}).url == LIST
    assert own_steps(fresh(place.bureau)) == DEFAULT[1:]


def marked(page):
    """The numbers in the rows at fault, and how many lists of errors there are, none outside the ladder."""
    tree = html.fromstring(page.content.decode())
    days = tree.xpath("//div[@class='ladder']//tr[@class='at-fault']//input[@type='number']/@value")
    lists = tree.xpath("//div[@class='ladder-steps']/ul[@class='errorlist']")
    return days, len(lists), len(tree.xpath("//ul[contains(@class, 'errorlist')]"))


def test_the_row_at_fault_alone_is_marked_and_the_table_says_why(officer, place):
    values = table(("before", "3"), ("after", "61"), ("after", "5"))
    assert marked(send(officer, of(place.bureau), **values)) == (["61"], 1, 1)


def test_a_choice_that_is_missing_is_told_above_the_choices(officer, place):
    refused = html.fromstring(send(officer, of(place.bureau), reminding="else").content.decode())
    assert refused.xpath("//div[@class='ladder']/ul/li/text()") == ["请选择催办安排。"]


def test_on_the_page_of_a_requirement_the_row_is_marked_too(officer, plan):
    refused = send(officer, change_requirement(plan), REQUIREMENT_FORM, **table(("after", "61")))
    assert marked(refused)[:2] == (["61"], 1)


def test_the_second_of_two_is_told_of_the_first(officer, place):
    opened = officer.get(of(place.bureau))
    send(officer, of(place.bureau), reminding="none")
    refused = officer.post(of(place.bureau), pages.filled(opened, FORM, **TWO))
    when = timezone.localtime(trail().first().at)
    assert refusals(refused) == [
        f"在您填写期间，{place.officer.name}已于{when:%H:%M}保存过这份内容；"
        "您填写的仍在下方，请核对后再次保存，将以您的内容为准。"
    ]
    assert own_steps(fresh(place.bureau)) == ()
    assert officer.post(of(place.bureau), pages.filled(refused, FORM)).url == LIST
    assert own_steps(fresh(place.bureau)) == SHORT


def test_the_history_says_before_and_after_in_words(officer, place):
    send(officer, of(place.bureau), **TWO)
    [entry] = officer.get(address("campaigns_ladder", "history", place.bureau.pk)).context["page"]
    assert entry.changes == [("催办安排", "按统一安排", SHORT_WORDS)]


def test_other_bureaus_do_not_exist_and_schools_have_no_page(officer, place, elsewhere):
    for unit in (elsewhere["bureau"], place.school):
        for answer in (officer.get(of(unit)), officer.post(of(unit), {"reminding": "none"})):
            assert (answer.status_code, unit.name in answer.content.decode()) == (302, False)
    assert not Ladder.objects.exists()


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY, Role.AUDITOR])
def test_who_plans_nothing_is_refused(client, place, plan, role):
    client.force_login(person(role, place.bureau))
    for page in (LIST, of(place.bureau), adjust(plan)):
        assert (client.get(page).status_code, client.post(page, {}).status_code) == (403, 403)


def test_nothing_is_added_or_deleted_here(officer, place):
    for page in (
        address("campaigns_ladder", "add"),
        address("campaigns_ladder", "delete", place.bureau.pk),
    ):
        assert officer.post(page, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("districts", [0, 5])
def test_the_list_takes_so_many_queries_whatever_its_length(officer, place, districts):
    for _ in range(districts):
        made = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau)
        ladders.set_ladder(made, SHORT, at=NOW, by=place.officer)
    ladders.set_ladder(place.bureau, SHORT, at=NOW, by=place.officer)
    officer.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        officer.get(LIST)
    assert len([one for one in queries if "campaigns_" in one["sql"]]) == 3
    assert len(queries) == 11


# Of a requirement in a draft --------------------------------------------------------------------------


def test_a_draft_says_what_is_unified_and_follows_it_unless_told(officer, place, draft):
    post_requirement(officer, draft)
    made = Requirement.objects.get()
    assert own_steps(made) is None
    shown = officer.get(change_requirement(made)).content.decode()
    assert f"平台内置：{in_words(DEFAULT)}。" in shown


@pytest.mark.parametrize(("values", "steps"), [(TWO, SHORT), ({"reminding": "none"}, ())])
def test_a_requirement_begins_with_steps_of_its_own(officer, draft, values, steps):
    assert post_requirement(officer, draft, **values).url == change(draft) + "#requirements"
    assert own_steps(Requirement.objects.get()) == steps
    event = trail().get()
    assert (event.action, event.detail["after"]["ladder"]) == ("requirement.save", in_words(steps))


def test_one_save_leaves_one_trace(officer, plan):
    send(officer, change_requirement(plan), REQUIREMENT_FORM, guidance="写实", **TWO)
    assert trail().get().detail == {
        "before": {"guidance": plan.guidance},
        "after": {"guidance": "写实", "ladder": SHORT_WORDS},
    }
    send(officer, change_requirement(plan), REQUIREMENT_FORM, reminding="unified")
    assert trail().first().detail == {"before": {"ladder": SHORT_WORDS}, "after": {}}
    assert own_steps(fresh(plan)) is None


def test_saving_the_rest_leaves_the_steps_alone(officer, plan, place):
    ladders.set_ladder(plan, SHORT, at=NOW, by=place.officer)
    kept = Ladder.objects.get()
    send(officer, change_requirement(plan), REQUIREMENT_FORM, guidance="写实")
    assert (Ladder.objects.get(), own_steps(fresh(plan))) == (kept, SHORT)


def test_a_mistake_elsewhere_on_the_page_keeps_what_was_typed(officer, plan):
    refused = send(officer, change_requirement(plan), REQUIREMENT_FORM, due_on="", **TWO)
    assert errors(refused) == ["请填写截止日期。"]
    shown = pages.form_on(refused, REQUIREMENT_FORM)
    assert [shown[f"reminding-{number}-days"] for number in (0, 1)] == [["２"], ["1"]]
    assert shown["reminding-1-tells"] == ["secretary", "head"]
    assert not Ladder.objects.exists()


# Of a requirement in force ----------------------------------------------------------------------------


def test_in_force_the_steps_alone_may_change(officer, plan, place):
    requirement = in_force(plan, place)
    page = officer.get(change_requirement(requirement)).content.decode()
    assert f"按统一安排（平台内置）：{in_words(DEFAULT)}。" in page
    assert f'href="{adjust(requirement)}"' in page
    assert send(officer, adjust(requirement), **TWO).url == change_requirement(requirement)
    assert own_steps(fresh(requirement)) == SHORT
    shown = officer.get(change_requirement(requirement)).content.decode()
    assert f"单独安排：{SHORT_WORDS}。" in shown
    history = officer.get(address("campaigns_requirement", "history", requirement.pk)).context["page"]
    assert history[0].changes == [("催办安排", "按统一安排", SHORT_WORDS)]


def test_the_page_of_changes_leads_there(officer, plan, place):
    requirement = in_force(plan, place)
    page = officer.get(reverse("changes", args=[requirement.campaign_id]))
    assert f'href="{adjust(requirement)}"' in page.content.decode()


def withdrawn(requirement, place):
    changing.withdraw_requirement(requirement, reason="重复", by=place.officer, at=timezone.now())


def closed(requirement, place):
    closing.close(Campaign.objects.get(), reason="完成", by=place.officer, at=timezone.now())


@pytest.mark.parametrize("end", [withdrawn, closed])
def test_what_was_withdrawn_or_closed_is_for_reading(officer, plan, place, end):
    requirement = in_force(plan, place)
    data = pages.filled(officer.get(adjust(requirement)), FORM, **TWO)
    end(requirement, place)
    page = officer.get(change_requirement(requirement)).content.decode()
    assert (f"按统一安排（平台内置）：{in_words(DEFAULT)}。" in page, adjust(plan) in page) == (True, False)
    answer = officer.post(adjust(requirement), data, follow=True)
    assert [str(one) for one in answer.context["messages"]] == [
        f"“{plan}”已经撤回，或活动已经结束，不再催办。"
    ]
    assert not Ladder.objects.exists()


def test_another_countys_requirement_does_not_exist(officer, elsewhere):
    requirement = RequirementFactory(campaign=elsewhere["campaign"])
    for answer in (
        officer.get(adjust(requirement)),
        officer.post(adjust(requirement), {"reminding": "none"}),
    ):
        assert (answer.status_code, requirement.title in answer.content.decode()) == (302, False)
    assert not Ladder.objects.exists()


# Size -------------------------------------------------------------------------------------------------


def test_the_pages_of_a_plan_cost_no_more_for_ladders(officer, plan, place):
    def queries(page):
        officer.get(page)
        with CaptureQueriesContext(connection) as captured:
            assert officer.get(page).status_code == 200
        return len(captured)

    few = [queries(page) for page in (change(plan.campaign), change_requirement(plan))]
    for _ in range(10):
        made = RequirementFactory(campaign=plan.campaign, phase=plan.phase)
        ladders.set_ladder(made, SHORT, at=NOW, by=place.officer)
    assert [queries(page) for page in (change(plan.campaign), change_requirement(plan))] == few
    with CaptureQueriesContext(connection) as captured:
        officer.get(change(plan.campaign))
    assert [one for one in captured if "campaigns_ladder" in one["sql"]] == []
