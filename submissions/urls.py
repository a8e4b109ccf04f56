"""Addresses of handing in, reviewing and publishing."""

from django.urls import path

from submissions.views import bureau, changes, files, school, shared

urlpatterns = [
    path("work/", school.work, name="work"),
    path("assignments/<int:pk>/", shared.assignment, name="assignment"),
    path("assignments/<int:pk>/acknowledge/", school.acknowledge, name="acknowledge"),
    path("assignments/<int:pk>/nil/", school.report_nil, name="report_nil"),
    path("assignments/<int:pk>/nil/retract/", school.retract_nil, name="retract_nil"),
    path("assignments/<int:pk>/nil/refuse/", bureau.refuse_nil, name="refuse_nil"),
    path("assignments/<int:pk>/pieces/<int:number>/", school.piece, name="piece"),
    path("assignments/<int:pk>/pieces/<int:number>/withdraw/", school.withdraw, name="withdraw"),
    path("draft-files/<int:pk>/remove/", school.detach, name="detach"),
    path("campaigns/<int:pk>/", shared.plan, name="plan"),
    path("versions/<int:pk>/", shared.version, name="version"),
    path("versions/<int:pk>/receipt/", shared.receipt, name="receipt"),
    path("versions/<int:pk>/sign/", school.sign, name="sign"),
    path("versions/<int:pk>/review/", bureau.review, name="review"),
    path("files/<int:pk>/", files.download, name="file"),
    path("review/", bureau.queue, name="queue"),
    path("campaigns/<int:pk>/publish/", bureau.publish, name="publish"),
    path("campaigns/<int:pk>/changes/", changes.overview, name="changes"),
    path("campaigns/<int:pk>/changes/<str:act>/", changes.campaign, name="campaign_change"),
    path("phases/<int:pk>/<str:act>/", changes.phase, name="phase_change"),
    path("requirements/<int:pk>/<str:act>/", changes.requirement, name="requirement_change"),
    path("occurrences/<int:pk>/deadline/", changes.deadline, name="deadline"),
    path("units/<int:pk>/merge/", changes.merge, name="merge"),
    path("units/<int:pk>/split/", changes.split, name="split"),
]
