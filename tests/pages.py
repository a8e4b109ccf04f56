"""Forms as a browser would send them: read from the page, changed here and there."""

from collections import defaultdict
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from lxml import html

FormData = dict[str, list[str]]


def form_on(page: HttpResponse, form_id: str) -> FormData:
    """What the form would send if nothing were touched (no button included)."""
    [form] = html.fromstring(page.content.decode()).xpath(f"//form[@id='{form_id}']")
    data: FormData = defaultdict(list)
    for name, value in form.form_values():
        data[name].append(value)
    return dict(data)


def filled(page: HttpResponse, form_id: str, button: str = "_save", **changes: Any) -> FormData:
    """The form with `changes` typed in and `button` pressed; a list answers a multiple choice."""
    data = form_on(page, form_id) | {button: ["x"]}
    for name, value in changes.items():
        data[name] = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
    return data


def add_row(data: FormData, prefix: str, **values: Any) -> FormData:
    """Press “添加另一个” of the rows `prefix` and fill the new row in."""
    number = int(data[f"{prefix}-TOTAL_FORMS"][0])
    data[f"{prefix}-TOTAL_FORMS"] = [str(number + 1)]
    template = f"{prefix}-__prefix__-"
    for name in [name for name in data if name.startswith(template)]:
        data[name.replace("__prefix__", str(number))] = list(data[name])
    for name, value in values.items():
        data[f"{prefix}-{number}-{name}"] = [str(value)]
    return data


def errors(response: HttpResponse) -> list[str]:
    """Every sentence the page complains with."""
    said = response.context["errors"] if response.context else []
    return [one for many in said for one in ([many] if isinstance(many, str) else map(str, many))]


def address(model: str, page: str, *args: Any) -> str:
    """The admin's page `page` of `model`, as “app_model”."""
    return reverse(f"admin:{model}_{page}", args=args)
