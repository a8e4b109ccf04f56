"""Excellent work, recommended or shown, with what it says."""

import re

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from reports.content.works import ON_ASSIGNMENT, versions
from reports.counts.part import Part
from reports.counts.schema import MOST_ABSTRACTS, MOST_WORKS, Work
from reports.sums import below
from submissions import access
from submissions.figures import RECOMMENDED
from submissions.models import Version

#: Characters of an abstract.
LONGEST = 300
#: Up to the last sentence, unless little is left then.
_SENTENCES = re.compile(r".{100,}[。！？!?；;]")
UNREAD = "—"


def found_in(part: Part) -> QuerySet[Version]:
    """What was recommended (`chosen`) or stands on the shelf (`on_shelf`): an officer may choose either."""
    shelf = access.shown().filter(version=OuterRef("pk"))
    chosen = ExpressionWrapper(RECOMMENDED.condition(part.look.at), BooleanField())
    found = versions(part.look).filter(part.narrow(ON_ASSIGNMENT.removesuffix("__")))
    found = found.annotate(on_shelf=Exists(shelf), chosen=chosen)
    return found.filter(Q(on_shelf=True) | Q(chosen=True)).order_by()


def numbers(part: Part) -> dict[str, int]:
    """`recommended` and `shown` as the dashboard counts them, and `praised`: either; one statement."""
    return found_in(part).aggregate(
        recommended=Count("pk", filter=Q(chosen=True)),
        shown=Count("pk", filter=Q(on_shelf=True)),
        praised=Count("pk"),
    )


def works(part: Part, branch_names: dict[str, str]) -> list[tuple[int | None, Work]]:
    """Shown ones first, then in the order of the tree, each with its topic's id; one statement.

    Of a unit that has moved away the row counts; its work is no longer to be read from here.
    """
    look = part.look
    topics = {one.pk: str(one) for one in look.campaign.topics.all()}
    rows = (
        found_in(part)
        .annotate(
            branch=below(look.depth, f"{ON_ASSIGNMENT}branch__path"),
            about=Coalesce(F(f"{ON_ASSIGNMENT}occurrence__requirement__topic"), F("topic")),
            asked=F(f"{ON_ASSIGNMENT}occurrence__requirement__title"),
        )
        .select_related(f"{ON_ASSIGNMENT}unit")
        .defer("body", "sheet")
        .order_by("-on_shelf", f"{ON_ASSIGNMENT}branch__path", f"{ON_ASSIGNMENT}unit__path", "pk")
    )
    found = []
    for n, one in enumerate(rows[:MOST_WORKS]):
        unit = one.submission.assignment.unit
        here = look.scope.covers(unit)
        work: Work = {
            "version": one.pk,
            "title": one.title if here else UNREAD,
            "unit": look.name_of(unit),
            "branch": branch_names[one.branch],
            "authors": one.authors if here else "",
            "asked": one.asked,
            "topic": topics.get(one.about, ""),
            "abstract": trimmed(one.abstract) if here and n < MOST_ABSTRACTS else "",
            "recommended": one.chosen,
            "shown": one.on_shelf,
        }
        found.append((one.about, work))
    return found


def trimmed(text: str) -> str:
    """`text` on one line, at most `LONGEST` characters: cut behind a sentence, or else with “…”."""
    text = " ".join(text.split())
    if len(text) <= LONGEST:
        return text
    if whole := _SENTENCES.match(text[:LONGEST]):
        return whole[0]
    return f"{text[: LONGEST - 1]}…"
