"""The views for Hydra's ``urls.login``, ``urls.consent``, ``urls.logout`` and ``urls.error``."""
