from __future__ import annotations

import pytest
from django.test import RequestFactory

from django_ory.tokens.access_token import InvalidToken
from django_ory.tokens.bearer import get_bearer_token, is_kratos_token


def get(header: str | None) -> str | None:
    headers = {} if header is None else {"authorization": header}
    return get_bearer_token(RequestFactory().get("/", headers=headers))


@pytest.mark.parametrize(
    "header",
    ["Bearer ory_at_a.b-c_d~e+f/g==", "bearer ory_at_a.b-c_d~e+f/g==", "BEARER   ory_at_a.b-c_d~e+f/g=="],
)
def test_text_after_the_scheme_is_the_token(header: str) -> None:
    assert get(header) == "ory_at_a.b-c_d~e+f/g=="


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Token abc", "Bearerabc"])
def test_other_schemes_have_no_token(header: str | None) -> None:
    assert get(header) is None


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a,Bearer b",
        "Bearer a, Bearer b",
        "Bearer é",
        "Bearer a\0",
        "Bearer a=b",
        "Bearer " + "a" * 8_193,
        "Bearer " + "a" * 100_000,
    ],
    ids=lambda header: f"{header[:20]}-{len(header)}",
)
def test_malformed_headers_are_rejected(header: str) -> None:
    with pytest.raises(InvalidToken):
        get(header)


def test_session_tokens_of_kratos_are_recognized() -> None:
    assert is_kratos_token("ory_st_abc")
    assert not is_kratos_token("ory_at_abc")
