"""Login, password and the first page."""

from django.urls import path

from schools import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChangeView.as_view(), name="password_change"),
    path("forbidden/", views.forbidden, name="forbidden"),
]
