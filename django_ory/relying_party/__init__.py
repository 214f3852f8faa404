"""Single logout for a site that signs users in at Hydra by a library for OpenID Connect.

A Django app of its own: ``INSTALLED_APPS += ["django_ory.relying_party"]``. Kratos, Hydra's admin API and
the app ``django_ory`` are not needed.
"""

from __future__ import annotations
