"""The admin of this room: by what messages go out, what became of them, and special days."""

from notices.admin.channels import ChannelAdmin
from notices.admin.days import SpecialDaysAdmin
from notices.admin.outbox import DeliveryAdmin

__all__ = ["ChannelAdmin", "DeliveryAdmin", "SpecialDaysAdmin"]
