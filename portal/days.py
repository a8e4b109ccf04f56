"""The days that people may enter: one range for every date field of the portal."""

from datetime import date

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
OUT_OF_RANGE = f"日期须在{FIRST.year}年至{LAST.year}年之间，请核对后重新填写。"


def in_range(day: date) -> bool:
    """Whether `day` is one the portal reckons with; further away instants and sums of days overflow."""
    return FIRST <= day <= LAST


def validate_day(day: date) -> None:
    """Validator of a form field: raises ValidationError for a day out of range."""
    if not in_range(day):
        raise ValidationError(OUT_OF_RANGE, code="out_of_range")


class DayField(forms.DateField):
    """A day within the range, with the calendar of the admin."""

    default_validators = [validate_day]
    widget = AdminDateWidget
