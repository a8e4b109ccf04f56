"""Bureaus' own templates: uploading, the list, retiring, the page of fields, the sample."""

from io import BytesIO

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html

from portal.files import store
from portal.files.refusal import Refused
from portal.models import AuditEvent, StoredFile
from reports.enums import ReportKind
from reports.models import PaperTemplate, Report
from reports.papers import filling
from reports.papers.sample import sample
from reports.services import issuing, shapes, templates
from schools.enums import Role
from schools.models import User
from submissions.rules import NotAllowed, NotYours
from tests.factories import NOW, County, person, upload
from tests.reports.papers.forms import template
from tests.reports.reporting import TODAY, reporting

PHASE = ReportKind.PHASE


def sent(content: bytes | None = None, name: str = "示例模板.docx") -> SimpleUploadedFile:
    return upload(name, sample(PHASE) if content is None else content)


def kept(place: County, name: str = "红头报告") -> PaperTemplate:
    return templates.add(place.bureau, PHASE, name, sent(), by=place.officer, at=NOW)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(page) -> list[str]:
    found = html.fromstring(page.content.decode()).xpath(
        "//*[@role='alert']//li | //*[@class='invalid-feedback']"
    )
    return [one.text_content().strip() for one in found]


def test_a_template_whose_file_is_gone_is_said_to_be(place: County) -> None:
    case, form = reporting(place), kept(place)
    made = issuing.edit(case.drafted(), {"template_id": form.pk}, by=case.officer, at=TODAY)
    store.path_of(form.file).unlink()
    with pytest.raises(filling.Faulty, match=shapes.GONE):
        shapes.word_of(Report.objects.get(pk=made.pk))


# The service ------------------------------------------------------------------------------------------


def test_a_good_template_is_kept_with_its_bytes_and_a_trace(place: County) -> None:
    made = kept(place)
    assert store.path_of(made.file).read_bytes() == sample(PHASE)
    assert (made.host, made.kind, made.added_by, made.added_at) == (place.bureau, PHASE, place.officer, NOW)
    event = AuditEvent.objects.get(action="papertemplate.create")
    assert (event.actor, event.summary) == (place.officer, "阶段报告模板“红头报告”")


def test_a_faulty_one_is_not_kept_and_every_mistake_is_named(place: County) -> None:
    with pytest.raises(filling.Faulty) as fault:
        templates.add(
            place.bureau, PHASE, "模板", sent(template("{{ 甲 }}", "{{ 乙 }}")), by=place.officer, at=NOW
        )
    assert len(fault.value.sentences) == 2
    assert (PaperTemplate.objects.count(), StoredFile.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04 broken", "模板.docx"),
        (b"", "模板.docx"),
        (b"%PDF-1.4", "模板.pdf"),
        (b"x" * 6_000_000, "大.docx"),
    ],
)
def test_what_is_no_harmless_word_file_is_refused(place: County, content: bytes, name: str) -> None:
    with pytest.raises(Refused):
        templates.add(place.bureau, PHASE, "模板", sent(content, name), by=place.officer, at=NOW)
    assert StoredFile.objects.count() == 0


def test_only_officers_of_the_bureau_may(place: County) -> None:
    with pytest.raises(NotYours):
        templates.add(place.bureau, PHASE, "模板", sent(), by=place.secretary, at=NOW)
    with pytest.raises(NotYours):
        templates.retire(kept(place), by=person(Role.LEADER, place.bureau), at=NOW)


def test_a_name_is_given_once_and_again_when_it_is_free(place: County) -> None:
    first = kept(place)
    with pytest.raises(NotAllowed, match=templates.TAKEN):
        kept(place)
    templates.add(
        place.bureau,
        ReportKind.CAMPAIGN,
        "红头报告",
        sent(sample(ReportKind.CAMPAIGN)),
        by=place.officer,
        at=NOW,
    )
    templates.retire(first, by=place.officer, at=NOW)
    assert kept(place).retired_at is None


def test_retiring_twice_is_retiring_once(place: County) -> None:
    made = kept(place)
    for _ in range(2):
        templates.retire(made, by=place.officer, at=NOW)
    assert PaperTemplate.objects.get().retired_at == NOW
    assert AuditEvent.objects.filter(action="papertemplate.retire").count() == 1


# The pages --------------------------------------------------------------------------------------------


def test_an_officer_uploads_one_and_finds_it_in_the_list(place: County) -> None:
    client = logged_in(place.officer)
    page = client.post(
        reverse("add_paper_template"), {"kind": PHASE, "name": "红头报告", "file": sent()}, follow=True
    )
    assert page.redirect_chain == [(reverse("paper_templates"), 302)]
    [row] = html.fromstring(page.content.decode()).xpath("//tr[@data-row]")
    assert "红头报告" in row.text_content()
    file = client.get(reverse("paper_template_file", args=[PaperTemplate.objects.get().pk]))
    assert b"".join(file.streaming_content) == sample(PHASE)
    assert AuditEvent.objects.filter(action="file.download").count() == 1


def test_mistakes_stand_on_the_page_of_the_upload(place: County) -> None:
    client = logged_in(place.officer)
    address = reverse("add_paper_template")
    wrong = {"kind": PHASE, "name": "模板", "file": sent(template("应报{{ 总表.应报 }}项"))}
    page = client.post(address, wrong)
    assert (page.status_code, said(page)) == (
        422,
        ["模板第1段的“{{ 总表.应报 }}”没有这个字段，请对照字段表改正。"],
    )
    page = client.post(address, {"kind": PHASE, "name": "模板", "file": sent(b"%PDF-1.4", "模板.pdf")})
    assert page.status_code == 422
    assert page.context["form"].errors["file"] == [
        "此处不能上传“模板.pdf”这类文件，请改用以下格式之一：docx。"
    ]


def test_the_same_name_is_said_at_its_field(place: County) -> None:
    kept(place)
    page = logged_in(place.officer).post(
        reverse("add_paper_template"), {"kind": PHASE, "name": "红头报告", "file": sent()}
    )
    assert page.context["form"].errors["name"] == [templates.TAKEN]


def test_a_retired_one_leaves_the_list(place: County) -> None:
    made = kept(place)
    client = logged_in(place.officer)
    page = client.post(reverse("retire_paper_template", args=[made.pk]), follow=True)
    assert html.fromstring(page.content.decode()).xpath("//tr[@data-row]") == []


@pytest.mark.parametrize("kind", ReportKind)
def test_the_page_of_fields_shows_what_is_filled(place: County, kind: str) -> None:
    """Every single field that the page writes down passes the check of its kind."""
    page = logged_in(place.officer).get(reverse("paper_fields", query={"kind": kind}))
    shown = [written for _, single, _ in page.context["parts"] for written, _, _ in single]
    for _, _, lists in page.context["parts"]:
        for one in lists:
            loop = [line.replace("{%tr", "{%p").replace("{%tc", "{%p") for line in (*one.opened, *one.closed)]
            inside = len(one.opened)
            shown += [*loop[:inside], *(line[0] for line in one.lines), *loop[inside:]]
    filling.check(template(*shown), kind)


@pytest.mark.parametrize("kind", ReportKind)
def test_the_ways_of_writing_on_the_page_pass_too(place: County, kind: str) -> None:
    page = logged_in(place.officer).get(reverse("paper_fields", query={"kind": kind}))
    codes = html.fromstring(page.content.decode()).xpath(
        "//section[contains(@class, 'template-ways')]//dd//code"
    )
    shown = [one.text_content() for one in codes]
    rows = [line.replace("{%tr", "{%p") for line in shown]
    filling.check(template(*rows), kind)
    assert sum(line.startswith("{%tr") for line in shown) == 2


def test_the_sample_is_fetched(place: County) -> None:
    response = logged_in(place.officer).get(reverse("paper_sample", args=[PHASE]))
    assert (
        docx.Document(BytesIO(b"".join(response.streaming_content))).paragraphs[0].text
        == "{%p if 发文字号 %}"
    )
    assert logged_in(place.officer).get(reverse("paper_sample", args=["none"])).status_code == 404


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(place: County, django_assert_num_queries, n: int) -> None:
    for number in range(n):
        kept(place, f"模板{number}")
    client = logged_in(place.officer)
    client.get(reverse("paper_templates"))
    with django_assert_num_queries(QUERIES):
        client.get(reverse("paper_templates"))


QUERIES = 8
