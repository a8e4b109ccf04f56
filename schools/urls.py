"""Login, password and the first page; the roster and what officers do for people."""

from django.urls import path

from schools.views import login, people, roster

urlpatterns = [
    path("", login.home, name="home"),
    path("login/", login.LoginView.as_view(), name="login"),
    path("logout/", login.LogoutView.as_view(), name="logout"),
    path("password/", login.PasswordChangeView.as_view(), name="password_change"),
    path("forbidden/", login.forbidden, name="forbidden"),
    path("people/<int:pk>/reissue/", people.reissue, name="reissue"),
    path("roster/", roster.start, name="roster"),
    path("roster/template/", roster.template, name="roster_template"),
    path("roster/export/", roster.export, name="roster_export"),
    path("roster/codes/", roster.activation_list, name="activation_list"),
    path("roster/<int:pk>/preview/", roster.preview, name="roster_preview"),
    path("roster/<int:pk>/apply/", roster.apply, name="roster_apply"),
    path("roster/<int:pk>/outcome/", roster.outcome, name="roster_outcome"),
]
