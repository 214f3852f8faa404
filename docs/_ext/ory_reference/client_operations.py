"""The operations of the client with both names, read from the methods."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

from django_ory.client import OryClient, errors
from django_ory.client.operations.operation import Operations

SOURCE = re.compile(
    r"Source: (?P<product>[^,]+), (?P<route>[A-Z]+ /\S*?)(?:; first in (?P<since>.+?))?\.(?=\s|$)"
)


@dataclass(frozen=True)
class Entry:
    """One operation, as its method describes itself."""

    name: str
    alias: str
    signature: str
    returns: str
    summary: str
    details: str
    route: str
    product: str
    service: str
    since: str
    errors: list[str]


def areas() -> list[type[Operations]]:
    """The mixins that have operations of their own, in the order of the client's composition."""
    found: list[type[Operations]] = []

    def visit(kind: type) -> None:
        if any(hasattr(value, "paging") for value in vars(kind).values()):
            found.append(kind)
        for base in kind.__bases__:
            if issubclass(base, Operations):
                visit(base)

    visit(OryClient)
    return found


def entries(area: type[Operations]) -> list[Entry]:
    """The operations of one mixin."""
    methods: dict[int, tuple[Any, list[str]]] = {}
    for name, value in vars(area).items():
        if hasattr(value, "paging"):
            methods.setdefault(id(value), (value, []))[1].append(name)
    return [entry(method, names) for method, names in methods.values()]


def entry(method: Any, names: list[str]) -> Entry:
    """One operation. Its docstring is a summary, details, and a line on where it comes from."""
    text = inspect.getdoc(method) or ""
    flat = " ".join(text.split())
    source = SOURCE.search(flat)
    assert source is not None, names
    summary, _, details = text.partition("\n\n")
    signature = inspect.signature(method)
    parameters = list(signature.parameters.values())[1:]
    return Entry(
        name=method.__name__,
        alias=next((name for name in names if name != method.__name__), ""),
        signature=signature_text(parameters),
        returns=str(signature.return_annotation),
        summary=" ".join(summary.split()),
        details=SOURCE.sub("", " ".join(details.split())).strip(),
        route=source["route"],
        product=source["product"],
        service=method.service.argument if hasattr(method, "service") else "any of them, by service=",
        since=source["since"] or "",
        errors=list(
            dict.fromkeys(name for name in re.findall(r"\b[A-Z]\w+\b", flat) if name in errors.__all__)
        ),
    )


def signature_text(parameters: list[inspect.Parameter]) -> str:
    """The parameters as they stand in the code. Annotations are text there."""
    parts: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        parts.append(f"{parameter.name}: {parameter.annotation}{default}")
    return f"({', '.join(parts)})"


def lines(area: str) -> list[str]:
    """Return an entry for each operation of one mixin, such as ``OAuth2ClientOperations``."""
    kind = next(each for each in areas() if each.__name__ == area)
    return [line for one in entries(kind) for line in entry_lines(one)]


def entry_lines(one: Entry) -> list[str]:
    """One operation as Markdown."""
    names = f"**{one.name}**" + (f", today **{one.alias}**" if one.alias else "")
    facts = [f"`{one.route}`", f"URL: `{one.service}`"]
    facts.append(f"{one.product}, first in {one.since}" if one.since else one.product)
    said = [one.summary, one.details] if one.details else [one.summary]
    own = f"Errors of its own: {', '.join(one.errors)}." if one.errors else "No errors of its own."
    return [
        f"(client-{one.name})=",
        "",
        names.replace("_", r"\_"),
        f": `{one.name}{one.signature}` returns `{one.returns}`",
        "",
        *(line for text in said for line in (f"  {text}", "")),
        f"  {'. '.join(facts)}. {own}",
        "",
    ]
