"""The device flow (RFC 8628) of the fake Hydra: codes of devices, and challenges of browsers.

Off by default, as in Hydra before 25.4. The responses are those of Hydra v26.2.0.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .errors import HydraError
from .http import FakeRequest, FakeResponse, Handler, json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .authorization import AuthorizationStore, StoredRequest
    from .clients import ClientStore
    from .tokens import TokenStore

__all__ = ["DeviceStore", "StoredDevice"]

DEVICE_CODE_SECONDS = 600
USER_CODE_ALPHABET = string.ascii_letters + string.digits
VERIFICATION_PATH = "/oauth2/device/verify"


@dataclass(repr=False)
class StoredDevice:
    """A device that waits for its user."""

    client_id: str
    scope: list[str]
    user_code: str
    device_code: str = field(default_factory=lambda: f"ory_dc_{secrets.token_urlsafe(32)}")
    is_expired: bool = False


class DeviceStore:
    """The devices of one fake Hydra. ``page_url``: ``urls.device.verification``; "" turns the flow off."""

    def __init__(
        self,
        clients: ClientStore,
        authorization: AuthorizationStore,
        tokens: TokenStore,
        *,
        public_url: str,
    ) -> None:
        self.clients = clients
        self.authorization = authorization
        self.tokens = tokens
        self.public_url = public_url
        self.page_url = ""
        self.devices: list[StoredDevice] = []
        self.challenges: set[str] = set()
        self.verifiers: dict[str, StoredDevice] = {}  #: verifier -> device with the accepted code

    def routes(self) -> dict[str, Handler]:
        """The routes for devices and their users."""
        return {
            f"GET {VERIFICATION_PATH}": self._verify,
            "POST /oauth2/device/auth": self._start,
            "PUT /admin/oauth2/auth/requests/device/accept": self._accept,
        }

    # Python interface.

    def add(self, client_id: str, *, scope: Sequence[str] = ("openid",), user_code: str = "") -> StoredDevice:
        """A device that waits for its user. ``user_code``: a new one by default, in both cases."""
        code = user_code or "".join(secrets.choice(USER_CODE_ALPHABET) for _ in range(8))
        device = StoredDevice(client_id=client_id, scope=list(scope), user_code=code)
        self.devices.append(device)
        self.tokens.device_codes[device.device_code] = None
        return device

    def add_challenge(self) -> str:
        """The challenge of a browser that opens the page for the code."""
        challenge = secrets.token_urlsafe(48)
        self.challenges.add(challenge)
        return challenge

    def add_login_request(self, verifier: str) -> StoredRequest:
        """The login request after an accepted code. The code in its ``request_url`` is masked."""
        device = self.verifiers[verifier]
        query = {"client_id": device.client_id, "device_verifier": verifier, "user_code": "****"}
        request = self.authorization.add_login_request(device.client_id, scope=device.scope)
        url = f"{self.public_url}{VERIFICATION_PATH}?{urlencode(query)}"
        request.content |= {"oidc_context": None, "request_url": url}
        return request

    def connect(self, verifier: str, consent: StoredRequest) -> StoredDevice:
        """Give the device its tokens, after the user has accepted the consent."""
        device = self.verifiers[verifier]
        self.tokens.device_codes[device.device_code] = consent
        self.devices.remove(device)  # the code is used
        return device

    # Endpoints.

    def _verify(self, request: FakeRequest) -> FakeResponse:
        if not self.page_url:
            return _no_route()
        query = {"device_challenge": self.add_challenge()}
        if code := request.get_query("user_code"):
            query["user_code"] = code
        return FakeResponse(302, headers=(("Location", f"{self.page_url}?{urlencode(query)}"),))

    def _start(self, request: FakeRequest) -> FakeResponse:
        if not self.page_url:
            return _no_route()
        client_id = request.form.get("client_id", "")
        if client_id not in self.clients.clients:
            raise HydraError(401, "invalid_client", "Client authentication failed.")
        device = self.add(client_id, scope=request.form.get("scope", "").split())
        url = f"{self.public_url}{VERIFICATION_PATH}"
        return json_response(
            {
                "Header": None,
                "device_code": device.device_code,
                "user_code": device.user_code,
                "verification_uri": url,
                "verification_uri_complete": f"{url}?{urlencode({'user_code': device.user_code})}",
                "expires_in": DEVICE_CODE_SECONDS - 1,
                "interval": 5,
            }
        )

    def _accept(self, request: FakeRequest) -> FakeResponse:
        if not self.page_url:
            return _no_route()
        challenge = request.get_query("device_challenge")
        if not challenge:
            raise HydraError.invalid_request("Query parameter 'device_challenge' is required.")
        if challenge not in self.challenges:
            raise HydraError(404, "Not Found", "Unable to locate the requested resource")
        code = (request.json or {}).get("user_code")
        # Compared as it is: another case or a hyphen is a wrong code. The challenge stays valid.
        device = next((each for each in self.devices if each.user_code == code and not each.is_expired), None)
        if device is None:
            raise HydraError.invalid_request("")
        verifier = secrets.token_urlsafe(48)
        self.verifiers[verifier] = device
        query = {"client_id": device.client_id, "device_verifier": verifier, "user_code": "****"}
        return json_response({"redirect_to": f"{self.public_url}{VERIFICATION_PATH}?{urlencode(query)}"})


def _no_route() -> FakeResponse:
    """The response of a Hydra without the device flow: its router does not know the path."""
    return FakeResponse(404, b"404 page not found\n", (("Content-Type", "text/plain; charset=utf-8"),))
