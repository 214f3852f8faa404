"""Decisions of the pages, made on plain values."""
