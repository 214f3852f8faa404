"""The file that ``ory_config nginx`` prints, in a real nginx, in front of a server that repeats requests."""

from __future__ import annotations

import http.server
import io
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests
import trustme
from django.core.management import call_command

from django_ory.devstack.config.proxies import FORM_LIMIT, MAX_BODY_KILOBYTES, REQUEST_LIMIT
from django_ory.devstack.ports import find_free_ports
from tests.live.services import nginx_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.live

LONG = "c" * 7000


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the path and headers of the request, and with a redirect as long as those of Hydra."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer()

    def _answer(self) -> None:
        body = json.dumps({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}})
        self.send_response(302 if self.path.startswith("/oauth2/auth") else 200)
        if self.path.startswith("/oauth2/auth"):
            self.send_header("Location", f"https://www.example.org/auth/oauth2/login/?login_challenge={LONG}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@pytest.fixture
def upstream() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def send(upstream: int, settings: Any, tmp_path: Path) -> Iterator[Callable[..., requests.Response]]:
    """Sends a request to nginx: method, host and path."""
    [port] = find_free_ports(1)
    authority = trustme.CA()
    certificate = authority.issue_cert("www.example.org", "auth.example.org")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "site.css").write_text("body {}")
    settings.STATIC_ROOT, settings.STATIC_URL = tmp_path / "static", "/static/"
    settings.ORY = {
        "default": {
            "KRATOS_PUBLIC_URL": f"http://127.0.0.1:{upstream}",
            "KRATOS_BROWSER_URL": f"https://auth.example.org:{port}",
            "HYDRA_PUBLIC_URL": f"http://127.0.0.1:{upstream}",
            "HYDRA_BROWSER_URL": f"https://www.example.org:{port}",
        }
    }
    output = io.StringIO()
    call_command(
        "ory_config",
        "nginx",
        f"--site-url=https://www.example.org:{port}",
        f"--site-address=127.0.0.1:{upstream}",
        f"--certificate={tmp_path / 'certificate.pem'}",
        f"--certificate-key={tmp_path / 'key.pem'}",
        stdout=output,
    )
    with nginx_server(output.getvalue(), port=port), requests.Session() as session:
        session.trust_env = session.verify = False

        def send(method: str, host: str, path: str, **options: Any) -> requests.Response:
            headers = {"Host": f"{host}:{port}", **options.pop("headers", {})}
            url = f"https://127.0.0.1:{port}{path}"
            return session.request(method, url, headers=headers, allow_redirects=False, timeout=10, **options)

        yield send


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_printed_file_limits_and_forwards(send: Callable[..., requests.Response]) -> None:
    """One test, because each start of nginx takes a moment."""
    kratos, site = "auth.example.org", "www.example.org"

    def count_until_limit(method: str, host: str, path: str) -> int:
        """Return the number of accepted requests before the first 429. On a slow machine it is larger."""
        for accepted in range(5000):
            status = send(method, host, path).status_code
            if status == 429:
                return accepted
            assert status == 200
        pytest.fail("There is no limit.")

    # A burst of forms of one address is cut, other requests are still answered.
    assert count_until_limit("POST", kratos, "/self-service/login?flow=x") >= FORM_LIMIT["burst"]
    assert send("GET", kratos, "/self-service/login/browser").status_code == 200

    # Only the public API is reachable.
    assert send("GET", kratos, "/admin/identities").status_code == 404
    assert (
        send("POST", site, "/oauth2/register").json()["path"] == "/oauth2/register"
    )  # the site's, not Hydra's

    # What the client claims about itself is replaced.
    claims = {"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1", "True-Client-IP": "192.0.2.1"}
    headers = send("GET", kratos, "/sessions/whoami", headers={**claims, "X-Forwarded-Proto": "http"}).json()[
        "headers"
    ]
    assert "192.0.2.1" not in json.dumps(headers)
    assert headers["x-forwarded-for"] == headers["x-real-ip"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["host"].startswith(f"{kratos}:")

    # Challenges of Hydra fit in both directions.
    assert len(send("GET", site, "/oauth2/auth").headers["Location"]) > len(LONG)
    assert len(send("GET", site, f"/auth/oauth2/login/?login_challenge={LONG}").json()["path"]) > len(LONG)

    # Too large forms are rejected before a worker reads them. The site has a size of its own.
    large = b"x" * (MAX_BODY_KILOBYTES * 1024 + 1)
    assert send("POST", site, "/auth/login/", data=large).status_code == 413
    assert send("POST", site, "/upload/", data=large).status_code == 200

    assert send("GET", site, "/static/site.css").text == "body {}"

    # Pages are limited, the posts of Kratos and the other pages of the site are not.
    # The requests above are a part of the burst.
    assert count_until_limit("GET", site, "/auth/login/") >= REQUEST_LIMIT["burst"] - 2 * FORM_LIMIT["burst"]
    assert send("POST", site, "/auth/hooks/kratos/default/").status_code == 200
    assert send("GET", site, "/").status_code == 200
