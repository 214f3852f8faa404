from __future__ import annotations

from dataclasses import replace

import pytest

from django_ory.devstack.config.server_plan import ServerPlan, create_secrets, format_duration


@pytest.mark.parametrize(
    ("seconds", "text"), [(1209600, "336h"), (90, "90s"), (1800, "30m"), (3600, "1h"), (0, "0s")]
)
def test_durations_have_the_format_of_ory(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


def test_secrets_are_long_enough_and_differ() -> None:
    one, other = create_secrets(), create_secrets()
    assert {len(secret) for secret in one.values()} == {32}
    assert len({*one.values(), *other.values()}) == 8


def test_repr_of_a_plan_has_no_secrets(server_plan: ServerPlan) -> None:
    plan = replace(server_plan, dsn="postgres://ory:hush@db/", smtp_url="smtp://ory:hush@mail/")
    assert not any(secret in repr(plan) for secret in ("hush", *plan.secrets.values()))
    assert "http://localhost:4433" in repr(plan)
