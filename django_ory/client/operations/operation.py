"""``endpoint`` declares an operation: each parameter of the method is one parameter of the request."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import Enum
from functools import cached_property, wraps
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from django_ory.client import models
from django_ory.client.responses import Headers, HTTPInfo, decode
from django_ory.client.transport import Call

from .encoding import AUTHORIZATION, CONTENT, encode_form, encode_segment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django_ory.client.services import Service
    from django_ory.client.transport import Reply, Transport

    from .encoding import ContentKind

P = ParamSpec("P")
T = TypeVar("T")

#: The limit for sessions and self-service flows: anonymous users choose how large they are.
MAX_USER_DATA_BYTES = 1024 * 1024

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


class Paging(Enum):
    """The type of pagination of a listing (``OryClient.iterate``)."""

    LINK = "the page_token of the Link header's rel=next; where it has a page, on from there by numbers"
    PAGES = "page=1, 2, 3, ... until a page is not full; the Link header is wrong or missing"
    OFFSETS = "like LINK, but tokens of Hydra up to 2.3 are counted on by rows: those in its Link are wrong"
    BODY = "the next page's token is in the body: the model has page_items() and next_page()"
    SINGLE = "the answer is the whole list"


if TYPE_CHECKING:

    class Operation(Generic[P, T]):
        """A method that returns T on a client and HTTPInfo[T] on its ``with_http_info``."""

        @overload
        def __get__(self, instance: None, owner: Any) -> Callable[Concatenate[Any, P], T]: ...
        @overload
        def __get__(self, instance: InfoMixin, owner: Any) -> Callable[P, HTTPInfo[T]]: ...
        @overload
        def __get__(self, instance: Operations, owner: Any) -> Callable[P, T]: ...
        def __get__(self, instance: Any, owner: Any) -> Any: ...

    def operation(method: Callable[Concatenate[Any, P], T]) -> Operation[P, T]: ...

else:

    def operation(method):
        """Mark a method with a body of its own as an operation of Ory's API. See ``endpoint``."""
        method.paging = None
        return method


class Operations:
    """Base of the mixins. Clients set ``_transport``; ``InfoMixin`` overrides ``_answer``."""

    _transport: Transport

    def _answer(self, data: Any, reply: Reply) -> Any:
        return data

    def _send(self, call: Call, returns: type[T], or_empty: bool = False, or_jwt: bool = False) -> T:
        """Send a call and return its result.

        Args:
            call: The call, for the transport of this client.
            returns: A model, a list of a model, ``dict[str, Any]``, ``str`` for text, or None.
            or_empty: The response may be empty. Then the result is None.
            or_jwt: The response may be an ``application/jwt``. Then the result is a ``str``.

        """
        reply = self._transport.send(call)
        data = decode(returns, reply, operation=call.operation, or_empty=or_empty, or_jwt=or_jwt)
        result: T = self._answer(data, reply)
        return result


class InfoMixin:
    """The operations of ``with_http_info``, which return HTTPInfo."""

    def _answer(self, data: Any, reply: Reply) -> Any:
        cookies = list(reply.headers.getlist("Set-Cookie"))  # joined lines cannot be split again
        return HTTPInfo(data, reply.status, Headers(reply.headers), cookies)


@dataclass(eq=False)
class endpoint:
    """Declare an operation. The decorated method has a signature and a docstring, and no body.

    Positional parameters are path parameters; ``body`` is the body. The others are headers (``HEADERS``,
    ``AUTHORIZATION``), form fields, or else query parameters. A value that is missing or None is not sent.
    The response is parsed as the method's return type: a model, a list of a model, ``dict[str, Any]``,
    ``str`` for text, or None; ``Model | None`` if it may be empty, ``Model | str`` if it may be a JWT.

    The source is added to the docstring: server, route and version.
    """

    route: str  #: method and path template of Ory's documentation: ``"GET /admin/identities/{id}"``
    service: Service
    _: KW_ONLY
    since: str = ""  #: the first version of the server with this route; "": only Ory Network has it
    paging: Paging | None = None  #: the type of pagination, for a listing
    content: ContentKind = "json"  #: ``"form"``: the parameters are form fields; ``"text"``: plain text
    accept: str | None = None  #: the Accept header, if it is not JSON
    redirect: bool = False  #: a 3xx is a success; with the return type ``str`` its Location is the result
    once: Sequence[str] = ()  #: parameters that a server accepts only once; such a call is never repeated
    has_user_data: bool = False  #: the response has data of users: at most ``MAX_USER_DATA_BYTES``

    def __call__(self, method: Callable[Concatenate[Any, P], T]) -> Operation[P, T]:
        self._method = method
        declaration = self

        @wraps(method)
        def send(self: Operations, *args: Any, **arguments: Any) -> Any:
            method(self, *args, **arguments)  # raises TypeError for wrong arguments, and does nothing else
            return self._send(declaration._build_call(args, arguments), *declaration._parameters.returns)

        product = self.service.name.partition("_")[0].title() if self.since else "Ory Network"
        source = f"Source: {product}, {self.route}" + (f"; first in {self.since}." if self.since else ".")
        send.__doc__ = f"{cleandoc(method.__doc__ or '')}\n\n{source}"
        declared: Any = send
        declared.paging, declared.service = self.paging, self.service
        operation: Operation[P, T] = declared
        return operation

    @cached_property
    def _parameters(self) -> _Parameters:
        return _Parameters(self._method)  # import makes all operations, so each is read at its first call

    def _build_call(self, args: tuple[Any, ...], arguments: Mapping[str, Any]) -> Call:
        """Build the call for the arguments of the method. Arguments that are None are not sent."""
        parameters = self._parameters
        given = {**dict(zip(parameters.path, args, strict=False)), **arguments}
        method, _, target = self.route.partition(" ")
        if parameters.path:
            spelled = {SPELLINGS.get(name, name): given[name] for name in parameters.path}
            target = target.format_map(
                {name: encode_segment(self.route, name, value) for name, value in spelled.items()}
            )
        body = given.get("body")
        fields = {SPELLINGS.get(name, name): given[name] for name in parameters.fields if name in given}
        if self.content == "form":
            body = fields
        elif fields and (query := encode_form(self.route, fields)):
            target = f"{target}?{query}"
        headers = {HEADERS[name]: given[name] for name in parameters.headers if given.get(name)}
        for name in parameters.credentials:
            if authorization := AUTHORIZATION[name](given.get(name)):
                headers["Authorization"] = authorization
        if self.accept:
            headers["Accept"] = self.accept
        encoded_body = None
        if body is not None or self.content == "text":
            encode, headers["Content-Type"] = CONTENT[self.content]
            encoded_body = encode(self.route, body)
        return Call(
            *(self.route, self.service, method, target, headers, encoded_body),
            allow_redirect=self.redirect,
            allow_repeat=method == "GET" and given.keys().isdisjoint(self.once),
            max_bytes=MAX_USER_DATA_BYTES if self.has_user_data else None,
        )


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
