"""OpenID Connect: authorization requests, assurance, scopes and claims."""
