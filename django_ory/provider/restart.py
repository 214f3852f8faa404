"""The URL with which a browser begins a failed request of a client again, at Hydra."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from django_ory.conf import OrySettings
from django_ory.http.redirects import hydra_url

from .device_grant import build_verification_url
from .openid.authorization import is_device_request
from .openid.queries import parse_hydra_query

AUTHORIZATION_PATH = "/oauth2/auth"
#: Parameters that Hydra adds when a step is answered. They are valid once.
VERIFIERS = frozenset({"login_verifier", "consent_verifier", "device_verifier"})


def build_restart_url(request_url: str, *, settings: OrySettings) -> str:
    """Return the URL that begins the request again; "" unless Hydra's authorization endpoint can.

    Args:
        request_url: The URL of a login or consent request, as Hydra returned it or from our signed state.
        settings: The settings of the Ory project.
    """
    url = hydra_url(request_url, settings=settings)
    if url is None:
        return ""
    if is_device_request(url):  # its code is masked, so the user enters the code again
        return build_verification_url(settings)
    parts = urlsplit(url)
    bases = (settings.hydra_browser_url, settings.hydra_public_url)
    query = [pair for pair in parse_hydra_query(parts.query) if pair[0] not in VERIFIERS]
    is_endpoint = parts.path in {f"{urlsplit(base).path}{AUTHORIZATION_PATH}" for base in bases if base}
    # A request that the client sent by POST has no parameters in its URL.
    if not is_endpoint or not dict(query).get("client_id"):
        return ""
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))
