"""An assistant without a client of its own: ``python -m tests.e2e.mcp_program URL PORT``.

``URL`` is that of an MCP server, ``PORT`` the port for the redirect of the browser. The package ``mcp`` finds
Hydra, registers a client and signs the user in. The program prints one JSON object per line:
``{"open": URL}`` for the browser, ``{"result": ...}`` for each tool.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.to_thread
import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl

SECONDS = 120


class MemoryStorage:
    """All tokens of this run, the newest last, and the registered client."""

    def __init__(self) -> None:
        self.tokens: list[OAuthToken] = []
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens[-1] if self.tokens else None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens.append(tokens)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class CallbackServer:
    """Receives the redirects of the browser on a port of localhost."""

    def __init__(self, port: int) -> None:
        queries: list[dict[str, list[str]]] = []
        self.queries, self.received = queries, threading.Semaphore(0)
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                self.send_response(200 if url.path == "/callback" else 404)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><h1>Return to the assistant</h1>")
                if url.path == "/callback":
                    queries.append(parse_qs(url.query))
                    received.release()

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("localhost", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    async def wait(self) -> AuthorizationCodeResult:
        if not await anyio.to_thread.run_sync(lambda: self.received.acquire(timeout=SECONDS)):
            raise TimeoutError("no redirect of the browser")
        query = {name: values[0] for name, values in self.queries.pop(0).items()}
        if "error" in query:
            raise PermissionError(query["error"])
        return AuthorizationCodeResult(code=query["code"], state=query["state"], iss=query.get("iss"))


def report(**values: Any) -> None:
    print(json.dumps(values), flush=True)


async def main(url: str, port: int) -> None:
    """Call a tool, wait until the token has expired, call another one, and one that needs another scope."""
    storage, callbacks = MemoryStorage(), CallbackServer(port)

    async def open_browser(address: str) -> None:
        assert storage.client is not None
        report(open=address, client=storage.client.client_id)

    metadata = OAuthClientMetadata(
        client_name="Assistant", redirect_uris=[AnyUrl(f"http://localhost:{port}/callback")]
    )
    auth = OAuthClientProvider(url, metadata, storage, open_browser, callbacks.wait)
    async with (
        httpx2.AsyncClient(auth=auth, timeout=SECONDS) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        tools = await client.call_tool("list_tools")
        first = storage.tokens[0]
        report(result=tools.structured_content, scope=first.scope)
        await anyio.sleep((first.expires_in or 0) + 1)
        loans = await client.call_tool("list_my_loans")
        report(result=loans.structured_content, token_count=len(storage.tokens))
        borrowed = await client.call_tool("borrow_tool", {"tool_id": "apple-press"})
        report(result=borrowed.structured_content, scope=storage.tokens[-1].scope)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], int(sys.argv[2]))
