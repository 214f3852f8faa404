"""Return values of operations: the parsed body of a success, or HTTPInfo, which also has status and headers.

Validators are built on first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_origin

from .errors import OryDecodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .transport import Reply

T = TypeVar("T")


class Headers(Mapping[str, str]):
    """The headers of a response, by name in any case. ``repr`` shows only names: values may be cookies."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self)}>"


@dataclass(frozen=True, slots=True, repr=False)
class HTTPInfo(Generic[T]):
    """A response: ``data`` is the return value of the plain operation.

    ``headers`` are found in any case; ``set_cookies`` has the raw Set-Cookie lines.
    """

    data: T
    status: int
    headers: Mapping[str, str]
    set_cookies: list[str]

    def __repr__(self) -> str:
        return f"<HTTPInfo {self.status}>"  # headers contain cookies, data contain personal data


_validators: dict[Any, Callable[[bytes], Any]] = {}


def decode(
    returns: Any, reply: Reply, *, operation: str, or_empty: bool = False, or_jwt: bool = False
) -> Any:
    """Parse ``reply`` as ``returns`` (see ``Operations._send``). Raises OryDecodeError."""
    content = reply.content
    if returns is None:
        return None
    if returns is str:
        if 300 <= reply.status < 400:
            return reply.headers.get("Location", "")
        return content.decode("utf-8", "replace")
    if or_empty and (not content or 300 <= reply.status < 400):
        return None
    if or_jwt and reply.headers.get("Content-Type", "").lower().startswith("application/jwt"):
        return content.decode("utf-8", "replace")
    validate = _validators.get(returns) or _validator(returns)
    try:
        return validate(content)
    except ValueError as error:
        try:
            return _decode_leniently(returns, content)
        except ValueError:
            raise OryDecodeError(
                _error_text(content, reply),
                operation=operation,
                status=reply.status,
                request_id=reply.headers.get("X-Request-Id", ""),
            ) from error


def _decode_leniently(returns: Any, content: bytes) -> Any:
    """Parse JSON with invalid values: a list item by item, other JSON after a repair. Raises ValueError."""
    if get_origin(returns) is not list:
        from .json_values import repair_json

        return _validator(returns)(repair_json(content))
    if content.strip() == b"null":
        return []  # Go's nil slice
    from .unreadable import read_items

    [model] = get_args(returns)
    return read_items(model, content, _validator(model))


def _validator(returns: Any) -> Callable[[bytes], Any]:
    if returns in _validators:
        return _validators[returns]
    from pydantic import BaseModel, ConfigDict, TypeAdapter

    if isinstance(returns, type) and issubclass(returns, BaseModel) and get_origin(returns) is None:
        returns.model_rebuild()
        validate: Callable[[bytes], Any] = returns.__pydantic_validator__.validate_json
    else:
        validate = TypeAdapter(returns, config=ConfigDict(hide_input_in_errors=True)).validator.validate_json
    return _validators.setdefault(returns, validate)


def _error_text(content: bytes, reply: Reply) -> str:
    if not content:
        return f"{reply.status} with an empty body"
    kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind and "json" not in kind and kind.isprintable():
        return f"{reply.status} with {kind[:60]} instead of JSON"
    return f"{reply.status} with a body of an unexpected form"
