"""``path("oidc/", include("django_ory.relying_party.urls"))``: the back-channel logout URI of the client."""

from __future__ import annotations

from django.urls import path

from .views import BackchannelLogoutView

app_name = "ory_relying_party"

urlpatterns = [path("backchannel-logout/", BackchannelLogoutView.as_view(), name="backchannel_logout")]
