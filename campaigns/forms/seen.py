"""Two people at one plan: a save does not undo, unseen, what somebody else has saved meanwhile."""

from typing import Any

from django import forms
from django.db import models
from django.utils import timezone

from campaigns.services import planning
from portal.audit import target_of
from portal.models import AuditEvent

OVERTAKEN = (
    "在您填写期间，{who}已于{when}保存过这份内容；您填写的仍在下方，请核对后再次保存，将以您的内容为准。"
)


def overtaken(row: models.Model, **about: Any) -> str:
    """The sentence about whoever saved `row` last; `about` narrows to some events."""
    events = AuditEvent.objects.filter(target=target_of(row), **about)
    latest = events.select_related("actor").first()
    who = latest.actor.name if latest and latest.actor else "有人"
    when = f"{timezone.localtime(latest.at):%H:%M}" if latest else "刚才"
    return OVERTAKEN.format(who=who, when=when)


class SeenForm(forms.ModelForm):
    """Remembers on the page which edition of the plan it shows."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["seen"]
        else:
            self.initial["seen"] = planning.edition(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "seen" in self.fields and cleaned.pop("seen", "") != self.initial["seen"]:
            self.data = self.data.copy()  # shown again with what is stored now: the next save is meant so
            self.data[self.add_prefix("seen")] = self.initial["seen"]
            self.add_error(None, overtaken(self.instance))
        return cleaned
