"""Whether granted scopes contain a required one, by the strategies of Hydra."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def _is_exact(granted: str, required: str) -> bool:
    return granted == required


def _is_hierarchic(granted: str, required: str) -> bool:
    """``photos`` contains ``photos.read``."""
    return required == granted or required.startswith(f"{granted}.")


def _is_wildcard(granted: str, required: str) -> bool:
    """``photos.*`` contains ``photos.read`` and ``photos.read.all``, not ``photos``. A ``*`` in the middle
    stands for one part that is not empty.
    """
    pattern, parts = granted.split("."), required.split(".")
    if "*" not in pattern:
        return granted == required
    if len(parts) < len(pattern) or (len(parts) > len(pattern) and pattern[-1] != "*"):
        return False
    return all(
        each == part or (each == "*" and part != "") for each, part in zip(pattern, parts, strict=False)
    )


SCOPE_STRATEGIES: dict[str, Callable[[str, str], bool]] = {
    "exact": _is_exact,
    "hierarchic": _is_hierarchic,
    "wildcard": _is_wildcard,
}


def is_scope_granted(granted: Iterable[str], required: str, *, strategy: str = "exact") -> bool:
    """Whether one of the granted scopes contains the required one."""
    matches = SCOPE_STRATEGIES[strategy]
    return any(matches(scope, required) for scope in granted)
