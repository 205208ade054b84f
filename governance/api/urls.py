"""The API's addresses for governance."""

from django.urls import path

from governance.api import backtests, knowledge, ledger, policies

urlpatterns = [
    path("policies/", policies.PoliciesView.as_view()),
    path("policies/<str:key>/backtests/", backtests.BacktestsView.as_view()),
    path(
        "policies/<str:key>/backtests/<uuid:backtest_id>/",
        backtests.BacktestView.as_view(),
        name="backtest",
    ),
    path("decisions/<uuid:decision_id>/", policies.DecisionView.as_view()),
    path("decisions/<uuid:decision_id>/replay/", policies.ReplayView.as_view()),
    path("knowledge/", knowledge.ArticlesView.as_view()),
    path("knowledge/<str:key>/", knowledge.ArticleView.as_view()),
    path("ledger/entries/", ledger.EntriesView.as_view()),
    path("ledger/entries/<int:index>/proof/", ledger.ProofView.as_view()),
    path("ledger/checkpoint/", ledger.CheckpointView.as_view()),
]
