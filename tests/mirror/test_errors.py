"""Every error has a text for staff."""

from __future__ import annotations

import pytest

from django_ory.client import (
    InvalidPathParameter,
    OryAPIError,
    OryConnectionError,
    OryDecodeError,
    OryResponseTooLarge,
    OryServiceNotConfigured,
    OryTimeout,
    OryUsageError,
    RouteNotFound,
)
from django_ory.conf import OryConfigurationError
from django_ory.mirror.errors import MAX_NAMES, ORY_ERRORS, error_text, format_unreadable
from django_ory.mirror.report import SyncReport


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            OryAPIError(status=400, body={"error": "invalid", "error_description": "The URI is bad."}),
            "The URI is bad.",
        ),
        (OryAPIError(status=500, body={"error": {"message": "Broken"}}), "Broken"),
        (OryAPIError(status=502, body="<html>"), "Ory returned status 502."),
        (OryAPIError(status=400, body={"error": {"reason": "x" * 900}}), "x" * 500),
        (OryTimeout("slow"), "unknown whether the change was made"),
        (OryConnectionError("refused"), "could not be reached"),
        (OryDecodeError("html"), "is not Ory"),
        (OryDecodeError("odd", status=200), "traits contain unreadable values"),
        (OryResponseTooLarge("large", status=200), "too large"),
        (RouteNotFound(status=404, body="404 page not found"), "accepts no slash"),
        (InvalidPathParameter("client_id"), "Ory cannot address this id"),
        (OryServiceNotConfigured("kratos_admin_url"), "not set in settings.ORY"),
        (OryUsageError("a bad path"), "a bad path"),
        (OryConfigurationError('settings.ORY has no "x".'), 'has no "x"'),
    ],
)
def test_error_has_a_text_for_staff(error: Exception, expected: str) -> None:
    assert isinstance(error, ORY_ERRORS)
    assert expected in error_text(error)
    assert len(error_text(error)) <= 500


def test_unreadable_resources_are_counted_and_named() -> None:
    text = format_unreadable(SyncReport(alias="acme", unreadable=["a", "", "b"]))
    assert text.startswith("acme: 3 could not be read: a, one without an id, b. ")


def test_only_the_first_unreadable_resources_are_named() -> None:
    text = format_unreadable(SyncReport(alias="acme", unreadable=[f"id{n}." for n in range(99)]))
    assert text.startswith("acme: 99 could not be read: id0., ")
    assert f"id{MAX_NAMES - 1}., …." in text
    assert f"id{MAX_NAMES}." not in text
