"""Answers every request with the same session, as fast as Python can, so that the caller is measured.

Run as ``python -m benchmarks.whoami_server``; prints its port.
"""

from __future__ import annotations

import asyncio
import json

from django_ory.testing import build_identity_json, build_session_json

IDENTITY_ID = "9f425a8d-7efc-4768-8f23-7647a74fdf13"
COOKIE = "ory_kratos_session=MTcwMDAwMDAwMHxiZW5jaG1hcmstc2Vzc2lvbi1jb29raWUtb2YtdXN1YWwtbGVuZ3RofGFiY2RlZg=="


def build_whoami() -> bytes:
    """The response of Kratos v1.3.1 to a password session, about 1.3 kB."""
    identity = build_identity_json(
        {"email": "ada@example.org", "name": {"first": "Ada", "last": "Lovelace"}},
        id=IDENTITY_ID,
        updated_at="2026-01-01T00:00:00Z",
    )
    return json.dumps(build_session_json(identity)).encode()


class WhoamiProtocol(asyncio.Protocol):
    """Keep-alive HTTP/1.1, one response."""

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
    body = build_whoami()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    WhoamiProtocol.answer = head.encode() + body
    server = await asyncio.get_running_loop().create_server(WhoamiProtocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
