"""``path(".well-known/oauth-protected-resource", include("django_ory.tokens.urls"))`` at the site's root."""

from __future__ import annotations

from django.urls import path

from .views import protected_resource_metadata

urlpatterns = [
    path("", protected_resource_metadata, name="ory_resource_metadata"),
    path("/<path:path>", protected_resource_metadata, name="ory_resource_metadata"),
]
