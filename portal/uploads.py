"""A file field of the admin that keeps what was uploaded, even when the rest of the form is refused."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.files import store
from portal.files.refusal import Refused
from portal.models import StoredFile

SALT = "portal.uploads"


class Shown:
    """A stored file as the widget shows it: a name and a link."""

    def __init__(self, stored: StoredFile) -> None:
        self.pk, self.name = stored.pk, stored.name
        self.url = reverse("file", args=[stored.pk])

    def __str__(self) -> str:
        return self.name


class StoredFileInput(AdminFileWidget):
    """The link and the check box of Django's own, and a signed note of what is stored already."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        stored = StoredFile.objects.filter(pk=value).first() if value else None
        drawn = super().render(name, Shown(stored) if stored else None, attrs, renderer)
        if stored is None:
            return drawn
        note = signing.dumps(stored.pk, salt=SALT)
        return format_html('{}<input type="hidden" name="{}-kept" value="{}">', drawn, name, note)

    def value_from_datadict(self, data: dict, files: dict, name: str) -> Any:
        chosen = super().value_from_datadict(data, files, name)
        if chosen is not None:  # an upload, or False for “remove”
            return chosen
        try:
            return signing.loads(data.get(f"{name}-kept", ""), salt=SALT)
        except signing.BadSignature:
            return None

    def value_omitted_from_data(self, data: dict, files: dict, name: str) -> bool:
        return super().value_omitted_from_data(data, files, name) and f"{name}-kept" not in data


class StoredFileField(forms.Field):
    """Cleans to a StoredFile or None. The form sets `by` and `at`: whose upload it is, and when."""

    widget = StoredFileInput
    by: Any = None
    at: datetime
    stored: StoredFile | None = None

    def clean(self, value: Any) -> StoredFile | None:
        if isinstance(value, UploadedFile):
            try:
                self.stored = store.save(value, by=self.by, at=self.at)
            except Refused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
            return self.stored
        return StoredFile.objects.filter(pk=value).first() if value else None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What a page that is shown again refers to: the upload once it is stored, else what was kept."""
        if isinstance(data, UploadedFile):
            return self.stored.pk if self.stored else initial
        return data or None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return isinstance(data, UploadedFile) or (data or None) != (initial or None)
