"""Why a file is not taken: one sentence each, saying what is wrong and what to do."""

from collections.abc import Collection
from enum import Enum

from portal.files.kinds import FileKind


class Refused(Exception):
    """The file cannot be taken; `sentence` is ready to be shown to the person who sent it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Reason(Enum):
    """What may be wrong; the value is the sentence, filled in by `refuse`.

    {name} the cleaned file name, {label} the kind its extension claims, {allowed} the extensions
    taken here, {again} how to make a good file of that kind, {plain} its format without macros,
    {limit} the largest size.
    """

    EMPTY = "文件“{name}”是空的，请确认内容已经保存，再重新选择文件上传。"
    TOO_LARGE = "文件“{name}”超过了 {limit} 的上限，请压缩其中的图片或拆分后再上传。"
    NOT_ALLOWED = "此处不能上传“{name}”这类文件，请改用以下格式之一：{allowed}。"
    PHOTO = (
        "照片“{name}”的格式不能上传，请在手机相册中将它另存（或导出）为 jpg 后再上传；"
        "苹果手机可在“设置-相机-格式”中选“兼容性最佳”后重新拍照。"
    )
    MISMATCH = "文件“{name}”的内容不是 {label}，请{again}后再上传。"
    DAMAGED = "文件“{name}”已损坏或没有传完整，请先在自己的设备上打开确认无误，再重新上传。"
    STRUCTURE = "文件“{name}”的内部结构不合规范，无法检查，请{again}后再上传。"
    BOMB = "文件“{name}”展开后的内容过大，请精简内容并{again}后再上传。"
    PASSWORD = "文件“{name}”设有密码，无法审阅，请取消密码保护后重新上传。"
    MACRO = "文件“{name}”含有宏，请用 WPS 或 Office 打开，另存为不含宏的 {plain} 格式后再上传。"
    EMBEDDED = "文件“{name}”里嵌有程序、控件或其他文件，请删除这些嵌入的对象并{again}后再上传。"
    REMOTE = "文件“{name}”引用了外部地址上的模板或对象，请断开这些链接并{again}后再上传。"
    PDF_ACTIVE = "文件“{name}”含有脚本或会启动程序的动作，请{again}后再上传。"
    PDF_ATTACHMENT = "文件“{name}”里带有附件，请取出附件单独上传，本文{again}后再上传。"
    IMAGE_TAIL = "图片“{name}”的末尾附有别的内容，请{again}后再上传。"
    IMAGE_SIZE = "图片“{name}”的尺寸过大，宽和高都不能超过 20000 像素，请缩小后再上传。"


class Problem(Exception):
    """Raised inside the checks, which know the reason but neither the name nor the kind."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.name)
        self.reason = reason


def refuse(
    reason: Reason,
    name: str,
    kind: FileKind | None = None,
    allowed: Collection[FileKind] = (),
    limit: int = 0,
) -> Refused:
    """The exception to raise for `reason`; `limit` in bytes."""
    return Refused(
        reason.value.format(
            name=name,
            label=kind.label if kind else "",
            again=_again(kind) if kind else "",
            plain=_plain(kind) if kind else "",
            # In the order of FileKind, so that the sentence is the same every time.
            allowed="、".join(each for one in FileKind if one in allowed for each in one.extensions),
            limit=_readable(limit),
        )
    )


def _again(kind: FileKind) -> str:
    if kind in FileKind.IMAGES:
        return f"用看图或画图软件打开，另存为 {kind.value} 格式"
    if kind is FileKind.PDF:
        return "用“打印为 PDF”或“导出为 PDF”重新生成"
    return f"用 WPS 或 Office 打开，另存为 {kind.value} 格式"


def _plain(kind: FileKind) -> str:
    """Saving as an older format again would keep the macros; the newer ones cannot hold any."""
    if kind in FileKind.SHEETS:
        return FileKind.XLSX.value
    return FileKind.PPTX.value if kind in FileKind.SLIDES else FileKind.DOCX.value


def _readable(size: int) -> str:
    """Bytes in the largest unit that divides them without a remainder worth naming."""
    if size >= 1024 * 1024:
        return f"{size / (1024 * 1024):.4g} MB"
    return f"{size / 1024:.4g} KB" if size >= 1024 else f"{size} 字节"
