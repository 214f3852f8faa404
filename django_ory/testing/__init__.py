"""Helpers for a project's own test suite.

``FakeOry`` answers from memory in place of Kratos and Hydra. The ``build_...`` functions return single
resources, as JSON or as the client's models.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cases import FakeOryMixin
    from .factories import (
        build_consent_request_json,
        build_error_json,
        build_identity,
        build_identity_json,
        build_login_request_json,
        build_logout_request_json,
        build_oauth2_client,
        build_oauth2_client_json,
        build_session,
        build_session_json,
        build_verifiable_address_json,
    )
    from .fake.http import FakeRequest, FakeResponse, UnsupportedRequest, json_response
    from .fake.ory import FakeOry
    from .flows import (
        build_flow,
        build_flow_json,
        build_input_node_json,
        build_message_json,
        build_node_json,
    )

__all__ = [
    "FakeOry",
    "FakeOryMixin",
    "FakeRequest",
    "FakeResponse",
    "UnsupportedRequest",
    "build_consent_request_json",
    "build_error_json",
    "build_flow",
    "build_flow_json",
    "build_identity",
    "build_identity_json",
    "build_input_node_json",
    "build_login_request_json",
    "build_logout_request_json",
    "build_message_json",
    "build_node_json",
    "build_oauth2_client",
    "build_oauth2_client_json",
    "build_session",
    "build_session_json",
    "build_verifiable_address_json",
    "json_response",
]

_FLOWS = {"build_flow", "build_flow_json", "build_input_node_json", "build_message_json", "build_node_json"}
_MODULES = {
    "FakeOry": "fake.ory",
    "FakeOryMixin": "cases",
    "FakeRequest": "fake.http",
    "FakeResponse": "fake.http",
    "UnsupportedRequest": "fake.http",
    "json_response": "fake.http",
    **{name: "flows" if name in _FLOWS else "factories" for name in __all__ if name.startswith("build_")},
}


def __getattr__(name: str) -> Any:
    # Imported on use: pytest loads this package with the plugin, before Django is configured.
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
