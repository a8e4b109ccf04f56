"""The one admin site: same login page, names and colours as the rest of the portal."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache


class PortalAdminSite(admin.AdminSite):
    site_header = "活动管理后台"
    site_title = "活动管理"
    index_title = "管理事项"
    enable_nav_sidebar = False

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Send people to the portal's own login, which knows lockout and first passwords."""
        if request.user.is_authenticated:
            return redirect_to_login(reverse("home"), reverse("forbidden"))
        return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("login"))
