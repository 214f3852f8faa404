"""Keto, and what only Ory Network has: the console's API and API keys, in one class."""

from __future__ import annotations

from .api_keys import ApiKeyOperations
from .console_organizations import OrganizationOperations
from .console_projects import ProjectOperations
from .console_workspaces import WorkspaceOperations
from .keto_permissions import PermissionOperations
from .keto_relationships import RelationshipOperations

__all__ = ["NetworkOperations"]


class NetworkOperations(
    RelationshipOperations,
    PermissionOperations,
    ProjectOperations,
    OrganizationOperations,
    WorkspaceOperations,
    ApiKeyOperations,
):
    """Every operation of Keto and of Ory Network itself."""
