"""The address of a browser or a client, as the key of a throttle."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

#: The bits of an IPv6 address that a provider assigns to one customer. The customer chooses the others.
IPV6_PREFIX_LENGTH = 64


def get_address_key(request: HttpRequest) -> str:
    """Return the address of a request; of an IPv6 address, its network of 64 bits.

    Only REMOTE_ADDR counts, because any client can send headers such as X-Forwarded-For. Behind a proxy, a
    middleware must set REMOTE_ADDR from the header of that proxy. Returns "" for every request without an IP
    address (Unix sockets), so these requests share one limit.
    """
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    # A dual-stack server has IPv4 clients as ::ffff:192.0.2.1.
    address = getattr(address, "ipv4_mapped", None) or address
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((int(address), IPV6_PREFIX_LENGTH), strict=False))
