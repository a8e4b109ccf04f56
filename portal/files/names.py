"""File names as people send them, made harmless and still readable."""

import re
import unicodedata

LENGTH = 120
NAMELESS = "未命名"

_EXTENSION_LENGTH = 10
#: What no file system can bear in a name, and what reads the same to people.
_WIDE = str.maketrans('/\\:*?"<>|', "／＼：＊？＂＜＞｜")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# "Naming Files, Paths, and Namespaces" (Microsoft): reserved with any extension; ¹²³ count as digits.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)


def clean_name(raw: str) -> str:
    """A name of 1 to 120 characters that is safe to show, to offer as a download and to put in a zip.

    Drops folders (either slash), control, zero-width and writing-direction characters, dots in
    front and at the end; replaces what Windows forbids; keeps the extension when it has to
    shorten. NFC, so that one name has one spelling. Cleaning twice changes nothing.
    """
    name = unicodedata.normalize("NFC", "".join(_visible(character) for character in raw))
    name = _FORBIDDEN.sub("_", re.split(r"[/\\]", name)[-1])
    name = re.sub(r"\s+", " ", name).lstrip(" .").rstrip(" .")
    if not name:
        return NAMELESS
    # Windows looks at what stands before the first dot and ignores spaces at its end.
    if _RESERVED.fullmatch(name.partition(".")[0].rstrip()):
        name = f"_{name}"
    return _shorten(name)


def named_after(title: str) -> str:
    """A clean name that says all of a title: of “2025/2026学年” both years stay, of a path only its end."""
    return clean_name(title.translate(_WIDE))


def _visible(character: str) -> str:
    """The character itself, a space for line ends and tabs, nothing for what cannot be seen.

    Private-use characters stay: older Chinese systems write rare characters of names with them.
    """
    if character.isspace():
        return " "
    # Cc control, Cf format (zero-width, bidirectional, byte-order mark), Cs lone surrogates.
    return "" if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character


def _shorten(name: str) -> str:
    if len(name) <= LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > _EXTENSION_LENGTH:
        return name[:LENGTH].rstrip(" .")
    return stem[: LENGTH - len(extension) - 1].rstrip(" .") + dot + extension
