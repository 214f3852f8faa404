"""Keto: relationships, and the permissions that follow from them."""

from __future__ import annotations

from pydantic import Field

from .model import NullableList, OryBody, OryModel, TokenPage


class SubjectSet(OryModel):
    """Everybody who has ``relation`` to ``object``."""

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
        """What the page lists."""
        return self.relation_tuples


class Namespace(OryModel):
    """A namespace."""

    name: str | None = None


class RelationshipNamespaces(OryModel):
    """All namespaces."""

    namespaces: NullableList[Namespace] = []


class SourcePosition(OryModel):
    """A place in a file of the Ory Permission Language."""

    line: int | None = Field(default=None, alias="Line")
    column: int | None = None


class ParseError(OryModel):
    """What is wrong with such a file."""

    end: SourcePosition | None = None
    message: str | None = None
    start: SourcePosition | None = None


class CheckOplSyntaxResult(OryModel):
    """What is wrong, empty if nothing."""

    errors: NullableList[ParseError] = []


class CheckPermissionResult(OryModel):
    """May they?"""

    allowed: bool


class CheckPermissionResultWithError(OryModel):
    """May they? ``error`` says why it could not be found out."""

    allowed: bool
    error: str | None = None


class BatchCheckPermissionBody(OryBody):
    """Permissions to check."""

    tuples: NullableList[Relationship] = []


class BatchCheckPermissionResult(OryModel):
    """The results, in the order of the questions."""

    results: NullableList[CheckPermissionResultWithError] = []


class ExpandedPermissionTree(OryModel):
    """Who has a relation, and through what."""

    children: NullableList[ExpandedPermissionTree] = []
    tuple: Relationship | None = None
    type: str | None = None
