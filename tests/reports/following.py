"""Follows numbers on dashboards to the rows behind them."""

from io import BytesIO

from django.conf import settings
from django.test import Client
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
