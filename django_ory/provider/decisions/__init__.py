"""Decisions on Hydra's login, consent and logout requests: pure functions of plain values."""
