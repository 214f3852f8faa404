"""Tests of ``django_ory.relying_party``."""

from __future__ import annotations
