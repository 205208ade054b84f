"""Addresses of the hand-written comparison."""

from django.urls import path

from benchmarks.plain import views

urlpatterns = [
    path("healthz", views.healthz),
    path("cases/<uuid:case_id>/calls/", views.CallsView.as_view()),
    path("cases/<uuid:case_id>/bare/", views.BareView.as_view()),
    path("calls/<uuid:call_id>/", views.CallView.as_view()),
    path("approvals/<uuid:approval_id>/approve/", views.ApproveView.as_view()),
]
