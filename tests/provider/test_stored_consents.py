"""Remembered consents that count as given by the user."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from django_ory.client.models import OAuth2ConsentSession
from django_ory.provider.decisions.stored_consents import (
    AUTOMATIC_GRANT,
    EarlierConsent,
    find_earlier_consent,
    find_remembered_scope,
    get_stored_audience,
)

NOW = datetime(2026, 5, 4, 14, 0, tzinfo=UTC)
EARLY, LATE = "2026-05-04T12:00:00Z", "2026-05-04T13:00:00Z"


def build_consent_session(*scope: str, client_id: str = "app", **values: Any) -> OAuth2ConsentSession:
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
        ([build_consent_session("openid", "email")], True),
        ([build_consent_session("openid", "email", "photos")], True),
        ([build_consent_session("openid")], False),
        ([build_consent_session("openid"), build_consent_session("email")], False),
        ([build_consent_session("openid", "email", client_id="other")], False),
        ([build_consent_session("openid", "email", consent_request=None)], False),
        ([build_consent_session("openid", "email", remember=False)], False),
        ([build_consent_session("openid", "email", remember=True)], True),
        ([build_consent_session("openid", "email", context=AUTOMATIC_GRANT)], False),
        ([build_consent_session("openid", "email", context={"asked": True})], True),
        ([build_consent_session("openid", "email", context="asked")], True),
        (
            [
                build_consent_session("openid", "email", handled_at=LATE),
                build_consent_session("openid", handled_at=EARLY),
            ],
            True,
        ),
        (
            [
                build_consent_session("openid", "email", handled_at=EARLY),
                build_consent_session("openid", handled_at=LATE),
            ],
            False,
        ),
        (
            [
                build_consent_session("openid", handled_at=LATE),
                build_consent_session("openid", "email", handled_at=EARLY),
            ],
            False,
        ),
        (
            [build_consent_session("openid", "email"), build_consent_session("openid", handled_at=EARLY)],
            False,
        ),
        (
            [
                build_consent_session("openid", "email", handled_at=EARLY),
                build_consent_session(context=AUTOMATIC_GRANT, handled_at=LATE),
            ],
            True,
        ),
    ],
)
def test_latest_remembered_consent_decides(stored: list[OAuth2ConsentSession], expected: bool) -> None:
    scope = find_remembered_scope(stored, client_id="app", now=NOW)
    assert (scope is not None and {"openid", "email"} <= scope) is expected


@pytest.mark.parametrize(
    ("remember_for", "expected"), [(0, True), (None, True), (3_601, True), (3_600, False), (1, False)]
)
def test_consent_ends_with_its_time(remember_for: int | None, expected: bool) -> None:
    consent = build_consent_session("openid", handled_at=LATE, remember_for=remember_for)
    assert (find_remembered_scope([consent], client_id="app", now=NOW) is not None) is expected


def test_consent_without_scopes_is_a_consent() -> None:
    assert find_remembered_scope([], client_id="app", now=NOW) is None
    assert find_remembered_scope([build_consent_session()], client_id="app", now=NOW) == frozenset()


def test_audience_excludes_automatic_grants_and_other_clients() -> None:
    stored = [
        build_consent_session("a"),
        build_consent_session("b"),
        build_consent_session("c", context=AUTOMATIC_GRANT),
        build_consent_session("d", client_id="other"),
    ]
    assert get_stored_audience(stored, client_id="app") == {"https://a.example", "https://b.example"}


def test_latest_consent_of_the_user_is_the_earlier_one() -> None:
    asked = {"challenge": "c", "client": {"client_id": "app"}, "requested_scope": ["openid", "photos"]}
    stored = [
        build_consent_session("openid", "email", handled_at=EARLY),
        build_consent_session("openid", handled_at=LATE, remember=False, consent_request=asked),
        build_consent_session("openid", "all", context=AUTOMATIC_GRANT, handled_at=LATE),
        build_consent_session("openid", "all", client_id="other", handled_at=LATE),
    ]
    assert find_earlier_consent(stored, client_id="app") == EarlierConsent(
        granted=frozenset({"openid"}), requested=frozenset({"openid", "photos"})
    )


def test_automatic_grants_are_no_earlier_consent() -> None:
    stored = [build_consent_session("openid", context=AUTOMATIC_GRANT)]
    assert find_earlier_consent(stored, client_id="app") is None
    assert find_earlier_consent([], client_id="app") is None
