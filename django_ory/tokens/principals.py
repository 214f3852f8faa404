"""The owner of an access token: a user, or a client without a user (a machine)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser

from django_ory.adapter import get_adapter
from django_ory.client import OryNotFound
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.conf import get_settings
from django_ory.users.lookup import fetch_linked_user, resolve_user

from .access_token import AccessToken, InvalidToken

__all__ = ["ClientPrincipal", "Principal", "UserPrincipal", "get_principal"]


class UserPrincipal:
    """A user who gave a client access. The Django user is loaded on first access."""

    def __init__(self, token: AccessToken, *, alias: str) -> None:
        self.token = token
        self.alias = alias

    def __repr__(self) -> str:
        return f"<UserPrincipal of client {self.token.client_id!r}>"

    @property
    def subject(self) -> str:
        """The OAuth2 subject."""
        return self.token.subject

    @property
    def key(self) -> str:
        """A text that identifies the user among all principals, for throttles."""
        return f"identity:{self.identity_id}"

    @cached_property
    def identity_id(self) -> str:
        """The Kratos identity, by ``OryAdapter.get_identity_id``."""
        return get_adapter(self.alias).get_identity_id(self.token.subject)

    @cached_property
    def user(self) -> AbstractBaseUser:
        """The Django user. An identity without one gets one as at its first sign-in (``CREATE_USERS``).

        With ``OAUTH2_ACCOUNTS`` ``"django"``, the user of the subject.

        Raises InvalidToken if there is none or if user or identity are inactive, OryError if Kratos gives no
        answer.
        """
        user = None
        if get_settings(self.alias).oauth2_accounts == "django":
            found = get_adapter(self.alias).find_user_by_subject(self.token.subject)
            user = found if found is not None and found.is_active else None
        elif parse_uuid(self.identity_id) is not None:
            linked = fetch_linked_user(self.identity_id, alias=self.alias)
            user = self._create_user() if linked is None else linked.user if linked.is_active else None
        if user is None:
            raise InvalidToken("The user of the token does not exist or is inactive.")
        return user

    def _create_user(self) -> AbstractBaseUser | None:
        if not get_settings(self.alias).kratos_admin_url:
            return None
        try:
            identity = get_client(self.alias).admin_get_identity(self.identity_id)
        except OryNotFound:
            return None
        return resolve_user(identity, alias=self.alias).user


@dataclass(frozen=True, slots=True)
class ClientPrincipal:
    """A client with a token of its own (client credentials). Takes the place of ``request.user``: it is
    authenticated, has no permissions and is not a Django user.
    """

    token: AccessToken
    alias: str

    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True
    is_staff: ClassVar[bool] = False
    is_superuser: ClassVar[bool] = False
    pk: ClassVar[None] = None
    id: ClassVar[None] = None

    def __str__(self) -> str:
        return self.token.client_id

    @property
    def identity_id(self) -> None:
        """None: no identity belongs to a client."""
        return None

    @property
    def client_id(self) -> str:
        """The id of the OAuth2 client."""
        return self.token.client_id

    @property
    def key(self) -> str:
        """A text that identifies the client among all principals, for throttles."""
        return f"client:{self.token.client_id}"

    def get_username(self) -> str:
        """The id of the client, for logs that expect a user."""
        return self.token.client_id

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """False: permissions of Django belong to users. Check scopes."""
        return False

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        """False, as ``has_perm``."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """False, as ``has_perm``."""
        return False


Principal = UserPrincipal | ClientPrincipal


def get_principal(token: AccessToken, *, alias: str) -> Principal:
    """The owner of a verified token."""
    return ClientPrincipal(token, alias) if token.is_client else UserPrincipal(token, alias=alias)
