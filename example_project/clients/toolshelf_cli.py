#!/usr/bin/env python
"""Toolshelf on the command line: ``python clients/toolshelf_cli.py --help``.

The user signs in with a browser: authorization code with PKCE, and a redirect to a free port of this machine
(RFC 8252). The access token is stored in a file that only the user can read, and sent only to its own API. If
the API requires a second factor or a recent sign-in (RFC 9470), the browser opens again.

Environment variables:

``TOOLSHELF_API``         URL of the API, which is the audience of the token; default: http://localhost:8000/api
``TOOLSHELF_CLIENT_ID``   id of the OAuth2 client; default: toolshelf-cli
``TOOLSHELF_TOKEN_FILE``  default: ~/.local/state/toolshelf/token
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from requests.utils import parse_dict_header

API_URL = os.environ.get("TOOLSHELF_API", "http://localhost:8000/api")
CLIENT_ID = os.environ.get("TOOLSHELF_CLIENT_ID", "toolshelf-cli")
TOKEN_FILE = Path(os.environ.get("TOOLSHELF_TOKEN_FILE", "~/.local/state/toolshelf/token")).expanduser()
SCOPE = "loans.read loans.write keybox.read"
TIMEOUT = 10  # seconds, of one request
SIGN_IN_SECONDS = 300


class Failure(Exception):
    """A message for the user."""


class Callback(BaseHTTPRequestHandler):
    """Receives the redirect of the browser."""

    server: Loopback
    timeout = 5  # seconds. Browsers open spare connections and send nothing on them.

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        is_ours = url.path == "/callback" and query.get("state") == self.server.state
        if is_ours:
            self.server.query = query
        text = "You can close this window and return to the terminal." if is_ours else "Not found."
        self.send_response(200 if is_ours else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: Any) -> None:
        """Log nothing: the URL contains the code."""


class Loopback(HTTPServer):
    """A server on a free port of this machine, for one redirect."""

    state = ""
    query: dict[str, str] | None = None
    timeout = 1

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Callback)
        self.redirect_uri = f"http://127.0.0.1:{self.server_port}/callback"

    def wait(self, state: str) -> dict[str, str]:
        """Return the query of the redirect with this state."""
        self.state = state
        deadline = time.monotonic() + SIGN_IN_SECONDS
        while self.query is None:
            if time.monotonic() > deadline:
                raise Failure("You did not sign in within five minutes. Start the command again.")
            self.handle_request()
        return self.query


class Client:
    """Calls the API, and signs the user in when the API asks for it."""

    def __init__(self, *, opens_browser: bool) -> None:
        self.opens_browser = opens_browser

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return the JSON of the response. Raises Failure with the reason of the API."""
        response = self._send(method, path, body)
        if response.status_code == 401:
            # No token, an expired or revoked one, or one of a sign-in that is too weak or too old.
            challenge = parse_challenge(response)
            wanted = {name: challenge[name] for name in ("acr_values", "max_age") if name in challenge}
            self.sign_in(**wanted)
            response = self._send(method, path, body)
        if not response.ok:
            raise Failure(describe_error(response))
        return response.json()

    def sign_in(self, **parameters: str) -> None:
        """Sign the user in with the browser and store the token."""
        server = discover()
        with Loopback() as loopback, build_session(redirect_uri=loopback.redirect_uri) as session:
            verifier = generate_token(48)
            url, state = session.create_authorization_url(
                server["authorization_endpoint"], code_verifier=verifier, audience=API_URL, **parameters
            )
            print(f"Sign in with your browser:\n{url}", file=sys.stderr, flush=True)
            if self.opens_browser:
                webbrowser.open(url)
            query = loopback.wait(state)
            if "code" not in query:
                raise Failure(f"You are not signed in: {query.get('error_description', query.get('error'))}")
            token = session.fetch_token(
                server["token_endpoint"], code=query["code"], code_verifier=verifier, timeout=TIMEOUT
            )
        store_token(token["access_token"])

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> requests.Response:
        url = path if path.startswith(f"{API_URL}/") else f"{API_URL}/{path}"
        token = read_token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(
            method, url, json=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )


def discover() -> dict[str, Any]:
    """Return the metadata of the authorization server that the API names (RFC 9728, RFC 8414)."""
    api = urlsplit(API_URL)
    resource = get_json(f"{api.scheme}://{api.netloc}/.well-known/oauth-protected-resource{api.path}")
    if resource.get("resource") != API_URL or not resource.get("authorization_servers"):
        raise Failure(f"{API_URL} is not the URL of an API: its metadata name {resource.get('resource')}.")
    issuer = resource["authorization_servers"][0].rstrip("/")
    server = get_json(f"{issuer}/.well-known/openid-configuration")
    if server.get("issuer", "").rstrip("/") != issuer:
        raise Failure(f"The metadata of {issuer} name another issuer.")
    return server


def get_json(url: str) -> dict[str, Any]:
    response = requests.get(url, timeout=TIMEOUT)
    if not response.ok:
        raise Failure(f"{url} returned status {response.status_code}. Check TOOLSHELF_API.")
    return dict(response.json())


def build_session(**options: Any) -> Any:
    """Return the OAuth2 client: public, because a program on the user's machine cannot keep a secret."""
    return OAuth2Session(
        CLIENT_ID, scope=SCOPE, code_challenge_method="S256", token_endpoint_auth_method="none", **options
    )


def parse_challenge(response: requests.Response) -> dict[str, str]:
    """Return the parameters of ``WWW-Authenticate: Bearer ...``."""
    value = response.headers.get("WWW-Authenticate", "").removeprefix("Bearer").strip()
    return {name: text or "" for name, text in parse_dict_header(value).items()}  # type: ignore[no-untyped-call]


def describe_error(response: requests.Response) -> str:
    """Return the reason of the API, and how to go on."""
    try:
        reason = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        reason = f"The API returned status {response.status_code}."
    challenge = parse_challenge(response)
    if challenge.get("error") == "insufficient_scope":
        return f"{reason} You did not allow {challenge.get('scope')}: sign out, and sign in again."
    if "acr_values" in challenge:
        return f"{reason} Your account has no second factor. Set one up on the site, and try again."
    wait = response.headers.get("Retry-After")
    return f"{reason} Try again in {wait} seconds." if wait else reason


def read_tokens() -> dict[str, str]:
    """Return the access tokens by the URL of their API."""
    try:
        tokens = json.loads(TOKEN_FILE.read_text())
    except (FileNotFoundError, ValueError):  # ValueError: not a file of this program
        return {}
    return tokens if isinstance(tokens, dict) else {}


def read_token() -> str | None:
    """Return the token for this API. No other API may see it."""
    return read_tokens().get(API_URL)


def store_token(token: str | None) -> None:
    """Write the token for this API, or None, to a file that only the user can read.

    A file with other permissions is replaced.
    """
    tokens = {url: stored for url, stored in read_tokens().items() if url != API_URL}
    if token is not None:
        tokens[API_URL] = token
    TOKEN_FILE.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    TOKEN_FILE.unlink(missing_ok=True)
    if tokens:
        with os.fdopen(os.open(TOKEN_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(tokens, file)


def sign_out() -> str:
    """Revoke the token, so that no copy of it is accepted, and delete it."""
    token = read_token()
    if token is None:
        return "You are not signed in."
    try:
        with build_session() as session:
            response = session.revoke_token(discover()["revocation_endpoint"], token=token, timeout=TIMEOUT)
        is_revoked = response.ok
    except (Failure, requests.RequestException, KeyError):  # KeyError: the server names no such endpoint
        is_revoked = False
    finally:
        store_token(None)
    if not is_revoked:
        raise Failure(
            "The token was deleted here, but could not be revoked. It is accepted until it expires."
        )
    return "You are signed out."


def list_all(client: Client, path: str) -> list[dict[str, Any]]:
    """Return the items of all pages of a list."""
    items: list[dict[str, Any]] = []
    next_page: str | None = path
    while next_page:
        page = client.call("GET", next_page)
        items += page["results"]
        next_page = page["next"]
    return items


def format_tool(tool: dict[str, Any]) -> str:
    state = f"on loan until {tool['on_loan_until']}" if tool["on_loan_until"] else "on the shelf"
    return f"{tool['slug']:<20} {tool['name']:<24} {state}"


def format_loan(loan: dict[str, Any]) -> str:
    state = f"returned {loan['returned_on']}" if loan["returned_on"] else f"due {loan['due_on']}"
    return f"{loan['id']:>5} {loan['tool_name']:<24} {state}"


def run(arguments: argparse.Namespace) -> str:
    """Run a command and return its output."""
    client = Client(opens_browser=not arguments.no_browser)
    match arguments.command:
        case "tools":
            return "\n".join(map(format_tool, list_all(client, "tools/")))
        case "loans":
            return "\n".join(map(format_loan, list_all(client, "loans/"))) or "You have no loans."
        case "borrow":
            return format_loan(client.call("POST", "loans/", {"tool": arguments.tool}))
        case "return":
            return format_loan(client.call("POST", f"loans/{arguments.loan}/return/"))
        case "code":
            return str(client.call("GET", "key-box/")["code"])
        case "erase":
            return f"{client.call('DELETE', 'loans/history/')['erased']} erased."
        case _:
            return sign_out()


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Borrow and return the tools of Toolshelf.")
    parser.add_argument("--no-browser", action="store_true", help="print the URL, but do not open it")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("tools", help="list the tools")
    commands.add_parser("loans", help="list your loans")
    commands.add_parser("borrow", help="borrow a tool").add_argument("tool", metavar="TOOL")
    commands.add_parser("return", help="return a tool").add_argument("loan", metavar="LOAN", type=int)
    commands.add_parser("code", help="show the code of the key box (requires a recent sign-in)")
    commands.add_parser("erase", help="erase your returned loans (requires a second factor)")
    commands.add_parser("sign-out", help="delete and revoke the access token")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    try:
        print(run(parse_arguments(arguments)))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except requests.RequestException as error:
        print(f"No connection: {error.request.url if error.request else API_URL}", file=sys.stderr)
        return 1
    except AuthlibBaseError as error:
        print(f"You are not signed in: {error.description or error.error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
