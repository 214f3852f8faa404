"""The URLs of the unit tests: the app and the Django admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("auth/", include("django_ory.urls")),
    path("admin/", admin.site.urls),
]
