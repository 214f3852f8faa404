"""Which remembered consents count as given by the user."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.client.models import OAuth2ConsentSession
from django_ory.provider.decisions.consent import AUTOMATIC_GRANT, get_stored_audience, is_covered

EARLY, LATE = "2026-05-04T12:00:00Z", "2026-05-04T13:00:00Z"


def consent(*scope: str, client_id: str = "app", **values: Any) -> OAuth2ConsentSession:
    return OAuth2ConsentSession.model_validate(
        {
            "consent_request": {"challenge": "c", "client": {"client_id": client_id}},
            "grant_scope": scope,
            "grant_access_token_audience": [f"https://{name}.example" for name in scope],
            **values,
        }
    )


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ([], False),
        ([consent("openid", "email")], True),
        ([consent("openid", "email", "photos")], True),
        ([consent("openid")], False),
        ([consent("openid"), consent("email")], False),
        ([consent("openid", "email", client_id="other")], False),
        ([consent("openid", "email", consent_request=None)], False),
        ([consent("openid", "email", remember=False)], False),
        ([consent("openid", "email", remember=True)], True),
        ([consent("openid", "email", context=AUTOMATIC_GRANT)], False),
        ([consent("openid", "email", context={"asked": True})], True),
        ([consent("openid", "email", context="asked")], True),
        ([consent("openid", "email", handled_at=LATE), consent("openid", handled_at=EARLY)], True),
        ([consent("openid", "email", handled_at=EARLY), consent("openid", handled_at=LATE)], False),
        ([consent("openid", handled_at=LATE), consent("openid", "email", handled_at=EARLY)], False),
        ([consent("openid", "email"), consent("openid", handled_at=EARLY)], False),
        (
            [consent("openid", "email", handled_at=EARLY), consent(context=AUTOMATIC_GRANT, handled_at=LATE)],
            True,
        ),
    ],
)
def test_latest_remembered_consent_of_the_user_counts(
    stored: list[OAuth2ConsentSession], expected: bool
) -> None:
    assert is_covered(["openid", "email"], stored, client_id="app") is expected


def test_no_scope_needs_a_consent_too() -> None:
    assert not is_covered([], [], client_id="app")
    assert is_covered([], [consent()], client_id="app")


def test_audience_is_what_the_user_consented_to() -> None:
    stored = [
        consent("a"),
        consent("b"),
        consent("c", context=AUTOMATIC_GRANT),
        consent("d", client_id="other"),
    ]
    assert get_stored_audience(stored, client_id="app") == {"https://a.example", "https://b.example"}
