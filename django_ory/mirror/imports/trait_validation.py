"""Validates traits against an identity schema before Kratos sees them.

Kratos names no reason for an identity of a batch that its schema rejects (v1.3). Uses ``jsonschema``, from
the extra ``django-ory[moving]``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .findings import ImportFinding

__all__ = ["build_trait_validator"]

Validate = Callable[[Mapping[str, Any]], tuple[ImportFinding, ...]]

MAX_VIOLATIONS = 5


def build_trait_validator(schema: Mapping[str, Any]) -> Validate | None:
    """Return a function that finds violations in traits; None without the package ``jsonschema``.

    A finding has the path of a trait and the keyword of the schema, never a value. A schema that refers to
    other documents is not validated, because no document is fetched.
    """
    try:
        import jsonschema
        import referencing
        from referencing.exceptions import Unresolvable
    except ImportError:
        return None
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    validator = kind(schema, format_checker=jsonschema.FormatChecker(), registry=referencing.Registry())

    def validate(traits: Mapping[str, Any]) -> tuple[ImportFinding, ...]:
        findings = []
        try:
            for violation in validator.iter_errors({"traits": traits}):
                path = ".".join(str(each) for each in violation.absolute_path)
                findings.append(
                    ImportFinding(
                        code="invalid_traits", details={"path": path, "keyword": str(violation.validator)}
                    )
                )
                if len(findings) == MAX_VIOLATIONS:
                    break
        except Unresolvable:
            return ()
        return tuple(findings)

    return validate
