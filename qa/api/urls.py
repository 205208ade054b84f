"""The API's addresses for quality."""

from django.urls import path

from qa.api import disputes, estimates, findings, outcomes, reviews, samples, targets

SAMPLE = "samples/<uuid:sample_id>/"
ALERT = "outcome-alerts/<uuid:outcome_alert_id>/"

urlpatterns = [
    path("samples/", samples.SamplesView.as_view()),
    path(SAMPLE, samples.SampleView.as_view()),
    path(f"{SAMPLE}proof/", samples.SampleProofView.as_view()),
    path(f"{SAMPLE}frame/", samples.SampleFrameView.as_view()),
    path("checks/", findings.ChecksView.as_view()),
    path("findings/", findings.FindingsView.as_view()),
    path("findings/<uuid:finding_id>/", findings.FindingView.as_view()),
    path("reviews/", reviews.QualityReviewsView.as_view()),
    path("reviews/<uuid:quality_review_id>/", reviews.QualityReviewView.as_view()),
    path("quality/estimates/", estimates.EstimatesView.as_view()),
    path("quality/overturned/", disputes.OverturnsView.as_view()),
    path("outcomes/", outcomes.OutcomesView.as_view()),
    path("outcomes/<str:key>/", outcomes.OutcomeView.as_view()),
    path("outcome-alerts/", targets.OutcomeAlertsView.as_view()),
    path(ALERT, targets.OutcomeAlertView.as_view()),
    path(f"{ALERT}acknowledge/", targets.AcknowledgeAlertView.as_view()),
    path(f"{ALERT}close/", targets.CloseAlertView.as_view()),
]
