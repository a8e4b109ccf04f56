"""Addresses of dashboards."""

from django.urls import path

from reports.views import campaign, overview, rows

urlpatterns = [
    path("", overview.progress, name="progress"),
    path("<int:pk>/", campaign.campaign, name="campaign"),
    path("<int:pk>/rows/", rows.rows, name="rows"),
]
