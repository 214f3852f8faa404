"""Posts of Kratos and Hydra to this site: a secret in a header, and a JSON document of limited size."""

from __future__ import annotations

import ipaddress
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from django_ory.conf import OrySettings, aliases, get_settings
from django_ory.resilience.log_throttle import throttled_log

from .responses import json_error

#: The size limit of a post, which may contain an identity. Kratos accepts 5 MB of traits at registration.
MAX_POST_BYTES = 6 * 1024 * 1024


SecretsSetting = Literal[
    "courier_secrets",
    "invitation_secrets",
    "password_migration_secrets",
    "token_hook_secrets",
    "webhook_secrets",
]
NetworksSetting = Literal["kratos_networks", "hydra_networks"]


class RejectedPost(Exception):
    """A post that is not one of the server, or whose document is invalid. The text has no value of it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@method_decorator([never_cache, login_not_required, csrf_exempt, sensitive_variables()], name="dispatch")
class ServerPostView(View, ABC):
    """An endpoint for posts of Kratos or Hydra. It does not exist for a project without secrets.

    ``secrets_settings``: the settings with the secrets, which are all valid.
    ``networks_setting``: the setting with the addresses of the server.
    ``invalid_document``: the exception about the content of a document, without its values.
    ``invalid_status``: the status of its response.
    ``rejection_log``: the text of the log about a rejected post, with project, status and reason.
    ``rejection_error``: the id and the text of its response, which do not name the reason.
    """

    http_method_names = ["post"]  # noqa: RUF012 (as Django declares it)

    secrets_settings: ClassVar[tuple[SecretsSetting, ...]]
    networks_setting: ClassVar[NetworksSetting] = "kratos_networks"
    secret_header: ClassVar[str]
    max_bytes: ClassVar[int] = MAX_POST_BYTES
    invalid_document: ClassVar[type[Exception]]
    invalid_status: ClassVar[int] = 422
    logger: ClassVar[logging.Logger]
    rejection_log: ClassVar[str]
    rejection_error: ClassVar[tuple[str, str]]

    def post(self, request: HttpRequest, alias: str) -> HttpResponse:
        if alias not in aliases():
            raise Http404
        ory = get_settings(alias)
        secrets = [secret for name in self.secrets_settings for secret in getattr(ory, name)]
        if not secrets:
            raise Http404
        try:
            check_network(request, setting=self.networks_setting, ory=ory)
            names = " or ".join(name.upper() for name in self.secrets_settings)
            check_secret(request, header=self.secret_header, secrets=secrets, names=names)
            return self.accept(read_json(request, max_bytes=self.max_bytes), alias=alias)
        except RejectedPost as error:
            return self._reject(error.status, str(error), alias=alias)
        except self.invalid_document as error:
            return self._reject(self.invalid_status, str(error), alias=alias)

    @abstractmethod
    def accept(self, document: Any, *, alias: str) -> HttpResponse:
        """Return the response to the JSON document of a post with the secret.

        Raises RejectedPost, or ``invalid_document``.
        """

    def _reject(self, status: int, reason: str, *, alias: str) -> HttpResponse:
        key = (self.rejection_log, alias, status, reason)
        throttled_log.warn(self.logger, key, self.rejection_log, alias, status, reason)
        return json_error(status, *self.rejection_error)


def check_network(request: HttpRequest, *, setting: NetworksSetting, ory: OrySettings) -> None:
    """Raise RejectedPost unless REMOTE_ADDR is in a network of the setting. If it is unset, every one is."""
    networks: Sequence[str] = getattr(ory, setting)
    if networks and not is_in_networks(request.META.get("REMOTE_ADDR", ""), networks):
        raise RejectedPost(403, f"REMOTE_ADDR is not in {setting.upper()}")


def is_in_networks(address: str, networks: Sequence[str]) -> bool:
    """Return whether an IP address is in one of the networks. An invalid network contains no address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)  # a dual-stack server has IPv4 clients as ::ffff:10.0.0.1
    valid = (network for each in networks if (network := parse_network(each)) is not None)
    return any((mapped or ip) in network or ip in network for network in valid)


def parse_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return the network of ``10.0.0.0/8`` or a single address; None if the text is neither."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def check_secret(request: HttpRequest, *, header: str, secrets: Sequence[str], names: str) -> None:
    """Raise RejectedPost unless the header has one of the secrets. ``names``: the settings with the secrets.

    Several secrets are valid at once, so that a secret can be replaced without an outage.
    """
    if not is_valid_secret(request.headers.get(header, ""), secrets):
        raise RejectedPost(403, f"the secret in {header} is missing, or is not one of {names}")


def is_valid_secret(given: str, secrets: Sequence[str]) -> bool:
    """Return whether a text is one of the secrets. Empty secrets are ignored."""
    # Every secret is compared, so that the time does not depend on the position of the right one.
    matches = [constant_time_compare(given, secret) for secret in secrets if secret]
    return any(matches)


def read_json(request: HttpRequest, *, max_bytes: int) -> Any:
    """Return the JSON document of a post of at most ``max_bytes``. Raises RejectedPost."""
    if request.content_type != "application/json":
        raise RejectedPost(415, "the content type is not application/json")
    try:
        # Not request.body: DATA_UPLOAD_MAX_MEMORY_SIZE is for forms, and smaller than an identity may be.
        body = request.read(max_bytes + 1)
    except UnreadablePostError:
        raise RejectedPost(400, "the connection was closed before the end of the body") from None
    if len(body) > max_bytes:
        raise RejectedPost(413, f"the body is larger than {max_bytes} bytes")
    try:
        document = json.loads(body)
        json.dumps(document, ensure_ascii=False).encode()  # no mail can contain half a surrogate pair
        return document
    except (ValueError, RecursionError):
        raise RejectedPost(400, "the body is not JSON") from None
