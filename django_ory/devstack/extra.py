"""The packages of the extra ``django-ory[dev]``, imported when first used: a production site needs none."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .errors import DevstackError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["require"]


def require(module: str) -> ModuleType:
    """Import a module of the extra.

    Raises DevstackError with the command that installs it if it is missing.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise DevstackError(
            f"The development stack needs the package {package}. Install it with: "
            f"python -m pip install 'django-ory[dev]'"
        ) from error
