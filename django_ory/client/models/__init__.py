# ruff: noqa: F403 (each module's own list; a test compares it with MODULES)
"""The objects of Ory's API under the names that Ory uses today. Each module loads when one of its names is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flows import *
    from .identity import *
    from .model import *
    from .session import *
    from .ui import *

MODULES: dict[str, tuple[str, ...]] = {
    "flows": ("Flow", "LoginFlow", "RecoveryFlow", "RegistrationFlow", "SettingsFlow", "VerificationFlow"),
    "identity": ("Identity", "IdentityCredentials", "RecoveryIdentityAddress", "VerifiableIdentityAddress"),
    "model": ("OryModel",),
    "session": ("Session", "SessionAuthenticationMethod", "SessionDevice"),
    "ui": (
        "UiContainer",
        "UiNode",
        "UiNodeAnchorAttributes",
        "UiNodeDivisionAttributes",
        "UiNodeImageAttributes",
        "UiNodeInputAttributes",
        "UiNodeMeta",
        "UiNodeOtherAttributes",
        "UiNodeScriptAttributes",
        "UiNodeTextAttributes",
        "UiText",
    ),
}
_HOME = {name: module for module, names in MODULES.items() for name in names}

if not TYPE_CHECKING:
    __all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
