"""Every way to fail becomes a sentence for staff."""

from __future__ import annotations

import pytest

from django_ory.client import (
    OryAPIError,
    OryConnectionError,
    OryDecodeError,
    OryServiceNotConfigured,
    OryTimeout,
    OryUsageError,
)
from django_ory.conf import OryConfigurationError
from django_ory.mirror.reasons import REFUSALS, reason


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OryAPIError(status=400, body={"error": "invalid", "error_description": "The URI is bad."}),
            "The URI is bad.",
        ),
        (OryAPIError(status=500, body={"error": {"message": "Broken"}}), "Broken"),
        (OryAPIError(status=502, body="<html>"), "Ory answered with status 502."),
        (OryAPIError(status=400, body={"error": {"reason": "x" * 900}}), "x" * 500),
        (OryTimeout("slow"), "not known whether it made the change"),
        (OryConnectionError("refused"), "could not be reached"),
        (OryDecodeError("html"), "does not speak Ory's API"),
        (OryServiceNotConfigured("kratos_admin_url"), "not set in settings.ORY"),
        (OryUsageError("a bad path"), "a bad path"),
        (OryConfigurationError('settings.ORY has no "x".'), 'has no "x"'),
    ],
)
def test_reason(error: Exception, said: str) -> None:
    assert isinstance(error, REFUSALS)
    assert said in reason(error)
    assert len(reason(error)) <= 500
