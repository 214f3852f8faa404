"""Permission checks of Keto, by GET or by POST.

The plain operations return ``allowed=False``. Those named ``..._or_error`` raise OryForbidden
instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KETO_READ

from .endpoint import endpoint
from .operation import Operations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class PermissionOperations(Operations):
    """Checks of permissions."""

    @endpoint("GET /relation-tuples/check/openapi", KETO_READ)
    def check_permission(
        self,
        *,
        namespace: str | None = None,
        object: str | None = None,
        relation: str | None = None,
        subject_id: str | None = None,
        subject_set_namespace: str | None = None,
        subject_set_object: str | None = None,
        subject_set_relation: str | None = None,
        max_depth: int | None = None,
    ) -> models.CheckPermissionResult:
        """Check whether a subject has a relation to an object. Raises OryBadRequest.

        Source: Keto, GET /relation-tuples/check/openapi; first in v0.9.0.
        """

    @endpoint("GET /relation-tuples/check", KETO_READ)
    def check_permission_or_error(
        self,
        *,
        namespace: str | None = None,
        object: str | None = None,
        relation: str | None = None,
        subject_id: str | None = None,
        subject_set_namespace: str | None = None,
        subject_set_object: str | None = None,
        subject_set_relation: str | None = None,
        max_depth: int | None = None,
    ) -> models.CheckPermissionResult:
        """Return only if a subject has a relation to an object; raises OryForbidden if not, OryBadRequest.

        Source: Keto, GET /relation-tuples/check; first in v0.9.0.
        """

    @endpoint("POST /relation-tuples/check/openapi", KETO_READ)
    def post_check_permission(
        self, *, body: models.PostCheckPermissionBody | Mapping[str, Any], max_depth: int | None = None
    ) -> models.CheckPermissionResult:
        """Like ``check_permission``. Raises OryBadRequest.

        Source: Keto, POST /relation-tuples/check/openapi; first in v0.9.0.
        """

    @endpoint("POST /relation-tuples/check", KETO_READ)
    def post_check_permission_or_error(
        self, *, body: models.PostCheckPermissionOrErrorBody | Mapping[str, Any], max_depth: int | None = None
    ) -> models.CheckPermissionResult:
        """Like ``check_permission_or_error``. Raises OryForbidden, OryBadRequest.

        Source: Keto, POST /relation-tuples/check; first in v0.9.0.
        """

    @endpoint("POST /relation-tuples/batch/check", KETO_READ)
    def batch_check_permission(
        self, *, body: models.BatchCheckPermissionBody | Mapping[str, Any], max_depth: int | None = None
    ) -> models.BatchCheckPermissionResult:
        """Check several permissions. The results are in the order of the request. Raises OryBadRequest.

        Source: Keto, POST /relation-tuples/batch/check; first in v25.4.0.
        """

    @endpoint("GET /relation-tuples/expand", KETO_READ)
    def expand_permissions(
        self, *, namespace: str, object: str, relation: str, max_depth: int | None = None
    ) -> models.ExpandedPermissionTree:
        """List the subjects that have a relation to an object, as a tree. Raises OryBadRequest, OryNotFound.

        Source: Keto, GET /relation-tuples/expand; first in v0.9.0.
        """
