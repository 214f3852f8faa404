"""A Kratos that knows one session and answers as fast as Python can, so that the caller is what is measured.

Run as ``python -m benchmarks.stub_kratos``; prints its port.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

IDENTITY_ID = "9f425a8d-7efc-4768-8f23-7647a74fdf13"
COOKIE = "ory_kratos_session=MTcwMDAwMDAwMHxiZW5jaG1hcmstc2Vzc2lvbi1jb29raWUtb2YtdXN1YWwtbGVuZ3RofGFiY2RlZg=="


def whoami() -> bytes:
    """The answer of Kratos v1.3.1 for somebody who signed in with a password, about 1.3 kB."""
    now = datetime.now(UTC)
    stamp = now.isoformat().replace("+00:00", "Z")
    address = {
        "id": "a1a4a1ea-5a3c-4d0b-9c5b-3f6c1d1b7f00",
        "value": "ada@example.org",
        "verified": True,
        "via": "email",
        "status": "completed",
        "verified_at": stamp,
        "created_at": stamp,
        "updated_at": stamp,
    }
    return json.dumps(
        {
            "id": "2f1c1f4a-8a0e-4b57-9d5b-2a6d7d1c6d10",
            "active": True,
            "expires_at": (now + timedelta(days=1)).isoformat().replace("+00:00", "Z"),
            "authenticated_at": stamp,
            "authenticator_assurance_level": "aal1",
            "authentication_methods": [{"method": "password", "aal": "aal1", "completed_at": stamp}],
            "issued_at": stamp,
            "identity": {
                "id": IDENTITY_ID,
                "schema_id": "default",
                "schema_url": "http://localhost:4433/schemas/ZGVmYXVsdA",
                "state": "active",
                "state_changed_at": stamp,
                "traits": {"email": "ada@example.org", "name": {"first": "Ada", "last": "Lovelace"}},
                "verifiable_addresses": [address],
                "recovery_addresses": [
                    {k: v for k, v in address.items() if k not in ("verified", "status", "verified_at")}
                ],
                "metadata_public": None,
                "created_at": stamp,
                "updated_at": "2026-01-01T00:00:00Z",
                "organization_id": None,
            },
            "devices": [
                {
                    "id": "c8a2b9a4-3f7d-4c0e-bf5e-4a2a6f8f1b11",
                    "ip_address": "127.0.0.1:5000",
                    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
                    "location": "",
                }
            ],
        }
    ).encode()


class Stub(asyncio.Protocol):
    """Keep-alive HTTP/1.1, one canned answer."""

    answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            self.buffer = self.buffer.partition(b"\r\n\r\n")[2]
            self.transport.write(self.answer)


async def serve() -> None:
    """Listen on a free port of the loopback until killed."""
    body = whoami()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    Stub.answer = head.encode() + body
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
