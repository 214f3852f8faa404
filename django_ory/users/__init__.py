"""From an identity to its Django user: lookup, linking, identity rows, the login signal."""
