"""``FakeOry``: the real client of this package, answered by an in-memory Kratos and Hydra."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.urls import reverse

from django_ory.client import models
from django_ory.testing.flows import FLOW_TYPES

from .errors import FakeError
from .flows import CSRF_COOKIE
from .http import FakeRequest
from .servers import FakeServers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.test import AsyncClient, Client

    from .sessions import StoredSession
    from .tokens import StoredToken

__all__ = ["FakeOry"]

_SCHEMA_NOTE = (
    "Traits follow the identity schema of FakeOry. Give it your own: FakeOry(schemas={'person': {...}})."
)


def _get_identity_id(identity: models.Identity | str) -> str:
    """The id of an identity of Kratos. Raises TypeError for anything else, such as a user of Django."""
    if isinstance(identity, str):
        return identity
    if isinstance(identity, models.Identity):
        return identity.id
    raise TypeError(
        f"{type(identity).__name__} is not an identity of Kratos: pass one of create_identity(), or its id."
    )


class FakeOry(FakeServers):
    """An in-memory Kratos and Hydra for tests: a context manager, and the pytest fixture ``ory``.

    Inside the block every ``OryClient`` of the process gets its responses from memory, for any URL. No
    network is used. Models, errors, pagination, cache and circuit breaker are the real ones. An endpoint
    that is not implemented raises ``UnsupportedRequest``, which fails the test.

    ``kratos_public_url`` and ``hydra_public_url`` are the origins of the URLs in responses, such as the
    ``action`` of a form. The default is where ``settings.ORY`` expects them, as pages reject others.
    """

    # Identities and sessions.

    def create_identity(
        self,
        traits: Mapping[str, Any] | None = None,
        *,
        verified: bool = True,
        password: str = "",
        second_factor: bool = False,
        identity_id: str = "",
        **fields: Any,
    ) -> models.Identity:
        """Create an identity. ``traits``: a unique e-mail address by default.

        ``verified``: whether its addresses are verified. ``second_factor``: add an authenticator app.
        ``identity_id``: a new UUID by default. ``fields`` are those of ``CreateIdentityBody``: ``schema_id``,
        ``state``, ``metadata_public``, ...
        Raises ``FakeError`` if Kratos would reject the identity.
        """
        traits = {"email": f"user-{secrets.token_hex(4)}@example.com"} if traits is None else traits
        credentials: dict[str, Any] = {
            "password": {"config": {"password": password or secrets.token_urlsafe(12)}}
        }
        try:
            stored = self.kratos.identities.add(
                {"traits": traits, "credentials": credentials, **fields},
                totp=second_factor,
                identity_id=identity_id,
            )
        except FakeError as error:
            if "I[#/traits" in str(error):  # of the schema
                error.add_note(_SCHEMA_NOTE)
            raise
        if verified:
            for address in stored.get("verifiable_addresses", ()):
                address |= {"verified": True, "status": "completed", "verified_at": stored["created_at"]}
        return models.Identity.model_validate(stored)

    def update_identity(self, identity_id: str, **changes: Any) -> models.Identity:
        """Change fields of an identity behind the site's back, as another application would."""
        body = [{"op": "add", "path": f"/{name}", "value": value} for name, value in changes.items()]
        request = FakeRequest("PATCH", f"/admin/identities/{identity_id}", body=json.dumps(body).encode())
        return models.Identity.model_validate_json(self.handle(request).body)

    def delete_identity(self, identity_id: str) -> None:
        """Delete an identity and its sessions behind the site's back."""
        self.kratos.identities.remove(identity_id)
        self.kratos.sessions.remove_of_identity(identity_id)

    def create_session(
        self,
        identity: models.Identity | str,
        *,
        aal: str = "aal1",
        authenticated_at: datetime | timedelta | None = None,
        method: str = "password",
        **fields: Any,
    ) -> StoredSession:
        """Create a session. Browsers send its ``cookie``, apps its ``token``.

        ``authenticated_at``: a time, or how long ago. ``fields`` replace those of the session's JSON, such
        as ``devices`` or a field of a newer Kratos.
        """
        if isinstance(authenticated_at, timedelta):
            authenticated_at = datetime.now(UTC) - authenticated_at
        return self.kratos.sessions.add(
            _get_identity_id(identity),
            aal=aal,
            authenticated_at=authenticated_at,
            method=method,
            fields=fields,
        )

    def login(
        self,
        client: Client | AsyncClient,
        identity: models.Identity | str | None = None,
        *,
        traits: Mapping[str, Any] | None = None,
        aal: str = "aal1",
        verified: bool | None = None,
        authenticated_at: datetime | timedelta | None = None,
    ) -> StoredSession:
        """Sign a user in at a Django test client, sync or async, with the session cookie of Kratos.

        Without ``identity`` one is created from ``traits``, by default with verified addresses; for
        ``aal="aal2"`` it has a second factor. Raises TypeError for ``traits`` or ``verified`` beside an
        ``identity``, and for an ``identity`` that is none, such as a Django user.
        """
        if identity is None:
            identity = self.create_identity(
                traits, verified=verified is not False, second_factor=aal == "aal2"
            )
        elif traits is not None or verified is not None:
            raise TypeError(
                "`traits` and `verified` describe a new identity: give them to create_identity()."
            )
        session = self.create_session(identity, aal=aal, authenticated_at=authenticated_at)
        client.cookies[self.kratos.sessions.session_cookie] = session.cookie
        return session

    def revoke_session(self, session: StoredSession) -> None:
        """End a session behind the site's back."""
        session.is_active = False

    def create_message(self, recipient: str, **fields: Any) -> models.Message:
        """Add a mail that Kratos has sent. ``fields`` are those of its JSON, such as ``status``."""
        return models.Message.model_validate(self.kratos.courier.add(recipient, **fields))

    # Self-service flows.

    def create_flow(
        self, flow_type: str, *, client: Client | AsyncClient | None = None, **options: Any
    ) -> dict[str, Any]:
        """Create a self-service flow and return its JSON; the page shows it with ``?flow=<id>``.

        ``client``: the test client that started the flow; others cannot fetch the flow. ``options``:
        ``refresh``, ``aal``, ``return_to``, ``nodes``, ``messages``, ``identity`` and top-level keys.
        Raises ValueError for an unknown type.
        """
        if flow_type not in FLOW_TYPES:
            raise ValueError(f"Unknown flow {flow_type!r}; the types are {', '.join(FLOW_TYPES)}.")
        csrf_token = ""
        if client is not None:
            csrf_token = secrets.token_urlsafe(24)
            client.cookies[CSRF_COOKIE] = csrf_token
        return self.kratos.flows.add(flow_type, csrf_token=csrf_token, **options)

    # OAuth2.

    def create_oauth2_client(self, client_id: str = "", **fields: Any) -> models.OAuth2Client:
        """Create an OAuth2 client; ``fields`` are those of Hydra. The result has the client secret."""
        body = {
            "client_name": "Example app",
            "redirect_uris": ["https://app.example/callback"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "scope": "openid offline_access offline email profile",
            **({"client_id": client_id} if client_id else {}),
            **fields,
        }
        return models.OAuth2Client.model_validate(self.hydra.clients.add(body))

    def create_login_request(self, client_id: str, **options: Any) -> str:
        """A login request of Hydra. Returns its challenge for the page ``ory:oauth2-login``.

        ``options``: ``scope``, ``audience``, ``subject``, ``skip``, and parameters of the authorization
        request such as ``prompt``. Raises ValueError if there is no such client.
        """
        if client_id not in self.hydra.clients.clients:
            raise ValueError(f"No OAuth2 client {client_id!r}: create it with create_oauth2_client().")
        return self.hydra.authorization.add_login_request(client_id, **options).challenge

    def create_logout_request(self, subject: str, *, client_id: str = "", sid: str = "") -> str:
        """A logout request of Hydra. Returns its challenge."""
        return self.hydra.authorization.add_logout_request(subject, client_id=client_id, sid=sid).challenge

    def start_authorization(self, client_id: str, **options: Any) -> str:
        """The path of the login page with a new challenge, as Hydra redirects the browser there."""
        query = urlencode({"login_challenge": self.create_login_request(client_id, **options)})
        return f"{reverse('ory:oauth2_login')}?{query}"

    def continue_authorization(self, redirect_to: str) -> str:
        """Where Hydra sends the browser from the URL that the site redirected to.

        After the login page this is the consent page, after consent the client's redirect URI with ``code``
        or ``error``. After the code of a device this is the login page, and after its consent the page
        ``ory:oauth2_device_done``. Raises ValueError for a URL of another server, and for a rejected device,
        for which Hydra redirects nowhere.
        """
        query = {name: values[0] for name, values in parse_qs(urlsplit(redirect_to).query).items()}
        store, device = self.hydra.authorization, query.get("device_verifier", "")
        if device and not {"login_verifier", "consent_verifier"} & query.keys():
            login = self.hydra.devices.add_login_request(device)
            return f"{reverse('ory:oauth2_login')}?{urlencode({'login_challenge': login.challenge})}"
        stored = store.find_by_verifier(query.get("login_verifier") or query.get("consent_verifier") or "")
        if stored is None:
            raise ValueError("The URL has no login or consent verifier of this fake Hydra.")
        if stored.rejected is not None and device:
            raise ValueError("Hydra shows an error in JSON to the user of a rejected device.")
        if stored.rejected is not None:
            error = {"error": "access_denied", **stored.rejected}
            parameters = {name: error[name] for name in ("error", "error_description") if error.get(name)}
        elif "login_verifier" in query:
            consent = store.add_consent_request(stored)
            return f"{reverse('ory:oauth2_consent')}?{urlencode({'consent_challenge': consent.challenge})}"
        elif device:
            client_id = self.hydra.devices.connect(device, stored).client_id
            return f"{reverse('ory:oauth2_device_done')}?{urlencode({'client_id': client_id})}"
        else:
            parameters = {"code": self.hydra.tokens.add_code(stored)}
        return f"{query['redirect_uri']}?{urlencode({**parameters, 'state': query.get('state', '')})}"

    def exchange_code(self, url: str) -> dict[str, Any]:
        """The tokens for the code in a redirect URI: ``{"access_token": ..., "scope": ..., ...}``."""
        store, code = self.hydra.tokens, parse_qs(urlsplit(url).query)["code"][0]
        consent = store.codes.pop(code)
        return store.issue_for_consent(consent.content["client"]["client_id"], consent)

    def create_token(
        self,
        client_id: str,
        *,
        subject: models.Identity | str = "",
        scope: Sequence[str] = (),
        audience: Sequence[str] = (),
        expires_in: int | None = None,
        claims: dict[str, Any] | None = None,
        as_jwt: bool | None = None,
    ) -> StoredToken:
        """An access token; its ``value`` goes into ``Authorization: Bearer``.

        Args:
            client_id: the client that got the token. It need not exist.
            subject: the user, such as an identity or its id; by default the client itself.
            scope: a list; TypeError for a text.
            audience: a list; TypeError for a text.
            expires_in: seconds; negative for an expired token.
            claims: claims of the consent (``ext``), such as ``{"acr": "aal2"}``.
            as_jwt: a signed JWT or an opaque token; by default as the client's ``access_token_strategy``.
        """
        for name, value in (("scope", scope), ("audience", audience)):
            if isinstance(value, str):
                raise TypeError(f"`{name}` is a list of texts, not the text {value!r}.")
        return self.hydra.tokens.add_token(
            client_id,
            subject=_get_identity_id(subject),
            scope=scope,
            audience=audience,
            claims=claims,
            expires_in=expires_in,
            as_jwt=as_jwt,
        )
