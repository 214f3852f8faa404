"""Web hooks of Kratos keep the mirror up to date.

A post only names an identity. The post is recorded; then the identity is read from Kratos and written.
"""

from __future__ import annotations
