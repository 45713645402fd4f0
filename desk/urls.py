from __future__ import annotations

from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from desk import views

v1 = [
    path("config", views.ConfigView.as_view()),
    path("session", views.SessionView.as_view()),
    path("me", views.MeView.as_view()),
    path("summary", views.SummaryView.as_view()),
    path("timeseries", views.TimeseriesView.as_view()),
    path("sources", views.SourcesView.as_view()),
    path("results", views.ResultsView.as_view()),
    path("results/<path:transaction_id>", views.ResultView.as_view()),
    path("changes", views.ChangesView.as_view()),
    path("dead-letters", views.DeadLettersView.as_view()),
    path("rule-sets", views.RuleSetsView.as_view()),
]
urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", never_cache(SpectacularAPIView.as_view()), name="schema"),
    path("docs/", never_cache(SpectacularSwaggerSplitView.as_view())),
    re_path("", views.NowhereView.as_view()),
]
