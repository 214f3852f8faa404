"""The import of the applications of django-oauth-toolkit into Hydra.

Client ids are kept. Most secrets cannot be: django-oauth-toolkit stores hashes, and Hydra accepts none. A new
secret is written to the file of the operator before Hydra gets it, so that no interruption loses it.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import identify_hasher

from django_ory.client import OryAPIError, OryNotFound
from django_ory.client import models as ory
from django_ory.clients import get_client
from django_ory.mirror.clients import create_client, refresh_client
from django_ory.mirror.errors import UNADDRESSABLE, error_text

__all__ = ["APPLICATION_TEXTS", "ApplicationImport", "ApplicationImportOptions"]

#: By code of a finding.
APPLICATION_TEXTS: Mapping[str, str] = {
    "no_grant": "Hydra has no such grant. Change the application to another one.",
    "no_redirect_uri": "The grant needs a redirect URI.",
    "id_in_use": "Hydra has another client with this id.",
    "id_not_addressable": "This version of Hydra cannot read a client with this id.",
    "refused": "Hydra refused the client.",
    "new_secret": "The client needs a new secret, which is written to the file of secrets.",
    "implicit": "The grant is outdated: move the client to the authorization code with PKCE.",
    "hs256": "Hydra signs ID tokens with its own keys, never with the secret: the client must check RS256.",
}
APPLICATION_PROBLEMS = frozenset(
    {"no_grant", "no_redirect_uri", "id_in_use", "id_not_addressable", "refused"}
)

APPLICATION_MEMBER = "django_application"
CODE, IMPLICIT, REFRESH = "authorization_code", "implicit", "refresh_token"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
#: Grant of django-oauth-toolkit -> grant types and response types of Hydra.
APPLICATION_GRANTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "authorization-code": ((CODE, REFRESH), ("code",)),
    "client-credentials": (("client_credentials",), ()),
    "implicit": ((IMPLICIT,), ("token", "id_token", "id_token token")),
    "openid-hybrid": (
        (CODE, IMPLICIT, REFRESH),
        ("code", "code id_token", "code token", "code id_token token"),
    ),
    DEVICE: ((DEVICE, REFRESH), ()),
}
REDIRECTING = frozenset({"authorization-code", "implicit", "openid-hybrid"})
#: The scopes of django-oauth-toolkit without the setting.
DEFAULT_SCOPES = ("read", "write")

Line = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ApplicationImportOptions:
    """``scope``: of every client. Default: the scopes of ``OAUTH2_PROVIDER``, with those that OpenID needs.

    ``auth_method``: how confidential clients send their secret. django-oauth-toolkit accepts both ways, Hydra
    only the one that is named.
    """

    alias: str
    scope: str = ""
    auth_method: str = "client_secret_basic"
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True)
class PreparedClient:
    """An application with the body of its client. ``secret``: a new one, if the client needs one."""

    application: Any
    body: dict[str, Any] = field(repr=False)
    secret: str = field(default="", repr=False)
    codes: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether the client can be created."""
        return not APPLICATION_PROBLEMS.intersection(self.codes)


class ApplicationImport:
    """One run, which can be repeated: existing clients of the same applications are left as they are.

    Args:
        options: The options.
        report: Receives the result of each application, without secrets.
        write_secret: Receives the id and the new secret of a client. None: applications that need a new
            secret are not imported.

    """

    def __init__(
        self,
        options: ApplicationImportOptions,
        *,
        report: Callable[[Line], None] = lambda line: None,
        write_secret: Callable[[Line], None] | None = None,
    ) -> None:
        self._options = options
        self._report = report
        self._write_secret = write_secret
        self.counts: Counter[str] = Counter()  #: applications by result
        self.codes: Counter[str] = Counter()  #: applications by finding

    def run(self, applications: Iterable[Any]) -> Counter[str]:
        """Import applications. Returns their numbers by result.

        Raises OryError if Hydra fails. The applications until then are imported.
        """
        for application in applications:
            prepared = build_client(application, self._options)
            status, codes, reason = self._import_one(prepared)
            self.counts[status] += 1
            self.codes.update(codes)
            findings = [{"code": code, "text": APPLICATION_TEXTS[code]} for code in codes]
            line = {"application": str(application.pk), "client_id": application.client_id, "status": status}
            self._report({**line, "findings": findings, **({"reason": reason} if reason else {})})
        return self.counts

    def _import_one(self, prepared: PreparedClient) -> tuple[str, Sequence[str], str]:
        """Return the result, the codes of the findings, and Hydra's reason for a refusal."""
        codes, client_id = prepared.codes, str(prepared.application.client_id)
        try:
            existing = self._find_client(client_id)
        except UNADDRESSABLE:
            return "invalid", (*codes, "id_not_addressable"), ""
        if existing is not None:
            if _get_application(existing) != str(prepared.application.pk):
                return "invalid", (*codes, "id_in_use"), ""
            if not self._options.dry_run:
                refresh_client(self._options.alias, client_id)
            return "found", [code for code in codes if code != "new_secret"], ""
        if not prepared.is_valid:
            return "invalid", [code for code in codes if code != "new_secret"], ""
        if self._options.dry_run:
            return "valid", codes, ""
        if prepared.secret:
            if self._write_secret is None:
                return "needs secret", codes, ""
            self._write_secret({"client_id": client_id, "client_secret": prepared.secret})
        try:
            create_client(self._options.alias, prepared.body)
        except OryAPIError as error:
            if error.status >= 500 or error.status in (401, 403, 429):
                raise
            return "invalid", (*codes, "refused"), error_text(error)
        return "created", codes, ""

    def _find_client(self, client_id: str) -> ory.OAuth2Client | None:
        try:
            return get_client(self._options.alias).admin_get_o_auth2_client(client_id)
        except OryNotFound:
            return None


def build_client(application: Any, options: ApplicationImportOptions) -> PreparedClient:
    """Build the body for Hydra from an application of django-oauth-toolkit."""
    grant, codes = str(application.authorization_grant_type), []
    grants, responses = APPLICATION_GRANTS.get(grant, ((), ()))
    redirect_uris = str(application.redirect_uris or "").split()
    algorithm = str(getattr(application, "algorithm", "") or "")
    is_public = application.client_type == "public"
    secret, is_new = ("", False) if is_public else _get_secret(application)
    if not grants:
        codes.append("no_grant")
    if grant in REDIRECTING and not redirect_uris:
        codes.append("no_redirect_uri")
    if IMPLICIT in grants:
        codes.append("implicit")
    if algorithm == "HS256":
        codes.append("hs256")
    if is_new:
        codes.append("new_secret")
    body: dict[str, Any] = {
        "client_id": str(application.client_id),
        "client_name": str(application.name or ""),
        "grant_types": list(grants),
        "response_types": list(responses),
        "redirect_uris": redirect_uris,
        "post_logout_redirect_uris": _split(application, "post_logout_redirect_uris"),
        "allowed_cors_origins": _split(application, "allowed_origins"),
        "scope": options.scope or _build_scope(has_openid=bool(algorithm), has_refresh=REFRESH in grants),
        "token_endpoint_auth_method": "none" if is_public else options.auth_method,
        "skip_consent": bool(application.skip_authorization),
        "metadata": {APPLICATION_MEMBER: str(application.pk)},
    }
    owner = getattr(application, "user_id", None)
    if owner is not None:
        body["owner"] = str(owner)
    if secret:
        body["client_secret"] = secret
    return PreparedClient(
        application=application,
        body={name: value for name, value in body.items() if value not in ("", [])},
        secret=secret if is_new else "",
        codes=tuple(codes),
    )


def _get_secret(application: Any) -> tuple[str, bool]:
    """Return the secret for Hydra, and whether it is new. Only a secret stored as text can be kept."""
    stored = str(application.client_secret or "")
    try:
        identify_hasher(stored)
    except ValueError:
        if stored and not getattr(application, "hash_client_secret", True):
            return stored, False
    return secrets.token_urlsafe(32), True


def _split(application: Any, name: str) -> list[str]:
    return str(getattr(application, name, "") or "").split()


def _build_scope(*, has_openid: bool, has_refresh: bool) -> str:
    scopes = [*(getattr(settings, "OAUTH2_PROVIDER", None) or {}).get("SCOPES", DEFAULT_SCOPES)]
    scopes += [*(["openid"] if has_openid else []), *(["offline_access"] if has_refresh else [])]
    return " ".join(dict.fromkeys(scopes))


def _get_application(client: ory.OAuth2Client) -> str:
    metadata = client.metadata if isinstance(client.metadata, Mapping) else {}
    found = metadata.get(APPLICATION_MEMBER)
    return found if isinstance(found, str) else ""
