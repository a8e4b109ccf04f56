"""Addresses of dashboards."""

from django.urls import path

from reports import views

urlpatterns = [
    path("", views.progress, name="progress"),
    path("<int:pk>/", views.campaign, name="campaign"),
    path("<int:pk>/rows/", views.rows, name="rows"),
]
