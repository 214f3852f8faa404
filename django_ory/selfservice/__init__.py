"""Kratos' pages: login, registration, recovery, verification, settings, error and logout."""

from __future__ import annotations
