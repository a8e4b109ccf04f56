"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The address of the person's machine, as far as our own proxies vouch for it.

    With PROXY_COUNT n it is the n-th entry of X-Forwarded-For from the right: what stands further
    left was written by the sender. Without proxies it is the peer of the connection.
    """
    if settings.PROXY_COUNT:
        passed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(passed) >= settings.PROXY_COUNT and passed[-settings.PROXY_COUNT]:
            return passed[-settings.PROXY_COUNT]
    return request.META.get("REMOTE_ADDR", "")
