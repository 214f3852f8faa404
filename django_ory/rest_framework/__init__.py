"""Django REST framework: authentication, permissions and throttles for Kratos sessions and tokens of Hydra.

Needs ``djangorestframework``, and ``django-ory[jwt]`` to verify JWTs.
"""

from __future__ import annotations
