"""The form fields of OAuth2 clients: unchanged values and valid URIs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django import forms

from django_ory.admin.clients.form_fields import LineField, LinesField, URIsField, WebURLField

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("field", "initial", "posted"),
    [
        (LineField(), " a shop ", " a shop "),
        (LineField(), "two\nlines", "twolines"),
        (LineField(), "", ""),
        (LineField(), "", None),
        (LineField(), None, ""),
        (LineField(max_length=3), "a long name", "a long name"),
        (WebURLField(), "ftp://no.example/keys", "ftp://no.example/keys"),
        (LinesField(), ["a", "b"], "a\r\nb"),
        (LinesField(), ["a", "b"], "a\nb\n"),
        (LinesField(), ["orders api", "b"], "orders api\r\nb"),
        (LinesField(), [" a ", "a", ""], " a \r\na\r\n"),
        (LinesField(), ["a\nb\u2028c"], "a\r\nb\u2028c"),
        (LinesField(), [], None),
        (URIsField(), ["localhost:8001/callback", "not a URI"], "localhost:8001/callback\r\nnot a URI"),
    ],
)
def test_value_submitted_as_shown_is_unchanged(field: forms.Field, initial: Any, posted: Any) -> None:
    assert not field.has_changed(initial, posted)


@pytest.mark.parametrize(
    ("field", "initial", "posted"),
    [
        (LineField(), "a", "b"),
        (LineField(), "a", ""),
        (LinesField(), ["a", "b"], "a"),
        (LinesField(), ["a", "b"], "b\r\na"),
        (LinesField(), ["orders api"], "orders\r\napi"),
        (LinesField(), ["a"], None),
    ],
)
def test_another_value_is_changed(field: forms.Field, initial: Any, posted: Any) -> None:
    assert field.has_changed(initial, posted)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("https://a.example/1\r\nhttps://a.example/2", ["https://a.example/1", "https://a.example/2"]),
        (" orders api \n\n\torders api\rb\n", ["orders api", "b"]),
        ("a\u2028b\x0bc", ["a\u2028b\x0bc"]),
    ],
)
def test_lists_are_split_at_line_ends_only(text: str, lines: list[str]) -> None:
    assert LinesField().clean(text) == lines


@pytest.mark.parametrize(
    "uri",
    [
        "https://shop.example/callback",
        "http://pfcon:5005/api/v1/cb",
        "http://localhost:8001/callback",
        "http://[::1]/cb",
        "urn:ietf:wg:oauth:2.0:oob",
        "oc://android.owncloud.com",
        "com.example.app:/oauth2redirect",
        "com.example.app://callback",
        "myapp:callback",
    ],
)
def test_absolute_uri_is_valid(uri: str) -> None:
    assert URIsField().clean(uri) == [uri]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("localhost:8001/callback", "Did you mean http://localhost:8001/callback?"),
        ("localhost:/callback", "Did you mean http://localhost:/callback?"),
        ("localhost/callback", "Did you mean http://localhost/callback?"),
        ("127.0.0.1:8001/callback", "Did you mean http://127.0.0.1:8001/callback?"),
        ("[::1]:8001/callback", "Did you mean http://[::1]:8001/callback?"),
        ("shop.example:8443", "Did you mean https://shop.example:8443?"),
        ("shop.example/callback", "Did you mean https://shop.example/callback?"),
        ("https://a.example https://b.example", "Enter one URI per line."),
        ("https://[broken", "is not a valid URI"),
        ("https:///callback", "has no host"),
        ("javascript:alert(1)", "the scheme javascript is not allowed"),
        ("JavaScript:alert(1)", "the scheme javascript is not allowed"),
        ("data:text/html,x", "the scheme data is not allowed"),
    ],
)
def test_invalid_uri_is_an_error_with_the_remedy(uri: str, message: str) -> None:
    with pytest.raises(forms.ValidationError, match=re.escape(message)) as refused:
        URIsField().clean(f"https://good.example\n{uri}")
    [text] = refused.value.messages
    assert uri in text


def test_known_uri_is_not_validated_again() -> None:
    field = URIsField()
    field.known = {"localhost:8001/callback"}
    assert field.clean("localhost:8001/callback\nhttps://a.example") == [
        "localhost:8001/callback",
        "https://a.example",
    ]


@pytest.mark.parametrize("uri", ["https://a.example/jwks", "http://backend:8080/jwks.json"])
def test_jwks_uri_may_be_on_an_internal_host(uri: str) -> None:
    assert WebURLField().clean(uri) == uri


@pytest.mark.parametrize("uri", ["backend:8080/jwks", "ftp://a.example", "https://", "/jwks", "https://[b"])
def test_jwks_uri_without_http_or_host_is_an_error(uri: str) -> None:
    with pytest.raises(forms.ValidationError):
        WebURLField().clean(uri)


@pytest.mark.parametrize("make", [LinesField, URIsField])
def test_empty_required_list_is_an_error(make: Callable[[], forms.Field]) -> None:
    with pytest.raises(forms.ValidationError):
        make().clean(" \n ")
