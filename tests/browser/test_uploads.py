"""Files on their way: progress, a broken line, an expired session; and a look at them in the page."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from docx import Document
from playwright.sync_api import Locator, Page, Route, expect
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from portal.files import store
from portal.models import StoredFile, Upload
from submissions.models import Assignment, DraftFile, Submission
from submissions.services import drafts
from tests.browser.conftest import PASSWORD, SignIn
from tests.browser.hand import hasty
from tests.factories import NOW, County, assigned, drafted, upload
from tests.portal import hostile

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MEGABYTE = 1024 * 1024
#: What a browser says of an answer that is not a success, or of a broken line; the page says it in Chinese.
EXPECTED = ("Failed to load resource", "net::ERR")


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def photo(size: int) -> bytes:
    """A picture of `size` bytes: phones put their own data behind a photo."""
    whole = hostile.jpeg()
    return whole + bytes(size - len(whole))


def sent(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def open_piece(page: Page, owed: Assignment) -> Locator:
    page.goto(reverse("piece", args=[owed.pk, 1]))
    return page.get_by_label("附件")


def arrived(page: Page, *names: str) -> None:
    """Wait until the draft has these files."""
    expect(listed(page)).to_have_text(list(names))


def row(page: Page, name: str) -> Locator:
    return page.locator(".uploads li", has_text=name)


def listed(page: Page) -> Locator:
    return page.locator("#draft-files li > a")


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def complained(complaints: list[str]) -> list[str]:
    return [said for said in complaints if not said.startswith(EXPECTED)]


class Line:
    """The line between the browser and us: counts pieces, cuts or holds the one with a number."""

    def __init__(self, page: Page) -> None:
        self.pieces: list[tuple[int, int]] = []  # offset, length
        self.cut: set[int] = set()
        self.whole = False
        self.meanwhile: Callable[[], None] = lambda: None
        page.route("**/uploads/**", self._pass)

    def _pass(self, route: Route) -> None:
        request = route.request
        if request.method != "PATCH":
            return route.abort("connectionreset") if self.whole else route.continue_()
        self.pieces.append((int(request.headers["upload-offset"]), len(request.post_data_buffer or b"")))
        self.meanwhile()
        if self.whole or len(self.pieces) in self.cut:
            return route.abort("connectionreset")
        return route.continue_()


def test_two_files_arrive_though_the_line_breaks(
    place: County, sign_in: SignIn, complaints: list[str], media: Path
) -> None:
    owed = assigned(place)
    page = sign_in(place.secretary, phone=True)
    field = open_piece(page, owed)
    line = Line(page)
    line.cut = {2, 3}
    percents: list[str] = []
    page.expose_function("told", lambda text: percents.append(text))
    page.evaluate(
        "new MutationObserver(() => document.querySelectorAll('.uploads li').forEach((line) => "
        "told(line.innerText))).observe(document.querySelector('.uploads'), "
        "{subtree: true, childList: true, characterData: true})"
    )
    large, small = photo(3 * MEGABYTE + 5), photo(1000)
    field.set_input_files([sent("家访.jpg", large), sent("校门.jpg", small)])
    expect(listed(page)).to_have_count(2)
    assert sorted(listed(page).all_inner_texts()) == ["家访.jpg", "校门.jpg"]
    expect(page.get_by_text("已完成").first).to_be_visible()
    expect(field).to_have_value("")
    shown = "".join(percents)
    assert all(word in shown for word in ("上传中", "33%", "66%", "已完成"))
    kept = {stored.name: store.path_of(stored).read_bytes() for stored in StoredFile.objects.all()}
    assert kept == {"家访.jpg": large, "校门.jpg": small}
    assert len(on_disk(media)) == 2
    page.reload()
    expect(listed(page)).to_have_count(2)
    assert Submission.objects.get().draft.title == ""
    assert complained(complaints) == []


def test_what_was_chosen_before_the_script_was_there_arrives(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = hasty(sign_in(place.secretary))
    script: list[Route] = []
    page.route("**/js/uploads*.js", lambda route: script.append(route))
    page.goto(reverse("piece", args=[owed.pk, 1]), wait_until="commit")
    page.get_by_label("附件").set_input_files([sent("校门.jpg", photo(1000))])
    script[0].continue_()
    arrived(page, "校门.jpg")


def test_it_goes_on_from_where_the_line_broke(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = sign_in(place.secretary)
    field = open_piece(page, owed)
    line = Line(page)
    line.cut = {3}
    field.set_input_files(sent("家访.jpg", photo(3 * MEGABYTE)))
    arrived(page, "家访.jpg")
    places = [at for at, _ in line.pieces]
    assert places == [0, MEGABYTE, 2 * MEGABYTE, 2 * MEGABYTE]


def test_offline_it_waits_and_goes_on_by_itself(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = sign_in(place.secretary)
    field = open_piece(page, owed)
    line = Line(page)
    line.meanwhile = lambda: page.context.set_offline(True) if len(line.pieces) == 2 else None
    field.set_input_files(sent("家访.jpg", photo(3 * MEGABYTE)))
    expect(row(page, "家访.jpg")).to_contain_text("网络不通，恢复后自动继续。")
    expect(row(page, "家访.jpg")).to_contain_text("已暂停")
    page.context.set_offline(False)
    arrived(page, "家访.jpg")
    assert {at for at, _ in line.pieces} == {0, MEGABYTE, 2 * MEGABYTE}


def test_pausing_and_a_closed_browser(place: County, sign_in: SignIn, media: Path) -> None:
    """The same file chosen again for the same piece goes on from what had arrived."""
    owed = assigned(place)
    page = sign_in(place.secretary)
    field = open_piece(page, owed)
    line = Line(page)
    line.cut = {2}  # of a piece that is stopped on its way, a part may have arrived
    content = photo(3 * MEGABYTE)
    file = media.parent / "家访.jpg"
    file.write_bytes(content)
    line.meanwhile = lambda: row(page, "家访.jpg").get_by_role("button", name="暂停").evaluate(
        "button => button.click()"
    ) if len(line.pieces) == 2 else None  # fmt: skip
    field.set_input_files(file)
    expect(row(page, "家访.jpg")).to_contain_text("已暂停")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    field = open_piece(again, owed)
    second = Line(again)
    field.set_input_files(file)
    arrived(again, "家访.jpg")
    assert min(at for at, _ in second.pieces) == MEGABYTE
    assert store.path_of(StoredFile.objects.get()).read_bytes() == content
    assert again.evaluate("Object.keys(localStorage).filter(key => key.startsWith('tus::'))") == []


def test_a_session_that_expires_in_the_middle(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = sign_in(place.secretary)
    field = open_piece(page, owed)
    line = Line(page)
    line.meanwhile = lambda: Session.objects.all().delete() if len(line.pieces) == 2 else None
    field.set_input_files(sent("家访.jpg", photo(3 * MEGABYTE)))
    expect(row(page, "家访.jpg")).to_contain_text("登录已过期，请在新窗口登录后点“继续”。")
    line.meanwhile = lambda: None
    window = page.context.new_page()
    window.goto("/")
    window.get_by_label("用户名").fill(place.secretary.username)
    window.get_by_label("密码").fill(PASSWORD)
    window.get_by_role("button", name="登录").click()
    expect(window.get_by_role("heading", name="我的报送")).to_be_visible()
    row(page, "家访.jpg").get_by_role("button", name="继续").click()
    arrived(page, "家访.jpg")
    assert [at for at, _ in line.pieces][2:] == [MEGABYTE, 2 * MEGABYTE]
    assert StoredFile.objects.count() == 1


def test_dragged_files_are_taken(place: County, sign_in: SignIn, complaints: list[str]) -> None:
    page = sign_in(place.secretary)
    open_piece(page, assigned(place))
    content = json.dumps(list(photo(500)))
    dropped = page.evaluate_handle(
        f"""() => {{
          const dragged = new DataTransfer();
          dragged.items.add(new File([new Uint8Array({content})], "校门.jpg", {{type: "image/jpeg"}}));
          return dragged;
        }}"""
    )
    page.dispatch_event("#div_id_files", "dragover", {"dataTransfer": dropped})
    expect(page.locator(".drop.over")).to_have_count(1)
    page.dispatch_event("#div_id_files", "drop", {"dataTransfer": dropped})
    arrived(page, "校门.jpg")
    assert complaints == []


def test_what_cannot_be_taken_is_said_at_once(place: County, sign_in: SignIn, settings, media: Path) -> None:
    settings.UPLOAD_MAX_BYTES, settings.UPLOAD_MAX_FILES = MEGABYTE, 2
    owed = assigned(place, file_kinds=["jpg"])
    piece = drafted(owed, place.secretary)
    drafts.attach(piece, upload("旧照.jpg", photo(500)), by=place.secretary, at=NOW)
    page = sign_in(place.secretary)
    field = open_piece(page, owed)
    for name, content, sentence in [
        (
            "大图.jpg",
            photo(MEGABYTE + 1),
            "文件“大图.jpg”超过了 1 MB 的上限，请压缩其中的图片或拆分后再上传。",
        ),
        ("空.jpg", b"", "文件“空.jpg”是空的，请确认内容已经保存，再重新选择文件上传。"),
        ("安装.exe", b"MZ", "此处不能上传“安装.exe”这类文件，请改用以下格式之一：jpg、jpeg。"),
        (
            "IMG.HEIC",
            b"ftypheic",
            "照片“IMG.HEIC”的格式不能上传，请在手机相册中将它另存（或导出）为 jpg 后再上传；"
            "苹果手机可在“设置-相机-格式”中选“兼容性最佳”后重新拍照。",
        ),
        (
            "假.jpg",
            b"<script>",
            "文件“假.jpg”的内容不是 JPEG 图片，请用看图或画图软件打开，另存为 jpg 格式后再上传。",
        ),
    ]:
        field.set_input_files(sent(name, content))
        expect(row(page, name).locator(".upload-note")).to_have_text(sentence)
        expect(row(page, name)).to_contain_text("未成功")
    field.set_input_files([sent("新照.jpg", photo(500)), sent("多余.jpg", photo(500))])
    expect(row(page, "多余.jpg").locator(".upload-note")).to_have_text(
        "一篇材料最多附2个文件，请先移除不需要的文件。"
    )
    arrived(page, "旧照.jpg", "新照.jpg")
    row(page, "假.jpg").get_by_role("button", name="移除").click()
    expect(row(page, "假.jpg")).to_have_count(0)
    assert (len(on_disk(media)), Upload.objects.filter(stored=None).count()) == (2, 0)


def test_nothing_is_handed_in_while_a_file_is_on_its_way(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = sign_in(place.secretary)
    field = open_piece(page, owed)
    line = Line(page)
    line.whole = True
    field.set_input_files(sent("家访.jpg", photo(500)))
    page.get_by_label("标题").fill("家访路上")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("还有文件没有传完，请等它传完，或取消后再保存、提交。")).to_be_visible()
    row(page, "家访.jpg").get_by_role("button", name="取消").click()
    page.get_by_label("正文").fill("到会三十人。")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="报送回执")).to_be_visible()


def test_handing_in_without_a_file_that_failed_is_asked_about(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = sign_in(place.secretary)
    field = open_piece(page, owed)
    page.get_by_label("标题").fill("家访路上")
    page.get_by_label("正文").fill("到会三十人。")
    field.set_input_files(sent("空.jpg", b""))
    expect(row(page, "空.jpg")).to_contain_text("未成功")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="提交").click()
    assert asked == ["还有文件没有上传成功，确定不带这些文件提交吗？"]
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存，尚未提交。")).to_be_visible()
    open_piece(page, owed).set_input_files(sent("空.jpg", b""))
    expect(row(page, "空.jpg")).to_contain_text("未成功")
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="报送回执")).to_be_visible()
    assert len(asked) == 2


# Previews -----------------------------------------------------------------------------------------------


def chinese_pdf(pages: int) -> bytes:
    """Written with a font that is not in the file, as office programs do."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(300, 400), invariant=True)
    for number in range(pages):
        canvas.setFont("STSong-Light", 40)
        canvas.drawString(30, 300, f"家访{number + 1}")
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def word(*paragraphs: str) -> bytes:
    document, written = Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(written)
    return written.getvalue()


def black(page: Page, canvas: Locator) -> int:
    """How many dark points the canvas shows."""
    return canvas.evaluate(
        """canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let dark = 0;
          for (let at = 0; at < data.length; at += 4) dark += data[at] < 100 && data[at + 3] > 100;
          return dark;
        }"""
    )


def test_files_are_looked_at_in_the_page(place: County, sign_in: SignIn, complaints: list[str]) -> None:
    owed = assigned(place)
    piece = drafted(owed, place.secretary)
    for name, content in {
        "照片.png": hostile.png(60, 40),
        "总结.pdf": chinese_pdf(22),
        "文章.docx": word("家访路上", "<script>alert(1)</script>"),
        "表.xlsx": hostile.ooxml("xlsx"),
    }.items():
        drafts.attach(piece, upload(name, content), by=place.secretary, at=NOW)
    assert DraftFile.objects.count() == 4
    page = sign_in(place.secretary)
    open_piece(page, owed)
    lines = page.locator("#draft-files li")
    expect(lines.locator("summary")).to_have_text(["预览"] * 3)
    for number in range(3):
        lines.nth(number).locator("summary").click()
    picture = lines.nth(0).locator("img")
    expect(picture).to_have_js_property("naturalWidth", 60)
    expect(lines.nth(1)).to_contain_text("共22页，以下是前20页，全文请下载查看。")
    expect(lines.nth(1).locator("canvas")).to_have_count(20)
    first = lines.nth(1).locator("canvas").first
    expect(first).to_have_attribute("data-drawn", "yes")
    assert black(page, first) > 500
    expect(lines.nth(2).locator(".preview-text")).to_have_text("家访路上\n<script>alert(1)</script>")
    assert complaints == []
