"""Fix-it Friday: a second site, without django_ory, that signs people in through Toolshelf."""

from __future__ import annotations
