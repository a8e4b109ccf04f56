"""The kinds of file a school may hand in, and the archive the portal makes of them."""

from django.db import models


class FileKind(models.TextChoices):
    """A kind of file; the value is its usual extension.

    Plain text is left out on purpose: it has no signature, so nothing could be told from its
    content. The groups below are frozensets on the class, as in `FileKind.IMAGES`.
    """

    PDF = "pdf", "PDF 文档"
    DOCX = "docx", "Word 文档（docx）"
    DOC = "doc", "Word 97-2003 文档（doc）"
    WPS = "wps", "WPS 文字文档（wps）"
    XLSX = "xlsx", "Excel 表格（xlsx）"
    XLS = "xls", "Excel 97-2003 表格（xls）"
    ET = "et", "WPS 表格（et）"
    PPTX = "pptx", "PowerPoint 演示文稿（pptx）"
    PPT = "ppt", "PowerPoint 97-2003 演示文稿（ppt）"
    JPEG = "jpg", "JPEG 图片"
    PNG = "png", "PNG 图片"
    ZIP = "zip", "ZIP 压缩包"

    @property
    def extensions(self) -> tuple[str, ...]:
        """Lower-case extensions without the dot, the usual one first."""
        return (self.value, "jpeg") if self is FileKind.JPEG else (self.value,)

    @property
    def content_type(self) -> str:
        """The exact media type the file is served with."""
        return _CONTENT_TYPES[self]

    @classmethod
    def offered(cls) -> list[tuple[str, str]]:
        """Value and label of what people may send, in order: choices of a form."""
        return [(kind.value, kind.label) for kind in cls if kind in cls.ALL]

    @classmethod
    def of_name(cls, name: str) -> "FileKind | None":
        """The kind that the extension of `name` claims, in either case; None if it claims none."""
        extension = name.rpartition(".")[2].lower() if "." in name else ""
        return next((kind for kind in cls if extension in kind.extensions), None)


_CONTENT_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.DOC: "application/msword",
    FileKind.WPS: "application/wps-office.wps",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.XLS: "application/vnd.ms-excel",
    FileKind.ET: "application/wps-office.et",
    FileKind.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    FileKind.PPT: "application/vnd.ms-powerpoint",
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.ZIP: "application/zip",
}

# By use, for the sentences that say what to save a file as.
FileKind.SHEETS = frozenset({FileKind.XLSX, FileKind.XLS, FileKind.ET})
FileKind.SLIDES = frozenset({FileKind.PPTX, FileKind.PPT})
FileKind.TEXTS = frozenset({FileKind.DOCX, FileKind.DOC, FileKind.WPS})
#: What people may send; archives are made by the portal alone.
FileKind.ALL = frozenset(FileKind) - {FileKind.ZIP}

# By container, for the checks.
FileKind.IMAGES = frozenset({FileKind.JPEG, FileKind.PNG})
FileKind.OOXML = frozenset({FileKind.DOCX, FileKind.XLSX, FileKind.PPTX})
FileKind.OLE2 = frozenset({FileKind.DOC, FileKind.WPS, FileKind.XLS, FileKind.ET, FileKind.PPT})
