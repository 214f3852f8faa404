"""Replaces the secret of an OAuth2 client, with or without a time in which the former one is valid, too."""

from __future__ import annotations

import secrets

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ory.client import OryAPIError, OryClient, OryError, RouteNotFound
from django_ory.client import models as ory
from django_ory.exceptions import RotationUnsupported

from .clients import CLIENT_MIRROR, ClientChange, read_unchanged, write_client
from .lost_responses import is_response_lost

__all__ = ["remove_old_client_secrets", "rotate_client_secret"]


def rotate_client_secret(alias: str, client_id: str, *, keep_old: bool) -> ClientChange:
    """Give a client a new secret, which is in the result and nowhere else.

    If the response of Hydra is lost, the result has the new secret, and a sentence in ``problems``: it is
    unknown whether the secret is valid.

    Args:
        alias: The key in ``settings.ORY``.
        client_id: The id of the client.
        keep_old: True: the former secret stays valid until ``remove_old_client_secrets``. False: it is
            invalid at once.

    Raises:
        RotationUnsupported: With ``keep_old``: this Hydra cannot keep a secret. Nothing was changed.
        OryBadRequest: With ``keep_old``: the client has no secret.
        OryNotFound: Hydra does not have the client. The row was marked as missing.
    """
    secret = secrets.token_urlsafe(32)

    def write(client: OryClient) -> ory.OAuth2Client:
        if keep_old:
            return client.rotate_o_auth2_client_secret(client_id, body={"client_secret": secret})
        steps = [{"op": "replace", "path": "/client_secret", "value": secret}]
        return client.admin_patch_o_auth2_client(client_id, body=steps)

    requested_at = timezone.now()
    current = read_unchanged(alias, client_id)
    try:
        change = write_client(alias, client_id, write, changes={})
    except OryError as error:
        if keep_old and _is_unsupported(error):
            raise RotationUnsupported from error
        if not is_response_lost(error):
            raise
        row = CLIENT_MIRROR.write_row(alias, current, requested_at=requested_at)
        text = _(
            "The response of Ory was lost, so it is unknown whether this secret is valid. Try it. If the "
            "client cannot authenticate with it, the former secret is still valid: replace it again."
        )
        return ClientChange(row=row, secret=secret, problems=(text,))
    return ClientChange(row=change.row, secret=change.secret or secret)


def remove_old_client_secrets(alias: str, client_id: str) -> ClientChange:
    """End the validity of the former secrets that ``rotate_client_secret`` has kept.

    Raises:
        RotationUnsupported: This Hydra keeps no former secrets.
        OryNotFound: Hydra does not have the client. The row was marked as missing.
    """
    read_unchanged(alias, client_id)
    try:
        change = write_client(
            alias,
            client_id,
            lambda client: client.delete_rotated_o_auth2_client_secrets(client_id),
            changes={},
        )
    except OryAPIError as error:
        if _is_unsupported(error):
            raise RotationUnsupported from error
        raise
    return ClientChange(row=change.row)


def _is_unsupported(error: OryError) -> bool:
    return isinstance(error, RouteNotFound) or (isinstance(error, OryAPIError) and error.status == 405)
