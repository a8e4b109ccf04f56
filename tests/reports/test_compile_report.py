"""`manage.py compile_report`: a report from the shell, of which nothing is kept."""

import json
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign
from portal.models import AuditEvent, Job
from reports.models import Report
from tests.factories import NOW, CampaignFactory, County, PhaseFactory
from tests.reports.busy import busy
from tests.reports.counts.agreeing import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(place: County) -> Campaign:
    """Its only phase is running."""
    made = busy(place).campaign
    made.phases.update(state="open", opened_at=NOW)
    return made


def said(*words: Any, **options: Any) -> str:
    out = StringIO()
    call_command("compile_report", *map(str, words), stdout=out, **options)
    return out.getvalue()


def test_it_writes_the_paper_and_prints_the_figures(campaign: Campaign, tmp_path: Path) -> None:
    file = tmp_path / "报告.docx"
    phase = campaign.phases.get()
    figures = json.loads(said(campaign.pk, phase.pk, output=str(file)))
    assert (figures["kind"], figures["phase"]["id"]) == ("phase", phase.pk)
    assert (
        figures["requirements"][0]["numbers"]["owed"]
        == rows(campaign).filter(occurrence__requirement=campaign.requirements.first()).count()
    )
    with ZipFile(file) as found:
        assert campaign.title in found.read("word/document.xml").decode()


def test_names_do_as_well_and_without_a_phase_all_is_told(campaign: Campaign, tmp_path: Path) -> None:
    file = str(tmp_path / "a.docx")
    phase = json.loads(said(campaign.title, campaign.phases.get().name, output=file))
    whole = json.loads(said(campaign.title, output=file))
    assert (phase["kind"], whole["kind"]) == ("phase", "campaign")


def test_nothing_is_written_down(campaign: Campaign, tmp_path: Path) -> None:
    before = AuditEvent.objects.count()
    said(campaign.pk, output=str(tmp_path / "a.docx"))
    assert (Report.objects.count(), Job.objects.count(), AuditEvent.objects.count()) == (0, 0, before)


def test_it_lists_campaigns_and_phases_an_object_a_line(campaign: Campaign) -> None:
    CampaignFactory(host=campaign.host)  # a draft
    phase = campaign.phases.get()
    found = [json.loads(line) for line in said(listed=True).splitlines()]
    assert found == [
        {
            "campaign": campaign.pk,
            "phase": None,
            "name": campaign.title,
            "host": "示例县教育局",
            "starts_on": "2026-02-01",
            "ends_on": "2026-05-31",
            "state": "published",
        },
        {
            "campaign": campaign.pk,
            "phase": phase.pk,
            "name": phase.name,
            "starts_on": "2026-03-01",
            "ends_on": "2026-04-30",
            "state": "open",
        },
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "请写明活动，并用-o写明Word文件写到哪里；用--list可以查看活动和阶段的编号。"),
        (("没有",), "没有编号或名称为“没有”的活动，用--list可以查看。"),
        (("9" * 30,), f"没有编号或名称为“{'9' * 30}”的活动，用--list可以查看。"),
        (("大讨论", "没有"), "没有编号或名称为“没有”的阶段，用--list可以查看。"),
        (("大讨论", "以后"), "这个阶段还没有开始，开始后才能编制报告。"),
        (("同名",), "名称为“同名”的活动不止一个，请改写编号，用--list可以查看。"),
    ],
)
def test_a_mistake_is_one_sentence(
    campaign: Campaign, words: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(title="大讨论")
    PhaseFactory(campaign=campaign, order=2, name="以后")
    for _ in range(2):
        CampaignFactory(host=campaign.host, title="同名", state="published", published_at=NOW)
    with pytest.raises(CommandError) as raised:
        said(*words, output=str(tmp_path / "a.docx") if words else None)
    assert str(raised.value) == sentence
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_named(campaign: Campaign, tmp_path: Path) -> None:
    file = str(tmp_path / "没有" / "a.docx")
    with pytest.raises(CommandError) as raised:
        said(campaign.pk, output=file)
    assert str(raised.value) == f"Word文件写不到“{file}”（No such file or directory），请换一个位置。"
