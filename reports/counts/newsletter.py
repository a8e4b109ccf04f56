"""简报: the pieces that it prints, as they are shown."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigns.enums import Comparator
from campaigns.models import Campaign
from reports.counts.schema_periodic import SCHEMA, Article, Newsletter, Value
from reports.enums import ReportKind
from reports.services.ordering import shelf
from submissions.models import Exhibit, Version
from submissions.sheets import ITEMS, body_name, in_words, meets

ON_ASSIGNMENT = "submission__assignment__"


def count(campaign: Campaign, chosen: list[int], edition: int, at: datetime) -> Newsletter:
    """The chosen versions (ids) in their order, word for word as the shelf shows them at this moment.

    What is not shown any more is left out; its title and unit are kept for the officer. At most four
    statements.
    """
    exhibits = {one.version_id: one for one in _exhibits(campaign, chosen)}
    gone = Version.objects.filter(pk__in=set(chosen) - set(exhibits))
    names = {one["pk"]: one for one in gone.values("pk", "title", f"{ON_ASSIGNMENT}unit__name").order_by()}
    return {
        "schema": SCHEMA,
        "kind": str(ReportKind.NEWSLETTER),
        "at": at.isoformat(),
        "campaign": campaign.title,
        "host": campaign.host.name,
        "edition": edition,
        "articles": [article(exhibits[pk]) for pk in chosen if pk in exhibits],
        "left_out": [
            {"version": pk, "title": names[pk]["title"], "unit": names[pk][f"{ON_ASSIGNMENT}unit__name"]}
            for pk in chosen
            if pk in names
        ],
    }


def _exhibits(campaign: Campaign, chosen: list[int]) -> list[Exhibit]:
    found = shelf(campaign).filter(version__in=chosen)
    plan = f"version__{ON_ASSIGNMENT}occurrence__requirement"
    with_it = ("version__topic", "version__fingerprint", f"version__{ON_ASSIGNMENT}unit", plan)
    return list(found.select_related(*with_it).prefetch_related("version__version_files__file"))


def article(exhibit: Exhibit) -> Article:
    """What the shelf shows of one piece; of one without a text what has been read in its files."""
    version = exhibit.version
    assignment, sheet = version.submission.assignment, version.sheet
    in_files = version.fingerprint.text if hasattr(version, "fingerprint") and not version.body else ""
    return {
        "version": version.pk,
        "title": version.title,
        "unit": assignment.unit.name,
        "authors": version.authors,
        "kind": assignment.requirement.get_kind_display(),
        "asked": assignment.requirement.title,
        "topic": version.topic.title if version.topic else "",
        "comment": exhibit.comment,
        "abstract": version.abstract,
        "facts": [list(one) for one in in_words(sheet).values()],
        "items": list(sheet.get(ITEMS, [])),
        "values": [_value(line) for line in sheet.get("values", [])],
        "text": version.body or in_files,
        "text_name": body_name(assignment.requirement.kind),
        "from_files": bool(in_files),
        "files": [one.file.name for one in version.version_files.all()],
    }


def _value(line: dict[str, Any]) -> Value:
    comparator, unit = Comparator(line["comparator"]), line["unit"]
    return {
        "name": line["name"],
        "value": f"{line['value']}{unit}",
        "target": f"{comparator.label}{line['target']}{unit}",
        "met": meets(comparator, Decimal(line["target"]), Decimal(line["value"])),
    }
