"""Calls of operations with example values, at hosts that do not exist."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from django_ory.client import OryClient

from .spec import Operation, example

if TYPE_CHECKING:
    from django_ory.client.operations import Operations

ARGUMENTS = {
    "kratos_public_url": "http://kratos-public.test",
    "kratos_admin_url": "http://kratos-admin.test",
    "hydra_public_url": "http://hydra-public.test/under/a/path",
    "hydra_admin_url": "http://hydra-admin.test",
    "keto_read_url": "http://keto-read.test",
    "keto_write_url": "http://keto-write.test",
    "console_url": "http://console.test",
    "sdk_url": "http://sdk.test",
}
URLS = {
    **{argument.removesuffix("_url"): url for argument, url in ARGUMENTS.items()},
    "network_admin": "http://sdk.test",
    "network_public": "http://sdk.test",
    "any": "http://hydra-admin.test",
}


def call(client: Operations, operation: Operation, *, everything: bool) -> Any:
    """Call the operation with every parameter, or with the required ones only."""
    arguments: dict[str, Any] = {
        parameter.name: parameter.value
        for parameter in operation.parameters
        if parameter.where != "path" and (everything or parameter.required)
    }
    schema = operation.body_schema()
    if schema is not None and (everything or is_required(operation, "body")):
        arguments["body"] = example(schema, operation.schemas)
    if operation.service == "any":
        arguments["service"] = "hydra_admin"
    path = [parameter.value for parameter in operation.named("path")]
    return getattr(client, operation.name)(*path, **arguments)


def is_required(operation: Operation, name: str) -> bool:
    return (
        inspect.signature(getattr(OryClient, operation.name)).parameters[name].default
        is inspect.Parameter.empty
    )
