"""From a credential to an answer, by the shortest way that is still true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.client import OryClient
from django_ory.conf import get_settings
from django_ory.signals import ory_unavailable

from .answers import ANONYMOUS, Answer
from .whoami import ask_kratos

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .credentials import Credential

__all__ = ["resolve"]


def resolve(
    request: HttpRequest, alias: str, credential: Credential | None, *, fresh: bool = False
) -> Answer:
    """Who holds this credential. No credential, or no Kratos configured: nobody, and no call.

    ``fresh`` passes the cache by.
    """
    if credential is None or not get_settings(alias).kratos_public_url:
        return ANONYMOUS
    answer, error = ask_kratos(alias, credential)
    if error is not None:
        ory_unavailable.send(OryClient, request=request, alias=alias, error=error)
    return answer
