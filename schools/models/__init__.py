"""Who: the unit tree, people, the memberships that tie them together, and who answers for what (包挂)."""

from schools.models.charges import (
    Pairing,
    PairingQuerySet,
    Responsibility,
    ResponsibilityQuerySet,
    overseers,
)
from schools.models.people import Membership, User, UserManager
from schools.models.units import STEP, FormerName, Unit, UnitQuerySet, ancestor_paths

__all__ = [
    "STEP",
    "FormerName",
    "Membership",
    "Pairing",
    "PairingQuerySet",
    "Responsibility",
    "ResponsibilityQuerySet",
    "Unit",
    "UnitQuerySet",
    "User",
    "UserManager",
    "ancestor_paths",
    "overseers",
]
