"""The form of a piece sent several times at the same moment: by a nervous finger, or by its own script."""

from functools import partial

import pytest
from django.http import HttpResponse
from django.urls import reverse

from schools.models import User
from submissions.models import Assignment, Submission, Version
from tests.concurrently import at_once
from tests.factories import County, assigned, drafted
from tests.submissions.test_pages import as_

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {"title": "一次家访", "body": "正文", "seen": ""}


def post(page: str, owed: Assignment, user: User, data: dict[str, str]) -> HttpResponse:
    return as_(user).post(reverse(page, args=[owed.pk, 1]), data)


def test_every_press_of_the_button_leads_to_the_one_receipt(place: County) -> None:
    owed = assigned(place)
    drafted(owed, place.secretary)
    press = partial(post, "piece", owed, place.secretary, WORDS | {"submit": "1"})
    answers = at_once(*[press] * 3)
    receipt = reverse("receipt", args=[Version.objects.get().pk])
    assert [answer.url for answer in answers] == [f"{receipt}#saved"] * 3


def test_saving_by_itself_and_by_hand_at_once_begin_one_piece(place: County) -> None:
    owed = assigned(place)
    answers = at_once(
        *[partial(post, "autosave", owed, place.secretary, WORDS)] * 2,
        *[partial(post, "piece", owed, place.secretary, WORDS | {"save": "1"})] * 2,
    )
    assert ([answer.status_code for answer in answers], Submission.objects.count()) == (
        [200, 200, 302, 302],
        1,
    )
