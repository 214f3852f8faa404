"""Texts of messages and explanations."""
