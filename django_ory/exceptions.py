"""Exceptions for projects to catch. Those of Ory's APIs are in ``django_ory.client``."""

from __future__ import annotations

from .conf import OryConfigurationError

__all__ = [
    "ChangeUnconfirmed",
    "EditConflict",
    "MessageRefused",
    "OryConfigurationError",
    "RotationUnsupported",
    "SessionUnavailable",
]


class SessionUnavailable(Exception):
    """Kratos is unavailable, and the settings require an error. The middleware responds with 503."""


class EditConflict(Exception):
    """The resource in Ory was changed since it was read, so the change was not made."""


class ChangeUnconfirmed(Exception):
    """Ory did not answer a change in time, and the resource, read again, does not have the change (yet)."""


class MessageRefused(Exception):
    """A mail or SMS can never be delivered, e.g. because the address does not exist. It is not tried again.

    The text is logged, so it must not contain the recipient.
    """


class RotationUnsupported(Exception):
    """This Hydra cannot keep the former secret of a client valid. Nothing was changed."""
