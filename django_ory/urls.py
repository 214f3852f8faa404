"""``path("auth/", include("django_ory.urls"))``: every page of the app, in the namespace ``ory``."""

from __future__ import annotations

from django.urls import include, path

app_name = "ory"

urlpatterns = [
    path("", include("django_ory.selfservice.urls")),
    path("", include("django_ory.accounts.urls")),
    path("oauth2/", include("django_ory.provider.urls")),
    path("token-hook/", include("django_ory.provider.token_hook.urls")),
    path("courier/", include("django_ory.courier.urls")),
    path("hooks/kratos/", include("django_ory.mirror.webhooks.urls")),
    path("hooks/kratos/", include("django_ory.validation.urls")),
    path("password-migration/", include("django_ory.mirror.password_hook.urls")),
    path("signup-hook/", include("django_ory.invitations.urls")),
]
