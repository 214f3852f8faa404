"""The IP addresses of a foreign host: looked up once, in limited time, and each of them checked.

A caller connects to one of the returned addresses, never to the name: a second lookup may return another
address (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from queue import Empty, SimpleQueue
from typing import Any

from django_ory.resilience.fork import call_in_child

__all__ = ["ForbiddenAddress", "LookupFailed", "find_public_addresses", "is_public"]

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Lookups at the same time. The system's lookup has no timeout, so a slow one keeps its thread.
MAX_LOOKUPS = 8
#: Addresses of one host that are looked at. A host with more is rejected.
MAX_HOST_ADDRESSES = 32

#: Networks that are not the public internet, or that lead to another address inside. In addition to
#: ``is_global``, which differs between the versions of Python.
FORBIDDEN_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind the NAT of a carrier
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: metadata of cloud servers
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/96",  # unspecified, loopback, and IPv4 inside
        "::ffff:0:0/96",  # IPv4 inside
        "::ffff:0:0:0/96",  # IPv4 inside (SIIT)
        "64:ff9b::/96",  # IPv4 inside (NAT64)
        "64:ff9b:1::/48",  # IPv4 inside (NAT64 of a network)
        "100::/64",  # discarded
        "2001::/23",  # protocol assignments, with Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # IPv4 inside (6to4)
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",  # private
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local
        "ff00::/8",  # multicast
    )
)


class ForbiddenAddress(Exception):
    """The host has an address that is not on the public internet."""


class LookupFailed(Exception):
    """The name has no address, or was not looked up in time."""


_lookups = threading.BoundedSemaphore(MAX_LOOKUPS)


def _reset_lookups() -> None:
    global _lookups  # the threads that would release the old one do not exist in a child
    _lookups = threading.BoundedSemaphore(MAX_LOOKUPS)


call_in_child(_reset_lookups)


def find_public_addresses(
    host: str, port: int, *, seconds: float, allow_loopback: bool = False
) -> list[IPAddress]:
    """Look up a host once and return its addresses, if each of them may be connected to.

    Args:
        host: a name, or an IP address without brackets.
        seconds: the longest time for the lookup.
        allow_loopback: addresses of this machine are allowed as well.

    Raises ForbiddenAddress if one of the addresses is forbidden, LookupFailed if there is none.
    """
    found = _look_up(host, port, seconds=seconds)
    addresses: list[IPAddress] = []
    for *_, socket_address in found[: MAX_HOST_ADDRESSES + 1]:
        try:
            address = ipaddress.ip_address(socket_address[0])
        except ValueError:  # such as one with a zone, fe80::1%eth0, in Python's other notation
            raise ForbiddenAddress from None
        if not (is_public(address) or (allow_loopback and address.is_loopback)):
            raise ForbiddenAddress
        if address not in addresses:
            addresses.append(address)
    if not addresses:
        raise LookupFailed("the name has no address")
    if len(addresses) > MAX_HOST_ADDRESSES:
        raise ForbiddenAddress
    return addresses


def is_public(address: IPAddress) -> bool:
    """Return whether an address is a single host on the public internet."""
    if getattr(address, "scope_id", None) is not None:
        return False
    if any(address in network for network in FORBIDDEN_NETWORKS):
        return False
    return address.is_global and not address.is_multicast


def _look_up(host: str, port: int, *, seconds: float) -> list[Any]:
    """Return the result of ``socket.getaddrinfo``. Raises LookupFailed."""
    lookups = _lookups
    if not lookups.acquire(blocking=False):
        raise LookupFailed("too many names are looked up at the same time")
    results: SimpleQueue[list[Any] | None] = SimpleQueue()

    def run() -> None:
        try:
            results.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            results.put(None)
        finally:
            lookups.release()

    try:
        threading.Thread(target=run, name="foreign-host-lookup", daemon=True).start()
    except RuntimeError:  # no more threads
        lookups.release()
        raise LookupFailed("no thread for the lookup") from None
    try:
        found = results.get(timeout=max(seconds, 0.001))
    except Empty:
        raise LookupFailed("the name was not looked up in time") from None
    if found is None:
        raise LookupFailed("the name has no address")
    return found
