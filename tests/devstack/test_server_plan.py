from __future__ import annotations

from dataclasses import replace

from django_ory.devstack.config.server_plan import ServerPlan, create_secrets


def test_secrets_are_long_enough_and_differ() -> None:
    one, other = create_secrets(), create_secrets()
    assert {len(secret) for secret in one.values()} == {32}
    assert len({*one.values(), *other.values()}) == 8


def test_repr_of_a_plan_has_no_secrets(server_plan: ServerPlan) -> None:
    plan = replace(server_plan, dsn="postgres://ory:hush@db/", smtp_url="smtp://ory:hush@mail/")
    assert not any(secret in repr(plan) for secret in ("hush", *plan.secrets.values()))
    assert "http://localhost:4433" in repr(plan)
