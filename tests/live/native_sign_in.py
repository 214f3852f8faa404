"""A sign-in with a password by the API of Kratos for apps, without a browser."""

from __future__ import annotations

import requests

__all__ = ["post_sign_in"]


def post_sign_in(kratos_url: str, identifier: str, password: str) -> requests.Response:
    """Sign in, and return Kratos' response: 200 with a ``session_token``, or 400.

    ``kratos_url``: the URL of the public API.
    """
    flow = requests.get(f"{kratos_url}/self-service/login/api", timeout=10).json()
    body = {"method": "password", "identifier": identifier, "password": password}
    return requests.post(flow["ui"]["action"], json=body, timeout=30)
