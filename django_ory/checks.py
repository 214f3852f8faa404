"""System checks with stable ids; the rules are in ``check_rules``. No check opens a connection: ``ory_check``
does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import checks

from .check_rules import deployment, project, settings
from .check_rules.rule import Rule, Site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig

__all__ = ["RULES", "TAG", "check_deployment", "check_settings"]

TAG = "django_ory"

#: Every rule, in the order of the documentation.
RULES: tuple[Rule, ...] = (*settings.RULES, *project.RULES, *deployment.RULES)


@checks.register(TAG)
def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """The rules that hold everywhere."""
    return _run(deploy=False)


@checks.register(TAG, checks.Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """The rules for production."""
    return _run(deploy=True)


def _run(*, deploy: bool) -> list[checks.CheckMessage]:
    site = Site()
    return [message for rule in RULES if rule.deploy is deploy for message in rule.run(site)]
