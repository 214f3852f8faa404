from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from django_ory.client import OryClient, OryUsageError
from django_ory.client.pagination import next_page, row_of, row_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

URL = "http://ory.test"
ORY = OryClient(kratos_public_url=URL, kratos_admin_url=URL, hydra_admin_url=URL, keto_read_url=URL)
IDENTITIES = f"{URL}/admin/identities"
SESSIONS = f"{URL}/admin/identities/x/sessions"
CONSENTS = f"{URL}/admin/oauth2/auth/sessions/consent"

Query = dict[str, str]
Answer = tuple[int, dict[str, str], str]


def rows(numbers: range | list[int]) -> str:
    return "[" + ",".join(f'{{"id": "{number}"}}' for number in numbers) + "]"


def listen(url: str, answer: Callable[[Query], tuple[str, str]]) -> list[Query]:
    """Answer ``url`` by its query with a body and a Link header; return the queries as they come."""
    queries: list[Query] = []

    def callback(request: PreparedRequest) -> Answer:
        query = dict(parse_qsl(urlsplit(request.url or "").query))
        queries.append(query)
        body, link = answer(query)
        return 200, {"Link": link} if link else {}, body

    responses.add_callback("GET", url, callback)
    return queries


def ids(iterator: Any) -> list[int]:
    return [int(item.id) for item in iterator]


@responses.activate
def test_tokens_of_the_link_header_are_followed_and_its_url_is_not() -> None:
    def answer(query: Query) -> tuple[str, str]:
        page = int(query.get("page_token", "0"))
        following = f'<https://elsewhere.test/other?page_size=1&page_token={page + 1}&page=9>; rel="next"'
        first = '<https://elsewhere.test/other?page_token=first>; rel="first"'
        return rows([page]), f"{first},{following}" if page < 2 else first

    queries = listen(IDENTITIES, answer)
    assert ids(ORY.iterate(ORY.admin_list_identities, page_size=1, ids=["a"])) == [0, 1, 2]
    assert queries == [
        {"page_size": "1", "ids": "a"},
        {"page_size": "1", "ids": "a", "page_token": "1"},
        {"page_size": "1", "ids": "a", "page_token": "2"},
    ]


@responses.activate
def test_no_default_page_is_sent() -> None:
    queries = listen(IDENTITIES, lambda query: ("[]", ""))
    assert ids(ORY.iterate(ORY.admin_list_identities)) == []
    assert queries == [{}]


@responses.activate
def test_it_is_lazy() -> None:
    queries = listen(
        IDENTITIES, lambda query: (rows([len(queries)]), f"<?page_token={len(queries)}>; rel=next")
    )
    iterator = ORY.iterate(ORY.list_identities)
    assert not queries
    assert ids(itertools.islice(iterator, 2)) == [1, 2]
    assert len(queries) == 2


@responses.activate
def test_an_empty_page_ends_it_although_there_is_a_next() -> None:
    queries = listen(IDENTITIES, lambda query: ("null", '<?page=1>; rel="next"'))
    assert ids(ORY.iterate(ORY.admin_list_identities)) == []
    assert len(queries) == 1


@responses.activate
def test_a_token_that_comes_again_ends_it() -> None:
    queries = listen(IDENTITIES, lambda query: (rows([len(queries)]), '<?page_token=same>; rel="next"'))
    assert ids(ORY.iterate(ORY.admin_list_identities)) == [1, 2]


@responses.activate
def test_the_same_rows_under_ever_new_tokens_end_it() -> None:
    queries = listen(IDENTITIES, lambda query: (rows([1]), f'<?page_token={len(queries)}>; rel="next"'))
    assert ids(ORY.iterate(ORY.admin_list_identities)) == [1]
    assert len(queries) == 3


@pytest.mark.parametrize("first", [0, 1], ids=["pages count from 0", "page 0 is page 1"])
@responses.activate
def test_page_numbers_of_the_link_header(first: int) -> None:
    def answer(query: Query) -> tuple[str, str]:
        page = int(query.get("page", "0"))
        shown = max(page - first, 0)
        return rows(range(2 * shown, 2 * shown + 2) if shown < 3 else []), f'<?page={page + 1}>; rel="next"'

    listen(IDENTITIES, answer)
    assert ids(ORY.iterate(ORY.admin_list_identities)) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("total", [0, 1, 249, 250, 251, 500, 501])
@responses.activate
def test_sessions_are_paged_from_1_whatever_the_link_header_says(total: int) -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = 250 * (int(query["page"]) - 1)
        return rows(range(start, min(start + 250, total))), f'<{URL}/sessions?page=1>; rel="next"'

    queries = listen(SESSIONS, answer)
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x", active=True)) == list(range(total))
    assert queries[0] == {"page": "1", "active": "true"}
    assert len(queries) == total // 250 + 1


@responses.activate
def test_a_server_that_caps_the_page_is_not_at_its_end() -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = 500 * (int(query["page"]) - 1)
        return rows(range(start, min(start + 500, 1000))), ""

    queries = listen(SESSIONS, answer)
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x", per_page=1000)) == list(range(1000))
    assert len(queries) == 3


@responses.activate
def test_a_server_without_pages_ends_as_well() -> None:
    queries = listen(SESSIONS, lambda query: (rows(range(300)), ""))
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x")) == list(range(300))
    assert len(queries) == 2


@responses.activate
def test_one_may_start_in_the_middle() -> None:
    queries = listen(SESSIONS, lambda query: (rows([1]), ""))
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x", page=3)) == [1]
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x", page_token="t")) == [1]
    assert queries == [{"page": "3"}, {"page_token": "t"}]


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 7])
@responses.activate
def test_consents_of_hydra_2_3_with_its_wrong_link(total: int) -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = row_of(query["page_token"]) if "page_token" in query else 0
        assert start is not None
        shown = range(start, min(start + int(query["page_size"]), total))
        body = "[" + ",".join(f'{{"consent_request": {{"challenge": "{number}"}}}}' for number in shown) + "]"
        wrong = row_token(start * 2 + 1)
        return body, f'<{CONSENTS}?page_size=1&page_token={wrong}>; rel="next"'

    queries = listen(CONSENTS, answer)
    found = ORY.iterate(ORY.admin_list_o_auth2_subject_consent_sessions, subject="s", page_size=2)
    assert [item.consent_request.challenge for item in found if item.consent_request] == [
        str(number) for number in range(total)
    ]
    assert len(queries) == total // 2 + 1


@responses.activate
def test_consents_of_a_hydra_with_keyset_tokens() -> None:
    def answer(query: Query) -> tuple[str, str]:
        page = {"": 0, "opaque-1": 1, "opaque-2": 2}[query.get("page_token", "")]
        link = f'<?page_token=opaque-{page + 1}>; rel="next"' if page < 2 else ""
        return f'[{{"consent_request": {{"challenge": "{page}"}}}}]', link

    listen(CONSENTS, answer)
    found = list(ORY.iterate(ORY.list_o_auth2_consent_sessions, subject="s", page_size=1))
    assert len(found) == 3


@responses.activate
def test_consents_of_a_hydra_that_repeats_itself() -> None:
    row = '[{"consent_request": {"challenge": "c"}}]'
    queries = listen(CONSENTS, lambda query: (row, '<?page_token=opaque>; rel="next"'))
    assert len(list(ORY.iterate(ORY.list_o_auth2_consent_sessions, subject="s", page_size=1))) == 2
    assert len(queries) == 2


@responses.activate
def test_pages_in_the_body() -> None:
    def answer(query: Query) -> tuple[str, str]:
        page = int(query.get("page_token", "0"))
        following = str(page + 1) if page < 2 else ""
        tuples = f'[{{"namespace": "n", "object": "{page}", "relation": "r", "subject_id": "s"}}]'
        return f'{{"relation_tuples": {tuples}, "next_page_token": "{following}"}}', ""

    listen(f"{URL}/relation-tuples", answer)
    assert [item.object for item in ORY.iterate(ORY.get_relationships, namespace="n")] == ["0", "1", "2"]


@responses.activate
def test_pages_in_the_body_that_repeat_themselves() -> None:
    row = (
        '{"relation_tuples": [{"namespace": "n", "object": "o", "relation": "r"}], "next_page_token": "same"}'
    )
    listen(f"{URL}/relation-tuples", lambda query: (row, ""))
    assert len(list(ORY.iterate(ORY.get_relationships))) == 2


@responses.activate
def test_a_list_without_pages() -> None:
    queries = listen(f"{URL}/projects", lambda query: (rows([1, 2]), '<?page_token=x>; rel="next"'))
    with OryClient(console_url=URL) as console:
        assert ids(console.iterate(console.list_projects)) == [1, 2]
    assert len(queries) == 1


def test_an_operation_that_does_not_list() -> None:
    with pytest.raises(OryUsageError, match="to_session is not an operation that lists"):
        ORY.iterate(ORY.to_session)  # type: ignore[call-overload]
    with pytest.raises(OryUsageError, match="not an operation that lists"):
        ORY.iterate(lambda: [1])


@pytest.mark.parametrize(
    ("link", "following"),
    [
        ("", None),
        ("nonsense", None),
        ('</x?page_token=a>; rel="first"', None),
        ('</x?page_token=a>; rel="next"', {"page_token": "a"}),
        ("</x?page_token=a%3D%2B>;rel=next", {"page_token": "a=+"}),
        ('<https://h/x?page=2&per_page=3>; rel="next"', {"page": 2}),
        ('</x?page=1>; rel="prev",</x?page=3>; title="a"; rel="next"', {"page": 3}),
        ('</x?page=-1>; rel="next"', None),
        ('</x?page=²>; rel="next"', None),
        ('<http://[x?page=1>; rel="next"', None),
        ('</x>; rel="next"', None),
        ('</x?page=4>; rel="nextish"', None),
    ],
)
def test_the_next_page_of_a_link_header(link: str, following: dict[str, Any] | None) -> None:
    assert next_page({"Link": link}) == following


@pytest.mark.parametrize("token", ["", "opaque", "e30", "W10", "bnVsbA", "eyJvZmZzZXQiOm51bGx9", "é", "="])
def test_a_token_that_counts_no_rows(token: str) -> None:
    assert row_of(token) is None


def test_a_token_that_counts_rows() -> None:
    assert row_token(2) == "eyJvZmZzZXQiOiIyIiwidiI6Mn0"
    assert row_of(row_token(500)) == 500
