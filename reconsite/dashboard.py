"""The page of the dashboard: one document for every path, which its own router tells apart."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

NOT_BUILT = "The dashboard is not built yet: `npm run build` in frontend/, or `make run`, does it."


@require_safe
@never_cache
def dashboard(request: HttpRequest) -> HttpResponse:
    """A template for the sake of the nonce in it; nothing else is filled in."""
    try:
        return render(request, "index.html")
    except TemplateDoesNotExist:
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
