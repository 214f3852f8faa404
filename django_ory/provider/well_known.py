"""``path(".well-known/", include("django_ory.provider.well_known"))`` at the root of the issuer's host."""

from __future__ import annotations

from django.urls import re_path

from .views.agents import ServerMetadataView

# With path(), the slash before the path of the issuer would be Django's warning urls.W002.
urlpatterns = [
    re_path(
        r"^(?:oauth-authorization-server|openid-configuration)(?:/(?P<path>.+))?$",
        ServerMetadataView.as_view(),
        name="ory_server_metadata",
    ),
]
