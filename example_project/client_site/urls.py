"""URLs of the second site, as the client at Hydra has them.

``callback/`` is the redirect URI, ``home`` the post-logout redirect URI, and ``oidc/backchannel-logout/`` the
back-channel logout URI.
"""

from __future__ import annotations

from django.urls import include, path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("callback/", views.callback, name="callback"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("oidc/", include("django_ory.relying_party.urls")),
]
