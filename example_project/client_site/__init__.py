"""Fix-it Friday: a second site, which uses Toolshelf as its OpenID Connect provider, with Authlib."""

from __future__ import annotations
