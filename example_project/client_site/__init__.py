"""Fix-it Friday: a second site, not Django Ory's at all, that signs people in through Toolshelf (OpenID Connect)."""

from __future__ import annotations
