"""The exception of the development stack, and the import of its optional packages."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any


class DevstackError(Exception):
    """The development stack cannot start or has stopped. The message names the cause and the remedy."""


def import_dev_package(module: str) -> Any:
    """Import a module of the extra ``django-ory[dev]``, which production sites do not install.

    Raises DevstackError with the install command if the module is missing.
    """
    try:
        with warnings.catch_warnings():
            # aiosmtpd 1.4.6 uses typing.ByteString, which warns on Python 3.15 and is removed in 3.17.
            warnings.simplefilter("ignore", DeprecationWarning)
            return import_module(module)
    except ModuleNotFoundError as error:
        raise DevstackError(
            f"The development stack needs the package {module.partition('.')[0]}. Install it with: "
            f"python -m pip install 'django-ory[dev]'"
        ) from error
