"""Nodes of a flow converted to form fields."""
