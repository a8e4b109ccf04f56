"""The review queue: its filters and order, on from piece to piece, many at once, reasons often given."""

from datetime import date, datetime

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from lxml import html

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Campaign
from notices.workdays import end_of
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Unit, User
from submissions import queues
from submissions.enums import EventKind, PieceState
from submissions.models import Assignment, CommonReason, Fingerprint, Likeness, Submission, Version
from submissions.services import drafts, extending, publishing, reasons, reviewing, submitting, suggesting
from submissions.services.drafts import Words
from tests.factories import (
    DUE,
    NOW,
    PDF,
    County,
    MembershipFactory,
    OccurrenceFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    at,
    county,
    handed_in,
    person,
    ready_plan,
    upload,
)
from tests.submissions.test_pages import as_
from tests.submissions.test_steps import City

MEETING = {
    "held_on": "2026-03-01", "place": "会议室", "chair": "张", "recorder": "李", "present": "3",
    "agenda": "议题",
}  # fmt: skip

pytestmark = pytest.mark.django_db


def titles(user: User, **asked: object) -> list[str]:
    """What the queue lists under the parameters `asked`."""
    page = as_(user).get(reverse("queue"), asked).context["page"]
    return [piece.latest.title for piece in page]


def decided(client: Client, version: Version, query: dict | None = None, **data: str) -> HttpResponse:
    return client.post(reverse("review", args=[version.pk], query=query), {"verdict": "accept"} | data)


# Filters --------------------------------------------------------------------------------------------


class Desk:
    """Two campaigns: essays and minutes of the first, essays of the second; two schools of two branches."""

    def __init__(self, place: County) -> None:
        self.officer = place.officer
        self.schools = {"东": (place.school, place.secretary),
                        "直": (place.middle, person(Role.SECRETARY, place.middle))}  # fmt: skip
        self.first = ready_plan(place, title="征文")
        self.minutes = RequirementFactory(
            campaign=self.first.campaign, phase=self.first.phase, title="纪要", kind=RequirementKind.MINUTES
        )
        OccurrenceFactory(requirement=self.minutes)
        self.second = ready_plan(place, title="体会")
        for one in (self.first, self.second):
            publishing.publish(one.campaign, by=place.officer, at=NOW)
        self.hand_in("直", self.first, at(3, 3))
        self.hand_in("东", self.first, at(3, 4))
        self.hand_in("东", self.minutes, at(3, 5))
        self.hand_in("东", self.second, DUE)
        self.branches = {"东": place.township.pk, "直": place.bureau.pk}

    def hand_in(self, school: str, asked, when: datetime) -> Version:
        unit, by = self.schools[school]
        owed = Assignment.objects.get(unit=unit, occurrence__requirement=asked)
        sheet = MEETING if asked == self.minutes else {}
        words = Words(f"{school}{asked.title}", body="正文", sheet=sheet)
        piece = drafts.save_draft(owed.pk, 1, words, by=by, at=when).piece
        return submitting.submit(piece, by=by, at=when)


@pytest.fixture
def desk(place: County) -> Desk:
    return Desk(place)


def test_the_oldest_stands_first(desk: Desk) -> None:
    assert titles(desk.officer) == ["直征文", "东征文", "东纪要", "东体会"]


def test_each_filter_narrows_by_its_own(desk: Desk) -> None:
    assert titles(desk.officer, campaign=desk.first.campaign_id) == ["直征文", "东征文", "东纪要"]
    assert titles(desk.officer, requirement=desk.first.pk) == ["直征文", "东征文"]
    assert titles(desk.officer, branch=desk.branches["直"]) == ["直征文"]
    assert titles(desk.officer, kind="minutes") == ["东纪要"]
    assert titles(desk.officer, late="1") == ["东体会"]


def test_filters_add_up(desk: Desk) -> None:
    under = {"campaign": desk.first.campaign_id, "branch": desk.branches["东"]}
    assert titles(desk.officer, **under) == ["东征文", "东纪要"]
    assert titles(desk.officer, **under, kind="essay") == ["东征文"]
    assert titles(desk.officer, **under, kind="essay", late="1") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"campaign": "x"}, {"campaign": ""}, {"campaign": "-1"}, {"campaign": "9" * 30}, {"kind": "poem"},
        {"branch": "1 or 1"}, {"requirement": "²"}, {"page": "x"}, {"late": ""}, {"other": "1"},
    ],
)  # fmt: skip
def test_what_means_nothing_narrows_nothing(desk: Desk, asked: dict) -> None:
    assert len(titles(desk.officer, **asked)) == 4


def test_a_requirement_of_another_campaign_is_let_go(desk: Desk) -> None:
    """Somebody narrowed to a requirement and then chose another campaign."""
    asked = {"campaign": desk.second.campaign_id, "requirement": desk.first.pk}
    assert titles(desk.officer, **asked) == ["东体会"]


def test_one_can_narrow_by_what_waits_and_by_nothing_else(desk: Desk) -> None:
    def offered(**asked) -> dict[str, list[str]]:
        choices = as_(desk.officer).get(reverse("queue"), asked).context["choices"]
        return {one["name"]: [label for _, label in one["options"]] for one in choices}

    assert offered() == {
        "campaign": sorted([desk.first.campaign.title, desk.second.campaign.title]),
        "requirement": ["体会", "征文", "纪要"],
        "branch": ["东镇", "示例县教育局"],
        "kind": ["会议纪要", "征文"],
    }
    assert offered(campaign=desk.first.campaign_id)["requirement"] == ["征文", "纪要"]


def test_late_is_what_was_late_when_it_was_complete(place: County) -> None:
    """Not what was corrected after the due time; but what came late and does not complete the task is."""
    owed = assigned(place)
    first = handed_in(owed, place.secretary, title="按时")
    reviewing.send_back(first, by=place.officer, at=NOW, reason="请补充", correct_by=at(5, 9))
    handed_in(owed, place.secretary, title="改稿", at=at(5, 6))
    half = assigned(place, min_pieces=2)
    handed_in(half, place.secretary, title="迟的一半", at=DUE)
    assert (titles(place.officer), titles(place.officer, late="1")) == (["迟的一半", "改稿"], ["迟的一半"])


@pytest.mark.parametrize("rows", [1, 3])
def test_eleven_queries_however_long_and_however_narrow(
    place: County, rows: int, django_assert_num_queries
) -> None:
    for _ in range(rows):
        owed = assigned(place)
        handed_in(owed, place.secretary)
    client = as_(place.officer)
    asked = {"campaign": owed.requirement.campaign_id, "kind": "essay"}
    client.get(reverse("queue"))
    with django_assert_num_queries(11):
        client.get(reverse("queue"), asked)


# From piece to piece --------------------------------------------------------------------------------


def newest(title: str) -> Version:
    return Version.objects.filter(title=title).latest("pk")


def test_the_page_says_where_the_piece_stands(desk: Desk) -> None:
    place = queues.place_of(newest("东征文").submission, desk.officer, {})
    assert place == queues.Place(2, 4, newest("直征文").pk, newest("东纪要").pk)
    under = {"kind": "essay"}
    place = queues.place_of(newest("东体会").submission, desk.officer, under)
    assert place == queues.Place(3, 3, newest("东征文").pk, None)


def test_a_piece_outside_the_filters_has_no_place(desk: Desk) -> None:
    assert queues.place_of(newest("东纪要").submission, desk.officer, {"kind": "essay"}) is None


def test_after_a_decision_the_next_one_is_shown_under_the_same_filters(desk: Desk) -> None:
    client, query = as_(desk.officer), {"kind": "essay", "junk": "1"}
    answer = decided(client, newest("东征文"), query)
    assert answer.headers["Location"] == reverse(
        "version", args=[newest("东体会").pk], query={"kind": "essay"}
    )
    answer = decided(client, newest("东体会"), query)  # the last: on with the first
    assert answer.headers["Location"].startswith(reverse("version", args=[newest("直征文").pk]))
    answer = decided(client, newest("直征文"), query)
    assert answer.headers["Location"] == reverse("queue", query={"kind": "essay"})


def test_what_others_decided_meanwhile_is_passed_over(place: County, desk: Desk) -> None:
    other = person(Role.OFFICER, place.section)
    reviewing.accept(newest("东纪要"), by=other, at=NOW)
    answer = decided(as_(desk.officer), newest("东征文"))
    assert answer.headers["Location"] == reverse("version", args=[newest("东体会").pk])


def test_the_next_one_is_shown_in_its_newest_version(desk: Desk) -> None:
    second = newest("东征文")
    reviewing.send_back(second, by=desk.officer, at=at(3, 4), reason="请补充", correct_by=DUE)
    again = handed_in(second.submission.assignment, second.submitted_by, title="改稿", at=at(3, 4, 10))
    answer = decided(as_(desk.officer), newest("直征文"))
    assert answer.headers["Location"] == reverse("version", args=[again.pk])


def test_pieces_of_one_instant_are_all_met_once(place: County) -> None:
    owed = assigned(place)
    versions = [handed_in(owed, place.secretary, number=number) for number in (1, 2, 3)]
    met = [queues.next_version(place.officer, {}, version.submission) for version in versions]
    assert met == [versions[1].pk, versions[2].pk, versions[0].pk]


def test_a_decision_that_does_not_go_through_stays_on_the_piece(desk: Desk) -> None:
    version = newest("东征文")
    reviewing.accept(version, by=desk.officer, at=NOW)
    answer = decided(as_(desk.officer), version, {"kind": "essay"})
    assert (answer.status_code, answer.context["version"]) == (409, version)
    assert answer.context["queue_query"] == "kind=essay"


# Many at once ---------------------------------------------------------------------------------------


def accept_all(user: User, *versions: Version, follow: bool = True) -> tuple[HttpResponse, list[str]]:
    answer = as_(user).post(
        reverse("accept_many", query={"kind": "essay"}),
        {"version": [version.pk for version in versions]},
        follow=follow,
    )
    return answer, [str(one) for one in answer.context["messages"]]


def state_of(version: Version) -> str:
    return Submission.objects.get(pk=version.submission_id).state


def test_everything_ticked_is_accepted_and_nothing_else(desk: Desk) -> None:
    ticked = [newest("直征文"), newest("东征文")]
    answer, said = accept_all(desk.officer, *ticked)
    assert answer.redirect_chain == [(reverse("queue", query={"kind": "essay"}), 302)]
    assert said == ["已通过2篇材料。"]
    assert (titles(desk.officer), [state_of(one) for one in ticked]) == (
        ["东纪要", "东体会"], [PieceState.ACCEPTED] * 2,
    )  # fmt: skip


def test_what_somebody_else_decided_is_named_and_the_rest_accepted(place: County, desk: Desk) -> None:
    mine, theirs = newest("直征文"), newest("东征文")
    other = person(Role.OFFICER, place.section)
    reviewing.send_back(theirs, by=other, at=NOW, reason="请补充", correct_by=DUE)
    _, said = accept_all(desk.officer, mine, theirs)
    assert said == [
        "已通过1篇材料。",
        "《东征文》没有办理：这篇材料已有人审核，结论是“退回”；请刷新页面查看最新情况。",
    ]
    assert (state_of(theirs), theirs.reviews.count()) == (PieceState.RETURNED, 1)


def test_what_lies_out_of_scope_is_neither_touched_nor_named(desk: Desk) -> None:
    elsewhere = county()
    foreign = handed_in(assigned(elsewhere), elsewhere.secretary, title="别县的")
    _, said = accept_all(desk.officer, newest("直征文"), foreign)
    assert (said, state_of(foreign)) == (["已通过1篇材料。"], PieceState.PENDING)


def test_a_second_press_accepts_nothing_twice(desk: Desk) -> None:
    version = newest("直征文")
    accept_all(desk.officer, version)
    _, said = accept_all(desk.officer, version)
    assert said == ["《直征文》没有办理：这篇材料已有人审核，结论是“通过”；请刷新页面查看最新情况。"]
    assert version.reviews.count() == 1


def test_with_nothing_ticked_the_page_asks_to_tick(desk: Desk) -> None:
    assert accept_all(desk.officer)[1] == ["还没有勾选材料，请先勾选要通过的材料。"]
    assert len(titles(desk.officer)) == 4


def test_of_many_refusals_five_are_named(place: County) -> None:
    owed = assigned(place, max_pieces=7)
    versions = [handed_in(owed, place.secretary, number=number) for number in range(1, 8)]
    for version in versions:
        reviewing.accept(version, by=place.officer, at=NOW)
    _, said = accept_all(place.officer, *versions)
    assert (len(said), said[-1]) == (6, "另有2篇没有办理，请刷新后逐篇查看。")


def test_an_old_version_that_was_ticked_is_not_accepted_in_place_of_the_new(place: County, owed) -> None:
    old = handed_in(owed, place.secretary, title="初稿")
    submitting.withdraw(old.submission, by=place.secretary, at=NOW)
    handed_in(owed, place.secretary, title="改稿")
    _, said = accept_all(place.officer, old)
    assert said == ["《初稿》没有办理：学校已提交新的版本，请刷新页面后审核最新版本。"]
    assert state_of(old) == PieceState.PENDING


def test_a_district_passes_its_step_on(db: None) -> None:
    city = City()
    version = city.version(district_first=True)
    _, said = accept_all(city.people["city"], version)
    assert said == ["《一次家访》没有办理：这篇材料先由报送单位所属的区县局初审，您不能审核。"]
    _, said = accept_all(city.people["district"], version)
    assert said == ["已初审通过1篇材料，转终审。"]
    assert (state_of(version), version.submission.assignment.events.last().kind) == (
        PieceState.FIRST_PASSED, EventKind.PASSED_FIRST,
    )  # fmt: skip


# Opening again --------------------------------------------------------------------------------------

AGAIN = {"reopen-reason": "附件有误", "reopen-correct_on": "2099-05-10"}


@pytest.fixture
def accepted(place: County, owed: Assignment) -> Version:
    version = handed_in(owed, place.secretary)
    reviewing.accept(version, by=place.officer, at=NOW)
    return version


def reopening(user: User, version: Version, **data: str) -> HttpResponse:
    return as_(user).post(reverse("reopen", args=[version.pk]), AGAIN | data)


def offers_reopening(user: User, version: Version) -> bool:
    return "reopen_form" in as_(user).get(reverse("version", args=[version.pk])).context


def test_an_accepted_piece_is_opened_again(place: County, accepted: Version) -> None:
    assert offers_reopening(place.officer, accepted)
    answer = reopening(place.officer, accepted)
    assert answer.headers["Location"] == reverse("version", args=[accepted.pk])
    assert state_of(accepted) == PieceState.RETURNED
    assert not offers_reopening(place.officer, accepted)


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"reopen-reason": " "}, {"reason": ["重新打开时必须写明原因，便于学校修改。"]}),
        ({"reopen-correct_on": ""}, {"correct_on": ["请选择修改截止日期。"]}),
    ],
)
def test_what_is_missing_is_said_and_the_rest_kept(
    place: County, accepted: Version, data: dict, errors: dict
) -> None:
    answer = reopening(place.officer, accepted, **data)
    assert (answer.status_code, answer.context["reopen_form"].errors) == (422, errors)
    shown = answer.context["reopen_form"].data
    assert {name: shown[name] for name in AGAIN} == AGAIN | data
    assert state_of(accepted) == PieceState.ACCEPTED


def test_a_date_that_is_over_keeps_the_reason(place: County, accepted: Version) -> None:
    answer = reopening(place.officer, accepted, **{"reopen-correct_on": "2020-01-01"})
    assert (answer.status_code, answer.context["refusal"]) == (
        409, "修改期限须在今天或以后，请重新选择。",
    )  # fmt: skip
    assert answer.context["reopen_form"]["reason"].value() == "附件有误"


def test_after_the_campaign_nothing_is_opened_again(place: County, accepted: Version) -> None:
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    assert not offers_reopening(place.officer, accepted)
    assert reopening(place.officer, accepted).context["refusal"] == (
        "活动已结束，材料不能再重新打开；确需修改，请先重新开放活动。"
    )


def test_only_who_has_the_last_word_is_offered_to_open_again(db: None) -> None:
    city = City()
    version = city.version(district_first=True)
    for who in ("district", "city"):
        reviewing.accept(version, by=city.people[who], at=NOW)
    assert [offers_reopening(city.people[who], version) for who in ("district", "city")] == [False, True]
    answer = reopening(city.people["district"], version)
    assert (answer.status_code, answer.context["refusal"]) == (403, "这项材料由主办单位终审，您不能审核。")


# Reasons often given --------------------------------------------------------------------------------


def kept(bureau: Unit) -> list[str]:
    return list(CommonReason.objects.filter(bureau=bureau).values_list("text", flat=True))


def keep(user: User, *lines: str, **query: object) -> HttpResponse:
    address = reverse("common_reasons", query=query)
    return as_(user).post(address, {"reasons": "\r\n".join(lines)})


def test_reasons_are_kept_in_the_order_typed_and_once_each(place: County) -> None:
    keep(place.officer, "请补充数据", "", " 附件打不开 ", "请补充数据")
    assert kept(place.bureau) == ["请补充数据", "附件打不开"]
    keep(place.officer, "附件打不开", "字数不足", "请补充数据")
    assert kept(place.bureau) == ["附件打不开", "字数不足", "请补充数据"]
    trail = AuditEvent.objects.filter(action="reason.change").latest("pk")
    assert (trail.summary, trail.detail["before"]) == (
        "常用审核意见改为3条", {"reasons": ["请补充数据", "附件打不开"]},
    )  # fmt: skip


def test_the_same_list_again_leaves_no_trace(place: County) -> None:
    for _ in range(2):
        reasons.keep(place.bureau, ["请补充数据"], by=place.officer, at=NOW)
    assert AuditEvent.objects.filter(action="reason.change").count() == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([f"原因{n}" for n in range(31)], "最多保留30条，现有31条，请删减。"),
        (["长" * 201], f"“{'长' * 20}……”超过200字，请精简。"),
    ],
)
def test_too_many_or_too_long_a_reason_is_refused_and_kept_in_the_form(
    place: County, lines: list[str], said: str
) -> None:
    answer = keep(place.officer, *lines)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"reasons": [said]})
    assert (answer.context["form"]["reasons"].value(), kept(place.bureau)) == ("\r\n".join(lines), [])


def test_another_bureaus_reasons_are_neither_shown_nor_changed(place: County) -> None:
    elsewhere = county()
    reasons.keep(elsewhere.bureau, ["别县的原因"], by=elsewhere.officer, at=NOW)
    answer = as_(place.officer).get(reverse("common_reasons", query={"bureau": elsewhere.bureau.pk}))
    assert (answer.context["bureau"], form_of(answer)) == (place.bureau, "")
    keep(place.officer, "本县的原因", bureau=elsewhere.bureau.pk)
    assert (kept(elsewhere.bureau), kept(place.bureau)) == (["别县的原因"], ["本县的原因"])


def form_of(page: HttpResponse) -> str:
    return page.context["form"]["reasons"].value()


def test_an_officer_of_two_bureaus_keeps_two_lists_and_ticks_from_both(place: County) -> None:
    other = UnitFactory(name="另一县教育局", kind=UnitKind.BUREAU)
    MembershipFactory(user=place.officer, unit=other, role=Role.OFFICER)
    keep(place.officer, "请补充数据", "甲", bureau=place.bureau.pk)
    keep(place.officer, "请补充数据", "乙", bureau=other.pk)
    assert (kept(place.bureau), kept(other)) == (["请补充数据", "甲"], ["请补充数据", "乙"])
    version = handed_in(assigned(place), place.secretary)
    form = as_(place.officer).get(reverse("version", args=[version.pk])).context["form"]
    assert [text for text, _ in form.fields["common"].choices] == ["请补充数据", "甲", "乙"]


@pytest.mark.parametrize("asked", ["x", "", "-1", "9" * 5000])
def test_a_bureau_that_is_none_is_the_own_one(place: County, asked: str) -> None:
    answer = as_(place.officer).get(reverse("common_reasons"), {"bureau": asked})
    assert answer.context["bureau"] == place.bureau


def test_ticked_reasons_stand_before_the_typed_one(place: County, owed: Assignment) -> None:
    reasons.keep(place.bureau, ["请补充数据", "附件打不开", "字数不足"], by=place.officer, at=NOW)
    version = handed_in(owed, place.secretary)
    data = {"common": ["请补充数据", "字数不足"], "reason": " 第三段太短 ", "correct_on": "2099-01-01"}
    decided(as_(place.officer), version, verdict="return", **data)
    assert version.reviews.get().reason == "请补充数据\n字数不足\n第三段太短"


def test_a_ticked_reason_alone_is_a_reason(place: County, owed: Assignment) -> None:
    reasons.keep(place.bureau, ["请补充数据"], by=place.officer, at=NOW)
    version = handed_in(owed, place.secretary)
    data = {"common": ["请补充数据"], "reason": "", "correct_on": "2099-01-01"}
    decided(as_(place.officer), version, verdict="return", **data)
    assert version.reviews.get().reason == "请补充数据"


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("路上", ["家访路上"]),
        ("东镇", ["一次家访", "家访路上"]),
        ("dz", ["一次家访", "家访路上"]),
        ("西镇", []),
    ],
)
def test_pieces_are_looked_for_by_title_and_by_unit(
    place: County, owed: Assignment, sought: str, found: list[str]
) -> None:
    handed_in(owed, place.secretary)
    handed_in(owed, place.secretary, number=2, title="家访路上")
    page = as_(place.officer).get(reverse("queue"), {"q": sought}).context["page"]
    assert [piece.latest.title for piece in page] == found


def test_the_tabs_say_how_much_waits_behind_them(place: County, owed: Assignment) -> None:
    extending.ask(owed, until=end_of(date(2099, 5, 10)), reason="培训", by=place.secretary, at=NOW)
    suggesting.enter(owed.requirement.campaign, "合并报表", source="座谈", by=place.officer, at=NOW)
    page = as_(place.officer).get(reverse("queue"))
    tabs = html.fromstring(page.content.decode()).xpath("//nav[@aria-label='审核与办理']/a/text()")
    assert tabs == ["待审材料", "延期申请（1）", "合理化建议（1）", "优秀成果", "常用意见"]


def test_the_list_says_what_is_much_like_something_else(place: County, owed: Assignment) -> None:
    versions = [handed_in(owed, place.secretary, number=number) for number in (1, 2, 3)]
    other = handed_in(assigned(place), place.secretary)
    for version, share in zip(versions, (39, 40, 88), strict=False):
        Likeness.objects.create(version=version, other=other, share=share, other_share=share)
    page = as_(place.officer).get(reverse("queue")).context["page"]
    assert [piece.alike for piece in page] == [None, 40, 88, None]


# Versions side by side ------------------------------------------------------------------------------


@pytest.fixture
def corrected(place: County, owed: Assignment) -> list[Version]:
    """Three versions: the title changed first, then the text and a file."""
    made = []
    for title, body, file in (
        ("家访", "一\n二", ""),
        ("家访路上", "一\n二", ""),
        ("家访路上", "一", "甲.pdf"),
    ):
        piece = drafts.save_draft(owed.pk, 1, Words(title, body=body), by=place.secretary, at=NOW).piece
        if file:
            drafts.attach(piece, upload(file), by=place.secretary, at=NOW)
        made.append(submitting.submit(piece, by=place.secretary, at=NOW))
        if len(made) < 3:
            reviewing.send_back(made[-1], by=place.officer, at=NOW, reason="请改", correct_by=DUE)
    return made


def compared(user: User, version: Version, **asked: str) -> tuple[int, dict[str, list]] | None:
    """The number of the earlier version and (kind, text) of the spans of each field that differs."""
    found = as_(user).get(reverse("version", args=[version.pk]), asked).context["compared"]
    return found and (
        found[0].number,
        {one.label: [(span.kind, span.text) for span in one.spans] for one in found[1]},
    )


def test_a_reviewer_sees_what_changed_since_the_version_before(
    place: County, corrected: list[Version]
) -> None:
    number, fields = compared(place.officer, corrected[2])
    assert (number, fields) == (
        2,
        {
            "正文": [("same", "一"), ("gone", "\n二")],
            "附件": [("new", "甲.pdf\n")],
        },
    )


def test_what_the_worker_has_read_in_the_files_is_compared_with_the_text(
    place: County, corrected: list[Version]
) -> None:
    for version, text in ((corrected[1], "一\n二"), (corrected[2], "一\n附件里的话")):
        Fingerprint.objects.update_or_create(version=version, defaults={"text": text})
    _, fields = compared(place.officer, corrected[2])
    assert (list(fields), fields["正文和附件文字"][-1]) == (["正文和附件文字", "附件"], ("new", "附件里的话"))


def test_a_file_of_the_same_name_with_other_bytes_is_named(place: County, owed: Assignment) -> None:
    made = []
    for content in (PDF, PDF.replace(b"1.4", b"1.5")):
        piece = drafts.save_draft(owed.pk, 1, Words("家访", body="一"), by=place.secretary, at=NOW).piece
        piece.draft.draft_files.all().delete()
        drafts.attach(piece, upload("甲.pdf", content), by=place.secretary, at=NOW)
        made.append(submitting.submit(piece, by=place.secretary, at=NOW))
        if len(made) == 1:
            reviewing.send_back(made[0], by=place.officer, at=NOW, reason="请改", correct_by=DUE)
    _, fields = compared(place.officer, made[1])
    assert fields == {"附件": [("same", "甲.pdf"), ("new", "（内容有改动）"), ("same", "\n")]}


def test_the_facts_of_a_meeting_are_compared_as_they_are_read(place: County) -> None:
    owed = assigned(place, kind=RequirementKind.MINUTES)
    made = []
    for present in ("3", "13"):
        sheet = MEETING | {"present": present}
        words = Words("纪要", body="发言", sheet=sheet)
        piece = drafts.save_draft(owed.pk, 1, words, by=place.secretary, at=NOW).piece
        made.append(submitting.submit(piece, by=place.secretary, at=NOW))
        if len(made) == 1:
            reviewing.send_back(made[0], by=place.officer, at=NOW, reason="请改", correct_by=DUE)
    assert compared(place.officer, made[1])[1] == {"参加人数": [("new", "1"), ("same", "3人")]}


def test_any_earlier_version_can_be_asked_for_or_none(place: County, corrected: list[Version]) -> None:
    number, fields = compared(place.officer, corrected[2], compare="1")
    assert (number, list(fields)) == (1, ["标题", "正文", "附件"])
    assert compared(place.officer, corrected[2], compare="no") is None


@pytest.mark.parametrize("asked", ["3", "9", "x", "-1", "0"])
def test_a_version_that_is_none_is_the_one_before(place: County, corrected, asked: str) -> None:
    assert compared(place.officer, corrected[2], compare=asked)[0] == 2


def test_a_school_compares_when_it_asks_to(place: County, corrected: list[Version]) -> None:
    assert compared(place.secretary, corrected[2]) is None
    assert compared(place.secretary, corrected[1], compare="1") == (
        1, {"标题": [("same", "家访"), ("new", "路上")]},
    )  # fmt: skip


def test_indicators_of_one_name_are_compared_each_with_itself(place: County) -> None:
    owed = assigned(place, kind=RequirementKind.PROGRESS)
    for position in ([1], [2]):
        topic = owed.requirement.campaign.topics.create(position=position, title=f"专题{position}")
        topic.indicators.create(name="达标率", value=90, unit="%")
    one, other = (each.pk for each in topic.indicators.model.objects.order_by("pk"))
    versions = []
    for value in ("80", "85"):
        words = Words("月报", sheet={f"value_{one}": value, f"value_{other}": "70"})
        piece = drafts.save_draft(owed.pk, 1, words, by=place.secretary, at=NOW).piece
        versions.append(submitting.submit(piece, by=place.secretary, at=NOW))
        submitting.withdraw(piece, by=place.secretary, at=NOW)
    assert compared(place.secretary, versions[1], compare="1") == (
        1, {"达标率": [("same", "8"), ("gone", "0"), ("new", "5"), ("same", "%")]},
    )  # fmt: skip


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HEAD])
def test_a_school_never_sees_the_reviewers_forms(place: County, owed: Assignment, role: Role) -> None:
    version = handed_in(owed, place.secretary)
    own = person(role, place.school)
    for accept in (False, True):
        if accept:
            reviewing.accept(version, by=place.officer, at=NOW)
        page = as_(own).get(reverse("version", args=[version.pk]))
        assert [name for name in ("form", "reopen_form", "place") if name in page.context] == []
        assert page.content.decode().count("review.js") == 0
