"""Catalogs in ``django_ory/locale``: complete, with the right placeholders, and used by pages and mails."""
