"""The URLs of a site with the metadata of its authorization server."""

from __future__ import annotations

from django.urls import include, path

from tests.urls import urlpatterns as site_urls

urlpatterns = [
    *site_urls,
    path(".well-known/", include("django_ory.provider.well_known")),
]
