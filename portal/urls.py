"""Addresses of the whole portal; each room lists its own."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("schools.urls")),
    path("inbox/", include("notices.urls")),
    path("", include("submissions.urls")),
    path("progress/", include("reports.urls")),
    path("admin/", admin.site.urls),
]
