"""JSON and models of Ory's resources, as Kratos v1.3.1 and Hydra v2.3.0 send them.

Each function fills every field of a response. Keyword arguments replace top-level fields. Nothing is
stored: use ``FakeOry`` for resources that a client can fetch.
"""

from __future__ import annotations

import copy
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_ory.client import models

__all__ = [
    "build_consent_request_json",
    "build_error_json",
    "build_identity",
    "build_identity_json",
    "build_login_request_json",
    "build_logout_request_json",
    "build_oauth2_client",
    "build_oauth2_client_json",
    "build_session",
    "build_session_json",
    "build_verifiable_address_json",
    "format_time",
]

KRATOS_URL = "http://kratos.test:4433"
HYDRA_URL = "http://hydra.test:4444"
SESSION_LIFETIME = timedelta(days=14)
#: The method of the second factor in a session with ``aal2``.
SECOND_FACTOR_METHOD = "totp"

LIFESPANS = (
    "authorization_code_grant_access_token_lifespan",
    "authorization_code_grant_id_token_lifespan",
    "authorization_code_grant_refresh_token_lifespan",
    "client_credentials_grant_access_token_lifespan",
    "implicit_grant_access_token_lifespan",
    "implicit_grant_id_token_lifespan",
    "jwt_bearer_grant_access_token_lifespan",
    "refresh_token_grant_id_token_lifespan",
    "refresh_token_grant_access_token_lifespan",
    "refresh_token_grant_refresh_token_lifespan",
)
_OAUTH2_CLIENT: dict[str, Any] = {
    "client_name": "",
    "redirect_uris": [],
    "grant_types": [],
    "response_types": [],
    "scope": "offline_access offline openid",
    "audience": [],
    "owner": "",
    "policy_uri": "",
    "allowed_cors_origins": [],
    "tos_uri": "",
    "client_uri": "",
    "logo_uri": "",
    "contacts": [],
    "client_secret_expires_at": 0,
    "subject_type": "public",
    "jwks": {},
    "token_endpoint_auth_method": "client_secret_basic",
    "userinfo_signed_response_alg": "none",
    "metadata": {},
    "skip_consent": False,
    "skip_logout_consent": None,
    **dict.fromkeys(LIFESPANS),
}


_ERROR_MESSAGES = {
    400: "The request was malformed or contained invalid parameters",
    401: "The request could not be authorized",
    403: "The requested action was forbidden",
    404: "Unable to locate the resource",
}


def format_time(moment: datetime) -> str:
    """The format of times in JSON of Kratos and Hydra."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def build_error_json(
    status: int,
    reason: str = "",
    *,
    error_id: str = "",
    message: str = "",
    details: Mapping[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """The JSON of an error of Kratos. ``error_id``: such as ``"session_aal2_required"``."""
    error = {
        "id": error_id,
        "code": status,
        "status": HTTPStatus(status).phrase,
        "reason": reason,
        "details": details,
        "message": message or _ERROR_MESSAGES.get(status, ""),
    }
    return {"error": {key: value for key, value in error.items() if value}, **fields}


# Identities and sessions of Kratos.


def build_verifiable_address_json(value: str, *, verified: bool = True, **fields: Any) -> dict[str, Any]:
    """The JSON of an address in ``verifiable_addresses``. ``via`` is ``"email"`` by default."""
    now = format_time(datetime.now(UTC))
    address: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "value": value,
        "via": "email",
        "created_at": now,
        "updated_at": now,
    }
    address |= {"verified": verified, "status": "completed" if verified else "pending"}
    return {**address, **({"verified_at": now} if verified else {}), **fields}


def build_identity_json(
    traits: Mapping[str, Any] | None = None, *, verified: bool = True, **fields: Any
) -> dict[str, Any]:
    """The JSON of an identity without credentials, as in a session.

    ``traits``: a unique e-mail address by default. The trait ``email`` becomes a verifiable address.
    ``verified``: of this address.
    """
    now = format_time(datetime.now(UTC))
    traits = {"email": f"user-{secrets.token_hex(4)}@example.com"} if traits is None else traits
    schema_id = fields.get("schema_id", "default")
    identity: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "schema_id": schema_id,
        "schema_url": f"{KRATOS_URL}/schemas/{schema_id}",
        "state": "active",
        "state_changed_at": now,
        "traits": copy.deepcopy(dict(traits)),
        "metadata_public": None,
        "created_at": now,
        "updated_at": now,
        "organization_id": None,
    }
    if isinstance(email := traits.get("email"), str):
        address = build_verifiable_address_json(email, verified=verified)
        shared = {key: address[key] for key in ("id", "value", "via", "created_at", "updated_at")}
        identity |= {"verifiable_addresses": [address], "recovery_addresses": [shared]}
    return identity | fields


def build_identity(
    traits: Mapping[str, Any] | None = None, *, verified: bool = True, **fields: Any
) -> models.Identity:
    """The identity of ``build_identity_json`` as the client's model."""
    from django_ory.client.models import Identity

    return Identity.model_validate(build_identity_json(traits, verified=verified, **fields))


def build_session_json(
    identity: Mapping[str, Any] | None = None,
    *,
    aal: str = "aal1",
    authenticated_at: datetime | timedelta | None = None,
    method: str = "password",
    **fields: Any,
) -> dict[str, Any]:
    """The JSON of a session in the response of whoami.

    ``identity``: its JSON, a new one by default. ``authenticated_at``: a time, or how long ago.
    ``method``: of the first factor; a session with ``aal="aal2"`` has a second one.
    """
    now = datetime.now(UTC)
    moment = now - authenticated_at if isinstance(authenticated_at, timedelta) else authenticated_at or now
    at, session_id = format_time(moment), fields.get("id") or str(uuid.uuid4())
    methods = [{"method": method, "aal": "aal1", "completed_at": at}]
    if aal == "aal2":
        methods.append({"method": SECOND_FACTOR_METHOD, "aal": "aal2", "completed_at": at})
    device = {"ip_address": "127.0.0.1:49152", "user_agent": "Mozilla/5.0", "location": ""}
    return {
        "id": session_id,
        "active": True,
        "expires_at": format_time(now + SESSION_LIFETIME),
        "authenticated_at": at,
        "authenticator_assurance_level": aal,
        "authentication_methods": methods,
        "issued_at": at,
        "identity": build_identity_json() if identity is None else identity,
        "devices": [{"id": str(uuid.uuid5(uuid.NAMESPACE_OID, session_id)), **device}],
        **fields,
    }


def build_session(
    identity: Mapping[str, Any] | None = None,
    *,
    aal: str = "aal1",
    authenticated_at: datetime | timedelta | None = None,
    method: str = "password",
    **fields: Any,
) -> models.Session:
    """The session of ``build_session_json`` as the client's model."""
    from django_ory.client.models import Session

    content = build_session_json(
        identity, aal=aal, authenticated_at=authenticated_at, method=method, **fields
    )
    return Session.model_validate(content)


# Clients and requests of Hydra.


def build_oauth2_client_json(client_id: str = "", **fields: Any) -> dict[str, Any]:
    """The JSON of an OAuth2 client, without its secret. Without ``client_id`` its id is a new UUID."""
    now = format_time(datetime.now(UTC))
    return {
        **copy.deepcopy(_OAUTH2_CLIENT),
        "client_id": client_id or str(uuid.uuid4()),
        "created_at": now,
        "updated_at": now,
        **copy.deepcopy(fields),
    }


def build_oauth2_client(client_id: str = "", **fields: Any) -> models.OAuth2Client:
    """The client of ``build_oauth2_client_json`` as the client's model."""
    from django_ory.client.models import OAuth2Client

    return OAuth2Client.model_validate(build_oauth2_client_json(client_id, **fields))


def build_login_request_json(
    client: Mapping[str, Any] | None = None,
    *,
    scope: Sequence[str] = ("openid",),
    audience: Sequence[str] = (),
    parameters: Mapping[str, str] | None = None,
    hydra_url: str = HYDRA_URL,
    **fields: Any,
) -> dict[str, Any]:
    """The JSON of a login request.

    ``client``: the JSON of its client, a new one by default. ``parameters``: those of the authorization
    request, such as ``prompt``, ``max_age`` or ``login_hint``.
    """
    client = build_oauth2_client_json() if client is None else client
    query = {
        "client_id": client["client_id"],
        "response_type": "code",
        "scope": " ".join(scope),
        "redirect_uri": (client.get("redirect_uris") or [""])[0],
        "state": secrets.token_urlsafe(12),
        **(parameters or {}),
    }
    context: dict[str, Any] = {
        name: query[name].split() for name in ("acr_values", "ui_locales") if name in query
    }
    if "login_hint" in query:
        context["login_hint"] = query["login_hint"]
    return {
        "challenge": secrets.token_urlsafe(48),
        "requested_scope": list(scope),
        "requested_access_token_audience": list(audience),
        "skip": False,
        "subject": "",
        "oidc_context": context,
        "client": client,
        "request_url": f"{hydra_url}/oauth2/auth?{urlencode(query)}",
        "session_id": str(uuid.uuid4()),
        **fields,
    }


def build_consent_request_json(
    subject: str, login: Mapping[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """The JSON of the consent request of a user. ``login``: the JSON of the preceding login request."""
    login = build_login_request_json() if login is None else login
    shared = ("requested_scope", "requested_access_token_audience", "oidc_context", "client", "request_url")
    return {
        **{name: login[name] for name in shared},
        "challenge": secrets.token_urlsafe(48),
        "skip": False,
        "subject": subject,
        "login_challenge": uuid.uuid4().hex,
        "login_session_id": login["session_id"],
        "acr": "",
        "amr": [],
        "context": None,
        **fields,
    }


def build_logout_request_json(
    subject: str, client: Mapping[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """The JSON of a logout request. ``client``: the JSON of the client that started the logout, if any."""
    return {
        "challenge": str(uuid.uuid4()),
        "subject": subject,
        "sid": str(uuid.uuid4()),
        "request_url": "/oauth2/sessions/logout",
        "rp_initiated": client is not None,
        "expires_at": None,
        "requested_at": None,
        **({} if client is None else {"client": client}),
        **fields,
    }
