"""Bureaus' own Word templates: taken in when they can be filled, and retired."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal import audit
from portal.files import store
from portal.files.kinds import FileKind
from portal.files.names import clean_name
from portal.files.refusal import Reason, refuse
from reports.models import PaperTemplate
from reports.papers import filling
from schools.access import scope_of
from schools.enums import Role
from schools.models import Unit, User
from submissions.rules import NotAllowed, NotYours

MAX_BYTES = 5 * 1024 * 1024
OFFICER_NEEDED = "报告模板由本单位的活动专员管理，您不能办理。"
TAKEN = "已有同名的模板，请换一个名称，或先停用原来的模板。"


def add(host: Unit, kind: str, name: str, upload: UploadedFile, *, by: User, at: datetime) -> PaperTemplate:
    """Keep `upload` (.docx) as a template of `host` for reports of `kind`, having tried it.

    Raises NotYours, NotAllowed where the name is taken, files.Refused for what is no harmless Word file, and
    filling.Faulty with a sentence for each of its mistakes; then nothing is kept.
    """
    _require_officer(host, by)
    shown = clean_name(upload.name or "")
    if (upload.size or 0) > MAX_BYTES:
        raise refuse(Reason.TOO_LARGE, shown, limit=MAX_BYTES)
    content = upload.read()
    with store.workspace() as folder:
        path = folder / "template.docx"
        path.write_bytes(content)
        sealed = store.seal(path, shown, {FileKind.DOCX})
        filling.check(content, kind)
        return _keep(host, kind, name, sealed, by, at)


@transaction.atomic
def _keep(host: Unit, kind: str, name: str, sealed: store.Sealed, by: User, at: datetime) -> PaperTemplate:
    Unit.objects.select_for_update(no_key=True).get(pk=host.pk)  # two people may give one name at once
    if PaperTemplate.objects.filter(host=host, kind=kind, name=name, retired_at=None).exists():
        raise NotAllowed(TAKEN)
    file = store.keep(sealed, by=by, at=at)
    made = PaperTemplate.objects.create(host=host, kind=kind, name=name, file=file, added_by=by, added_at=at)
    audit.record("papertemplate.create", at=at, by=by, target=made, summary=_said(made))
    return made


@transaction.atomic
def retire(template: PaperTemplate, *, by: User, at: datetime) -> PaperTemplate:
    """Offer it no longer; reports that use it keep it. A second press changes nothing. Raises NotYours."""
    found = PaperTemplate.objects.select_for_update(of=["self"]).select_related("host").get(pk=template.pk)
    _require_officer(found.host, by)
    if found.retired_at is None:
        found.retired_at = at
        found.save(update_fields=["retired_at"])
        audit.record("papertemplate.retire", at=at, by=by, target=found, summary=_said(found))
    return found


def _require_officer(host: Unit, by: User) -> None:
    if not scope_of(by, Role.OFFICER).covers(host):
        raise NotYours(OFFICER_NEEDED)


def _said(template: PaperTemplate) -> str:
    return f"{template.get_kind_display()}模板“{template.name}”"
