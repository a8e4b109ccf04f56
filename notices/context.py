"""The number on the bell."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from notices.models import Notice


def unread(request: HttpRequest) -> dict[str, object]:
    """`unread_notices`: how many notices the person at the screen has not opened (lazy, one query)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "unread_notices": SimpleLazyObject(lambda: Notice.objects.filter(recipient=user).unread().count())
    }
