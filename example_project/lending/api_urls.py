"""URLs of the API, below ``/api``."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from . import api
from .api_page import api_page

router = SimpleRouter()
router.register("tools", api.ToolViewSet, basename="api-tool")
router.register("loans", api.LoanViewSet, basename="api-loan")

urlpatterns = [
    path("", api_page, name="api"),
    path("loans/history/", api.LoanHistoryView.as_view(), name="api-loan-history"),
    path("loans/overdue/", api.OverdueLoansView.as_view(), name="api-loans-overdue"),
    path("key-box/", api.KeyBoxView.as_view(), name="api-key-box"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("", include(router.urls)),
]
