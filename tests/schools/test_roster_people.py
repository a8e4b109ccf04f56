"""Rows of the sheet 人员: who each speaks of, and what is refused."""

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.enums import Role
from schools.models import User
from schools.roster import findings, tree
from schools.roster import people as of_people
from schools.roster.layout import tidy_phone
from tests.factories import MembershipFactory, UserFactory, county, person
from tests.schools.rosters import check, counts, load, mistakes, someone, unit

SCHOOL = "东镇中心小学"
MOBILE, LANDLINE = "13800000000", "0371-65000000"


@pytest.fixture
def keeper(place):
    return person(Role.SYSTEM, place.section)


def sentences(found: list[tuple]) -> list[tuple[int, str, str]]:
    return [(row, column, sentence) for _, row, column, sentence in found]


def posts(user: User) -> set[tuple[str, str]]:
    return set(user.memberships.filter(ended_at=None).values_list("unit__name", "role"))


# Recognised -------------------------------------------------------------------------------------------


def test_a_new_person_gets_an_account_a_key_and_a_post(place, keeper):
    load(keeper, people=[someone("周示例", SCHOOL, 手机="13800000000", 电子邮箱="zhou@example.com")])
    made = User.objects.get(name="周示例")
    assert (made.username, made.pinyin, made.phone, made.email) == (
        "dzzxxx01", "zsl", "13800000000", "zhou@example.com",
    )  # fmt: skip
    assert (made.has_usable_password(), made.must_change_password) == (False, True)
    assert posts(made) == {(SCHOOL, "secretary")}


def test_the_same_roster_again_changes_nothing(place, keeper):
    rows = [
        someone("周示例", SCHOOL),
        someone("吴示例", SCHOOL, "单位负责人", 手机="13800000000"),
        someone("郑示例", "东镇", 用户名="zheng"),
        someone("郑示例", SCHOOL, 用户名="zheng"),
    ]
    load(keeper, people=rows)
    assert counts(load(keeper, people=rows))["人员"] == (0, 0, 3)


def test_generated_user_names_pass_over_those_in_use(place, keeper):
    UserFactory(username="dzzxxx01")
    UserFactory(username="DZZXXX02")
    load(keeper, people=[someone("周示例", SCHOOL), someone("吴示例", SCHOOL)])
    made = User.objects.filter(name__in=["周示例", "吴示例"]).order_by("pk")
    assert [user.username for user in made] == ["dzzxxx03", "dzzxxx04"]


def test_a_person_is_known_by_the_user_name_first(place, keeper):
    name = place.secretary.username
    load(keeper, people=[someone("新名示例", SCHOOL, 用户名=name, 手机="13800000000")])
    place.secretary.refresh_from_db()
    assert (place.secretary.name, place.secretary.pinyin, place.secretary.phone) == (
        "新名示例", "xmsl", "13800000000",
    )  # fmt: skip


def test_else_by_telephone_and_name(place, keeper):
    place.secretary.phone = "138 0000 0000"
    place.secretary.save()
    row = someone(place.secretary.name, "东镇", 手机="13800000000", 用户名="xin")
    load(keeper, people=[row])
    place.secretary.refresh_from_db()
    assert place.secretary.username == "xin"
    assert counts(check(keeper, people=[row]))["人员"] == (0, 0, 1)


def test_else_by_name_and_unit(place, keeper):
    load(keeper, people=[someone(place.secretary.name, SCHOOL, 电子邮箱="a@example.com")])
    place.secretary.refresh_from_db()
    assert place.secretary.email == "a@example.com"


def test_one_person_with_two_posts_is_one_person(place, keeper):
    rows = [
        someone("周示例", SCHOOL, 手机="13800000000"),
        someone("周示例", "东镇", "单位负责人", 手机="13800000000"),
    ]
    assert counts(load(keeper, people=rows))["人员"] == (1, 0, 0)
    assert posts(User.objects.get(name="周示例")) == {(SCHOOL, "secretary"), ("东镇", "head")}


def test_namesakes_of_one_school_are_told_apart_by_telephone_or_user_name(place, keeper):
    rows = [
        someone("周示例", SCHOOL, 手机="13800000001"), someone("周示例", SCHOOL, 手机="13800000002"),
        someone("吴示例", SCHOOL, 用户名="wu1"), someone("吴示例", SCHOOL, 用户名="wu2"),
    ]  # fmt: skip
    assert counts(load(keeper, people=rows))["人员"] == (4, 0, 0)
    assert counts(load(keeper, people=rows[::-1]))["人员"] == (0, 0, 4)


def test_a_namesake_who_is_new_does_not_take_the_place_of_the_one_who_was_there(place, keeper):
    load(keeper, people=[someone("周示例", SCHOOL, 手机="13800000001")])
    rows = [someone("周示例", SCHOOL, 手机="13800000002"), someone("周示例", SCHOOL, 手机="13800000001")]
    assert counts(load(keeper, people=rows))["人员"] == (1, 0, 1)


def test_who_was_dismissed_is_known_again_and_serves_again(place, keeper):
    place.secretary.memberships.update(ended_at=place.officer.date_joined)
    load(keeper, people=[someone(place.secretary.name, SCHOOL)])
    assert posts(place.secretary) == {(SCHOOL, "secretary")}


def test_a_missing_post_is_added_and_none_is_taken_away(place, keeper):
    load(keeper, people=[someone(place.secretary.name, SCHOOL, "单位负责人")])
    assert posts(place.secretary) == {(SCHOOL, "secretary"), (SCHOOL, "head")}


def test_people_may_serve_units_of_the_same_file(place, keeper):
    load(keeper, [unit("西镇小学", "东镇")], [someone("周示例", "西镇小学")])
    assert User.objects.get(name="周示例").username == "xzxx01"


def test_who_left_is_deactivated_by_the_column_and_never_by_absence(place, keeper):
    load(keeper, people=[someone("周示例", SCHOOL)])
    assert User.objects.get(pk=place.secretary.pk).is_active
    load(keeper, people=[someone(place.secretary.name, SCHOOL, "单位负责人", 状态="停用")])
    place.secretary.refresh_from_db()
    assert (place.secretary.is_active, posts(place.secretary)) == (False, {(SCHOOL, "secretary")})
    load(keeper, people=[someone(place.secretary.name, SCHOOL, 状态="在用")])
    place.secretary.refresh_from_db()
    assert place.secretary.is_active


def test_a_row_that_renames_the_account_of_a_school_asks_to_look_again(place, keeper):
    old, username = place.secretary.name, place.secretary.username
    plan = check(keeper, people=[someone("新名示例", SCHOOL, 用户名=username)])
    sentence = f"用户名“{username}”是{old}的账号，导入后姓名将由“{old}”改为“新名示例”，请核对是否为同一人。"
    assert (plan.errors, [(one.row, one.column, one.sentence) for one in plan.warnings]) == (
        [], [(2, "姓名", sentence)],
    )  # fmt: skip
    assert check(keeper, people=[someone(old, SCHOOL, 用户名=username, 手机=MOBILE)]).warnings == []


@pytest.mark.parametrize("number", [MOBILE, LANDLINE, "65000000", "6500000", "037165000000", "400-000-0000"])
def test_plausible_telephone_numbers_are_taken(place, keeper, number):
    load(keeper, people=[someone("周示例", SCHOOL, 手机=number)])
    assert User.objects.get(name="周示例").phone == number


@pytest.mark.parametrize("stored", ["138-0000-0000", "0371 6500 0000", "（0371）65000000", "65000000转8001"])
def test_a_number_that_is_kept_already_comes_to_nothing(place, keeper, stored):
    """Whatever was typed into the account, the roster that says so again is no mistake and no change."""
    place.secretary.phone = stored
    place.secretary.save()
    read = tidy_phone(stored)
    rows = [someone(place.secretary.name, SCHOOL, 用户名=place.secretary.username, 手机=read)]
    assert counts(load(keeper, people=rows))["人员"] == (0, 0, 1)


@given(
    st.text("0123456789", min_size=10, max_size=10), st.lists(st.integers(0, 11)), st.sampled_from("- －—　")
)
def test_blanks_and_dashes_in_a_mobile_number_do_not_count(digits, places, mark):
    written = number = f"1{digits}"
    for place in places:
        written = written[:place] + mark + written[place:]
    assert tidy_phone(written) == tidy_phone(number) == number


@given(st.text("0123456789-－—（）+ 　转a", max_size=20))
def test_a_tidied_number_stays_as_it_is(text):
    assert tidy_phone(tidy_phone(text)) == tidy_phone(text)


# Refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (someone("", SCHOOL), ("姓名", findings.MISSING.format(column="姓名"))),
        (someone("甲", ""), ("单位", findings.MISSING.format(column="单位"))),
        (someone("甲", "邻县小学"), ("单位", tree.UNKNOWN.format(text="邻县小学"))),
        (someone("甲", SCHOOL, ""), ("角色", findings.MISSING.format(column="角色"))),
        *((someone("甲", SCHOOL, role.label), ("角色", of_people.OTHER_ROLE))
          for role in Role if role not in Role.own_unit()),
        (someone("甲", SCHOOL, "教师"), ("角色", findings.CHOICES.format(
            text="教师", choices="信息员、单位负责人"))),
        (someone("甲" * 41, SCHOOL), ("姓名", findings.LONG.format(column="姓名", limit=40))),
        (someone("甲", SCHOOL, 手机="办公室"), ("手机", of_people.WRONG_PHONE)),
        (someone("甲", SCHOOL, 手机="1" * 21), ("手机", findings.LONG.format(column="手机", limit=20))),
        *((someone("甲", SCHOOL, 手机=wrong), ("手机", of_people.WRONG_PHONE)) for wrong in (
            "12", "1380000000", "138000000001", "23800000-", "0371--1234567", "(0371)65000000")),
        (someone("甲", SCHOOL, 手机="13900000000"), ("手机", of_people.SAME_PHONE.format(name="李示例"))),
        (someone("甲", SCHOOL, 电子邮箱="甲"), ("电子邮箱", of_people.WRONG_EMAIL)),
        (someone("甲", SCHOOL, 用户名="示例"), ("用户名", of_people.WRONG_USERNAME)),
        (someone("甲", SCHOOL, 用户名="neighbour"), ("用户名", of_people.TAKEN)),
        (someone("甲", SCHOOL, 用户名="technical"), ("用户名", of_people.TAKEN)),
        (someone("甲", SCHOOL, 状态="离职"), ("状态", findings.CHOICES.format(
            text="离职", choices="在用、停用"))),
        (someone("甲", SCHOOL, 状态="停用"), ("状态", of_people.LEFT_ALREADY)),
        (someone("管示例", "党办", 用户名="keeper", 状态="停用"), ("状态", of_people.NOT_SELF)),
        # Nobody gives himself a post, nor a school's to those who oversee it.
        *((someone(name, SCHOOL, 用户名=username), ("姓名", of_people.APPOINTED.format(name=name)))
          for name, username in (("管示例", "keeper"), ("谢示例", "officer"))),
        (someone("安示例", "党办", 用户名="security"), ("姓名", of_people.NOT_YOURS.format(name="安示例"))),
        *((someone("孙示例", SCHOOL, 用户名=username), ("用户名", sentence)) for username, sentence in (
            ("officer", "用户名“officer”是谢示例的账号，担任其他职务，不能通过花名册修改；请核对用户名。"),
            ("both", "用户名“both”是何示例的账号，担任其他职务，不能通过花名册修改；请核对用户名。"),
            ("nowhere", "用户名“nowhere”是吕示例的账号，目前没有任职，不能通过花名册修改；请核对用户名。"))),
    ],
)  # fmt: skip
def test_mistakes_are_named_by_row_and_column(place, elsewhere, row, expected):
    keeper = person(Role.SYSTEM, place.section, username="keeper", name="管示例")
    person(Role.SECURITY, place.section, username="security", name="安示例")
    person(Role.SECRETARY, place.school, name="李示例", phone="13900000000")
    person(Role.OFFICER, place.section, username="officer", name="谢示例")
    both = person(Role.SECRETARY, place.school, username="both", name="何示例")
    MembershipFactory(user=both, unit=place.section, role=Role.LEADER)
    UserFactory(username="nowhere", name="吕示例")
    User.objects.create_superuser("technical", name="技术账号")
    User.objects.filter(pk=elsewhere.user.pk).update(username="neighbour")
    assert sentences(mistakes(keeper, people=[row])) == [(2, *expected)]


def test_who_also_serves_beyond_the_scope_is_not_changed(place, keeper, elsewhere):
    MembershipFactory(user=place.secretary, unit=elsewhere.unit)
    name = place.secretary.name
    assert mistakes(keeper, people=[someone(name, SCHOOL)]) == []
    assert sentences(mistakes(keeper, people=[someone(name, SCHOOL, 手机="13800000000")])) == [
        (2, "姓名", of_people.NOT_YOURS.format(name=name))
    ]


def test_the_same_post_twice_is_refused(place, keeper):
    found = mistakes(keeper, people=[someone("甲", SCHOOL), someone("甲", SCHOOL)])
    assert sentences(found) == [(3, "姓名", of_people.TWICE.format(other=2))]


def test_rows_of_one_person_that_contradict_each_other_are_refused(place, keeper):
    rows = [
        someone("甲", SCHOOL, 用户名="jia", 手机=MOBILE),
        someone("甲", "东镇", 用户名="jia", 手机=LANDLINE),
    ]
    assert sentences(mistakes(keeper, people=rows)) == [
        (3, "手机", of_people.AT_ODDS.format(other=2, column="手机"))
    ]


def test_one_new_user_name_is_not_given_to_two(place, keeper):
    other = person(Role.SECRETARY, place.school, name="李示例")
    rows = [
        someone(place.secretary.name, SCHOOL, 用户名="xin"),
        someone(other.name, SCHOOL, "单位负责人", 用户名="xin"),
    ]  # fmt: skip
    assert sentences(mistakes(keeper, people=rows)) == [
        (3, "姓名", of_people.AT_ODDS.format(other=2, column="姓名"))
    ]


def test_existing_namesakes_of_one_school_ask_for_the_user_name(place, keeper):
    person(Role.HEAD, place.school, name=place.secretary.name)
    found = mistakes(keeper, people=[someone(place.secretary.name, SCHOOL)])
    sentence = of_people.NAMESAKES.format(unit=SCHOOL, n=2, name=place.secretary.name)
    assert sentences(found) == [(2, "姓名", sentence)]


def test_people_of_a_unit_whose_row_failed_are_not_named_again(place, keeper):
    found = mistakes(keeper, [unit("西镇小学", "东镇", "大学")], [someone("甲", "西镇小学")])
    assert [(sheet, row) for sheet, row, *_ in found] == [("单位", 2)]


# Whatever the rows ------------------------------------------------------------------------------------

lines = st.fixed_dictionaries(
    {
        "姓名": st.sampled_from(["甲", "乙"]),
        "单位": st.sampled_from([SCHOOL, "东镇"]),
        "角色": st.sampled_from(["信息员", "单位负责人"]),
    },
    optional={
        "手机": st.sampled_from(["13800000001", "13800000002"]),
        "用户名": st.sampled_from(["jia", "yi"]),
        "状态": st.sampled_from(["在用", "停用"]),
    },
)


@settings(max_examples=60)
@given(first=st.lists(lines, max_size=4), second=st.lists(lines, max_size=4))
@pytest.mark.django_db
def test_whatever_was_imported_comes_to_the_same_when_imported_again(first, second):
    """Never a duplicate, never a crash: either mistakes, or a state that the same rows leave as it is."""
    with transaction.atomic():
        keeper = person(Role.SYSTEM, county().section)
        for rows in (first, second):
            if mistakes(keeper, people=rows):
                continue
            load(keeper, people=rows)
            number = User.objects.count()
            again = check(keeper, people=rows)
            if not again.errors:  # say, two rows that now mean one of two namesakes
                assert counts(again)["人员"][:2] == (0, 0)
            assert User.objects.count() == number
        transaction.set_rollback(True)
