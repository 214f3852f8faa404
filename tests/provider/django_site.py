"""The browser of a Django user, on a site with a provider without Kratos."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from django_ory.adapter import get_adapter

from .provider_site import HYDRA, HYDRA_ADMIN, ProviderSite

PASSWORD = "a quiet harbor at 5 am"
SUBJECT_KEY = "0123456789abcdef0123456789abcdef"
LOGIN_URL = "/accounts/login/"


def build_ory_settings(**changes: Any) -> dict[str, Any]:
    """Return ``settings.ORY`` without a Kratos."""
    values = {
        "HYDRA_PUBLIC_URL": HYDRA,
        "HYDRA_ADMIN_URL": HYDRA_ADMIN,
        "OAUTH2_ACCOUNTS": "django",
        "OAUTH2_SUBJECT_KEY": SUBJECT_KEY,
    }
    return {"default": {**values, **changes}}


class DjangoSite(ProviderSite):
    """``ProviderSite`` with users of Django instead of identities."""

    def create_user(self, email: str = "alice@example.org", *, password: str | None = PASSWORD) -> Any:
        user: Any = get_user_model()(email=email)
        setattr(user, user.USERNAME_FIELD, email)
        user.set_password(password)
        user.save()
        return user

    def get_subject(self, user: Any) -> str:
        return get_adapter("default").get_user_subject(user)

    def sign_in_user(self, user: Any) -> None:
        """Start a Django session, with a new login."""
        self.browser.force_login(user, "django.contrib.auth.backends.ModelBackend")

    def change_session(self, **values: Any) -> None:
        session = self.browser.session
        session.update(values)
        session.save()
