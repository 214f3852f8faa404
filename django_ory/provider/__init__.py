"""Hydra's pages: login, consent, logout, error. Views translate HTTP, ``flows`` decides, Hydra redirects."""
