"""The views behind Hydra's ``urls.login``, ``urls.consent``, ``urls.logout`` and ``urls.error``."""

from __future__ import annotations

from .consent import ConsentView
from .error import ErrorView
from .login import LoginView
from .logout import LogoutView

__all__ = ["ConsentView", "ErrorView", "LoginView", "LogoutView"]
