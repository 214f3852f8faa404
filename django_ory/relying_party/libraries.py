"""The sign-ins of django-allauth, mozilla-django-oidc and ``django.contrib.auth``.

Authlib has no signal: its callback view calls ``remember_provider_session``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from .sessions import find_alias, hold_provider_session, remember_provider_session, store_held_session

__all__ = ["SingleLogoutBackendMixin"]


class SingleLogoutBackendMixin:
    """For the backend of mozilla-django-oidc: the sign-in ends with the session at Hydra.

    ::

        class Backend(SingleLogoutBackendMixin, OIDCAuthenticationBackend): ...
    """

    request: HttpRequest

    def get_or_create_user(self, access_token: str, id_token: str, payload: Mapping[str, Any]) -> Any:
        """Called by ``authenticate()`` with the claims of the verified ID token (``payload``)."""
        hold_provider_session(self.request, payload)
        return super().get_or_create_user(access_token, id_token, payload)  # type: ignore[misc]


@receiver(user_logged_in, dispatch_uid="django_ory.relying_party.login")
def keep_provider_session(*, request: HttpRequest | None, **_: Any) -> None:
    """Store the entry after ``login()``, which empties the session of another user."""
    if request is not None:
        store_held_session(request)


def remember_social_login(*, request: HttpRequest, sociallogin: Any = None, **_: Any) -> None:
    """Handle ``user_logged_in`` of allauth. A sign-in with another provider is ignored."""
    extra_data = sociallogin.account.extra_data if sociallogin is not None else None
    claims = extra_data.get("id_token") if isinstance(extra_data, Mapping) else None
    if isinstance(claims, Mapping) and find_alias(claims.get("iss"), claims.get("aud")) is not None:
        remember_provider_session(request, claims)


if apps.is_installed("allauth.socialaccount"):
    from allauth.account.signals import user_logged_in as allauth_user_logged_in

    allauth_user_logged_in.connect(remember_social_login, dispatch_uid="django_ory.relying_party.allauth")
