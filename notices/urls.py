"""Addresses of the inbox."""

from django.urls import path

from notices import views

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read_all, name="read_all"),
    path("<int:pk>/", views.open_notice, name="open_notice"),
]
