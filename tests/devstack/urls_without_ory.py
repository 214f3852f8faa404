"""The URLs of a project that forgot django_ory's."""

from __future__ import annotations

urlpatterns: list[object] = []
