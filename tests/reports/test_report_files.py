"""The files of reports and bulletins: drafts made anew and marked, signed ones as they were kept."""

from io import BytesIO
from urllib.parse import quote

import pytest
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from portal.files import store
from portal.models import AuditEvent
from reports.models import Report, SignedCopy
from reports.papers import bulletin as bulletin_paper
from reports.papers import filling
from reports.papers.paper import Heading, Text
from reports.services import bulletins, issuing, shapes
from tests.factories import PDF, county, upload
from tests.reports.bulletins import REACHED, late
from tests.reports.following import client_of
from tests.reports.reporting import TODAY, Case, reporting

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(place, monkeypatch) -> Case:
    monkeypatch.setattr("django.utils.timezone.now", lambda: TODAY)
    return reporting(place)


def fetch(user, name: str, *args):
    return client_of(user).get(reverse(name, args=args))


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def words(content: bytes) -> list[str]:
    return [one.text for one in Document(BytesIO(content)).paragraphs]


def downloads() -> int:
    return AuditEvent.objects.filter(action="file.download").count()


class TestWordAndExcel:
    def test_a_draft_is_made_anew_and_named_so(self, case) -> None:
        made = case.drafted()
        answer = fetch(case.officer, "report_word", made.pk)
        assert quote(f"{made.title}（草稿第1版）.docx") in answer["Content-Disposition"]
        assert (body(answer), downloads()) == (shapes.word_of(made), 0)

    def test_a_draft_of_the_tables_too(self, case) -> None:
        answer = fetch(case.leader, "report_book", case.drafted().pk)
        assert load_workbook(BytesIO(body(answer))).sheetnames

    def test_what_was_signed_comes_as_it_was_kept_and_is_logged(self, case) -> None:
        made = case.sent()
        for name, stored in (("report_word", made.word), ("report_book", made.book)):
            assert body(fetch(case.place.secretary, name, made.pk)) == store.path_of(stored).read_bytes()
        assert downloads() == 2

    def test_units_get_no_draft(self, case) -> None:
        made = case.to_sign()
        answers = [fetch(case.place.secretary, name, made.pk) for name in ("report_word", "report_book")]
        assert [one.status_code for one in answers] == [404, 404]

    def test_what_is_being_compiled_has_no_files(self, case) -> None:
        assert fetch(case.officer, "report_word", case.ordered().pk).status_code == 404

    def test_a_template_that_does_not_fit_any_more_is_said(self, case, monkeypatch) -> None:
        def faulty(report: Report) -> bytes:
            raise filling.Faulty("模板中的字段“甲”不存在。")

        made = case.drafted()
        monkeypatch.setattr(shapes, "word_of", faulty)
        page = client_of(case.officer).get(reverse("report_word", args=[made.pk]), follow=True)
        assert "字段“甲”不存在" in page.content.decode()


class TestSignedCopies:
    def send(self, user, made: Report, file=None):
        data = {"file": file} if file else {}
        return client_of(user).post(reverse("add_report_copy", args=[made.pk]), data)

    def test_it_becomes_the_main_download_of_units_and_leaders(self, case) -> None:
        made = case.sent()
        assert self.send(case.officer, made, upload("扫描件.pdf")).status_code == 302
        copy = SignedCopy.objects.get()
        address = reverse("report_copy", args=[made.pk, copy.pk])
        for reader in (case.leader, case.place.secretary):
            page = client_of(reader).get(reverse("report", args=[made.pk])).content.decode()
            assert f'<a class="btn btn-primary" href="{address}">' in page
        assert body(fetch(case.place.secretary, "report_copy", made.pk, copy.pk)) == PDF
        assert downloads() == 1

    def test_the_newest_one_is_it(self, case) -> None:
        made = case.sent()
        for name in ("一.pdf", "二.pdf"):
            self.send(case.officer, made, upload(name))
        page = client_of(case.place.secretary).get(reverse("report", args=[made.pk])).content.decode()
        newest = SignedCopy.objects.latest("pk")
        assert (newest.file.name, reverse("report_copy", args=[made.pk, newest.pk]) in page) == (
            "二.pdf",
            True,
        )

    @pytest.mark.parametrize(
        ("file", "sentence"),
        [
            (None, "请先选择要上传的文件"),
            (upload("表.xlsx"), "此处不能上传“表.xlsx”这类文件"),
            (upload("假.pdf", b"MZ"), "的内容不是 PDF 文档"),
        ],
        ids=["none", "kind", "content"],
    )
    def test_what_is_no_signed_paper_is_refused_in_a_sentence(self, case, file, sentence) -> None:
        answer = self.send(case.officer, case.sent(), file)
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
        assert not SignedCopy.objects.exists()

    def test_before_the_signature_it_is_not_taken(self, case) -> None:
        answer = self.send(case.officer, case.to_sign(), upload())
        assert (answer.status_code, issuing.NOT_SIGNED in answer.content.decode()) == (409, True)

    def test_elsewhere_there_is_none(self, case) -> None:
        made, stranger = case.sent(), county()
        self.send(case.officer, made, upload())
        copy = SignedCopy.objects.get()
        for reader in (stranger.officer, stranger.secretary):
            assert fetch(reader, "report_copy", made.pk, copy.pk).status_code == 404
        assert self.send(stranger.officer, made, upload()).status_code == 404
        assert fetch(case.officer, "report_copy", case.drafted(TODAY).pk, copy.pk).status_code == 404


class TestBulletins:
    def test_it_is_a_paper_like_its_page(self, place, monkeypatch) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: REACHED)
        made = late(place).sent()
        found = words(body(fetch(place.secretary, "bulletin_word", made.pk)))
        headings = ["一、总体情况", "二、报送及时的单位", "三、尚未报送的单位", "四、有关要求"]
        assert [one for one in found if one in headings] == headings
        ends = ["各有关单位：", "示例县教育局", "2026年5月11日"]
        assert [one for one in found if one in (*ends, "送审稿")] == ends

    def test_a_draft_is_marked_and_named_so(self, place, monkeypatch) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: REACHED)
        made = late(place).to_sign()
        answer = fetch(place.officer, "bulletin_word", made.pk)
        assert quote(f"{made.title}（送审稿）.docx") in answer["Content-Disposition"]
        document = Document(BytesIO(body(answer)))
        assert document.sections[0].header.paragraphs[0].text == "送审稿"

    def test_a_school_gets_no_draft(self, place) -> None:
        made = late(place).drafted()
        assert fetch(place.secretary, "bulletin_word", made.pk).status_code == 404

    @pytest.mark.parametrize(
        ("lines", "blocks"),
        [
            (["一、甲", "乙"], [Heading("甲"), Text("乙")]),
            (["一、甲", "三、丙", "二、乙"], [Heading("甲"), Text("", lead="三、丙"), Heading("乙")]),
            (["一、"], [Text("", lead="一、")]),
            (["（一）甲"], [Text("（一）甲")]),
        ],
    )
    def test_headings_keep_the_numbers_that_were_typed(self, lines, blocks) -> None:
        assert list(bulletin_paper._blocks(lines)) == blocks

    def test_numbers_of_the_annex_are_those_of_the_figures(self, place) -> None:
        made = late(place).drafted()
        paper = bulletin_paper.compose(
            title=made.title, body=made.body, figures=made.figures, sender="局", counted=REACHED, dated=None,
            mark="",
        )  # fmt: skip
        [grid] = paper.annexes[0].blocks
        numbers = made.figures["numbers"]
        keys = ("owed", "handed", "returned", "not_due", "overdue")
        assert grid.rows[-1] == ("合计", *(numbers[key] for key in keys))
        assert [sum(column) for column in list(zip(*grid.rows[:-1], strict=True))[1:]] == list(
            grid.rows[-1][1:]
        )

    def test_bulletins_changed_by_hand_are_written_as_they_read(self, place) -> None:
        made = late(place).drafted()
        bulletins.edit(
            made, title="通报", body="各校：\n一、情况\n有空行\n\n完", by=place.officer, at=REACHED
        )
        found = words(body(fetch(place.officer, "bulletin_word", made.pk)))
        assert [one for one in found if one in ("通报", "各校：", "一、情况", "有空行", "完")] == [
            "通报", "各校：", "一、情况", "有空行", "完",
        ]  # fmt: skip
