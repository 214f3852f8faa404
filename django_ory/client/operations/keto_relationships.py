"""Keto's relationships. Reads and writes have separate URLs."""

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
