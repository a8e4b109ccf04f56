"""Follows numbers on dashboards to the rows behind them."""

from io import BytesIO

from django.conf import settings
from django.test import Client
from lxml import html
from openpyxl import load_workbook

from schools.models import User


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def sheet_of(client: Client, address: str) -> list[tuple]:
    """The rows of the workbook that a list is taken away as, its heading first."""
    answer = client.get(f"{address}{'&' if '?' in address else '?'}table=list")
    assert answer.status_code == 200, address
    return list(load_workbook(BytesIO(answer.getvalue())).active.iter_rows(values_only=True))


def count_behind(client: Client, address: str) -> int:
    """How many rows a list has, page by page as it shows them."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    page = answer.context["page"]
    assert answer.content.decode().count("data-row") == len(page)
    return page.paginator.count


def at_turns(page: str) -> str:
    """The page without those days of its trend whose numbers are those of the day before and after."""
    tree = html.fromstring(page)
    days = tree.xpath("//table[@id='trend']/tbody/tr")
    said = [[cell.text_content() for cell in day.iter("td")] for day in days]
    for n, day in enumerate(days[1:-1], 1):
        if said[n - 1] == said[n] == said[n + 1]:
            day.getparent().remove(day)
    return html.tostring(tree, encoding="unicode")
