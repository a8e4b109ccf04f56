"""What the list of tasks is narrowed by; everything may be left out."""

from django import forms
from django.db.models import Q
from django.http import QueryDict

from submissions.worklist import Catalogue

LONGEST = 60  # characters of a search that are looked at


class WorkFilter(forms.Form):
    """A campaign, unit and kind among those of the person's own tasks, and words to search for.

    Invalid is what the person has no tasks of: to the view, a page that does not exist.
    """

    q = forms.CharField(
        label="查找",
        required=False,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "class": "form-control",
                "placeholder": "名称或拼音首字母",
                "maxlength": LONGEST,
                "autocomplete": "off",
            }
        ),
    )
    campaign = forms.ChoiceField(label="活动", required=False)
    unit = forms.ChoiceField(label="单位", required=False)
    kind = forms.ChoiceField(label="材料类别", required=False)

    def __init__(self, data: QueryDict, catalogue: Catalogue) -> None:
        super().__init__(data)
        self.catalogue = catalogue
        offered = {
            "campaign": ("全部活动", catalogue.campaigns),
            "unit": ("全部单位", {one.pk: one.name for one in catalogue.units}),
            "kind": ("全部类别", catalogue.kinds),
        }
        for name, (everything, choices) in offered.items():
            field = self.fields[name]
            field.choices = [("", everything), *((str(key), word) for key, word in choices.items())]
            field.widget.attrs["class"] = "form-select"

    def condition(self) -> Q:
        """The choice as a filter on assignments."""
        paths = {
            "campaign": "occurrence__requirement__campaign",
            "unit": "unit",
            "kind": "occurrence__requirement__kind",
        }
        chosen = {path: self.cleaned_data[name] for name, path in paths.items() if self.cleaned_data[name]}
        return Q(**chosen) & self.catalogue.search(self.cleaned_data["q"][:LONGEST])

    def terms(self) -> dict[str, str]:
        """What was chosen, as parameters of an address."""
        return {name: value for name, value in self.cleaned_data.items() if value}
