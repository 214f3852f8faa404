"""OryClient: every operation of Ory's API as a method, over one pool of connections.

One client serves all threads of a process and stays usable after a fork. The API key is only sent to admin
endpoints, to Keto and to the console.
"""

from __future__ import annotations

import math
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar, overload

from .errors import OryUsageError
from .operations import AllOperations
from .operations.operation import InfoMixin
from .pagination import ListedPage, iterate, iterate_pages
from .transport import DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_POOL_SIZE, Timeout, Transport, is_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .pagination import Page
    from .transport import Interceptor

P = ParamSpec("P")
T = TypeVar("T")


class WithHTTPInfo(InfoMixin, AllOperations):
    """The operations of a client. Each returns ``HTTPInfo(data, status, headers)``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport


class OryClient(AllOperations):
    """A client for one Ory project.

    Args:
        kratos_public_url, ...: The URL of each service. Takes precedence over ``sdk_url``.
        sdk_url: Ory Network: the URL of all services except the console.
        api_key: Ory Network: sent as a bearer token to admin, permission and console endpoints only.
        timeout: Seconds for the whole call, or ``Timeout(connect, total)``.
        pool_size: Idle connections to keep per service.
        max_response_bytes: The limit for a response body, unpacked.
        ca_bundle: Path of the certificates to trust instead of certifi's.
        proxy: URL of an HTTP proxy for every call. Proxies of the environment are ignored.
        interceptor: A function around every call, such as a circuit breaker; see ``transport.Interceptor``.

    Raises:
        OryUsageError: An invalid URL, timeout or number.

    """

    def __init__(
        self,
        *,
        kratos_public_url: str = "",
        kratos_admin_url: str = "",
        hydra_public_url: str = "",
        hydra_admin_url: str = "",
        keto_read_url: str = "",
        keto_write_url: str = "",
        console_url: str = "",
        sdk_url: str = "",
        api_key: str = "",
        timeout: float | Timeout = Timeout(connect=1.0, total=10.0),  # noqa: B008 (immutable)
        pool_size: int = DEFAULT_POOL_SIZE,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        ca_bundle: str | None = None,
        proxy: str = "",
        interceptor: Interceptor | None = None,
    ) -> None:
        limits = timeout if isinstance(timeout, Timeout) else Timeout(connect=timeout, total=timeout)
        if not all(_is_positive(seconds) for seconds in limits):
            raise OryUsageError("timeout must be a positive number of seconds, or Timeout(connect, total).")
        for name, number in (("pool_size", pool_size), ("max_response_bytes", max_response_bytes)):
            if not _is_positive(number, int):
                raise OryUsageError(f"{name} must be a positive integer.")
        if proxy and not is_proxy(proxy):
            raise OryUsageError("proxy must be a URL such as http://user:password@proxy.example.com:3128.")
        from .connection import ConnectionPool  # loads requests: not before there is a client

        self._transport = Transport(
            {
                "kratos_public_url": kratos_public_url or sdk_url,
                "kratos_admin_url": kratos_admin_url or sdk_url,
                "hydra_public_url": hydra_public_url or sdk_url,
                "hydra_admin_url": hydra_admin_url or sdk_url,
                "keto_read_url": keto_read_url or sdk_url,
                "keto_write_url": keto_write_url or sdk_url,
                "console_url": console_url,
                "sdk_url": sdk_url,
            },
            api_key=api_key,
            total=limits.total,
            pool=ConnectionPool(
                connect=limits.connect,
                pool_size=pool_size,
                max_response_bytes=max_response_bytes,
                ca_bundle=ca_bundle,
                proxy=proxy,
            ),
            interceptor=interceptor,
        )

    def __repr__(self) -> str:
        return "<OryClient>"  # never the API key

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. The client stays usable: a later call opens new ones."""
        self._transport.close()

    def with_timeout(self, seconds: float) -> Self:
        """Return this client with another timeout for the whole call, over the same connections.

        Raises OryUsageError for an invalid timeout.
        """
        if not _is_positive(seconds):
            raise OryUsageError("timeout must be a positive number of seconds.")
        other = copy(self)
        other.__dict__.pop("with_http_info", None)
        other._transport = self._transport.with_total(seconds)  # noqa: SLF001 (a copy of ourselves)
        return other

    @cached_property
    def with_http_info(self) -> WithHTTPInfo:
        """The operations with status and headers: ``client.with_http_info.to_session(...)``."""
        return WithHTTPInfo(self._transport)

    @overload
    def iterate(self, operation: Callable[P, list[T]], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]: ...
    @overload
    def iterate(self, operation: Callable[P, Page[T]], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]: ...
    def iterate(self, operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Yield every item of a listing: ``client.iterate(client.admin_list_identities, page_size=250)``.

        Takes the arguments of the operation. Ends after an empty or repeated page, even if the Link header is
        wrong. The operation's own client sends the calls: ``client.with_timeout(30).list_identities`` has 30
        s per page.
        """
        return iterate(self._get_info(operation), operation, *args, **kwargs)

    @overload
    def iterate_pages(
        self, operation: Callable[P, list[T]], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[ListedPage[T]]: ...
    @overload
    def iterate_pages(
        self, operation: Callable[P, Page[T]], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[ListedPage[T]]: ...
    def iterate_pages(
        self, operation: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Iterator[ListedPage[Any]]:
        """Yield a listing page by page, as ``iterate`` does item by item.

        Each page has the token with which a later listing continues after the page.
        """
        return iterate_pages(self._get_info(operation), operation, *args, **kwargs)

    def read_page(
        self,
        operation: Callable[..., list[T]],
        *args: Any,
        page_size: int,
        page_token: str = "",
        **kwargs: Any,
    ) -> ListedPage[T]:
        """Return one page: ``client.read_page(client.admin_list_sessions, page_size=50)``.

        Takes the arguments of the operation, with at most 250 for ``page_size``. ``page_token`` is the
        ``next_token`` of the page before, "" for the first page. Tokens are opaque: never build one.

        Raises:
            OryUsageError: The operation has no page tokens, or Ory could not have created the token.
            OryBadRequest: Ory rejects the token.

        """
        from .single_page import read_page

        info = self._get_info(operation)
        return read_page(info, operation, *args, page_size=page_size, page_token=page_token, **kwargs)

    def _get_info(self, operation: Callable[..., Any]) -> object:
        owner = getattr(operation, "__self__", self)
        return getattr(owner, "with_http_info", owner)


def _is_positive(value: object, *kinds: type[int | float]) -> bool:
    """Whether the value is a positive number of one of the types."""
    return isinstance(value, kinds or (int, float)) and value is not True and 0 < value < math.inf
