"""The API's addresses for governance."""

from django.urls import path

from governance.api import (
    backtests,
    changes,
    erasures,
    evidence,
    holds,
    knowledge,
    ledger,
    ledger_proofs,
    policies,
    reports,
    retention,
    subject_exports,
)

CHANGE = "change-requests/<uuid:change_id>/"
HOLD = "legal-holds/<uuid:hold_id>/"
ERASURE = "erasures/<uuid:erasure_id>/"
SUBJECT_EXPORT = "subject-exports/<uuid:subject_export_id>/"

urlpatterns = [
    path("policies/", policies.PoliciesView.as_view()),
    path("policies/<str:key>/backtests/", backtests.BacktestsView.as_view()),
    path(
        "policies/<str:key>/backtests/<uuid:backtest_id>/",
        backtests.BacktestView.as_view(),
        name="backtest",
    ),
    path("change-requests/", changes.ChangesView.as_view()),
    path("change-requests/rollback/", changes.RollbackView.as_view()),
    path(CHANGE, changes.ChangeView.as_view()),
    path(f"{CHANGE}draft/", changes.DraftView.as_view()),
    path(f"{CHANGE}submit/", changes.SubmitView.as_view()),
    path(f"{CHANGE}withdraw/", changes.WithdrawView.as_view()),
    path(f"{CHANGE}rebase/", changes.RebaseView.as_view()),
    path(f"{CHANGE}review/", changes.ReviewView.as_view()),
    path(f"{CHANGE}schedule/", changes.ScheduleView.as_view()),
    path(f"{CHANGE}unschedule/", changes.UnscheduleView.as_view()),
    path(f"{CHANGE}publish/", changes.PublishView.as_view()),
    path(f"{CHANGE}comments/", changes.CommentsView.as_view()),
    path(f"{CHANGE}comments/<int:number>/resolve/", changes.ResolveView.as_view()),
    path("decisions/<uuid:decision_id>/", policies.DecisionView.as_view()),
    path("decisions/<uuid:decision_id>/replay/", policies.ReplayView.as_view()),
    path("knowledge/", knowledge.ArticlesView.as_view()),
    path("knowledge/<str:key>/", knowledge.ArticleView.as_view()),
    path("reports/", reports.ReportsView.as_view()),
    path("retention/", retention.RetentionView.as_view()),
    path("reports/controls/", reports.ControlsView.as_view()),
    path("reports/<slug:code>/", reports.ReportView.as_view()),
    path("reports/<slug:code>/tables/<slug:table>/", reports.ReportTableView.as_view()),
    path("ledger/entries/", ledger.EntriesView.as_view()),
    path("ledger/entries/<int:index>/proof/", ledger.ProofView.as_view()),
    path("ledger/exports/", evidence.ExportsView.as_view()),
    path("ledger/exports/<uuid:export_id>/", evidence.ExportView.as_view(), name="evidence_export"),
    path("ledger/exports/<uuid:export_id>/file/", evidence.ExportFileView.as_view()),
    path("ledger/exports/<uuid:export_id>/gaps/", evidence.ExportGapsView.as_view()),
    path("legal-holds/", holds.HoldsView.as_view()),
    path(HOLD, holds.HoldView.as_view()),
    path(f"{HOLD}confirm/", holds.ConfirmView.as_view()),
    path(f"{HOLD}withdraw/", holds.WithdrawView.as_view()),
    path(f"{HOLD}ask-lift/", holds.AskLiftView.as_view()),
    path(f"{HOLD}keep/", holds.KeepView.as_view()),
    path(f"{HOLD}lift/", holds.LiftView.as_view()),
    path("erasures/", erasures.ErasuresView.as_view()),
    path(ERASURE, erasures.ErasureView.as_view()),
    path(f"{ERASURE}confirm/", erasures.ConfirmView.as_view()),
    path(f"{ERASURE}withdraw/", erasures.WithdrawView.as_view()),
    path("subject-exports/", subject_exports.SubjectExportsView.as_view()),
    path(SUBJECT_EXPORT, subject_exports.SubjectExportView.as_view()),
    path(f"{SUBJECT_EXPORT}file/", subject_exports.SubjectExportFileView.as_view()),
    path("ledger/checkpoint/", ledger.CheckpointView.as_view()),
    path("ledger/consistency/", ledger_proofs.ConsistencyView.as_view()),
    path("ledger/keys/", ledger_proofs.KeysView.as_view()),
]
