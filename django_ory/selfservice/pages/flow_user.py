"""What a page shows of the user when the flow does not contain it: Kratos 1.3 names neither the account of a
second factor nor the addresses of a verification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django_ory.client.models import Identity

__all__ = ["UNKNOWN_USER", "Contact", "FlowUser"]


class Contact(NamedTuple):
    """An address to which Kratos can send a code. ``via``: "email" or "sms"."""

    via: str
    value: str


class FlowUser(NamedTuple):
    """``account``: the most likely identifier of the user, or empty. ``contacts``: see ``from_identity``."""

    account: str = ""
    contacts: tuple[Contact, ...] = ()

    @classmethod
    def from_identity(cls, identity: Identity | None) -> FlowUser:
        """``account`` is the first address; ``contacts`` are the unverified ones, or all if there is none."""
        if identity is None:
            return UNKNOWN_USER
        addresses = identity.verifiable_addresses
        chosen = [each for each in addresses if not each.verified] or addresses
        values = [each.value for each in addresses] + [each.value for each in identity.recovery_addresses]
        return cls(
            next(filter(None, values), ""),
            tuple(Contact(each.via, each.value) for each in chosen),
        )


UNKNOWN_USER = FlowUser()
