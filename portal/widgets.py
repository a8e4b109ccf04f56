"""Widgets of the admin that Django has no like of."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple

MAX_DIGITS = 18  # what fits into a bigint


class OnlyKeys(AutocompleteMixin):
    """Shows what was chosen; whatever is no key is left to the field to refuse, not to the database."""

    def optgroups(self, name: str, value: list[Any], attr: dict | None = None) -> list:
        keys = [one for one in map(str, value) if one.isdecimal() and len(one) <= MAX_DIGITS]
        return super().optgroups(name, keys, attr)


class Autocomplete(OnlyKeys, AutocompleteSelect):
    """One row."""


class AutocompleteMany(OnlyKeys, AutocompleteSelectMultiple):
    """Several rows."""
