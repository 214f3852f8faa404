"""Keto: relationships, and the permissions that follow from them."""

from __future__ import annotations

from pydantic import Field

from .model import NullableList, OryBody, OryModel, TokenPage


class SubjectSet(OryModel):
    """All subjects that have ``relation`` to ``object``."""

    namespace: str
    object: str
    relation: str


class Relationship(OryModel):
    """``subject_id`` or ``subject_set`` has ``relation`` to ``object``."""

    namespace: str
    object: str
    relation: str
    subject_id: str | None = None
    subject_set: SubjectSet | None = None


class _RelationshipBody(OryBody):
    namespace: str | None = None
    object: str | None = None
    relation: str | None = None
    subject_id: str | None = None
    subject_set: SubjectSet | None = None


class CreateRelationshipBody(_RelationshipBody):
    """A relationship to create."""


class PostCheckPermissionBody(_RelationshipBody):
    """A permission to check."""


class PostCheckPermissionOrErrorBody(_RelationshipBody):
    """A permission to check."""


class RelationshipPatch(OryBody):
    """One step of a patch: ``action`` is insert or delete."""

    action: str | None = None
    relation_tuple: Relationship | None = None


class Relationships(TokenPage):
    """One page of relationships."""

    relation_tuples: NullableList[Relationship] = []

    def page_items(self) -> list[Relationship]:
        """Return the items of the page."""
        return self.relation_tuples


class Namespace(OryModel):
    """A namespace."""

    name: str | None = None


class RelationshipNamespaces(OryModel):
    """All namespaces."""

    namespaces: NullableList[Namespace] = []


class SourcePosition(OryModel):
    """A position in a file of the Ory Permission Language."""

    line: int | None = Field(default=None, alias="Line")
    column: int | None = None


class ParseError(OryModel):
    """An error in a file of the Ory Permission Language."""

    end: SourcePosition | None = None
    message: str | None = None
    start: SourcePosition | None = None


class CheckOplSyntaxResult(OryModel):
    """The errors of a file; empty for a valid one."""

    errors: NullableList[ParseError] = []


class CheckPermissionResult(OryModel):
    """Whether a subject has a permission."""

    allowed: bool


class CheckPermissionResultWithError(OryModel):
    """Whether a subject has a permission. ``error``: the reason why the check failed."""

    allowed: bool
    error: str | None = None


class BatchCheckPermissionBody(OryBody):
    """Permissions to check."""

    tuples: NullableList[Relationship] = []


class BatchCheckPermissionResult(OryModel):
    """The results, in the order of the request."""

    results: NullableList[CheckPermissionResultWithError] = []


class ExpandedPermissionTree(OryModel):
    """The subjects that have a relation, as a tree of subject sets."""

    children: NullableList[ExpandedPermissionTree] = []
    tuple: Relationship | None = None
    type: str | None = None
