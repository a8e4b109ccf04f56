"""The pages of changing a published plan: shown first, done when confirmed, never done by halves."""

import contextlib
from datetime import date

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign
from notices.workdays import end_of
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import FormerName, Unit, UnitQuerySet
from schools.services import units as unit_tree
from submissions.enums import AssignmentState
from submissions.forms_changes import TICKED, Named, parts_in, units_named
from submissions.models import Assignment
from submissions.services import changing, phases
from tests.factories import (
    NOW,
    OccurrenceFactory,
    PhaseFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    at,
    person,
)
from tests.pages import form_on

pytestmark = pytest.mark.django_db
FAR = "2099-05-10"


@pytest.fixture
def officer(place) -> Client:
    client = Client()
    client.force_login(place.officer, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


@pytest.fixture
def owed(place) -> Assignment:
    """Due in a far year: the pages read the clock."""
    owed = assigned(place)
    PhaseFactory(campaign=owed.requirement.campaign, order=2)
    owed.occurrence.due_at = end_of(date(2099, 4, 30))
    owed.occurrence.save()
    Assignment.objects.update(due_at=owed.occurrence.due_at)
    return owed


def overview(client: Client, owed: Assignment, **query):
    return client.get(reverse("changes", args=[owed.requirement.campaign_id], query=query))


def through(client: Client, address: str, **data):
    """Fill in, look at the effect, confirm: the two answers."""
    shown = client.post(address, data)
    assert shown.status_code == 200, shown.content.decode()
    return shown, client.post(address, form_on(shown, "change") | {"confirm": "1"})


# The overview ---------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow_with_the_plan(place, owed, officer, django_assert_num_queries):
    overview(officer, owed)  # the first page of a session stamps it
    with django_assert_num_queries(14):
        overview(officer, owed)
    for number in range(3):
        made = RequirementFactory(
            campaign=owed.requirement.campaign, phase=owed.requirement.phase, title=f"补充{number}"
        )
        OccurrenceFactory(requirement=made)
        PhaseFactory(campaign=owed.requirement.campaign, order=3 + number)
        UnitFactory(parent=place.township)
    with django_assert_num_queries(14):
        overview(officer, owed)


def test_the_overview_counts_what_is_owed_and_unfinished(owed, officer):
    [requirement] = overview(officer, owed).context["requirements"]
    assert (requirement.owed, requirement.unfinished) == (2, 2)


def test_the_overview_tells_what_has_been_changed_by_whom(place, owed, officer):
    phases.close(owed.requirement.phase, by=place.officer, at=at(3, 3))
    changing.drop_units(owed.requirement, [place.school], reason="搬迁", by=place.officer, at=at(3, 4))
    events = overview(officer, owed).context["events"]
    assert [(event.action, event.actor) for event in events] == [
        ("requirement.drop_units", place.officer),
        ("phase.close", place.officer),
        ("phase.open", None),
        ("campaign.publish", place.officer),
    ]


def test_a_requirement_added_later_waits_to_be_issued(owed, officer):
    made = RequirementFactory(campaign=owed.requirement.campaign, phase=owed.requirement.phase)
    OccurrenceFactory(requirement=made, due_at=end_of(date(2099, 4, 1)))
    assert overview(officer, owed).context["drafts"] == [made]


def test_units_are_found_by_name_code_and_pinyin(place, owed, officer):
    Unit.objects.filter(pk=place.school.pk).update(code="3100000001", pinyin="dzzxxx")
    found = [overview(officer, owed, unit=typed).context["units"] for typed in ("中心", "3100000001", "dzz")]
    assert found == [[place.school]] * 3


def test_an_officer_below_the_host_finds_no_way_to_change_the_plan(place, owed):
    client = Client()
    below = person(Role.OFFICER, UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau))
    client.force_login(below, backend=settings.AUTHENTICATION_BACKENDS[1])
    assert overview(client, owed).status_code == 404
    progress = client.get(reverse("campaign", args=[owed.requirement.campaign_id]))
    assert progress.context["changeable"] is False


def test_the_progress_page_leads_the_officer_to_the_changes(owed, officer):
    page = officer.get(reverse("campaign", args=[owed.requirement.campaign_id]))
    assert page.content.decode().count(reverse("changes", args=[owed.requirement.campaign_id])) == 1


# One act, from beginning to end ---------------------------------------------------------------------


def test_nothing_happens_before_it_is_confirmed(owed, officer):
    address = reverse("deadline", args=[owed.occurrence_id])
    shown = officer.post(address, {"due_on": FAR, "reason": "顺延"})
    assert shown.context["effect"].lines[0] == ("调整期限的任务", 2)
    owed.occurrence.refresh_from_db()
    assert owed.occurrence.due_at == end_of(date(2099, 4, 30))
    assert not AuditEvent.objects.filter(action="occurrence.reschedule").exists()


def test_a_confirmed_deadline_holds_and_leads_back(owed, officer):
    _, done = through(officer, reverse("deadline", args=[owed.occurrence_id]), due_on=FAR, reason="顺延")
    owed.occurrence.refresh_from_db()
    assert owed.occurrence.due_at == end_of(date(2099, 5, 10))
    assert done.headers["Location"] == reverse("changes", args=[owed.requirement.campaign_id])


def test_a_second_confirmation_does_nothing_and_says_so(owed, officer):
    address = reverse("deadline", args=[owed.occurrence_id])
    shown, _ = through(officer, address, due_on=FAR, reason="顺延")
    again = officer.post(address, form_on(shown, "change") | {"confirm": "1"})
    assert (again.status_code, again.context["refusal"]) == (
        409, "截止日期和停止接收日期与现在的相同，无需调整。",
    )  # fmt: skip
    assert AuditEvent.objects.filter(action="occurrence.reschedule").count() == 1


def test_one_may_go_back_and_finds_what_was_typed(owed, officer):
    address = reverse("deadline", args=[owed.occurrence_id])
    shown = officer.post(address, {"due_on": FAR, "reason": "顺延"})
    edited = officer.post(address, form_on(shown, "change") | {"edit": "1"})
    typed = form_on(edited, "change")
    assert (typed["due_on"], typed["reason"], edited.status_code) == ([FAR], ["顺延"], 200)


@pytest.mark.parametrize("data", [{}, {"due_on": FAR}, {"due_on": "1999-01-01", "reason": "x"}])
def test_what_is_missing_or_wrong_is_asked_for(owed, officer, data):
    answer = officer.post(reverse("deadline", args=[owed.occurrence_id]), data)
    assert (answer.status_code, answer.context["form"].is_valid()) == (422, False)


def test_a_refused_change_keeps_what_was_typed(owed, officer):
    address = reverse("deadline", args=[owed.occurrence_id])
    answer = officer.post(address, {"due_on": "2020-01-01", "reason": "提前"})
    assert answer.status_code == 409
    assert answer.context["refusal"] == "新的截止日期已过，请选择今天或以后的日期。"
    assert form_on(answer, "change")["reason"] == ["提前"]


# The other acts -------------------------------------------------------------------------------------


def act(owed: Assignment, name: str) -> str:
    return reverse("requirement_change", args=[owed.requirement.pk, name])


def state_of(owed: Assignment) -> str:
    return Assignment.objects.get(pk=owed.pk).state


def test_units_are_dropped_by_tick_or_by_list_and_added_again(place, owed, officer):
    through(officer, act(owed, "drop-units"), units=[place.school.pk], names=place.middle.name, reason="搬迁")
    assert set(Assignment.objects.values_list("state", flat=True)) == {AssignmentState.CANCELLED}
    through(officer, act(owed, "add-units"), names=place.school.name, reason="搬完")
    assert state_of(owed) == AssignmentState.TODO


def test_one_name_that_fits_nobody_stops_them_all(place, owed, officer):
    names = f"{place.school.name}\n没有的学校"
    answer = officer.post(act(owed, "drop-units"), {"names": names, "reason": "搬迁"})
    assert answer.context["form"].errors["names"] == ["没有找到以下单位，请核对名称或标识码：没有的学校。"]
    assert state_of(owed) == AssignmentState.TODO


def refused_names(client: Client, owed: Assignment, name: str, names: str) -> list[str]:
    answer = client.post(act(owed, name), {"names": names, "reason": "搬迁"})
    return answer.context["form"].errors["names"]


def test_why_a_name_cannot_be_dropped_is_told_for_each(place, owed, officer):
    UnitFactory(name="东镇旧小学", parent=place.township, closed_at=NOW, successor=place.middle)
    UnitFactory(name="东镇教学点", parent=place.township, closed_at=NOW)
    changing.drop_units(owed.requirement, [place.middle], reason="搬迁", by=place.officer, at=NOW)
    names = f"东镇中心小学、{place.middle}、党办、示例县教育局、东镇旧小学、东镇教学点、没有的学校"
    assert refused_names(officer, owed, "drop-units", names) == [
        "没有找到以下单位，请核对名称或标识码：没有的学校。",
        "以下单位已撤并，请去掉或改填并入的单位：东镇旧小学（并入示例县第一初级中学）、东镇教学点。",
        "以下单位不在报送范围内，无需减少：示例县第一初级中学、党办、示例县教育局。",
    ]
    assert state_of(owed) == AssignmentState.TODO


def test_why_a_name_cannot_be_added_is_told_for_each(place, owed, officer):
    UnitFactory(name="外县小学")
    UnitFactory(name="东镇旧小学", parent=place.township, closed_at=NOW, successor=place.school)
    names = "党办、东镇旧小学、示例县教育局、外县小学"
    assert refused_names(officer, owed, "add-units", names) == [
        "没有找到以下单位，请核对名称或标识码：外县小学。",
        "以下单位已撤并，请去掉或改填并入的单位：东镇旧小学（并入东镇中心小学）。",
        "主办单位不向自己报送，不能增加：示例县教育局。",
    ]
    assert not Assignment.objects.filter(unit=place.section).exists()


def test_who_is_asked_already_is_named_as_such(place, owed, officer):
    answer = officer.post(act(owed, "add-units"), {"names": "东镇中心小学", "reason": "搬完"})
    assert (answer.status_code, answer.context["refusal"]) == (
        409, "所选单位都已在报送范围内，无需重复增加。",
    )  # fmt: skip


def test_somebody_must_be_named(owed, officer):
    answer = officer.post(act(owed, "drop-units"), {"reason": "搬迁"})
    assert answer.context["form"].non_field_errors() == ["请填写或勾选至少一个单位。"]


def test_only_who_is_asked_can_be_dropped(place, owed, officer):
    page = officer.get(act(owed, "drop-units"))
    offered = page.context["form"].fields["units"].queryset
    assert set(offered) == {place.school, place.middle}


def test_very_many_units_are_named_and_not_ticked(place, owed, officer):
    Unit.objects.bulk_create(
        Unit(name=f"村小{n}", kind=UnitKind.PRIMARY, parent=place.township, path=f"x{n}")
        for n in range(TICKED)
    )
    assert list(officer.get(act(owed, "drop-units")).context["form"].fields) == ["names", "reason"]


def test_a_requirement_is_withdrawn(owed, officer):
    through(officer, act(owed, "withdraw"), reason="重复")
    assert state_of(owed) == AssignmentState.CANCELLED


def test_a_requirement_added_later_is_issued(place, owed, officer):
    made = RequirementFactory(campaign=owed.requirement.campaign, phase=owed.requirement.phase)
    OccurrenceFactory(requirement=made, due_at=end_of(date(2099, 4, 1)))
    made.phase.campaign.phases.update(ends_on=date(2099, 4, 30))
    Campaign.objects.update(ends_on=date(2099, 4, 30))
    address = reverse("requirement_change", args=[made.pk, "issue"])
    assert overview(officer, owed).content.decode().count(f'<form method="post" action="{address}">') == 1
    through(officer, address)
    assert Assignment.objects.filter(occurrence__requirement=made).count() == 2


def test_a_phase_is_closed_and_opened_with_two_presses_each(owed, officer):
    phase = owed.requirement.phase
    for name, state in (("close", PhaseState.CLOSED), ("open", PhaseState.OPEN)):
        through(officer, reverse("phase_change", args=[phase.pk, name]))
        phase.refresh_from_db()
        assert phase.state == state


def test_a_campaign_is_closed_archived_and_reopened(owed, officer):
    campaign = owed.requirement.campaign
    for name, state in (
        ("close", CampaignState.CLOSED),
        ("archive", CampaignState.ARCHIVED),
        ("reopen", CampaignState.PUBLISHED),
    ):
        through(officer, reverse("campaign_change", args=[campaign.pk, name]), reason="安排")
        campaign.refresh_from_db()
        assert campaign.state == state


@pytest.mark.parametrize(
    ("name", "promised"),
    [
        ("close", "一句话说明，将写入记录，并随通知发给有关单位。"),
        ("archive", "一句话说明，将写入记录。"),
        ("reopen", "一句话说明，将写入记录，并随通知发给有关单位。"),
    ],
)
def test_the_reason_promises_a_notice_only_where_there_is_one(owed, officer, name, promised):
    page = officer.get(reverse("campaign_change", args=[owed.requirement.campaign_id, name]))
    assert page.context["form"].fields["reason"].help_text == promised


@pytest.mark.parametrize("name", ["phase_change", "requirement_change", "campaign_change"])
def test_an_act_that_does_not_exist_is_not_found(owed, officer, name):
    pk = {"phase_change": owed.requirement.phase_id, "requirement_change": owed.requirement.pk}.get(
        name, owed.requirement.campaign_id
    )
    assert officer.get(reverse(name, args=[pk, "burn"])).status_code == 404


def test_units_merge_into_one_that_is_typed(place, owed, officer):
    other = UnitFactory(name="东镇分校", parent=place.township)
    address = reverse("merge", args=[place.school.pk], query={"campaign": owed.requirement.campaign_id})
    _, done = through(officer, address, into="东镇分校", reason="布局调整")
    place.school.refresh_from_db()
    assert place.school.successor == other
    assert done.headers["Location"] == reverse("changes", args=[owed.requirement.campaign_id])


def refused_successor(client: Client, place, into: str) -> list[str]:
    answer = client.post(reverse("merge", args=[place.school.pk]), {"into": into, "reason": "布局调整"})
    return answer.context["form"].errors["into"]


def test_a_unit_cannot_merge_into_what_is_not_another_unit_of_theirs(place, owed, officer):
    UnitFactory(name="外县小学")
    UnitFactory(name="东镇旧小学", parent=place.township, closed_at=NOW, successor=place.middle)
    said = {
        "东镇中心小学": "不能并入自身，请另选并入的单位。",
        "外县小学": "没有找到以下单位，请核对名称或标识码：外县小学。",
        "东镇旧小学": "以下单位已撤并，请去掉或改填并入的单位：东镇旧小学（并入示例县第一初级中学）。",
        "示例县教育局": "不能并入最上级的单位，请另选并入的单位：示例县教育局。",
        "东镇、党办": "只能填写一个单位，请填写一个名称或标识码。",
    }
    assert {into: refused_successor(officer, place, into) for into in said} == {
        into: [sentence] for into, sentence in said.items()
    }


@pytest.mark.parametrize("typed", ["分校", "xzfx", "XZFX", "3100000002"])
def test_a_part_of_the_name_or_the_pinyin_is_enough_where_only_one_fits(place, owed, officer, typed):
    other = UnitFactory(name="西镇分校", pinyin="xzfx", code="3100000002", parent=place.township)
    through(officer, reverse("merge", args=[place.school.pk]), into=typed, reason="布局调整")
    place.school.refresh_from_db()
    assert place.school.successor == other


def test_where_several_fit_up_to_five_of_them_are_named(place, owed, officer):
    for number in range(1, 4):
        UnitFactory(name=f"西镇分校{number}", parent=place.township)
    sentence = "“西镇”对应多个单位，请填写全称或标识码："
    three = "西镇分校1（东镇）、西镇分校2（东镇）、西镇分校3（东镇）"
    assert refused_successor(officer, place, "西镇") == [f"{sentence}{three}。"]
    for number in range(4, 8):
        UnitFactory(name=f"西镇分校{number}", parent=place.township)
    five = f"{three}、西镇分校4（东镇）、西镇分校5（东镇）"
    assert refused_successor(officer, place, "西镇") == [f"{sentence}{five}等7个单位。"]


def test_the_exact_name_wins_over_longer_ones(place, owed, officer):
    exact = UnitFactory(name="西镇分校", parent=place.township)
    UnitFactory(name="西镇分校二部", parent=place.township)
    through(officer, reverse("merge", args=[place.school.pk]), into="西镇分校", reason="布局调整")
    place.school.refresh_from_db()
    assert place.school.successor == exact


def test_a_unit_splits_into_those_typed(place, owed, officer):
    address = reverse("split", args=[place.school.pk])
    through(officer, address, parts="东镇二小\n东镇幼儿园，幼儿园", reason="规模过大")
    made = Unit.objects.filter(name__in=["东镇二小", "东镇幼儿园"]).order_by("pk")
    assert list(made.values_list("kind", flat=True)) == [UnitKind.PRIMARY, UnitKind.KINDERGARTEN]


# Reading names and parts ----------------------------------------------------------------------------


def looked_up(text: str, among: UnitQuerySet | None = None) -> Named:
    everybody = Unit.objects.all()
    return units_named(text, everybody if among is None else among, everybody)


def test_units_are_known_by_name_code_and_former_name(place):
    Unit.objects.filter(pk=place.school.pk).update(code="3100000001")
    FormerName.objects.create(unit=place.middle, name="示例县一中", until=NOW)
    text = f" {place.township.name}\r\n3100000001\t示例县一中、 党办,不存在\n不存在"
    named = looked_up(text)
    assert list(named.found.values()) == [place.township, place.school, place.middle, place.section]
    assert (named.unknown, named.ambiguous) == (["不存在"], [])


def test_namesakes_are_not_guessed(place):
    UnitFactory(name="中心小学", parent=place.township)
    UnitFactory(name="中心小学", parent=place.bureau)
    assert looked_up("中心小学").ambiguous == ["中心小学"]


def test_the_present_name_wins_over_a_former_one(place):
    place.school.name = "东镇实验小学"
    unit_tree.save(place.school, at=NOW, by=place.officer)
    now_so_called = UnitFactory(name="东镇中心小学", parent=place.township)
    assert looked_up("东镇中心小学").found == {"东镇中心小学": now_so_called}


def test_the_present_name_wins_even_when_only_the_former_one_may_be_touched(place):
    place.school.name = "东镇实验小学"
    unit_tree.save(place.school, at=NOW, by=place.officer)
    now_so_called = UnitFactory(name="东镇中心小学", parent=place.township)
    named = looked_up("东镇中心小学", among=Unit.objects.filter(pk=place.school.pk))
    assert (named.found, named.elsewhere) == ({}, {"东镇中心小学": now_so_called})


def test_a_namesake_that_may_not_be_touched_does_not_matter(place):
    asked = UnitFactory(name="中心小学", parent=place.township)
    UnitFactory(name="中心小学", parent=place.bureau)
    named = looked_up("中心小学", among=Unit.objects.filter(pk=asked.pk))
    assert named.found == {"中心小学": asked}


@given(text=st.text())
def test_every_name_typed_is_found_unknown_or_ambiguous(text):
    nobody = Unit.objects.none()
    named = units_named(text, nobody, nobody)
    assert (named.found, named.elsewhere, named.ambiguous) == ({}, {}, [])
    assert all(name == name.strip() and name for name in named.unknown)
    assert units_named("\n".join(named.unknown), nobody, nobody) == named


@given(text=st.text())
def test_parts_are_read_or_refused_whatever_is_typed(text):
    with contextlib.suppress(ValidationError):
        parts = parts_in(text, UnitKind.PRIMARY)
        assert all(name.strip() and isinstance(kind, UnitKind) for name, kind in parts)


@pytest.mark.parametrize("line", ["新校，小雪", "新校，小学，东镇", "，小学", "长" * 101])
def test_a_part_that_cannot_be_read_is_quoted(line):
    with pytest.raises(ValidationError, match="写法不对，请写成“名称，类别”"):
        parts_in(line, UnitKind.PRIMARY)


def test_an_officer_neither_merges_nor_splits_the_own_bureau(client, place, owed):
    """What stands beside it is its superior's business."""
    city = UnitFactory(name="示例市教育局", kind=UnitKind.BUREAU)
    Unit.objects.filter(pk=place.bureau.pk).update(parent=city)
    client.force_login(place.officer)
    for act in ("merge", "split"):
        assert client.get(reverse(act, args=[place.bureau.pk])).status_code == 404
