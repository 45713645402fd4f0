"""Where everything is: the API, the admin, and the dashboard for every other path."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path

from reconsite.dashboard import dashboard

handler400 = "desk.problems.bad_request"
handler500 = "desk.problems.server_error"

urlpatterns = [
    path("api/", include("desk.urls")),
    path("admin/", admin.site.urls),
    # Without their slash these two are led to it, not to the dashboard.
    re_path(r"^(?!(?:api|admin)(?:/|$)|static/|ws/).*$", dashboard),
]
