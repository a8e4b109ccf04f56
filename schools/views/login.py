"""Coming in, going out, and the first page."""

from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from schools.enums import Role
from schools.forms import LoginForm, PasswordChangeForm
from schools.services import people


class LoginView(auth.LoginView):
    form_class = LoginForm
    template_name = "schools/login.html"
    redirect_authenticated_user = False


@method_decorator(login_not_required, name="dispatch")  # who is out already is told so, not asked in again
class LogoutView(auth.LogoutView):
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        messages.success(request, "已安全退出。")
        return response


class PasswordChangeView(auth.PasswordChangeView):
    form_class = PasswordChangeForm
    template_name = "schools/password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        people.password_changed(self.request.user, at=timezone.now())
        messages.success(self.request, "密码已修改。")
        return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send each person to the page of their day's work."""
    roles = request.user.roles
    if roles & set(Role.own_unit()):
        return redirect("work")
    if Role.OFFICER in roles:
        return redirect("queue")
    if Role.LEADER in roles:
        return redirect("progress")
    if request.user.is_staff:
        return redirect("admin:index")
    return redirect("inbox")


@require_safe
def forbidden(request: HttpRequest) -> HttpResponse:
    """Say that a right is missing; the admin sends people here who are logged in but not staff."""
    raise PermissionDenied
