"""Generic building blocks for calls to a service that may be slow or down. Nothing here is about Ory."""

from __future__ import annotations
