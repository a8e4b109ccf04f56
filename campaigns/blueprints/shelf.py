"""The built-in templates: one file for each of the five kinds, after one working paper each."""

from functools import cache
from pathlib import Path

from campaigns.blueprints.reading import read
from campaigns.blueprints.shape import Plan
from campaigns.enums import CampaignKind

FOLDER = Path(__file__).parent / "builtin"


def text_of(kind: str) -> str:
    return (FOLDER / f"{CampaignKind(kind).value}.yaml").read_text(encoding="utf-8")


@cache
def built_in() -> dict[str, Plan]:
    """The five plans by kind of campaign, in the order of the kinds; read once per process."""
    return {kind.value: read(text_of(kind)) for kind in CampaignKind}
