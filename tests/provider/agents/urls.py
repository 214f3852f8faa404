"""The URLs of a site that is its own issuer."""

from __future__ import annotations

from django.urls import include, path

from tests.urls import urlpatterns as site_urls

urlpatterns = [
    *site_urls,
    path(".well-known/", include("django_ory.provider.well_known")),
]
