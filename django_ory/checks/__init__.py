"""System checks with stable ids. No check opens a connection; ``manage.py ory_check`` does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks

# The modules fill RULES.
from . import (  # noqa: F401
    agents,
    closing,
    courier,
    csp,
    deployment,
    job_tokens,
    moving,
    oauth2,
    project,
    provider,
    settings,
    tasks,
    token_hook,
    webhooks,
)
from .rules import RULES, CheckContext

__all__ = ["RULES", "TAG", "check_deployment", "check_settings"]

TAG = "django_ory"


@checks.register(TAG)
def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Run the rules for every environment."""
    return _run(deploy=False)


@checks.register(TAG, checks.Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Run the rules for production."""
    return _run(deploy=True)


def _run(*, deploy: bool) -> list[checks.CheckMessage]:
    context = CheckContext()
    return [message for rule in RULES.values() if rule.deploy is deploy for message in rule.run(context)]
