"""Hydra's pages: login, consent, logout and error. Views translate HTTP, ``flows`` decides, Hydra redirects."""

from __future__ import annotations
