#!/usr/bin/env python
"""A machine that lists the members to remind: ``python clients/reminders.py``, for example from cron.

It gets a token of its own (client credentials), for this API and this scope only. No user is involved.

Environment variables:

``REMINDERS_CLIENT_ID``      id of the OAuth2 client; default: toolshelf-reminders
``REMINDERS_CLIENT_SECRET``  its secret
``REMINDERS_TOKEN_URL``      default: http://localhost:4444/oauth2/token
``TOOLSHELF_API``            URL of the API; default: http://localhost:8000/api
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

API_URL = os.environ.get("TOOLSHELF_API", "http://localhost:8000/api")
TOKEN_URL = os.environ.get("REMINDERS_TOKEN_URL", "http://localhost:4444/oauth2/token")
TIMEOUT = 10  # seconds, of one request


def list_overdue_loans(session: Any) -> Iterator[dict[str, Any]]:
    """Yield the overdue loans of all pages."""
    url = f"{API_URL}/loans/overdue/"
    while url:
        response = session.get(url, timeout=TIMEOUT)
        response.raise_for_status()
        page = response.json()
        yield from page["results"]
        url = page["next"]


def main() -> int:
    secret = os.environ.get("REMINDERS_CLIENT_SECRET")
    if not secret:
        print("Set REMINDERS_CLIENT_SECRET.", file=sys.stderr)
        return 1
    client_id = os.environ.get("REMINDERS_CLIENT_ID", "toolshelf-reminders")
    try:
        with OAuth2Session(client_id, secret, scope="loans.overdue") as session:
            # Tokens are short-lived: each run gets a new one, which is never stored.
            session.fetch_token(TOKEN_URL, grant_type="client_credentials", audience=API_URL, timeout=TIMEOUT)
            for loan in list_overdue_loans(session):
                print(f"{loan['email']}: {loan['tool_name']} was due on {loan['due_on']}.")
    except OAuthError as error:
        print(f"No token: {error.description or error.error}", file=sys.stderr)
        return 1
    except requests.HTTPError as error:
        reason = error.response.headers.get("WWW-Authenticate") or error.response.reason
        print(f"The API returned status {error.response.status_code}: {reason}", file=sys.stderr)
        return 1
    except requests.RequestException as error:
        print(f"No connection: {error.request.url if error.request else API_URL}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
