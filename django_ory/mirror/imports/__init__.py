"""Moving users and OAuth2 clients from Django to Ory, and users back.

The modules load models. Import them only after Django's apps are ready.
"""
