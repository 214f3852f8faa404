"""Fix-it Friday: a second site without django_ory, which uses Toolshelf as its OpenID Connect provider."""

from __future__ import annotations
