"""The pages of 催办: look, edit, send; what became of it, for those who oversee the units and nobody else."""

import pytest
from django.urls import reverse
from lxml import html

from campaigns.models import Campaign
from notices.models import Notice
from notices.services import telling
from schools.enums import Role
from schools.models import Unit
from submissions.models import Assignment, Nudge, Reminder
from submissions.services import nudging, publishing, reviewing
from submissions.services.nudging import Matter
from tests.factories import NOW, UnitFactory, assigned, at, county, handed_in, person
from tests.pages import form_on
from tests.submissions.test_pages import as_

pytestmark = pytest.mark.django_db

TEXT = "请尽快报送。"


@pytest.fixture
def officer(place):
    return as_(place.officer)


def to(**query) -> str:
    return reverse("new_nudge", query=query)


def lead(page) -> str:
    return html.fromstring(page.content.decode()).xpath("normalize-space(//p[@class='lead'])")


def cells(page, table: str) -> list[list[str]]:
    """The rows of a table, each cell as people read it."""
    rows = html.fromstring(page.content.decode()).xpath(f"//table[@id='{table}']/tbody/tr")
    return [["".join(cell.text_content().split()) for cell in row] for row in rows]


def pressed(client, page, **changes):
    """Press 发送 on the page, with `changes` typed in."""
    sent = {name: values[0].strip() for name, values in form_on(page, "nudge").items()}
    return client.post(reverse("new_nudge"), sent | {"send": "1"} | changes)


def sent_out(place, *units: Unit, campaign: Campaign | None = None, by=None) -> Nudge:
    terms = {"by": by or place.officer, "at": NOW}
    return nudging.nudge(units or [place.school], Matter(campaign), TEXT, **terms)


# Before ----------------------------------------------------------------------------------------------


def test_it_shows_whom_by_what_of_what_and_writes_nothing(place, owed, officer) -> None:
    page = officer.get(to(unit=[place.school.pk, place.middle.pk], campaign=owed.requirement.campaign_id))
    assert lead(page) == "所选2个单位，将通知1个单位、1人"
    school, middle = cells(page, "who")
    assert school[:2] == ["东镇中心小学", f"{place.secretary.name}（信息员）站内消息（未登记邮箱）"]
    assert middle[:2] == ["示例县第一初级中学", "没有在用的信息员或负责人"]
    assert [row[2].split(owed.name)[0] for row in (school, middle)] == ["1项，逾期1项"] * 2
    said = form_on(page, "nudge")["text"][0].strip()
    title = owed.requirement.campaign.title
    assert said == f"请尽快办理《{title}》以下报送任务；确有困难的，请及时与我们联系。"
    assert Nudge.objects.count() == 0


def test_many_units_are_looked_at_by_a_post_that_writes_nothing(place, owed, officer) -> None:
    ids = f"{place.school.pk},{place.middle.pk}"
    page = officer.post(to(), {"units": ids})
    assert (page.status_code, lead(page)) == (200, "所有进行中的活动 · 所选2个单位，将通知1个单位、1人")
    assert form_on(page, "nudge")["units"][0].strip().split(",") == sorted(ids.split(","), key=_path)
    assert Nudge.objects.count() == Notice.objects.filter(title__startswith="催办").count() == 0


def _path(pk: str) -> str:
    return Unit.objects.get(pk=pk).path


def test_everybody_who_has_not_handed_in_a_requirement(place, owed, officer) -> None:
    third = UnitFactory(name="东镇第三小学", parent=place.township)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    plan = {"campaign": owed.requirement.campaign_id, "requirement": owed.requirement.pk, "everybody": 1}

    def units(**more) -> list[str]:
        return [row[0] for row in cells(officer.get(to(**plan, **more)), "who")]

    assert units() == ["东镇中心小学", "东镇第三小学", "示例县第一初级中学"]
    assert units(below=place.township.pk) == ["东镇中心小学", "东镇第三小学"]
    handed_in(third.assignments.get(), person(Role.SECRETARY, third))
    assert units() == ["东镇中心小学", "示例县第一初级中学"]


def test_the_list_of_a_requirement_leads_there(place, owed, officer) -> None:
    plan = owed.requirement.campaign
    asked = {"figure": "missing", "requirement": owed.requirement.pk}

    def link(**more) -> list[str]:
        page = officer.get(reverse("rows", args=[plan.pk], query=asked | more))
        return html.fromstring(page.content.decode()).xpath("//a[contains(., '催办未报单位')]/@href")

    [found] = link()
    assert len(cells(officer.get(found), "who")) == 2
    [below] = link(below=place.township.pk)
    assert len(cells(officer.get(below), "who")) == 1
    assert [link(figure="overdue"), link(unit_kind="primary")] == [[], []]


def test_it_takes_the_listed_units_and_none_that_only_have_to_correct(place, owed, officer) -> None:
    secretary = person(Role.SECRETARY, place.middle)
    plan, returned = owed.requirement.campaign, place.middle.assignments.get()
    version = handed_in(returned, secretary, at=NOW)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(5, 9, 0))
    rows = reverse("rows", args=[plan.pk], query={"figure": "missing", "requirement": owed.requirement.pk})
    listed = officer.get(rows)
    assert listed.context["units"] == 1
    page = officer.get(listed.context["nudge"])
    assert [row[0] for row in cells(page, "who")] == ["东镇中心小学"]
    pressed(officer, page)
    assert list(Reminder.objects.values_list("assignment", flat=True)) == [owed.pk]
    asked = form_on(page, "nudge") | {"units": str(place.middle.pk)}
    assert cells(officer.post(to(), asked), "who")[0][1] == "已报齐，无需催办"


def test_the_page_of_a_unit_leads_there_while_something_is_unfinished(place, owed, officer) -> None:
    def link() -> list[str]:
        page = officer.get(reverse("unit", args=[place.school.pk])).content.decode()
        return html.fromstring(page).xpath("//a[contains(@href, '/nudges/new/')]/@href")

    assert link() == [to(unit=place.school.pk)]
    handed_in(owed, place.secretary)
    assert link() == []


def test_without_units_it_says_what_to_do(place, owed, officer) -> None:
    page = officer.get(to(campaign=owed.requirement.campaign_id))
    assert cells(page, "who") == []
    [said] = html.fromstring(page.content.decode()).xpath("//*[@class='alert alert-warning']")
    assert said.text_content() == "还没有选择单位，请在“落后单位”中勾选后点“催办所选”。"


@pytest.mark.parametrize("everywhere", [True, False])
def test_with_nothing_ticked_the_list_refuses_and_stays_as_it_was(
    place, owed, officer, everywhere: bool
) -> None:
    plan = owed.requirement.campaign
    listed = "all_behind" if everywhere else "behind"
    address = reverse(
        listed, args=[] if everywhere else [plan.pk], query={"q": "东镇", "unit_kind": "primary"}
    )
    page = officer.get(address)
    answer = officer.get(reverse("new_nudge"), form_on(page, "ticks"), follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert [str(one) for one in answer.context["messages"]] == ["还没有选择单位，请勾选后再点“催办所选”。"]
    ticked = officer.get(reverse("new_nudge"), form_on(page, "ticks") | {"unit": place.school.pk})
    assert [row[0] for row in cells(ticked, "who")] == ["东镇中心小学"]


def test_it_says_how_long_the_text_may_be_and_cuts_nothing_off(place, owed, officer) -> None:
    page = html.fromstring(officer.get(to(unit=place.school.pk)).content.decode())
    [text] = page.xpath("//textarea[@name='text']")
    assert (text.get("maxlength"), page.get_element_by_id(text.get("aria-describedby")).text) == (
        None, "不超过500字",
    )  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post"])
def test_units_and_plans_out_of_sight_are_not_there(place, owed, officer, method: str) -> None:
    elsewhere = county()
    foreign = assigned(elsewhere).requirement.campaign
    ask = getattr(officer, method)
    for asked in (
        {"unit": [place.school.pk, elsewhere.school.pk]},
        {"units": f"{place.school.pk},{elsewhere.school.pk}"},
        {"unit": "x"},
        {"units": "9" * 30},
        {"unit": place.school.pk, "campaign": foreign.pk},
        {"unit": place.school.pk, "campaign": "x"},
        {"campaign": owed.requirement.campaign_id, "requirement": foreign.requirements.get().pk},
        {"campaign": owed.requirement.campaign_id, "everybody": 1, "below": elsewhere.school.pk},
    ):
        assert ask(to(), asked | {"send": "1", "text": TEXT}).status_code == 404
    assert Nudge.objects.count() == 0


def test_too_many_units_are_refused_before_they_are_looked_up(place, owed, officer, monkeypatch) -> None:
    monkeypatch.setattr(nudging, "MOST", 1)
    page = officer.post(to(), {"units": f"{place.school.pk},{place.middle.pk}"})
    assert (page.context["refusal"], cells(page, "who")) == (nudging.TOO_MANY, [])


# Sending ---------------------------------------------------------------------------------------------


def test_the_edited_text_is_sent_and_the_result_shown(place, owed, officer) -> None:
    page = officer.get(to(unit=[place.school.pk, place.middle.pk], campaign=owed.requirement.campaign_id))
    answer = pressed(officer, page, text="第一行\r\n第二行")
    made = Nudge.objects.get()
    assert (made.text, made.campaign, made.by) == ("第一行\n第二行", owed.requirement.campaign, place.officer)
    assert answer.headers["Location"] == reverse("nudge", args=[made.pk])
    result = officer.get(answer.headers["Location"])
    assert "催办已发出：通知1个单位，另有1个单位未通知。" in result.content.decode()
    assert cells(result, "results") == [
        ["东镇中心小学", "已催办", f"{place.secretary.name}未读", "0/1人", "1项", "1项"],
        ["示例县第一初级中学", "没有在用的信息员或负责人", "", "", "", ""],
    ]


def test_a_second_press_tells_nobody_again(place, owed, officer) -> None:
    page = officer.get(to(unit=place.school.pk))
    pressed(officer, page)
    again = pressed(officer, page)
    assert (again.status_code, again.context["refusal"]) == (409, nudging.NOBODY)
    assert cells(again, "who")[0][1].startswith("24小时内已催办")
    assert Nudge.objects.count() == Notice.objects.filter(title__startswith="催办").count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "请填写催办内容。"), ("字" * 501, "催办内容不能超过500字，请精简。")],
)
def test_a_text_that_does_not_do_comes_back_with_the_reason(
    place, owed, officer, text: str, sentence: str
) -> None:
    answer = pressed(officer, officer.get(to(unit=place.school.pk)), text=text)
    assert (answer.status_code, answer.context["form"].errors["text"]) == (422, [sentence])
    assert [form_on(answer, "nudge")[name][0].strip() for name in ("units", "text")] == [
        str(place.school.pk), text,
    ]  # fmt: skip


def test_line_ends_count_once(place, owed, officer) -> None:
    lines = ["字" * 49] * 10
    pressed(officer, officer.get(to(unit=place.school.pk)), text="\r\n".join(lines) + "字")
    assert Nudge.objects.get().text == "\n".join(lines) + "字"


# Afterwards ------------------------------------------------------------------------------------------


def test_who_has_read_it_and_what_is_left_is_told(place, owed, officer) -> None:
    head = person(Role.HEAD, place.school, name="李示例")
    Assignment.objects.filter(pk=owed.pk).update(due_at=NOW)
    made = sent_out(place)
    result = reverse("nudge", args=[made.pk])
    assert cells(officer.get(result), "results") == [
        ["东镇中心小学", "已催办", f"{place.secretary.name}未读{head.name}未读", "0/2人", "1项", "1项"]
    ]
    telling.mark_read(place.secretary, at=NOW)
    handed_in(owed, place.secretary)
    assert cells(officer.get(result), "results") == [
        [
            "东镇中心小学", "已催办", f"{place.secretary.name}3月2日09:00已读李示例未读", "1/2人", "1项",
            "均已报送",
        ]
    ]  # fmt: skip


def test_the_record_lists_the_latest_first_and_of_one_campaign(place, owed, officer) -> None:
    person(Role.SECRETARY, place.middle)
    first = sent_out(place, campaign=owed.requirement.campaign)
    second = sent_out(place, place.school, place.middle)

    def listed(**query) -> list[tuple]:
        page = officer.get(reverse("nudges", query=query)).context["page"]
        return [(one, one.told, one.picked) for one in page]

    assert listed() == [(second, 1, 2), (first, 1, 1)]
    assert listed(campaign=owed.requirement.campaign_id) == [(first, 1, 1)]


def test_of_a_nudge_everybody_sees_the_own_units(place, owed) -> None:
    person(Role.SECRETARY, place.middle)
    made = sent_out(place, place.school, place.middle)
    other = sent_out_again(place)
    town = person(Role.LEADER, place.township)
    town.memberships.update(scope=place.township)
    client = as_(town)
    result = client.get(reverse("nudge", args=[made.pk]))
    assert [row[0] for row in cells(result, "results")] == ["东镇中心小学"]
    assert [(one, one.told, one.picked) for one in client.get(reverse("nudges")).context["page"]] == [
        (made, 1, 1)
    ]
    assert client.get(reverse("nudge", args=[other.pk])).status_code == 404


def sent_out_again(place) -> Nudge:
    """One that concerns nobody in the township."""
    unit = UnitFactory(name="示例县第二小学", parent=place.bureau)
    person(Role.SECRETARY, unit)
    publishing.top_up(Assignment.objects.first().requirement.campaign, at=NOW)
    return sent_out(place, unit)


@pytest.mark.parametrize("more", [0, 3])
def test_the_pages_take_the_same_queries_for_many(
    place, owed, officer, more: int, django_assert_num_queries
) -> None:
    units = [place.school]
    for n in range(more):
        unit = UnitFactory(name=f"东镇第{n}小学", parent=place.township)
        person(Role.SECRETARY, unit)
        units.append(unit)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    made = sent_out(place, *units)
    officer.get(reverse("inbox"))
    for address, queries in (
        (reverse("nudges"), 8),
        (reverse("nudge", args=[made.pk]), 10),
        (to(unit=[unit.pk for unit in units]), 11),
    ):
        with django_assert_num_queries(queries):
            officer.get(address)
