"""Hints to the workers."""

import pytest
from django.db import transaction

from portal.celery import hint


@pytest.mark.django_db
def test_one_transaction_sends_the_same_hint_once(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks() as calls, transaction.atomic():
        hint("some.task", 1)
        hint("some.task", 1)
        hint("some.task", 2)
    assert [call.asks for call in calls] == [[("some.task", (1,)), ("some.task", (2,))]]
