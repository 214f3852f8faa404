"""``SignUp``: a sign-up before the identity is created, read from the JSON of the web hook.

Defined without models, because settings modules import the development stack, which writes the web hook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django_ory.client.json_values import clean_json
from django_ory.client.models import Identity

#: Parameter of the sign-up page and of Kratos' URL for a new flow, which Kratos keeps as ``request_url``.
INVITATION_PARAMETER = "invitation"

#: The Jsonnet template of the web hook: neither cookies nor the form are sent.
SIGNUP_TEMPLATE = (
    "function(ctx) {"
    " flow_id: ctx.flow.id,"
    " request_url: ctx.flow.request_url,"
    " schema_id: ctx.identity.schema_id,"
    " traits: ctx.identity.traits }"
)


class InvalidSignUp(Exception):
    """The JSON is not a sign-up. The text names the member and never its value."""


@dataclass(frozen=True, kw_only=True)
class SignUp:
    """A sign-up with traits that are valid. Their identifiers may be in use. ``repr`` shows the project."""

    alias: str
    grant: str = field(default="", repr=False)
    """The signed invitation of the page on which the sign-up began, or ""."""
    flow_id: str = field(default="", repr=False)
    schema_id: str = field(default="", repr=False)
    traits: Any = field(default=None, repr=False)

    @property
    def identity(self) -> Identity:
        """The identity that Kratos will create, without an id."""
        return Identity(id="", schema_id=self.schema_id, traits=self.traits)

    @classmethod
    def from_json(cls, document: object, *, alias: str) -> SignUp:
        """Read the JSON of ``SIGNUP_TEMPLATE``. Raises InvalidSignUp."""
        if not isinstance(document, Mapping):
            raise InvalidSignUp("the body is not a JSON object")
        url, schema_id, flow_id = (document.get(name) for name in ("request_url", "schema_id", "flow_id"))
        if not (isinstance(url, str) and isinstance(schema_id, str) and isinstance(flow_id, str)):
            raise InvalidSignUp("request_url, schema_id or flow_id is missing")
        return cls(
            alias=alias,
            grant=read_grant(url),
            flow_id=flow_id,
            schema_id=schema_id,
            traits=clean_json(document.get("traits")),
        )


def read_grant(url: str) -> str:
    """Return the parameter of the invitation in a URL, or ""."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return ""
    return next(iter(parse_qs(query).get(INVITATION_PARAMETER, [])), "")
