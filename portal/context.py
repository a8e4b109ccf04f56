"""Template variables about the portal itself."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal import broker, heartbeats


def background(request: HttpRequest) -> dict[str, object]:
    """`background_away` for those who work in the admin: whether reminders and exports have to wait (lazy;
    asked at most once in ten seconds, and then for a moment only)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_staff:
        return {}
    return {"background_away": SimpleLazyObject(lambda: not (broker.answers() and heartbeats.on_time()))}
