"""From the campaign's page to the file: who may ask for what, and a second press asks for nothing more."""

import pytest
from django.urls import reverse
from lxml import html

from portal import jobs
from portal.files import store
from portal.models import AuditEvent, Job
from portal.tasks import run_jobs
from schools.enums import Role
from submissions.forms_export import ExportForm
from submissions.services import publishing
from tests.factories import NOW, PhaseFactory, RequirementFactory, county, handed_in, person, ready_plan
from tests.submissions.exports import sheet_of
from tests.submissions.test_pages import as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(owed):
    return owed.requirement.campaign


def address(campaign) -> str:
    return reverse("export", args=[campaign.pk])


def options(response) -> list[tuple[str, str]]:
    tree = html.fromstring(response.content.decode())
    return [(one.get("value"), one.text) for one in tree.xpath("//section[@id='export']//option")]


@pytest.mark.parametrize("on", ["campaign", "changes"])
def test_the_form_offers_the_campaign_its_phases_and_its_requirements(place, campaign, owed, on):
    RequirementFactory(campaign=campaign, title="未下达")
    response = as_(place.officer).get(reverse(on, args=[campaign.pk]))
    phases = [(f"phase-{one.pk}", one.name) for one in campaign.phases.all()]
    asked = [(f"requirement-{owed.requirement.pk}", owed.requirement.title)]
    assert options(response) == [("", "整个活动"), *phases, *asked]


@pytest.mark.parametrize(("what", "kind", "title"), [
    ("archive", "work.archive", "打包材料"), ("list", "work.list", "导出台账"),
])  # fmt: skip
def test_a_button_starts_a_job_and_leads_to_its_page(place, campaign, what, kind, title):
    response = as_(place.officer).post(address(campaign), {"what": what, "of": ""})
    job = Job.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, reverse("job", args=[job.pk]))
    assert (job.kind, job.title, job.by) == (kind, f"{title}：{campaign}", place.officer)
    assert job.params == {"campaign": campaign.pk, "phase": None, "requirement": None}


def test_a_part_is_named_in_the_title(place, campaign, owed):
    phase = owed.requirement.phase
    for of in (f"phase-{phase.pk}", f"requirement-{owed.requirement.pk}"):
        as_(place.officer).post(address(campaign), {"what": "list", "of": of})
    assert [
        (job.title, job.params["phase"], job.params["requirement"]) for job in Job.objects.order_by("pk")
    ] == [
        (f"导出台账：{campaign}（{phase}）", phase.pk, None),
        (f"导出台账：{campaign}（{owed.requirement}）", None, owed.requirement.pk),
    ]


def test_pressed_twice_it_is_made_once_and_afterwards_anew(place, campaign):
    client = as_(place.officer)
    for _ in range(2):
        client.post(address(campaign), {"what": "list"})
    assert Job.objects.count() == 1
    jobs.run_waiting(lambda: NOW)
    client.post(address(campaign), {"what": "list"})
    assert Job.objects.count() == 2


@pytest.mark.parametrize(
    "data", [{}, {"what": "all"}, {"what": "list", "of": "phase-0"}, {"what": "list", "of": "x"}]
)
def test_what_there_is_not_is_refused_with_a_sentence(place, campaign, data):
    response = as_(place.officer).post(address(campaign), data, follow=True)
    assert response.redirect_chain == [(reverse("campaign", args=[campaign.pk]), 302)]
    assert [str(one) for one in response.context["messages"]] == [
        "所选的范围已不在活动中，请重新选择后再导出。"
    ]
    assert Job.objects.count() == 0


def test_the_parts_of_another_campaign_are_not_to_be_had(place, campaign):
    other = ready_plan(place).campaign
    publishing.publish(other, by=place.officer, at=NOW)
    phase = PhaseFactory(campaign=other)
    assert not ExportForm({"what": "list", "of": f"phase-{phase.pk}"}, campaign=campaign).is_valid()


def test_an_officer_of_another_county_learns_nothing(campaign):
    stranger = as_(county().officer)
    assert stranger.post(address(campaign), {"what": "archive"}).status_code == 404


def test_a_draft_campaign_has_nothing_to_export(place):
    draft = ready_plan(place).campaign
    assert as_(place.officer).post(address(draft), {"what": "archive"}).status_code == 404


def test_a_leader_starts_it_and_fetches_the_file_and_both_are_logged(place, campaign, owed):
    handed_in(owed, place.secretary)
    leader = person(Role.LEADER, place.bureau)
    client = as_(leader)
    page = client.post(address(campaign), {"what": "list"}).headers["Location"]
    run_jobs()
    tree = html.fromstring(client.get(page).content.decode())
    assert tree.xpath("string(//div[@role='status'])") == "处理已完成：共2项报送任务。"
    [link] = tree.xpath("//section[@id='progress']//a/@href")
    content = b"".join(client.get(link).streaming_content)
    assert [row["标题"] for row in sheet_of(content, "材料")] == ["一次家访"]
    assert list(AuditEvent.objects.filter(actor=leader).order_by("pk").values_list("action", flat=True)) == [
        "session.login", "job.start", "job.done", "file.download",
    ]  # fmt: skip
    assert store.path_of(Job.objects.get().product).read_bytes() == content
