"""Keto: relationships, and permission checks by GET or by POST. Reads and writes have separate URLs.

The plain checks return ``allowed=False``. Those named ``..._or_error`` raise OryForbidden instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ory.client.services import KETO_READ, KETO_WRITE

from .operation import Operations, Paging, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_ory.client import models


class RelationshipOperations(Operations):
    """Relationships and the Ory Permission Language."""

    @endpoint("GET /relation-tuples", KETO_READ, paging=Paging.BODY, since="v0.6.0")
    def get_relationships(
        self,
        *,
        namespace: str | None = None,
        object: str | None = None,
        relation: str | None = None,
        subject_id: str | None = None,
        subject_set_namespace: str | None = None,
        subject_set_object: str | None = None,
        subject_set_relation: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> models.Relationships:
        """Query relationships. Every parameter is a filter; the response is one page.

        Raises OryNotFound for a namespace that does not exist.
        """

    @endpoint("PUT /admin/relation-tuples", KETO_WRITE, since="v0.9.0")
    def create_relationship(
        self, *, body: models.CreateRelationshipBody | models.Relationship | Mapping[str, Any]
    ) -> models.Relationship:
        """Create a relationship; with ``subject_id`` or ``subject_set``, not both. Raises OryBadRequest."""

    @endpoint("PATCH /admin/relation-tuples", KETO_WRITE, since="v0.9.0")
    def patch_relationships(self, *, body: Sequence[models.RelationshipPatch | Mapping[str, Any]]) -> None:
        """Insert and delete relationships, all of them or none. Raises OryBadRequest, OryNotFound."""

    @endpoint("DELETE /admin/relation-tuples", KETO_WRITE, since="v0.9.0")
    def delete_relationships(
        self,
        *,
        namespace: str | None = None,
        object: str | None = None,
        relation: str | None = None,
        subject_id: str | None = None,
        subject_set_namespace: str | None = None,
        subject_set_object: str | None = None,
        subject_set_relation: str | None = None,
    ) -> None:
        """Delete every relationship that matches. Every parameter is a filter. Raises OryBadRequest."""

    @endpoint("GET /namespaces", KETO_READ, since="v0.11.0")
    def list_relationship_namespaces(self) -> models.RelationshipNamespaces:
        """List the namespaces."""

    @endpoint("POST /opl/syntax/check", KETO_READ, content="text", since="v0.11.0")
    def check_opl_syntax(self, *, body: str) -> models.CheckOplSyntaxResult:
        """Check a file of the Ory Permission Language; the body is its text. Raises OryBadRequest.

        A self-hosted Keto has this on a third port: set its URL as ``keto_read_url`` of another client.
        """


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
