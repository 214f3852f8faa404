"""The metadata of the authorization server (RFC 8414), made from the discovery document of Hydra.

Hydra v2.3 has no ``/.well-known/oauth-authorization-server``, and no Hydra names the endpoints of this site
unless its configuration does.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django_ory.client import OryError, OryNotFound, RouteNotFound
from django_ory.clients import get_client
from django_ory.conf import PerAlias, get_settings
from django_ory.resilience.expiring_map import ExpiringMap
from django_ory.resilience.fork import call_in_child
from django_ory.resilience.log_throttle import throttled_log
from django_ory.resilience.single_flight import SingleFlight

logger = logging.getLogger("django_ory.provider")

#: How long the document is used without a call, and how long the last one while Hydra does not respond.
DISCOVERY_SECONDS = 300.0
DISCOVERY_STALE_SECONDS = 24 * 3_600.0
DISCOVERY_FAILURE_SECONDS = 5.0
#: An id with slashes that no client has: the path ``/`` is not allowed for the ids of clients.
PROBED_ID = "https://client-id-metadata-document.invalid/"


class DiscoveryStore:
    """The discovery document of Hydra of one project, cached in this process. Thread-safe."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._cache: ExpiringMap[Mapping[str, Any]] = ExpiringMap(max_size=1)
        self._last: ExpiringMap[Mapping[str, Any]] = ExpiringMap(max_size=1)
        self._failure: ExpiringMap[OryError] = ExpiringMap(max_size=1)
        self._can_address_urls: ExpiringMap[bool] = ExpiringMap(max_size=1)
        self._calls: SingleFlight[Mapping[str, Any]] = SingleFlight()

    def get(self) -> Mapping[str, Any]:
        """Return the document; the last one for a day while Hydra does not respond.

        Raises OryError if there is none.
        """
        found = self._cache.get(self.alias)
        if found is not None:
            return found
        return self._calls.share(self.alias, self._fetch, wait=get_settings(self.alias).timeout)[0]

    def _fetch(self) -> Mapping[str, Any]:
        failure = self._failure.get(self.alias)
        if failure is None:
            try:
                found = get_client(self.alias).discover_oidc_configuration()
            except OryError as error:
                failure = error
                self._failure.set(self.alias, error, seconds=DISCOVERY_FAILURE_SECONDS)
                throttled_log.warn(
                    logger,
                    ("discovery", self.alias),
                    "Discovery document of Hydra not available (project %s): %s. The last one is used.",
                    self.alias,
                    error,
                )
            else:
                document = found.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)
                self._cache.set(self.alias, document, seconds=DISCOVERY_SECONDS)
                self._last.set(self.alias, document, seconds=DISCOVERY_STALE_SECONDS)
                return document
        last = self._last.get(self.alias)
        if last is None:
            raise failure
        return last

    def can_address_urls(self) -> bool:
        """Return whether Hydra can read a client with a URL as id: from 25.4 on. False if unknown."""
        known = self._can_address_urls.get(self.alias)
        if known is not None:
            return known
        try:
            get_client(self.alias).admin_get_o_auth2_client(PROBED_ID)
        except RouteNotFound:
            can, seconds = False, DISCOVERY_SECONDS
        except OryNotFound:
            can, seconds = True, DISCOVERY_SECONDS
        except OryError:
            can, seconds = False, DISCOVERY_FAILURE_SECONDS
        else:
            can, seconds = True, DISCOVERY_SECONDS
        self._can_address_urls.set(self.alias, can, seconds=seconds)
        return can


@PerAlias
def get_discovery_store(alias: str) -> DiscoveryStore:
    """Return the discovery document of one project, shared by the process."""
    return DiscoveryStore(alias)


call_in_child(get_discovery_store.clear)  # the threads of the calls in progress do not exist there


def build_server_metadata(
    discovery: Mapping[str, Any],
    *,
    scopes: list[str],
    authorization_url: str = "",
    registration_url: str = "",
    supports_documents: bool = False,
) -> dict[str, Any]:
    """Return the metadata of the authorization server.

    Args:
        discovery: the discovery document of Hydra.
        scopes: scopes to add to those of Hydra, which only knows its own.
        authorization_url: the endpoint of this site in front of Hydra's; "": Hydra's.
        registration_url: the endpoint for registrations of this site; "": the one that Hydra names, if any.
        supports_documents: clients can have the URL of their description as id.
    """
    metadata = dict(discovery)
    if authorization_url:
        metadata["authorization_endpoint"] = authorization_url
    if registration_url:
        metadata["registration_endpoint"] = registration_url
    if supports_documents:
        metadata["client_id_metadata_document_supported"] = True
    else:
        metadata.pop("client_id_metadata_document_supported", None)
    # Hydra sends no ``iss`` with its responses (RFC 9207), and a client would wait for it.
    metadata.pop("authorization_response_iss_parameter_supported", None)
    metadata["code_challenge_methods_supported"] = ["S256"]
    known = metadata.get("scopes_supported") or []
    metadata["scopes_supported"] = list(dict.fromkeys([*known, *scopes]))
    return metadata


def get_issuer_path(discovery: Mapping[str, Any]) -> str:
    """Return the path of the issuer without slashes at the ends, which is a part of the metadata's URL."""
    try:
        return urlsplit(str(discovery.get("issuer") or "")).path.strip("/")
    except ValueError:
        return ""
