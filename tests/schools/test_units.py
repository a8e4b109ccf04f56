"""Names, keys and codes of units; closing them; finding them and people in the admin."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from portal.models import AuditEvent
from schools.codes import ALPHABET, WEIGHTS, clean_code, is_credit_code
from schools.enums import Role
from schools.models import FormerName, User
from schools.pinyin import initials, key_for
from schools.rules import NotAllowed
from schools.services import people, units
from tests import pages
from tests.factories import NOW, UnitFactory, UserFactory, at, person
from tests.pages import address, errors

CREDIT = "91350100M000100Y43"  # the example of GB 32100-2015

# Keys -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key"),
    [("示例县第一小学", "slxdyxx"), ("重庆路（东）A-3", "cqlda3"), ("长安镇", "caz"), ("！", "")],
)
def test_a_key_is_the_initials_of_the_name(name, key):
    assert initials(name) == key


@given(st.text(max_size=30))
def test_a_key_holds_small_letters_and_digits_only(name):
    key = initials(name)
    assert key == "".join(one for one in key if one in "abcdefghijklmnopqrstuvwxyz0123456789")


@pytest.mark.parametrize(
    ("typed", "before", "key"),
    [
        ("", ("", ""), "dyxx"),
        ("dexx", ("第二小学", "dexx"), "dyxx"),
        ("zdy", ("第二小学", "zdy"), "zdy"),
        ("ZDY!", ("第二小学", "dexx"), "zdy"),
        ("zdy", ("第一小学", "dyxx"), "zdy"),
    ],
)
def test_a_key_follows_the_name_unless_it_was_put_right(typed, before, key):
    assert key_for("第一小学", typed, 60, before=before) == key


def test_keys_of_people_are_filled_in_and_follow(place):
    user = User(username="zhou", name="周示例")
    people.enroll(user, "Shili-2026x", at=NOW, by=place.officer)
    assert user.pinyin == "zsl"
    user.name = "吴示例"
    people.amend(user, at=NOW, by=place.officer)
    user.refresh_from_db()
    assert user.pinyin == "wsl"


# Codes ------------------------------------------------------------------------------------------------


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(1, 30))
def test_every_other_check_character_is_wrong(body, off):
    total = sum(ALPHABET.index(one) * weight for one, weight in zip(body, WEIGHTS, strict=True))
    right = (31 - total % 31) % 31
    wrong = ALPHABET[(right + off) % 31]
    assert (is_credit_code(body + ALPHABET[right]), is_credit_code(body + wrong)) == (True, False)


def test_a_code_is_stored_half_width_and_in_capitals():
    assert clean_code("　９１３５ 0100m000100Y43\n") == CREDIT


# Renaming ---------------------------------------------------------------------------------------------


def test_a_new_name_keeps_the_old_one(place, client):
    place.school.name = "东镇实验小学"
    units.save(place.school, at=at(3, 2), by=place.officer)
    units.save(place.school, at=at(3, 3), by=place.officer)
    kept = FormerName.objects.get()
    assert (kept.unit, kept.name, kept.until) == (place.school, "东镇中心小学", at(3, 2))
    client.force_login(place.officer)
    page = client.get(address("schools_unit", "change", place.school.pk)).content.decode()
    assert "东镇中心小学（至2026年3月2日）" in page


# Closing ----------------------------------------------------------------------------------------------


def test_a_unit_is_merged_into_another_and_its_people_stay(place):
    units.close(place.school, successor=place.middle, at=NOW, by=place.officer)
    place.school.refresh_from_db()
    assert (place.school.closed_at, place.school.successor) == (NOW, place.middle)
    assert place.secretary.memberships.get().ended_at is None
    event = AuditEvent.objects.get()
    assert (event.action, event.target, event.summary) == (
        "unit.merge", f"schools.unit:{place.school.pk}", "东镇中心小学并入示例县第一初级中学",
    )  # fmt: skip
    assert event.detail["after"] == {"closed_at": NOW.isoformat(), "successor": place.middle.pk}


def test_a_unit_may_end_without_a_successor(place):
    units.close(place.school, successor=None, at=NOW, by=place.officer)
    assert AuditEvent.objects.get().action == "unit.close"


def test_what_stands_in_the_way_of_closing(place):
    closed = UnitFactory(parent=place.township, closed_at=NOW)
    for unit, successor, sentence in [
        (place.township, place.section, "东镇还有下级单位，请先撤并下级单位或把它们移到别的单位之下。"),
        (place.school, place.school, "不能并入自己，请另选并入的单位。"),
        (place.school, closed, f"{closed}已撤并，请另选并入的单位。"),
        (closed, place.school, f"{closed}已撤并，无需再次办理。"),
    ]:
        with pytest.raises(NotAllowed) as refusal:
            units.close(unit, successor=successor, at=NOW, by=place.officer)
        assert str(refusal.value) == sentence
    assert not AuditEvent.objects.exists()


def test_closed_children_do_not_stand_in_the_way(place):
    place.school.closed_at = NOW
    place.school.save()
    units.close(place.township, successor=None, at=NOW, by=place.officer)
    assert place.township.closed_at == NOW


# In the admin -----------------------------------------------------------------------------------------


def change(client, unit, **values):
    where = address("schools_unit", "change", unit.pk)
    return client.post(where, pages.filled(client.get(where), "unit_form", **values))


def test_codes_and_keys_are_tidied_as_they_are_typed(signed_in, place):
    client = signed_in(Role.SYSTEM)
    typed = {"code": "２１00000001", "credit_code": CREDIT.lower(), "pinyin": "DZ-校x"}
    assert change(client, place.school, **typed).status_code == 302
    place.school.refresh_from_db()
    assert (place.school.code, place.school.credit_code, place.school.pinyin) == ("2100000001", CREDIT, "dzx")


def test_an_empty_code_is_none_and_may_stand_twice(signed_in, place):
    client = signed_in(Role.SYSTEM)
    for unit in (place.school, place.middle):
        assert change(client, unit, code=" ", credit_code="").status_code == 302
        unit.refresh_from_db()
        assert (unit.code, unit.credit_code) == (None, None)


def test_a_wrong_check_character_is_refused(signed_in, place):
    sentence = "统一社会信用代码为18位数字和大写字母，且末位校验码须相符，请核对后重新填写。"
    assert errors(change(signed_in(Role.SYSTEM), place.school, credit_code=CREDIT[:-1] + "4")) == [sentence]


def test_a_code_of_another_kind_is_saved_with_a_warning(signed_in, place):
    client = signed_in(Role.SYSTEM)
    assert change(client, place.school, code="3100000001").status_code == 302
    said = [str(one) for one in client.get(address("schools_unit", "changelist")).context["messages"]]
    assert "小学的学校（机构）标识码通常以21开头，请核对是否有误。" in said


def test_what_was_merged_stays_closed(signed_in, place):
    units.close(place.school, successor=place.middle, at=NOW, by=place.officer)
    client = signed_in(Role.SYSTEM)
    assert errors(change(client, place.school, closed_on="")) == [
        "该单位已并入示例县第一初级中学，撤并日期不能清空。"
    ]
    page = client.get(address("schools_unit", "change", place.school.pk)).content.decode()
    assert "并入单位" in page


@pytest.mark.parametrize("asked", ["dzsyxx", "DZSY", "东镇中心", "东镇实验"])
def test_units_are_found_by_key_and_by_former_name(signed_in, place, asked):
    place.school.name = "东镇实验小学"
    units.save(place.school, at=NOW, by=place.officer)
    client = signed_in(Role.SYSTEM)
    listed = client.get(address("schools_unit", "changelist"), {"q": asked}).context["cl"].result_list
    assert list(listed) == [place.school]
    query = {"app_label": "schools", "model_name": "unit", "field_name": "parent", "term": asked}
    found = client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [one["id"] for one in found] == [str(place.school.pk)]


def test_people_are_found_by_key(signed_in, place):
    sought = person(Role.SECRETARY, place.school, name="周示例")
    listed = signed_in(Role.SYSTEM).get(address("schools_user", "changelist"), {"q": "zsl"})
    assert sought in listed.context["cl"].result_list
    assert UserFactory(name="吴示例") not in listed.context["cl"].result_list


def test_the_lists_lead_to_the_roster_for_those_who_keep_it(signed_in):
    for role, shown in (
        (Role.SYSTEM, True),
        ("technical", True),
        (Role.OFFICER, False),
        (Role.SECURITY, False),
    ):
        for model in ("schools_unit", "schools_user"):
            page = signed_in(role).get(address(model, "changelist")).content.decode()
            assert (reverse("roster") in page) is shown
