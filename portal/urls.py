"""Addresses of the whole portal; each room lists its own, the floor those of long jobs."""

from django.contrib import admin
from django.urls import include, path

from portal import views, views_uploads

urlpatterns = [
    path("", include("schools.urls")),
    path("inbox/", include("notices.urls")),
    path("plans/", include("campaigns.urls")),
    path("", include("submissions.urls")),
    path("progress/", include("reports.urls")),
    path("jobs/", views.job_list, name="jobs"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/progress/", views.job_progress, name="job_progress"),
    path("jobs/<int:pk>/file/", views.job_file, name="job_file"),
    path("uploads/", views_uploads.uploads, name="uploads"),
    path("uploads/<uuid:token>/", views_uploads.upload, name="upload"),
    path("admin/", admin.site.urls),
]
