"""``toolshelf_cli.py`` as a module, with APIs that answer, fail or do not belong to the stored token."""

from __future__ import annotations

import importlib.util
import json
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.servers import EXAMPLE

pytestmark = pytest.mark.live  # no server is started, but the environment of these tests has the libraries


class Api(ThreadingHTTPServer):
    """An API and its authorization server. ``paths`` and ``tokens``: of the requests."""

    def __init__(self, revocation_status: int) -> None:
        super().__init__(("127.0.0.1", 0), ApiHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.revocation_status = revocation_status
        self.paths: list[str] = []
        self.tokens: list[str | None] = []


class ApiHandler(BaseHTTPRequestHandler):
    server: Api

    def respond(self, status: int, content: dict[str, Any]) -> None:
        self.server.paths.append(self.path)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def do_GET(self) -> None:
        url = self.server.url
        self.server.tokens.append(self.headers["Authorization"])
        if "oauth-protected-resource" in self.path:
            self.respond(200, {"resource": f"{url}/api", "authorization_servers": [url]})
        elif "openid-configuration" in self.path:
            self.respond(200, {"issuer": url, "revocation_endpoint": f"{url}/revoke"})
        else:
            self.respond(200, {"results": [], "next": None})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.respond(self.server.revocation_status, {})

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


@contextmanager
def serving(revocation_status: int = 200) -> Iterator[Api]:
    with Api(revocation_status) as api:
        thread = threading.Thread(target=api.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield api
        finally:
            api.shutdown()
            thread.join()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("TOOLSHELF_TOKEN_FILE", str(tmp_path / "state" / "token"))
    spec = importlib.util.spec_from_file_location("toolshelf_cli", EXAMPLE / "clients" / "toolshelf_cli.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def use_api(module: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def use(url: str) -> None:
        monkeypatch.setattr(module, "API_URL", f"{url}/api")

    return use


def test_idle_connection_of_the_browser_does_not_block_the_redirect(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 < module.Callback.timeout <= 10
    monkeypatch.setattr(module.Callback, "timeout", 0.1)
    queries: list[dict[str, str]] = []
    with module.Loopback() as loopback:
        with socket.create_connection(("127.0.0.1", loopback.server_port)):
            thread = threading.Thread(target=lambda: queries.append(loopback.wait("s")), daemon=True)
            thread.start()
            url = f"{loopback.redirect_uri}?state=s&code=c"
            assert requests.get(url, timeout=30).status_code == 200
        thread.join(30)
    assert queries == [{"state": "s", "code": "c"}]


def test_token_is_sent_to_no_other_api(module: Any, use_api: Callable[[str], None]) -> None:
    with serving() as first, serving() as second:
        use_api(first.url)
        module.store_token("token-of-the-first")
        use_api(second.url)
        assert module.main(["tools"]) == 0
        assert second.tokens == [None]
        module.store_token("token-of-the-second")
        use_api(first.url)
        assert module.main(["tools"]) == 0
        assert first.tokens == ["Bearer token-of-the-first"]
        assert module.sign_out() == "You are signed out."
        assert module.sign_out() == "You are not signed in."
        use_api(second.url)
        assert module.read_token() == "token-of-the-second"
    assert stat.S_IMODE(module.TOKEN_FILE.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "ory_at_of-an-earlier-version", "[1]", "null"])
def test_file_without_tokens_by_api_is_no_sign_in(module: Any, content: str) -> None:
    module.TOKEN_FILE.parent.mkdir()
    module.TOKEN_FILE.write_text(content)
    assert module.sign_out() == "You are not signed in."
    module.store_token("new")
    assert module.read_token() == "new"


def test_sign_out_deletes_the_token_after_it_was_revoked(
    module: Any, use_api: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as api:
        use_api(api.url)
        module.store_token("token")
        discover = module.discover
        monkeypatch.setattr(module, "discover", lambda: discover() if module.read_token() else {})
        assert module.sign_out() == "You are signed out."
        assert api.paths[-1] == "/revoke"
    assert not module.TOKEN_FILE.exists()


@pytest.mark.parametrize("fault", ["revocation fails", "nothing listens", "another API"])
def test_sign_out_that_cannot_revoke_deletes_the_token_and_says_so(
    module: Any, use_api: Callable[[str], None], capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    with serving(503) as api:
        use_api(api.url if fault != "another API" else f"{api.url}/other")
        module.store_token("token")
        if fault != "nothing listens":
            assert module.main(["sign-out"]) == 1
    if fault == "nothing listens":
        assert module.main(["sign-out"]) == 1
    assert "could not be revoked" in capsys.readouterr().err
    assert not module.TOKEN_FILE.exists()
