"""From an identity to its Django user: lookup, linking, identity rows, the login signal.

The modules load models. Import them only after Django's apps are ready.
"""
