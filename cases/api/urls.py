"""The API's addresses for cases."""

from django.urls import path

from cases.api import (
    approvals,
    approvals_batch,
    approvals_handing,
    disclosures,
    handoff,
    journeys,
    memory,
    playback,
    tools,
)

CASE = "cases/<uuid:case_id>/"

urlpatterns = [
    path("cases/", memory.CasesView.as_view()),
    path(CASE, memory.CaseDetailView.as_view()),
    path(f"{CASE}at/", playback.CaseAtView.as_view()),
    path(f"{CASE}messages/", memory.MessagesView.as_view()),
    path(f"{CASE}interactions/", memory.InteractionsView.as_view()),
    path(f"{CASE}disclosures/", disclosures.DisclosuresView.as_view()),
    path(f"{CASE}timeline/", memory.TimelineView.as_view()),
    path(f"{CASE}evidence/", memory.EvidenceView.as_view()),
    path(f"{CASE}verification/", memory.VerificationView.as_view()),
    path(f"{CASE}resolve/", memory.ResolveView.as_view()),
    path(f"{CASE}close/", memory.CloseView.as_view()),
    path(f"{CASE}reopen/", memory.ReopenView.as_view()),
    path(f"{CASE}journeys/", journeys.JourneysView.as_view()),
    path(f"{CASE}steps/", journeys.CaseStepsView.as_view()),
    path(f"{CASE}steps/<str:step>/complete/", journeys.StepCompleteView.as_view()),
    path(f"{CASE}tool-calls/", tools.CaseToolCallsView.as_view()),
    path(f"{CASE}handoffs/", handoff.CaseHandoffsView.as_view()),
    path("steps/", journeys.ReadyStepsView.as_view()),
    path("cue-sheets/", journeys.CueSheetsView.as_view()),
    path("tools/", tools.ToolsView.as_view()),
    path("tool-calls/<uuid:call_id>/", tools.ToolCallView.as_view()),
    path("tool-calls/<uuid:call_id>/edit/", tools.EditView.as_view()),
    path("tool-calls/<uuid:call_id>/cancel/", tools.CancelView.as_view()),
    path("handoffs/<uuid:handoff_id>/", handoff.HandoffView.as_view()),
    path("handoffs/<uuid:handoff_id>/accept/", handoff.HandoffAcceptView.as_view()),
    path("handoffs/<uuid:handoff_id>/return/", handoff.HandoffReturnView.as_view()),
    path("handoffs/<uuid:handoff_id>/complete/", handoff.HandoffCompleteView.as_view()),
    path("step-up/", approvals.StepUpView.as_view()),
    path("approvals/", approvals.ApprovalsView.as_view()),
    path("approvals/batch-votes/", approvals_batch.BatchVotesView.as_view()),
    path("approvals/<uuid:approval_id>/", approvals.ApprovalView.as_view()),
    path("approvals/<uuid:approval_id>/vote/", approvals.VoteView.as_view()),
    path("approvals/<uuid:approval_id>/claim/", approvals.ClaimView.as_view()),
    path("approvals/<uuid:approval_id>/release/", approvals.ReleaseView.as_view()),
    path("approvals/<uuid:approval_id>/hand-over/", approvals_handing.HandOverView.as_view()),
    path("approvals/<uuid:approval_id>/take-back/", approvals_handing.TakeBackView.as_view()),
]
