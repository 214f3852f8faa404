"""The test app."""

from __future__ import annotations

from django.apps import AppConfig


class ThirdPartyConfig(AppConfig):
    """A site with one model that has a history."""

    name = "tests.third_party"
    label = "third_party"
