"""``endpoint``: declares an operation. Each parameter of the method is one parameter of the request."""

from __future__ import annotations

import base64
from functools import cached_property, wraps
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote_plus

from django_ory.client import models
from django_ory.client.errors import OryUsageError

from .operation import MAX_USER_DATA_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django_ory.client.services import Service

    from .operation import ContentKind, Operation, Operations, Paging

P = ParamSpec("P")
T = TypeVar("T")

#: Parameters that Ory spells in another way.
SPELLINGS = {
    "external_id": "externalID",
    "default_items": "DefaultItems",
    "max_items": "MaxItems",
    "max_depth": "max-depth",
    "subject_set_namespace": "subject_set.namespace",
    "subject_set_object": "subject_set.object",
    "subject_set_relation": "subject_set.relation",
}

#: Parameters that are sent as a header.
HEADERS = {
    "cache_control": "Cache-Control",
    "cookie": "Cookie",
    "link": "link",
    "pragma": "Pragma",
    "x_session_token": "X-Session-Token",
    "x_total_count": "x-total-count",
}


def build_bearer(token: str | None) -> str | None:
    """Return the Authorization header for a token."""
    return f"Bearer {token}" if token else None


def build_basic(credentials: tuple[str, str] | None) -> str | None:
    """Return the Authorization header for ``(client id, secret)``.

    RFC 6749 section 2.3.1: both are form-encoded first. Raises OryUsageError.
    """
    if credentials is None:
        return None
    if not _is_pair(credentials):
        raise OryUsageError("basic_auth must be (client id, secret).")
    try:
        pair = ":".join(map(quote_plus, credentials))
    except UnicodeEncodeError:
        raise OryUsageError("basic_auth is not valid Unicode.") from None
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, (tuple, list)) and len(value) == 2 and all(isinstance(part, str) for part in value)
    )


#: Parameters that become the Authorization header, and the function that builds it.
AUTHORIZATION: Mapping[str, Callable[[Any], str | None]] = {
    "access_token": build_bearer,
    "basic_auth": build_basic,
    "registration_access_token": build_bearer,
}


def endpoint(
    route: str,
    service: Service,
    *,
    since: str = "",
    paging: Paging | None = None,
    content: ContentKind = "json",
    accept: str | None = None,
    redirect: bool = False,
    once: Sequence[str] = (),
    has_user_data: bool = False,
) -> Callable[[Callable[Concatenate[Any, P], T]], Operation[P, T]]:
    """Declare an operation. The decorated method has a signature and a docstring, and no body.

    Positional parameters are path parameters; ``body`` is the body. The others are headers (``HEADERS``,
    ``AUTHORIZATION``), form fields, or else query parameters. A value that is missing or None is not sent.
    The response is parsed as the method's return type: a model, a list of a model, ``dict[str, Any]``,
    ``str`` for text, or None; ``Model | None`` if it may be empty, ``Model | str`` if it may be a JWT.

    The source is added to the docstring: server, route and version.

    Args:
        route: Method and path template of Ory's documentation: ``"GET /admin/identities/{id}"``.
        service: The service to call.
        since: The first version of the server with this route. Default: only Ory Network has it.
        paging: The type of pagination, for a listing.
        content: ``"form"``: the parameters are form fields. ``"text"``: the body is plain text.
        accept: The Accept header, if it is not JSON.
        redirect: A 3xx is a success; with the return type ``str`` its Location is the result.
        once: Parameters that a server accepts only once. A call with one of them is never repeated.
        has_user_data: The response contains data of users, so the limit is ``MAX_USER_DATA_BYTES``.

    """

    def declare(method: Callable[Concatenate[Any, P], T]) -> Any:
        parameters = _Parameters(method)

        @wraps(method)
        def send(self: Operations, *args: Any, **arguments: Any) -> Any:
            method(self, *args, **arguments)  # raises TypeError for wrong arguments, and does nothing else
            model, or_empty, or_jwt = parameters.returns
            given = {**dict(zip(parameters.path, args, strict=False)), **arguments}
            fields = {SPELLINGS.get(name, name): given[name] for name in parameters.fields if name in given}
            headers = {HEADERS[name]: given[name] for name in parameters.headers if name in given}
            for name in parameters.credentials:
                headers["Authorization"] = AUTHORIZATION[name](given.get(name))
            if accept:
                headers["Accept"] = accept
            return self._send(
                route,
                service,
                model,
                path={SPELLINGS.get(name, name): given[name] for name in parameters.path},
                query=None if content == "form" else fields,
                headers=headers,
                body=fields if content == "form" else given.get("body"),
                content=content,
                redirect=redirect,
                once=not given.keys().isdisjoint(once),
                max_bytes=MAX_USER_DATA_BYTES if has_user_data else None,
                or_empty=or_empty,
                or_jwt=or_jwt,
            )

        product = service.name.partition("_")[0].title() if since else "Ory Network"
        source = f"Source: {product}, {route}" + (f"; first in {since}." if since else ".")
        send.__doc__ = f"{cleandoc(method.__doc__ or '')}\n\n{source}"
        send.paging, send.service = paging, service  # type: ignore[attr-defined]
        return send

    return declare


class _Parameters:
    """The parameters of a declared method by their place in the request, and its return type."""

    def __init__(self, method: Callable[..., Any]) -> None:
        code = method.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.path = names[1 : code.co_argcount]
        keywords = names[code.co_argcount :]
        self.headers = [name for name in keywords if name in HEADERS]
        self.credentials = [name for name in keywords if name in AUTHORIZATION]
        self.fields = [name for name in keywords if name not in {"body", *HEADERS, *AUTHORIZATION}]
        self._annotation = method.__annotations__["return"]

    @cached_property
    def returns(self) -> tuple[Any, bool, bool]:
        """The type of the response, whether it may be empty instead, and whether it may be a JWT instead.

        Evaluated on the first call, so a model loads with its first use.
        """
        annotation, _, other = self._annotation.partition(" | ")
        model = eval(annotation, {"models": models, "Any": Any})  # noqa: S307 (written in this package)
        return model, other == "None", other == "str"
