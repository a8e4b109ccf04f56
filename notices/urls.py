"""Addresses of the inbox, and of what people wish of messages."""

from django.urls import path

from notices import views

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read_all, name="read_all"),
    path("settings/", views.settings, name="message_settings"),
    path("settings/test/", views.test_mail, name="test_mail"),
    path("<int:pk>/", views.notice, name="notice"),
    path("<int:pk>/open/", views.open_notice, name="open_notice"),
]
