from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.core import signing

from django_ory.http.redirects import (
    CLIENT_NAME_SALT,
    MAX_CLIENT_NAME_AGE_SECONDS,
    read_client_name,
    sign_client_name,
)


@pytest.mark.parametrize("name", ["Fix-it Friday", "<b>Shop</b>", "Größe & 漢字"])
def test_signed_name_is_read_back(name: str) -> None:
    assert read_client_name(sign_client_name(name)) == name


def test_empty_name_has_no_value() -> None:
    assert sign_client_name("") == ""


def test_long_name_is_shortened() -> None:
    assert read_client_name(sign_client_name("x" * 5_000)) == "x" * 100


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Your bank",
        "\x00",
        sign_client_name("Shop")[:-1],
        signing.dumps("Shop", salt="another"),
        signing.dumps(["Shop"], salt=CLIENT_NAME_SALT),
    ],
    ids=[
        "none",
        "empty",
        "text",
        "nul",
        "cut",
        "other salt",
        "list",
    ],  # signatures differ from second to second
)
def test_name_that_this_site_did_not_sign_is_ignored(value: str | None) -> None:
    assert read_client_name(value) == ""


def test_old_name_is_ignored() -> None:
    value = sign_client_name("Shop")
    later = datetime.now(UTC) + timedelta(seconds=MAX_CLIENT_NAME_AGE_SECONDS + 1)
    with mock.patch("time.time", return_value=later.timestamp()):
        assert read_client_name(value) == ""
