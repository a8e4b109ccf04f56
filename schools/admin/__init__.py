"""The admin of this room: each duty sees its own, inside its scope."""

from schools.admin.charges import PairingAdmin, ResponsibilityAdmin
from schools.admin.people import MembershipAdmin, PersonAdmin, TrailAdmin, UnitAdmin

__all__ = [
    "MembershipAdmin",
    "PairingAdmin",
    "PersonAdmin",
    "ResponsibilityAdmin",
    "TrailAdmin",
    "UnitAdmin",
]
