"""The Django admin, under our own name."""

from __future__ import annotations

from django.contrib.admin import AdminSite


class DeskAdminSite(AdminSite):
    site_title = "Reconsite"
    site_header = "Reconsite"
    index_title = "What is kept"
