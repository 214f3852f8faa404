"""Permission checks of Keto, by GET or by POST.

The plain operations return ``allowed=False``. Those named ``..._or_error`` raise OryForbidden
instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KETO_READ

from .operation import Operations, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_ory.client import models


class PermissionOperations(Operations):
    """Checks of permissions."""

    @endpoint("GET /relation-tuples/check/openapi", KETO_READ, since="v0.9.0")
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
        """Check whether a subject has a relation to an object. Raises OryBadRequest."""

    @endpoint("GET /relation-tuples/check", KETO_READ, since="v0.9.0")
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
        """Return only if a subject has a relation to an object; raises OryForbidden if not, OryBadRequest."""

    @endpoint("POST /relation-tuples/check/openapi", KETO_READ, since="v0.9.0")
    def post_check_permission(
        self, *, body: models.PostCheckPermissionBody | Mapping[str, Any], max_depth: int | None = None
    ) -> models.CheckPermissionResult:
        """Like ``check_permission``. Raises OryBadRequest."""

    @endpoint("POST /relation-tuples/check", KETO_READ, since="v0.9.0")
    def post_check_permission_or_error(
        self, *, body: models.PostCheckPermissionOrErrorBody | Mapping[str, Any], max_depth: int | None = None
    ) -> models.CheckPermissionResult:
        """Like ``check_permission_or_error``. Raises OryForbidden, OryBadRequest."""

    @endpoint("POST /relation-tuples/batch/check", KETO_READ, since="v25.4.0")
    def batch_check_permission(
        self, *, body: models.BatchCheckPermissionBody | Mapping[str, Any], max_depth: int | None = None
    ) -> models.BatchCheckPermissionResult:
        """Check several permissions. The results are in the order of the request. Raises OryBadRequest."""

    @endpoint("GET /relation-tuples/expand", KETO_READ, since="v0.9.0")
    def expand_permissions(
        self, *, namespace: str, object: str, relation: str, max_depth: int | None = None
    ) -> models.ExpandedPermissionTree:
        """Get the subjects with a relation to an object, as a tree. Raises OryBadRequest, OryNotFound."""
