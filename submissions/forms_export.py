"""What is to be exported of a campaign: the whole, a phase or a requirement."""

from typing import Any

from django import forms

from campaigns.models import Campaign
from submissions.services.exporting import ARCHIVE, LIST, Part


class ExportForm(forms.Form):
    """Two buttons named `what`, and one select for the part; `part` is what was chosen."""

    KINDS = {"archive": ARCHIVE, "list": LIST}

    what = forms.ChoiceField(choices=[(name, name) for name in KINDS])
    of = forms.ChoiceField(label="范围", required=False)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phases, requirements = campaign.phases.all(), campaign.requirements.in_force()
        self._parts = {
            "": Part(campaign),
            **{f"phase-{one.pk}": Part(campaign, phase=one) for one in phases},
            **{f"requirement-{one.pk}": Part(campaign, requirement=one) for one in requirements},
        }
        self.fields["of"].choices = [
            ("", "整个活动"),
            ("按阶段", [(f"phase-{one.pk}", one.name) for one in phases]),
            ("按报送要求", [(f"requirement-{one.pk}", one.title) for one in requirements]),
        ]
        self.fields["of"].widget.attrs["class"] = "form-select"

    @property
    def kind(self) -> str:
        return self.KINDS[self.cleaned_data["what"]]

    @property
    def part(self) -> Part:
        return self._parts[self.cleaned_data["of"]]
