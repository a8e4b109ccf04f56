"""The pages of more time, 免报 and 零报告: whom list, branch and ticks mean, and the ways there."""

from datetime import date

import pytest
from django.urls import reverse

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Campaign
from notices.workdays import end_of
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import FormerName, Unit
from submissions.enums import AssignmentState
from submissions.forms_changes import TICKED
from submissions.models import Assignment
from submissions.services import changing, easing, publishing
from tests.factories import NOW, UnitFactory, assigned, person
from tests.pages import form_on
from tests.submissions.test_change_pages import overview, through
from tests.submissions.test_change_pages import owed as _owed
from tests.submissions.test_changing import state_of
from tests.submissions.test_pages import as_

owed = _owed  # due in a far year


@pytest.fixture
def officer(place):
    return as_(place.officer)


def to(owed, act: str, **query) -> str:
    return reverse("ease", args=[owed.occurrence_id, act], query=query)


def filled_in(page) -> dict[str, list[str]]:
    """What stands in the form; the line break that begins a text area is none of it."""
    return {name: [one.strip() for one in values] for name, values in form_on(page, "change").items()}


def states() -> dict[str, str]:
    return dict(Assignment.objects.values_list("unit__name", "state"))


def refused_names(client, owed, names: str) -> list[str]:
    answer = client.post(to(owed, "exempt"), {"names": names, "reason": "停课"})
    assert answer.status_code == 422
    return answer.context["form"].errors["names"]


# Whom it concerns -----------------------------------------------------------------------------------


def test_a_pasted_list_of_names_codes_and_former_names(place, owed, officer):
    UnitFactory(name="西镇小学", code="3100000001", parent=place.township)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    FormerName.objects.create(unit=place.middle, name="示例县一中", until=NOW)
    through(officer, to(owed, "exempt"), names="东镇中心小学\r\n3100000001\t示例县一中", reason="停课")
    assert set(states().values()) == {AssignmentState.EXEMPT}


def test_what_does_not_match_is_shown_and_nothing_is_done(place, owed, officer):
    for parent in (place.township, place.bureau):
        UnitFactory(name="中心小学", parent=parent)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    names = "东镇中心小学\n没有的学校\n中心小学\n党办\n3100000009"
    assert refused_names(officer, owed, names) == [
        "没有找到以下单位，请核对名称或标识码：没有的学校、3100000009。",
        "以下名称对应多个单位，请改填标识码：中心小学。",
        "以下单位没有这项任务，或任务已撤销，请去掉：党办。",
    ]
    assert set(states().values()) == {AssignmentState.TODO}


def test_who_was_struck_off_is_known_but_not_asked(place, owed, officer):
    changing.drop_units(owed.requirement, [place.middle], reason="搬迁", by=place.officer, at=NOW)
    said = ["以下单位没有这项任务，或任务已撤销，请去掉：示例县第一初级中学。"]
    assert refused_names(officer, owed, place.middle.name) == said


def test_a_branch_means_all_that_is_below_it_now(place, owed, officer):
    other = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    UnitFactory(name="西镇小学", parent=other)
    UnitFactory(name="东镇二小", parent=place.township)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    shown, _ = through(officer, to(owed, "exempt"), branch=place.township.pk, reason="洪水")
    assert shown.context["effect"].units == ("东镇中心小学", "东镇二小")
    assert states() == {
        "东镇中心小学": "exempt", "东镇二小": "exempt", "西镇小学": "todo", "示例县第一初级中学": "todo",
    }  # fmt: skip


def test_offered_are_the_branches_that_have_tasks_from_the_host_down(place, owed, officer):
    UnitFactory(name="空镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    branches = officer.get(to(owed, "exempt")).context["form"].fields["branch"].queryset
    assert list(branches) == [place.bureau, place.township]


def test_the_list_the_branch_and_the_ticks_add_up(place, owed, officer):
    data = {"names": place.middle.name, "branch": place.township.pk, "units": [place.middle.pk]}
    shown, _ = through(officer, to(owed, "exempt"), reason="洪水", **data)
    assert shown.context["effect"].unit_count == 2


def test_ticks_are_offered_for_those_whom_the_act_fits(place, owed, officer):
    easing.exempt(owed.occurrence, [place.middle], reason="停课", by=place.officer, at=NOW)
    offered = {
        act: [name for _, name in officer.get(to(owed, act)).context["form"].fields["units"].widget.choices]
        for act in ("extend", "exempt", "owe-again", "nil", "refuse-nil")
    }
    assert offered == {
        "extend": ["东镇中心小学"], "exempt": ["东镇中心小学"], "owe-again": ["示例县第一初级中学"],
        "nil": ["东镇中心小学"], "refuse-nil": [],
    }  # fmt: skip


def test_who_fits_no_longer_when_it_is_sent_is_named_by_the_act(place, owed, officer):
    easing.exempt(owed.occurrence, [place.school], reason="停课", by=place.officer, at=NOW)
    answer = officer.post(to(owed, "exempt"), {"units": [place.school.pk], "reason": "停课"})
    assert (answer.status_code, answer.context["refusal"]) == (
        409,
        "没有可以免报的单位：东镇中心小学已免报。",
    )


def test_very_many_are_not_ticked(place, owed, officer):
    Unit.objects.bulk_create(
        Unit(name=f"村小{n}", kind=UnitKind.PRIMARY, parent=place.township, path=f"x{n}")
        for n in range(TICKED)
    )
    publishing.top_up(owed.requirement.campaign, at=NOW)
    fields = officer.get(to(owed, "extend")).context["form"].fields
    assert list(fields) == ["names", "branch", "until_on", "reason"]


def test_somebody_must_be_named(owed, officer):
    answer = officer.post(to(owed, "exempt"), {"reason": "停课"})
    said = ["请填写单位名单、选择镇街或区县，或勾选至少一个单位。"]
    assert answer.context["form"].non_field_errors() == said


# From beginning to end ------------------------------------------------------------------------------


def test_nothing_happens_before_it_is_confirmed(place, owed, officer):
    data = {"names": place.school.name, "until_on": "2099-05-10", "reason": "停电"}
    shown = officer.post(to(owed, "extend"), data)
    assert shown.context["effect"].lines[0] == ("延期的单位", 1)
    assert not AuditEvent.objects.filter(action="occurrence.extend").exists()
    officer.post(to(owed, "extend"), form_on(shown, "change") | {"confirm": "1"})
    assert Assignment.objects.get(pk=owed.pk).due_at == end_of(date(2099, 5, 10))


def test_one_may_go_back_and_finds_what_was_typed(place, owed, officer):
    data = {"names": "东镇中心小学", "branch": place.township.pk, "units": [place.middle.pk]}
    shown = officer.post(to(owed, "exempt"), data | {"reason": "停课"})
    typed = filled_in(officer.post(to(owed, "exempt"), form_on(shown, "change") | {"edit": "1"}))
    assert {name: typed[name] for name in data} == {
        "names": ["东镇中心小学"], "branch": [str(place.township.pk)], "units": [str(place.middle.pk)],
    }  # fmt: skip


@pytest.mark.parametrize("acts", [["exempt", "owe-again"], ["nil", "refuse-nil"]])
def test_each_act_and_its_opposite(place, owed, officer, acts):
    for act in acts:
        through(officer, to(owed, act), names=place.school.name, reason="停课")
    assert state_of(owed) == AssignmentState.TODO
    assert owed.events.count() == 3


def test_an_act_that_does_not_exist_is_not_found(owed, officer):
    assert officer.get(to(owed, "burn")).status_code == 404


def test_an_officer_below_the_host_eases_nothing(place, owed):
    below = as_(person(Role.OFFICER, UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau)))
    assert below.get(to(owed, "extend")).status_code == 404


# The ways there -------------------------------------------------------------------------------------


def test_the_changes_page_leads_to_every_act_of_what_is_handed_out(place, owed, officer):
    page = overview(officer, owed).content.decode()
    acts = ("extend", "exempt", "owe-again", "nil", "refuse-nil")
    assert [page.count(f'href="{to(owed, act)}"') for act in acts] == [1] * 5


def links(client, owed) -> list[str]:
    page = client.get(reverse("assignment", args=[owed.pk]))
    return [title for title, _ in page.context["easing_links"]]


def test_the_page_of_a_task_offers_what_can_be_done_about_it(place, owed, officer):
    assert links(officer, owed) == ["单位延期", "免报", "按零报告处理"]
    easing.exempt(owed.occurrence, [place.school], reason="停课", by=place.officer, at=NOW)
    assert links(officer, owed) == ["取消免报"]
    click = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
    assert links(officer, click) == ["单位延期", "免报"]
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    assert links(officer, owed) == []


def test_only_officers_of_the_host_are_offered_it(place, owed):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau)
    Unit.objects.filter(pk=place.township.pk).update(parent=district)
    place.school.refresh_from_db()
    others = (place.secretary, person(Role.LEADER, place.bureau), person(Role.OFFICER, district))
    assert [links(as_(who), owed) for who in others] == [[], [], []]


def test_from_a_task_its_unit_is_filled_in_and_one_comes_back_to_it(place, owed, officer):
    address = to(owed, "exempt", unit=place.school.pk)
    assert filled_in(officer.get(address))["names"] == ["东镇中心小学"]
    _, done = through(officer, address, names="东镇中心小学", reason="停课")
    assert done.headers["Location"] == reverse("assignment", args=[owed.pk])


def test_a_unit_with_namesakes_is_filled_in_by_its_code(place, owed, officer):
    other = UnitFactory(name=place.school.name, code="3100000001", parent=place.bureau)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    page = officer.get(to(owed, "exempt", unit=other.pk))
    assert filled_in(page)["names"] == ["3100000001"]


def test_a_branch_in_the_address_is_chosen(place, owed, officer):
    page = officer.get(to(owed, "exempt", branch=place.township.pk))
    assert filled_in(page)["branch"] == [str(place.township.pk)]


@pytest.mark.parametrize("query", [{"unit": "x"}, {"unit": "0"}, {"branch": "x"}])
def test_nonsense_in_the_address_is_passed_over(owed, officer, query):
    assert filled_in(officer.get(to(owed, "exempt", **query)))["names"] == [""]
