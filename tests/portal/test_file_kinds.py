"""The kinds of file and the groups they form."""

import pytest

from portal.files.kinds import FileKind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", FileKind.PDF),
        ("A.DocX", FileKind.DOCX),
        ("照片.JPG", FileKind.JPEG),
        ("照片.jpeg", FileKind.JPEG),
        ("总结.2025.wps", FileKind.WPS),
        ("pdf", None),
        ("a.docm", None),
        ("a.txt", None),
        ("a.", None),
        ("", None),
    ],
)
def test_the_extension_names_the_kind(name: str, kind: FileKind | None):
    assert FileKind.of_name(name) is kind


def test_every_kind_that_people_may_send_has_exactly_one_container():
    containers = [FileKind.OOXML, FileKind.OLE2, FileKind.IMAGES, {FileKind.PDF}]
    assert sorted(kind for container in containers for kind in container) == sorted(FileKind.ALL)


def test_nobody_sends_archives_but_the_portal():
    assert frozenset(FileKind) - FileKind.ALL == {FileKind.ZIP}


def test_content_types_are_exact_and_distinct():
    types = [kind.content_type for kind in FileKind]
    assert len(set(types)) == len(types)
    assert not any(kind.startswith("text/") for kind in types)
