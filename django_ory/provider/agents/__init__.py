"""Hydra as an authorization server for clients that staff have not registered, such as agents (MCP)."""
