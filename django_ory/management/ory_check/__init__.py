"""``manage.py ory_check``: compares a running Kratos and Hydra with the project."""

from __future__ import annotations

from .runner import check_project

__all__ = ["check_project"]
