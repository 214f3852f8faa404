"""Settings for the developers of a client: for Python packages, and a command. Without secrets."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models as ory

AUTHLIB = """\
import os

from authlib.integrations.django_client import OAuth

oauth = OAuth()
oauth.register(
    name="ory",
    client_id={client_id},
    client_secret={secret},
    server_metadata_url={metadata_url},
    client_kwargs={{
        "scope": {scope},
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": {method},
    }},
)"""
MOZILLA = """\
import os

OIDC_RP_CLIENT_ID = {client_id}
OIDC_RP_CLIENT_SECRET = {secret}
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = {scope}
OIDC_USE_PKCE = True
OIDC_TOKEN_USE_BASIC_AUTH = {uses_basic}
OIDC_OP_AUTHORIZATION_ENDPOINT = {authorization_endpoint}
OIDC_OP_TOKEN_ENDPOINT = {token_endpoint}
OIDC_OP_USER_ENDPOINT = {userinfo_endpoint}
OIDC_OP_JWKS_ENDPOINT = {jwks_uri}"""
ALLAUTH = """\
import os

SOCIALACCOUNT_PROVIDERS = {{
    "openid_connect": {{
        "APPS": [
            {{
                "provider_id": "ory",
                "name": "Ory",
                "client_id": {client_id},
                "secret": {secret},
                "settings": {{
                    "server_url": {metadata_url},
                    "token_auth_method": {method},
                    "oauth_pkce_enabled": True,
                    "scope": {scopes},
                }},
            }}
        ]
    }}
}}"""
ENVIRONMENT = 'os.environ["OIDC_CLIENT_SECRET"]'
DISCOVERY_PATH = "/.well-known/openid-configuration"


class Snippet(NamedTuple):
    """The settings for one package, or a command."""

    title: str
    text: str


def build_snippets(
    client_id: str, values: Mapping[str, Any], discovered: ory.OidcConfiguration
) -> list[Snippet]:
    """Return the settings that fit a client.

    Args:
        client_id: The id of the client.
        values: The result of ``get_values``.
        discovered: The endpoints of Hydra.
    """
    method, scope = values["token_endpoint_auth_method"], values["scope"]
    needs_secret = method.startswith("client_secret")
    context = {
        "client_id": _quote(client_id),
        "secret": ENVIRONMENT if needs_secret else '""',
        "scope": _quote(scope),
        "scopes": _quote(scope.split()),
        "method": _quote(method),
        "uses_basic": method == "client_secret_basic",
        "metadata_url": _quote(build_discovery_url(discovered)),
        "authorization_endpoint": _quote(discovered.authorization_endpoint or ""),
        "token_endpoint": _quote(discovered.token_endpoint or ""),
        "userinfo_endpoint": _quote(discovered.userinfo_endpoint or ""),
        "jwks_uri": _quote(discovered.jwks_uri or ""),
    }
    snippets = []
    if "authorization_code" in values["grant_types"] and (needs_secret or method == "none"):
        snippets += [
            Snippet("Authlib", AUTHLIB.format(**context)),
            Snippet("mozilla-django-oidc (settings.py)", MOZILLA.format(**context)),
            Snippet("django-allauth (settings.py)", ALLAUTH.format(**context)),
        ]
    if "client_credentials" in values["grant_types"] and needs_secret:
        snippets.append(Snippet("curl", _build_command(client_id, values, discovered)))
    return snippets


def build_discovery_url(discovered: ory.OidcConfiguration) -> str:
    """Return the URL of the discovery document, which is at a path of the issuer."""
    return f"{(discovered.issuer or '').rstrip('/')}{DISCOVERY_PATH}"


def _quote(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _build_command(client_id: str, values: Mapping[str, Any], discovered: ory.OidcConfiguration) -> str:
    secret = '"$OIDC_CLIENT_SECRET"'
    if values["token_endpoint_auth_method"] == "client_secret_basic":
        login = [f"--user {shlex.quote(client_id)}:{secret}"]
    else:
        login = [f"--data-urlencode client_id={shlex.quote(client_id)}", f"--data client_secret={secret}"]
    parts = [
        f"curl {shlex.quote(discovered.token_endpoint or '')}",
        *login,
        "--data grant_type=client_credentials",
        f"--data-urlencode scope={shlex.quote(values['scope'])}",
    ]
    return " \\\n  ".join(parts)
