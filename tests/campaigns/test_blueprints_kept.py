"""A bureau's own templates: editions, who is offered what, and what is offered no longer."""

from datetime import date

import pytest

from campaigns.blueprints import Invalid, read, write
from campaigns.blueprints.shelf import built_in
from campaigns.enums import CampaignKind
from campaigns.models import Blueprint
from campaigns.services import blueprints
from portal.models import AuditEvent
from schools.enums import UnitKind
from tests.factories import NOW, UnitFactory, at

TEXT = "格式: 1\n名称: 读书月\n类型: 大讨论\n说明: 每年一次\n开始: 2026-03-01\n结束: 2026-04-30\n"
LONGER = TEXT.replace("04-30", "05-31")


def saved(place, text: str = TEXT, host=None) -> Blueprint:
    return blueprints.save(host or place.bureau, text, by=place.officer, at=NOW)


def offered(unit) -> list[str]:
    """The names of the own templates offered to `unit`."""
    return [offer.name for offer in blueprints.available(unit) if offer.blueprint]


def test_the_first_text_of_a_name_is_edition_one(place):
    kept = saved(place)
    assert (kept.host, kept.name, kept.edition, kept.kind, kept.summary, kept.text) == (
        place.bureau,
        "读书月",
        1,
        "discussion",
        "每年一次",
        TEXT,
    )
    assert (kept.created_by, kept.created_at, kept.retired_at) == (place.officer, NOW, None)


def test_another_text_of_that_name_is_the_next(place):
    saved(place)
    assert saved(place, LONGER).edition == 2


def test_the_same_text_again_is_no_new_edition(place):
    assert saved(place) == saved(place)
    assert AuditEvent.objects.count() == 1


def test_a_text_that_was_retired_may_come_back_as_a_new_edition(place):
    blueprints.retire(saved(place), by=place.officer, at=NOW)
    assert saved(place).edition == 2


def test_each_bureau_counts_its_own_editions(place, elsewhere):
    saved(place)
    assert saved(place, host=elsewhere["bureau"]).edition == 1


def test_what_is_no_template_is_not_kept(place):
    with pytest.raises(Invalid, match="第5行：“开始”应为日期"):
        saved(place, TEXT.replace("2026-03-01", "三月"))
    assert Blueprint.objects.count() == 0


def test_saving_and_retiring_leave_a_trace(place):
    kept = saved(place)
    blueprints.retire(kept, by=place.officer, at=NOW)
    assert [(one.action, one.summary) for one in AuditEvent.objects.order_by("pk")] == [
        ("blueprint.save", "保存活动模板“读书月（第1版）”"),
        ("blueprint.retire", "停用活动模板“读书月（第1版）”"),
    ]
    assert AuditEvent.objects.get(action="blueprint.save").detail["after"]["text"] == TEXT.splitlines()


# What is offered --------------------------------------------------------------------------------------


def test_the_built_in_ones_come_first_one_for_each_kind(place):
    assert [offer.kind for offer in blueprints.available(place.bureau)] == CampaignKind.values


def test_the_newest_edition_is_offered(place):
    saved(place)
    saved(place, LONGER)
    assert offered(place.bureau) == ["读书月（第2版）"]


def test_what_is_retired_is_not_offered_in_any_of_its_editions(place):
    saved(place)
    blueprints.retire(saved(place, LONGER), by=place.officer, at=NOW)
    assert offered(place.bureau) == []


def test_retiring_twice_leaves_one_trace_and_the_first_time(place):
    kept = saved(place)
    blueprints.retire(kept, by=place.officer, at=NOW)
    blueprints.retire(kept, by=place.officer, at=at(3, 3))
    kept.refresh_from_db()
    assert (kept.retired_at, AuditEvent.objects.filter(action="blueprint.retire").count()) == (NOW, 1)


def test_an_edition_saved_after_that_is_offered_again(place):
    blueprints.retire(saved(place), by=place.officer, at=NOW)
    saved(place, LONGER)
    assert offered(place.bureau) == ["读书月（第2版）"]


def test_districts_are_offered_those_of_the_city_after_their_own_and_not_the_other_way(place):
    district = UnitFactory(name="东区教育局", kind=UnitKind.DISTRICT, parent=place.bureau)
    saved(place)
    saved(place, LONGER.replace("读书月", "科技月"), host=district)
    assert (offered(district), offered(place.bureau)) == (
        ["科技月（第1版）", "读书月（第1版）"],
        ["读书月（第1版）"],
    )


def test_another_county_is_not_offered_it(place, elsewhere):
    saved(place)
    assert offered(elsewhere["bureau"]) == []


# By its key -------------------------------------------------------------------------------------------


def test_whatever_is_offered_can_be_had(place):
    saved(place)
    plans = [blueprints.get(offer.key, place.bureau) for offer in blueprints.available(place.bureau)]
    assert plans == [*built_in().values(), read(TEXT)]


def test_its_file_is_as_it_was_handed_in(place):
    text = TEXT + "# 注\n"
    key = f"own-{saved(place, text).pk}"
    assert blueprints.text_of(key, place.bureau) == text


def test_the_file_of_a_built_in_one_is_there_too(place):
    assert blueprints.text_of("builtin-annual", place.bureau) == write(built_in()["annual"])


@pytest.mark.parametrize("key", ["", "builtin-none", "own-0", "own-x"])
def test_nothing_else_can(place, key):
    with pytest.raises(blueprints.NotThere):
        blueprints.get(key, place.bureau)


def test_nor_one_of_another_county(place, elsewhere):
    key = f"own-{saved(place).pk}"
    with pytest.raises(blueprints.NotThere):
        blueprints.get(key, elsewhere["bureau"])


def test_a_kept_template_says_its_days(place):
    kept = saved(place, LONGER)
    assert blueprints.get(f"own-{kept.pk}", place.bureau).ends_on == date(2026, 5, 31)
