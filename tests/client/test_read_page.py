"""``read_page``: one page of a listing, with the token of the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import responses

from django_ory.client import OryBadRequest, OryUsageError
from django_ory.client.pagination import row_token, token_offset

from .test_pagination import CONSENTS, IDENTITIES, ORY, SESSIONS, Query, ids, listen, rows

if TYPE_CHECKING:
    from collections.abc import Callable


def link(token: str) -> str:
    return f'<https://elsewhere.test/?page_token={token}>; rel="next"'


def read_all(operation: Callable[..., list[Any]], *args: str, size: int = 2, **arguments: str) -> list[int]:
    found: list[int] = []
    token = ""
    while True:
        page = ORY.read_page(operation, *args, page_size=size, page_token=token, **arguments)
        found += ids(page.items)
        token = page.next_token
        if not token:
            return found


@pytest.mark.parametrize("total", range(6))
@responses.activate
def test_tokens_of_the_link_header_lead_to_every_item(total: int) -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = int(query.get("page_token", "0"))
        end = start + int(query["page_size"])
        return rows(range(start, min(end, total))), link(str(end)) if end < total else ""

    listen(IDENTITIES, answer)
    assert read_all(ORY.admin_list_identities) == list(range(total))


@pytest.mark.parametrize("total", range(6))
@responses.activate
def test_numbers_of_pages_are_the_tokens(total: int) -> None:
    def answer(query: Query) -> tuple[str, str]:
        size = int(query["per_page"])
        start = (int(query["page"]) - 1) * size
        return rows(range(start, min(start + size, total))), link("wrong")

    queries = listen(SESSIONS, answer)
    assert read_all(ORY.admin_list_identity_sessions, "x") == list(range(total))
    assert all(query.keys() == {"per_page", "page"} for query in queries)


@pytest.mark.parametrize("total", range(6))
@responses.activate
def test_wrong_tokens_of_consents_are_replaced(total: int) -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = token_offset(query.get("page_token", "")) or 0
        end = start + int(query["page_size"])
        return rows(range(start, min(end, total))), link(row_token(end + 1)) if end < total else ""

    listen(CONSENTS, answer, headers={"X-Total-Count": str(total)})
    found = read_all(ORY.admin_list_o_auth2_subject_consent_sessions, subject="s")
    assert found == list(range(total))


@responses.activate
def test_token_that_leads_to_itself_ends_the_listing() -> None:
    listen(IDENTITIES, lambda query: (rows([1]), link("same")))
    assert ORY.read_page(ORY.admin_list_identities, page_size=1, page_token="same").next_token == ""


@responses.activate
def test_empty_page_ends_the_listing() -> None:
    listen(IDENTITIES, lambda query: ("[]", link("more")))
    assert ORY.read_page(ORY.admin_list_identities, page_size=1).next_token == ""


@pytest.mark.parametrize("token", ["x", "0", "-1", "1.5", "²", "9" * 50])
@responses.activate
def test_invalid_page_number_is_not_sent(token: str) -> None:
    with pytest.raises(OryUsageError, match="page token"):
        ORY.read_page(ORY.admin_list_identity_sessions, "x", page_size=1, page_token=token)


@responses.activate
def test_rejected_token_raises_the_error_of_ory() -> None:
    responses.get(IDENTITIES, status=400, json={"error": {"code": 400, "message": "invalid token"}})
    with pytest.raises(OryBadRequest):
        ORY.read_page(ORY.admin_list_identities, page_size=1, page_token="x")


def test_operation_that_is_no_listing_is_rejected() -> None:
    with pytest.raises(OryUsageError, match="no page tokens"):
        ORY.read_page(ORY.admin_get_identity, "x", page_size=1)  # type: ignore[arg-type]


@responses.activate
def test_repr_of_a_page_has_no_items() -> None:
    listen(IDENTITIES, lambda query: ('[{"id": "1", "traits": {"email": "bob@example.com"}}]', ""))
    assert "bob" not in repr(ORY.read_page(ORY.admin_list_identities, page_size=1))
