"""Addresses of handing in, reviewing and publishing."""

from django.urls import path

from submissions.views import bureau, files, school, shared

urlpatterns = [
    path("work/", school.work, name="work"),
    path("assignments/<int:pk>/", shared.assignment, name="assignment"),
    path("assignments/<int:pk>/acknowledge/", school.acknowledge, name="acknowledge"),
    path("assignments/<int:pk>/pieces/<int:number>/", school.piece, name="piece"),
    path("assignments/<int:pk>/pieces/<int:number>/withdraw/", school.withdraw, name="withdraw"),
    path("draft-files/<int:pk>/remove/", school.detach, name="detach"),
    path("campaigns/<int:pk>/", shared.plan, name="plan"),
    path("versions/<int:pk>/", shared.version, name="version"),
    path("versions/<int:pk>/receipt/", shared.receipt, name="receipt"),
    path("versions/<int:pk>/review/", bureau.review, name="review"),
    path("files/<int:pk>/", files.download, name="file"),
    path("review/", bureau.queue, name="queue"),
    path("campaigns/<int:pk>/publish/", bureau.publish, name="publish"),
]
