"""The extension points of the OAuth2 provider: subjects, levels, claims, clients and consent.

``OryAdapter`` inherits them. Projects override them there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import UUIDField

from .client.identifiers import parse_uuid
from .client_metadata import is_verified_by_staff, read_client_metadata
from .conf import OryConfigurationError
from .consent_policy import ConsentPolicy, read_consent_policy
from .user_subjects import MIN_SUBJECT_KEY_LENGTH, decrypt_key, encrypt_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

    from .client.models import Identity, OAuth2Client
    from .conf import OrySettings


class ProviderAdapter:
    """The methods of ``OryAdapter`` for the OAuth2 provider."""

    alias: str
    settings: OrySettings

    def get_subject(self, identity_id: str) -> str:
        """Return the OAuth2 subject of an identity. Default: the identity id.

        The subject of an identity must not change and must never be that of another identity.
        """
        return identity_id

    def get_identity_id(self, subject: str) -> str:
        """Return the identity id of an OAuth2 subject. The inverse of ``get_subject``: override both."""
        return subject

    def get_user_subject(self, user: AbstractBaseUser) -> str:
        """Return the OAuth2 subject of a Django user, with ``OAUTH2_ACCOUNTS`` ``"django"``.

        Default: a primary key that is a UUID, or a number encrypted with ``OAUTH2_SUBJECT_KEY``. The subject
        of a user must not change and must never be that of another user, also after the user was deleted. So
        do not use e-mail addresses or user names, and no numbers that your database assigns a second time.
        """
        if isinstance(user.pk, UUID):
            return str(user.pk)
        if isinstance(user.pk, int):
            return encrypt_key(user.pk, secret=self._get_subject_key())
        raise OryConfigurationError(
            "The primary key of the user model is neither a UUID nor a number: override get_user_subject and "
            "find_user_by_subject of OryAdapter."
        )

    def find_user_by_subject(self, subject: str) -> AbstractBaseUser | None:
        """Return the user of a subject. The inverse of ``get_user_subject``: override both."""
        model = get_user_model()
        if isinstance(model._meta.pk, UUIDField):
            key: Any = parse_uuid(subject)
        else:
            key = decrypt_key(subject, secret=self._get_subject_key())
        user = None if key is None else model._default_manager.filter(pk=key).first()
        return user if user is not None and self.get_user_subject(user) == subject else None

    def _get_subject_key(self) -> str:
        if len(self.settings.oauth2_subject_key) < MIN_SUBJECT_KEY_LENGTH:
            raise OryConfigurationError(
                f'settings.ORY["{self.alias}"]["OAUTH2_SUBJECT_KEY"] needs at least {MIN_SUBJECT_KEY_LENGTH} '
                "characters."
            )
        return self.settings.oauth2_subject_key

    def get_user_assurance(self, request: HttpRequest, user: AbstractBaseUser) -> tuple[str, Sequence[str]]:
        """Return the level and the methods of a Django user's sign-in, for ``acr`` and ``amr``.

        With ``OAUTH2_ACCOUNTS`` ``"django"``. Default: ``("aal1", [])``, because Django does not record how
        a user signed in. With an app for second factors, return ``("aal2", ["password", "totp"])`` and the
        like, with the methods named as in Kratos or as in RFC 8176.
        """
        return "aal1", ()

    def get_second_factor_url(self, user: AbstractBaseUser) -> str:
        """Return the URL or the name of the page where a signed-in Django user gives a second factor.

        With ``OAUTH2_ACCOUNTS`` ``"django"``, for clients that request ``aal2``. Default: "", there is none,
        or the user has no second factor. The page gets ``next``, and ``get_user_assurance`` must return
        ``"aal2"`` afterwards.
        """
        return ""

    def get_acr_values(self) -> Mapping[str, str]:
        """The ``acr`` claim for each of Kratos' levels, one to one, e.g. ``{"aal2":
        "https://refeds.org/profile/mfa"}``.
        """
        return {"aal1": "aal1", "aal2": "aal2"}

    def get_amr_references(self) -> Mapping[str, str]:
        """Return the references for ``amr`` (RFC 8176) of methods of Kratos, such as ``{"passkey": "pop"}``.

        Default: none. Other methods keep the built-in reference, or their name.
        """
        return {}

    def is_acr_essential(self, client: OAuth2Client) -> bool:
        """Return whether the ``acr_values`` of a client are required.

        If they are, a login that cannot reach one of them fails with ``unmet_authentication_requirements``;
        otherwise the client gets the level that the user has. Default: ``{"django_ory": {"essential_acr":
        true}}`` in the metadata of a client that staff have verified.
        """
        return self.is_client_verified(client) and read_client_metadata(client).get("essential_acr") is True

    def get_remember_seconds(self, client: OAuth2Client) -> int | None:
        """Return how long Hydra remembers a login at this client, at most the rest of the session.

        None: the rest of the session. Default: ``{"django_ory": {"remember_seconds": 600}}`` in the metadata
        of a client that staff have verified, else None. The next login of the browser replaces the time.
        """
        if not self.is_client_verified(client):
            return None
        seconds = read_client_metadata(client).get("remember_seconds")
        return seconds if type(seconds) is int and seconds > 0 else None

    def describe_scope(self, scope: str) -> tuple[_StrOrPromise, _StrOrPromise] | None:
        """Return title and description of an OAuth2 scope for the consent page.

        None: the built-in text, or the name of an unknown scope.
        """
        return None

    def get_claims(
        self,
        *,
        identity: Identity | None,
        user: AbstractBaseUser | None,
        client: OAuth2Client,
        scopes: frozenset[str],
        claims: dict[str, Any],
    ) -> Mapping[str, Any]:
        """Return the claims of an ID token and of userinfo, as values for JSON.

        Add claims here, e.g. groups: ``if "groups" in scopes: claims["groups"] = [...]``. They are sent in a
        URL, so keep them short. ``sub``, ``sid`` and the like are Hydra's and are left out.

        Args:
            identity: the identity of the subject, if Kratos has the accounts.
            user: the Django user of the subject, if any.
            client: the client that gets the token.
            scopes: the granted scopes.
            claims: the standard claims for these scopes.
        """
        return claims

    def get_access_token_claims(
        self,
        *,
        identity: Identity | None,
        user: AbstractBaseUser | None,
        client: OAuth2Client,
        scopes: frozenset[str],
    ) -> Mapping[str, Any]:
        """Return claims of an access token for APIs, as values for JSON. Default: none.

        APIs find them in ``ext`` of the token or of its introspection. ``acr`` and ``auth_time`` are always
        there. Clients can read a token that is a JWT. Arguments of ``get_claims``.
        """
        return {}

    def is_client_verified(self, client: OAuth2Client) -> bool:
        """Return whether staff of this site know the client, so that its name and logo can be trusted.

        The consent page marks other clients, and always asks. Default: True, unless the client registered
        itself at this site or its id is the URL of its own description, and staff have not set
        ``{"django_ory": {"verified": true}}`` in its metadata. Override this method, e.g. with a list of
        ids, if clients can register at Hydra directly.
        """
        return is_verified_by_staff(client)

    def get_kept_claims(self) -> Collection[str]:
        """Return the names of claims that a refreshed token keeps from the consent. Default: none.

        With ``TOKEN_HOOK_SECRETS``, a refreshed token has the present claims of ``get_claims`` and
        ``get_access_token_claims``, and what Hydra has set, such as ``sid``. Other claims are dropped: they
        may be rights that the user has lost. Name those that only your consent page knows.
        """
        return ()

    def get_consent_policy(self, client: OAuth2Client) -> ConsentPolicy:
        """Return how users are asked for consent to a client.

        Default: from ``skip_consent`` of the client, ``django_ory`` in its metadata, and the settings.
        Change the default with ``dataclasses.replace``, e.g. ``is_first_party=client.owner == "acme"``. No
        policy lets a client that is not verified skip the page.
        """
        is_verified = self.is_client_verified(client)
        return read_consent_policy(client, settings=self.settings, is_verified=is_verified)

    def get_consent_context(
        self, *, identity: Identity | None, user: AbstractBaseUser | None, client: OAuth2Client
    ) -> Mapping[str, Any]:
        """Return values for JSON that Hydra stores with a consent, such as a tenant. Default: none.

        They are in the ``context`` of the consents that Hydra lists. The key ``asked`` is reserved. Hydra
        before 2.2 does not store them. Arguments of ``get_claims``.
        """
        return {}

    def allow_token_for_user(
        self,
        user: AbstractBaseUser,
        *,
        client: OAuth2Client,
        scopes: frozenset[str],
        audience: frozenset[str],
    ) -> bool:
        """Return whether a job may get a token for a user, with ``JOB_TOKEN_KEYS``. Called for each token.

        Default: not for staff and superusers, whose tokens can do too much. The client has the scopes and the
        audience in its registration.

        Args:
            user: the active user that the job acts for.
            client: the client of the job, as Hydra has it now.
            scopes: the requested scopes.
            audience: the requested audience.
        """
        return not (getattr(user, "is_staff", False) or getattr(user, "is_superuser", False))
