"""``path(".well-known/oauth-protected-resource", include("django_ory.tokens.urls"))`` at the site's root."""

from __future__ import annotations

from django.urls import re_path

from .views import protected_resource_metadata

# With path(), the slash before the path of the API would be Django's warning urls.W002.
urlpatterns = [
    re_path(r"^(?:/(?P<path>.+))?$", protected_resource_metadata, name="ory_resource_metadata"),
]
