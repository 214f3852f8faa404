"""Hydra's keys. Answers hold private parts; there is no list of sets.

``hydra.openid.id-token`` and ``hydra.jwt.access-token`` sign tokens: the newest key of a set does, and all of
them verify.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client import models
from django_ory.client.services import HYDRA_ADMIN

from .operation import Operations, operation

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["JwkOperations"]


class JwkOperations(Operations):
    """Key sets, seen by the administrator."""

    @operation
    def admin_create_json_web_key_set(
        self, set: str, *, body: models.CreateJsonWebKeySet | Mapping[str, Any]
    ) -> models.JsonWebKeySet:
        """Add a key to a set, which is made if need be. This is how keys are rotated.

        The answer has the new key only. Raises OryBadRequest for an algorithm Hydra lacks, OryConflict for a
        ``kid`` in use.
        Source: Hydra, POST /admin/keys/{set}; first in v2.0.3.
        """
        return self._send(
            "POST /admin/keys/{set}", HYDRA_ADMIN, models.JsonWebKeySet, path={"set": set}, body=body
        )

    create_json_web_key_set = admin_create_json_web_key_set

    @operation
    def admin_get_json_web_key_set(self, set: str) -> models.JsonWebKeySet:
        """Read a set, private parts included. Raises OryNotFound.

        Source: Hydra, GET /admin/keys/{set}; first in v2.0.3.
        """
        return self._send("GET /admin/keys/{set}", HYDRA_ADMIN, models.JsonWebKeySet, path={"set": set})

    get_json_web_key_set = admin_get_json_web_key_set

    @operation
    def admin_update_json_web_key_set(
        self, set: str, *, body: models.JsonWebKeySet | Mapping[str, Any]
    ) -> models.JsonWebKeySet:
        """Replace a set as a whole. Hydra takes an empty one too, and then the set is gone.

        Raises OryBadRequest for a key that is none.
        Source: Hydra, PUT /admin/keys/{set}; first in v2.0.3.
        """
        return self._send(
            "PUT /admin/keys/{set}", HYDRA_ADMIN, models.JsonWebKeySet, path={"set": set}, body=body
        )

    set_json_web_key_set = admin_update_json_web_key_set

    @operation
    def admin_delete_json_web_key_set(self, set: str) -> None:
        """Delete a set; also succeeds if there is none.

        For its own sets Hydra makes new keys, and tokens that the old ones signed fail.
        Source: Hydra, DELETE /admin/keys/{set}; first in v2.0.3.
        """
        return self._send("DELETE /admin/keys/{set}", HYDRA_ADMIN, None, path={"set": set})

    delete_json_web_key_set = admin_delete_json_web_key_set

    @operation
    def admin_get_json_web_key(self, set: str, kid: str) -> models.JsonWebKeySet:
        """Read one key, as a set of one, private parts included. Raises OryNotFound.

        Source: Hydra, GET /admin/keys/{set}/{kid}; first in v2.0.3.
        """
        return self._send(
            "GET /admin/keys/{set}/{kid}", HYDRA_ADMIN, models.JsonWebKeySet, path={"set": set, "kid": kid}
        )

    get_json_web_key = admin_get_json_web_key

    @operation
    def admin_update_json_web_key(
        self, set: str, kid: str, *, body: models.JsonWebKey | Mapping[str, Any]
    ) -> models.JsonWebKey:
        """Replace one key. Hydra goes by the ``kid`` of the body and not by the one of the path.

        Raises OryBadRequest for a key that is none.
        Source: Hydra, PUT /admin/keys/{set}/{kid}; first in v2.0.3.
        """
        return self._send(
            "PUT /admin/keys/{set}/{kid}",
            HYDRA_ADMIN,
            models.JsonWebKey,
            path={"set": set, "kid": kid},
            body=body,
        )

    set_json_web_key = admin_update_json_web_key

    @operation
    def admin_delete_json_web_key(self, set: str, kid: str) -> None:
        """Delete one key; also succeeds if there is none.

        Source: Hydra, DELETE /admin/keys/{set}/{kid}; first in v2.0.3.
        """
        return self._send("DELETE /admin/keys/{set}/{kid}", HYDRA_ADMIN, None, path={"set": set, "kid": kid})

    delete_json_web_key = admin_delete_json_web_key
