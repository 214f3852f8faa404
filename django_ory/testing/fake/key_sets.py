"""JSON Web Key sets of the fake Hydra. The keys have the members of real ones, and random values."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from .errors import HydraError
from .http import FakeRequest, FakeResponse, Handler, json_response, no_content

__all__ = ["KeySetStore"]

OWN_KEY_SETS = ("hydra.openid.id-token", "hydra.jwt.access-token")
_EC = ("x", "y", "d")
_RSA = ("n", "d", "p", "q", "dp", "dq", "qi")
#: Algorithm -> the key's type and curve, and its members with random values.
_KEY_TYPES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    **{name: ({"kty": "RSA", "e": "AQAB"}, _RSA) for name in ("RS256", "RS384", "RS512", "PS256")},
    "ES256": ({"kty": "EC", "crv": "P-256"}, _EC),
    "ES384": ({"kty": "EC", "crv": "P-384"}, _EC),
    "ES512": ({"kty": "EC", "crv": "P-521"}, _EC),
    "EdDSA": ({"kty": "OKP", "crv": "Ed25519"}, ("x", "d")),
}


class KeySetStore:
    """The key sets of one fake Hydra, by name. The newest key of a set is the first."""

    def __init__(self) -> None:
        self.sets: dict[str, list[dict[str, Any]]] = {}

    def routes(self) -> dict[str, Handler]:
        """The routes for administrators."""
        return {
            "GET /admin/keys/{set}": self._get_set,
            "POST /admin/keys/{set}": self._create_key,
            "DELETE /admin/keys/{set}": self._delete_set,
            "GET /admin/keys/{set}/{kid}": self._get_key,
            "DELETE /admin/keys/{set}/{kid}": self._delete_key,
        }

    def add(self, name: str, *, alg: str = "RS256", use: str = "sig", kid: str = "") -> dict[str, Any]:
        """Add a key, private parts included."""
        fixed, random_members = _KEY_TYPES[alg]
        key = {"use": use or "sig", "kid": kid or str(uuid.uuid4()), "alg": alg, **fixed}
        key |= {member: secrets.token_urlsafe(32) for member in random_members}
        self.sets.setdefault(name, []).insert(0, key)
        return key

    def _find(self, request: FakeRequest) -> list[dict[str, Any]]:
        name = request.path_parameters["set"]
        if not self.sets.get(name):
            if name not in OWN_KEY_SETS:
                raise HydraError(404, "Not Found", "Unable to locate the requested resource")
            self.add(name)
        return self.sets[name]

    def _get_set(self, request: FakeRequest) -> FakeResponse:
        return json_response({"keys": self._find(request)})

    def _create_key(self, request: FakeRequest) -> FakeResponse:
        name, body = request.path_parameters["set"], request.json or {}
        if body.get("alg") not in _KEY_TYPES:
            raise HydraError(400, "Bad Request", "Unsupported key algorithm")
        if body.get("kid") and any(key["kid"] == body["kid"] for key in self.sets.get(name, ())):
            raise HydraError.conflict()
        key = self.add(name, **{member: body.get(member) or "" for member in ("alg", "use", "kid")})
        return json_response({"keys": [key]}, status=201)

    def _delete_set(self, request: FakeRequest) -> FakeResponse:
        self.sets.pop(request.path_parameters["set"], None)
        return no_content()

    def _get_key(self, request: FakeRequest) -> FakeResponse:
        for key in self.sets.get(request.path_parameters["set"], ()):
            if key["kid"] == request.path_parameters["kid"]:
                return json_response({"keys": [key]})
        raise HydraError.not_found()

    def _delete_key(self, request: FakeRequest) -> FakeResponse:
        name, kid = request.path_parameters["set"], request.path_parameters["kid"]
        self.sets[name] = [key for key in self.sets.get(name, ()) if key["kid"] != kid]
        return no_content()
