"""Hydra's pages: login, consent, logout, device, error. Views translate HTTP, ``decisions`` decides."""
