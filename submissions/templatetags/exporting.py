"""The form that takes a campaign's work away, on whichever page of the bureau."""

from typing import Any

from django import template

from campaigns.models import Campaign
from submissions.forms_export import ExportForm

register = template.Library()


@register.inclusion_tag("submissions/export.html", takes_context=True)
def export_form(context: template.Context, campaign: Campaign) -> dict[str, Any]:
    """Two buttons and a choice of what to export; the viewer oversees the campaign or a part of its units."""
    form = ExportForm(campaign=campaign)
    return {"form": form, "campaign": campaign, "csrf_token": context.get("csrf_token")}
