"""JSON Patch (RFC 6902) of identities, with the rules and errors of Kratos v1.3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import KratosError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["apply_json_patch"]


def apply_json_patch(document: dict[str, Any], step: Mapping[str, Any]) -> None:
    """Apply one step to a document. A new value creates the objects around it, also with ``replace``.

    Raises KratosError (400) for another operation, a path that Kratos denies, and a missing value.
    """
    operation, path = step["op"], step["path"]
    if operation not in ("add", "remove", "replace"):
        raise KratosError(400, message=f"unsupported operation: {operation}")
    if path == "/credentials":
        raise KratosError(400, message="patch includes denied path: /credentials")
    *parents, name = [
        part.replace("~1", "/").replace("~0", "~") for part in path.removeprefix("/").split("/")
    ]
    target: Any = document
    for parent in parents:
        if isinstance(target, dict) and operation != "remove" and target.get(parent) is None:
            target[parent] = {}
        if isinstance(target, dict) and parent not in target:
            reason = f'doc is missing path: "{path}": missing value'
            raise KratosError(400, message=f"remove operation does not apply: {reason}")
        target = target[int(parent)] if isinstance(target, list) else target[parent]
    if isinstance(target, list):
        index = len(target) if name == "-" else int(name)
        if operation == "remove":
            del target[index]
        elif operation == "add":
            target.insert(index, step["value"])
        else:
            target[index] = step["value"]
    elif operation == "remove":
        if name not in target:
            reason = f"unable to remove nonexistent key: {name}: missing value"
            raise KratosError(400, message=f"error in remove for path: '{path}': {reason}")
        if parents:  # Kratos keeps a member of the identity itself
            del target[name]
    else:
        target[name] = step["value"]
