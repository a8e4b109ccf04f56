"""Addresses of beginning a plan, and of the templates that it may begin from."""

from django.urls import path

from campaigns import views

urlpatterns = [
    path("new/", views.choose, name="new_plan"),
    path("new/<slug:key>/", views.begin, name="begin_plan"),
    path("<int:pk>/copy/", views.copy, name="copy_plan"),
    path("<int:pk>/template/", views.keep, name="keep_as_template"),
    path("templates/", views.templates, name="plan_templates"),
    path("templates/<slug:key>/file/", views.download, name="plan_template_file"),
    path("templates/<int:pk>/retire/", views.retire, name="retire_plan_template"),
]
