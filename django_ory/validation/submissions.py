"""``Submission``: the traits of a sign-up or of a changed profile, read from the JSON of a blocking web hook.

Defined without models, because settings modules import the development stack, which writes the web hooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.module_loading import import_string

from django_ory.client.json_values import clean_json
from django_ory.client.models import Identity
from django_ory.conf import OrySettings
from django_ory.http.redirects import get_query_parameter

#: The Jsonnet template of the web hook: neither cookies nor the form are sent.
SUBMISSION_TEMPLATE = (
    "function(ctx) {"
    " flow_id: ctx.flow.id,"
    " request_url: ctx.flow.request_url,"
    " identity_id: ctx.identity.id,"
    " schema_id: ctx.identity.schema_id,"
    " traits: ctx.identity.traits,"
    ' accept_language: if std.objectHas(ctx.request_headers, "Accept-Language")'
    ' then ctx.request_headers["Accept-Language"] else [] }'
)


class InvalidSubmission(Exception):
    """The JSON is not a submission. The text names the member and never its value."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A form of Kratos with valid traits. Their identifiers may be in use. ``repr`` shows the project."""

    alias: str
    flow_id: str = field(default="", repr=False)
    request_url: str = field(default="", repr=False)
    """The URL of Kratos at which the flow began."""
    identity_id: str = field(default="", repr=False)
    """The id of the identity to change, or "" for a sign-up."""
    schema_id: str = field(default="", repr=False)
    traits: Any = field(default=None, repr=False)
    accept_language: Any = field(default=None, repr=False)
    """The header of the browser, as a text or a list of lines."""

    @property
    def identity(self) -> Identity:
        """The identity as Kratos will store it, without an id for a sign-up."""
        return Identity(id=self.identity_id, schema_id=self.schema_id, traits=self.traits)

    def get_parameter(self, name: str) -> str:
        """Return a parameter of ``request_url``, or ""."""
        return get_query_parameter(self.request_url, name)

    @classmethod
    def from_json(cls, document: object, *, alias: str) -> Submission:
        """Read the JSON of ``SUBMISSION_TEMPLATE``. Raises InvalidSubmission."""
        if not isinstance(document, Mapping):
            raise InvalidSubmission("the body is not a JSON object")
        url, schema_id, flow_id = (document.get(name) for name in ("request_url", "schema_id", "flow_id"))
        if not (isinstance(url, str) and isinstance(schema_id, str) and isinstance(flow_id, str)):
            raise InvalidSubmission("request_url, schema_id or flow_id is missing")
        identity_id = document.get("identity_id")
        has_id = isinstance(identity_id, str) and identity_id.strip("0-")  # zero before the identity exists
        return cls(
            alias=alias,
            flow_id=flow_id,
            request_url=url,
            identity_id=str(identity_id) if has_id else "",
            schema_id=schema_id,
            traits=clean_json(document.get("traits")),
            accept_language=document.get("accept_language"),
        )


def has_own_method(ory: OrySettings, name: str) -> bool:
    """Return whether the adapter of a project overrides a method, such as ``validate_registration``.

    Raises ImportError if the adapter does not exist.
    """
    # Imported on use, because an adapter imports models.
    default = getattr(import_string(OrySettings.adapter), name)
    return getattr(import_string(ory.adapter), name, default) is not default
