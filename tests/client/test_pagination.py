from __future__ import annotations

import base64
import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import responses

from django_ory.client import OryClient, OryResponseTooLarge, OryUsageError
from django_ory.client.pagination import NextLink, next_link, row_token, token_offset

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


def listen(
    url: str, answer: Callable[[Query], tuple[str, str]], headers: dict[str, str] | None = None
) -> list[Query]:
    """Answer ``url`` by its query with a body and a Link header; return the queries as they come."""
    queries: list[Query] = []

    def callback(request: PreparedRequest) -> Answer:
        query = dict(parse_qsl(urlsplit(request.url or "").query))
        queries.append(query)
        body, link = answer(query)
        return 200, {**(headers or {}), **({"Link": link} if link else {})}, body

    responses.add_callback("GET", url, callback)
    return queries


def ids(iterator: Any) -> list[int]:
    return [int(item.id) for item in iterator]


@responses.activate
def test_tokens_of_the_link_header_are_followed_and_its_url_is_not() -> None:
    def answer(query: Query) -> tuple[str, str]:
        page = int(query.get("page_token", "0"))
        following = f'<https://elsewhere.test/other?page_size=1&page_token={page + 1}>; rel="next"'
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


def large_identities(lengths: dict[int, int], count: int = 10) -> list[Query]:
    """A server with ``count`` identities, some of them large. A token is the id of the next one."""

    def answer(query: Query) -> tuple[str, str]:
        start, size = int(query.get("page_token", "0")), int(query.get("page_size", "250"))
        numbers = range(start, min(start + size, count))
        people = [f'{{"id": "{n}", "traits": "{"x" * lengths.get(n, 0)}"}}' for n in numbers]
        following = f'<?page_token={start + size}&page_size={size}>; rel="next"'
        return f"[{','.join(people)}]", following if start + size < count else ""

    return listen(IDENTITIES, answer)


SMALL = OryClient(kratos_admin_url=URL, max_response_bytes=1000)


@responses.activate
def test_page_that_is_too_large_is_read_in_smaller_ones() -> None:
    queries = large_identities({5: 600, 6: 600, 9: 900})
    assert ids(SMALL.iterate(SMALL.admin_list_identities, page_size=4)) == list(range(10))
    sizes = [(int(query.get("page_token", "0")), int(query["page_size"])) for query in queries]
    # The smaller pages end at the end of the large page. The following page has the full size.
    assert sizes == [(0, 4), (4, 4), (4, 2), (6, 2), (8, 4)]


@responses.activate
def test_first_page_that_is_too_large_without_a_page_size() -> None:
    queries = large_identities({0: 600, 1: 600}, count=3)
    assert ids(SMALL.iterate(SMALL.admin_list_identities)) == [0, 1, 2]
    assert [query.get("page_size") for query in queries][:3] == [None, "125", "62"]


@responses.activate
def test_item_that_is_too_large_by_itself_is_an_error() -> None:
    large_identities({2: 2000})
    iterator = SMALL.iterate(SMALL.admin_list_identities, page_size=4)
    with pytest.raises(OryResponseTooLarge):
        ids(iterator)


@responses.activate
def test_page_numbers_of_smaller_pages_are_not_followed() -> None:
    """Kratos 1.0 and older number their pages, so a page of another size is another page."""
    listen(
        IDENTITIES,
        lambda query: (rows(range(100 if query["page_size"] == "4" else 2)), "<?page=1>; rel=next"),
    )
    with pytest.raises(OryResponseTooLarge):
        ids(SMALL.iterate(SMALL.admin_list_identities, page_size=4))


@responses.activate
def test_iterate_is_lazy() -> None:
    queries = listen(
        IDENTITIES, lambda query: (rows([len(queries)]), f"<?page_token={len(queries)}>; rel=next")
    )
    iterator = ORY.iterate(ORY.list_identities)
    assert not queries
    assert ids(itertools.islice(iterator, 2)) == [1, 2]
    assert len(queries) == 2


@responses.activate
def test_empty_page_with_a_next_link_ends_the_iteration() -> None:
    queries = listen(IDENTITIES, lambda query: ("null", '<?page=1>; rel="next"'))
    assert ids(ORY.iterate(ORY.admin_list_identities)) == []
    assert len(queries) == 1


@responses.activate
def test_repeated_token_ends_the_iteration() -> None:
    queries = listen(IDENTITIES, lambda query: (rows([len(queries)]), '<?page_token=same>; rel="next"'))
    assert ids(ORY.iterate(ORY.admin_list_identities)) == [1, 2]


@responses.activate
def test_repeated_rows_end_the_iteration() -> None:
    queries = listen(IDENTITIES, lambda query: (rows([1]), f'<?page_token={len(queries)}>; rel="next"'))
    assert ids(ORY.iterate(ORY.admin_list_identities)) == [1]
    assert len(queries) == 3


@dataclass(frozen=True)
class Numbered:
    """A listing of Kratos by page numbers, with the Link header that ory/x computes.

    ``from_one``: page 0 is page 1, as wherever pop counts; the header counts from 0 nevertheless.
    ``has_tokens``: since v0.11.1 page_size and page_token are read too, and win; the header has all four.
    """

    total: int
    from_one: bool
    has_tokens: bool

    def __call__(self, query: Query) -> tuple[str, str]:
        page, size = int(query.get("page", "0")), int(query.get("per_page", "250"))
        if self.has_tokens and ("page_token" in query or "page_size" in query):
            size = int(query.get("page_size", "250"))
            page = (token_offset(query.get("page_token", "")) or 0) // size
        start = (max(page, 1) - 1 if self.from_one else page) * size
        return rows(range(start, min(start + size, self.total))), self.header(page, size)

    def header(self, page: int, size: int) -> str:
        last = (self.total - 1) // size * size
        if page * size >= last:
            if self.total == 0:
                return self.link("next", (page + 1) * size, size)
            return self.link("first", 0, self.total if self.total <= size else size)
        return ",".join((self.link("next", (page + 1) * size, size), self.link("last", last, size)))

    def link(self, rel: str, row: int, size: int) -> str:
        numbers: dict[str, int | str] = {"per_page": size, "page": row // size}
        tokens = {"page_size": size, "page_token": row_token(row)} if self.has_tokens else {}
        return f'<{IDENTITIES}?{urlencode({**tokens, **numbers})}>; rel="{rel}"'


SERVERS = {
    "v0.10": {"from_one": True, "has_tokens": False},
    "v0.11.1": {"from_one": True, "has_tokens": True},
    "schemas": {"from_one": False, "has_tokens": True},
    "from 0": {"from_one": False, "has_tokens": False},
}


@pytest.mark.parametrize("total", range(8))
@pytest.mark.parametrize("arguments", [{"per_page": 2}, {"per_page": 2, "page": 0}])
@pytest.mark.parametrize("server", SERVERS)
@responses.activate
def test_pages_by_number(server: str, arguments: dict[str, Any], total: int) -> None:
    queries = listen(IDENTITIES, Numbered(total, **SERVERS[server]))
    assert ids(ORY.iterate(ORY.admin_list_identities, **arguments)) == list(range(total))
    assert len(queries) <= total // 2 + 2


@pytest.mark.parametrize("total", range(8))
@pytest.mark.parametrize("server", ["v0.11.1", "schemas"])
@responses.activate
def test_pages_by_size(server: str, total: int) -> None:
    listen(IDENTITIES, Numbered(total, **SERVERS[server]))
    assert ids(ORY.iterate(ORY.admin_list_identities, page_size=2)) == list(range(total))


@pytest.mark.parametrize("total", range(8))
@pytest.mark.parametrize("server", SERVERS)
@responses.activate
def test_pages_from_number_1(server: str, total: int) -> None:
    listen(IDENTITIES, Numbered(total, **SERVERS[server]))
    first = 0 if SERVERS[server]["from_one"] else 2
    found = ORY.iterate(ORY.admin_list_identities, page=1, per_page=2)
    assert ids(found) == list(range(first, total))


@pytest.mark.parametrize("total", [249, 250, 251, 500, 750, 751])
@pytest.mark.parametrize("server", SERVERS)
@responses.activate
def test_pages_of_the_default_size(server: str, total: int) -> None:
    listen(IDENTITIES, Numbered(total, **SERVERS[server]))
    assert ids(ORY.iterate(ORY.admin_list_identities)) == list(range(total))


@responses.activate
def test_page_number_in_a_link_is_ignored_without_the_parameter() -> None:
    queries = listen(f"{URL}/admin/clients", lambda query: ('[{"client_id": "a"}]', '<?page=1>; rel="next"'))
    assert [found.client_id for found in ORY.iterate(ORY.admin_list_o_auth2_clients)] == ["a"]
    assert len(queries) == 1


@pytest.mark.parametrize("total", [0, 1, 249, 250, 251, 500, 501])
@responses.activate
def test_sessions_are_paged_from_1_despite_the_link_header(total: int) -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = 250 * (int(query["page"]) - 1)
        return rows(range(start, min(start + 250, total))), f'<{URL}/sessions?page=1>; rel="next"'

    queries = listen(SESSIONS, answer)
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x", active=True)) == list(range(total))
    assert queries[0] == {"page": "1", "active": "true"}
    assert len(queries) == total // 250 + 1


@pytest.mark.parametrize("total", range(6))
@responses.activate
def test_sessions_with_page_size_are_paged(total: int) -> None:
    queries = listen(SESSIONS, Numbered(total, from_one=True, has_tokens=True))
    found = ORY.iterate(ORY.admin_list_identity_sessions, "x", page_size=2)
    assert ids(found) == list(range(total))
    assert queries[0] == {"per_page": "2", "page": "1"}


@responses.activate
def test_capped_page_is_not_the_last() -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = 500 * (int(query["page"]) - 1)
        return rows(range(start, min(start + 500, 1000))), ""

    queries = listen(SESSIONS, answer)
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x", per_page=1000)) == list(range(1000))
    assert len(queries) == 3


@responses.activate
def test_server_without_pages_ends_the_iteration() -> None:
    queries = listen(SESSIONS, lambda query: (rows(range(300)), ""))
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x")) == list(range(300))
    assert len(queries) == 2


@responses.activate
def test_iteration_starts_at_the_given_page() -> None:
    queries = listen(SESSIONS, lambda query: (rows([1]), ""))
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x", page=3)) == [1]
    assert ids(ORY.iterate(ORY.admin_list_identity_sessions, "x", page_token="t")) == [1]
    assert queries == [{"page": "3"}, {"page_token": "t"}]


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 7])
@responses.activate
def test_consents_of_hydra_2_3_with_its_wrong_link(total: int) -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = token_offset(query["page_token"]) if "page_token" in query else 0
        assert start is not None
        shown = range(start, min(start + int(query["page_size"]), total))
        body = "[" + ",".join(f'{{"consent_request": {{"challenge": "{number}"}}}}' for number in shown) + "]"
        wrong = row_token(start * 2 + 1)
        return body, f'<{CONSENTS}?page_size=1&page_token={wrong}>; rel="next"'

    queries = listen(CONSENTS, answer, {"X-Total-Count": str(total)})
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


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4])
@responses.activate
def test_consents_of_a_hydra_that_rejects_other_tokens(total: int) -> None:
    tokens = {"": 0, "encrypted-2": 2}

    def answer(query: Query) -> tuple[str, str]:
        start = tokens[query.get("page_token", "")]  # fails for another
        shown = range(start, min(start + 2, total))
        body = "[" + ",".join(f'{{"consent_request_id": "{number}"}}' for number in shown) + "]"
        following = ',<?page_size=2&page_token=encrypted-2>; rel="next"' if start + 2 < total else ""
        return body, f'<?page_size=2>; rel="first"{following}'

    listen(CONSENTS, answer)
    found = ORY.iterate(ORY.list_o_auth2_consent_sessions, subject="s", page_size=2)
    assert [item.consent_request_id for item in found] == [str(number) for number in range(total)]


@responses.activate
def test_consents_of_hydra_2_3_without_link() -> None:
    def answer(query: Query) -> tuple[str, str]:
        start = token_offset(query.get("page_token", "")) or 0
        shown = range(start, min(start + 2, 5))
        return "[" + ",".join(f'{{"consent_request_id": "{number}"}}' for number in shown) + "]", ""

    listen(CONSENTS, answer, {"X-Total-Count": "5"})
    found = ORY.iterate(ORY.list_o_auth2_consent_sessions, subject="s", page_size=2)
    assert len(list(found)) == 5


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
def test_list_without_pages_is_iterated() -> None:
    queries = listen(f"{URL}/projects", lambda query: (rows([1, 2]), '<?page_token=x>; rel="next"'))
    with OryClient(console_url=URL) as console:
        assert ids(console.iterate(console.list_projects)) == [1, 2]
    assert len(queries) == 1


def test_iterate_rejects_other_operations() -> None:
    with pytest.raises(OryUsageError, match="to_session is not a listing"):
        ORY.iterate(ORY.to_session)  # type: ignore[call-overload]
    with pytest.raises(OryUsageError, match="is not a listing"):
        ORY.iterate(lambda: [1])


@responses.activate
def test_iterate_uses_the_client_of_the_operation() -> None:
    given: list[float] = []

    def answer(request: Any) -> Answer:
        given.append(request.req_kwargs["timeout"].total)
        return 200, {}, rows([1])

    responses.add_callback("GET", "http://other.test/admin/identities", answer)
    with OryClient(kratos_admin_url="http://other.test", timeout=9) as other:
        assert ids(ORY.iterate(other.list_identities)) == [1]
        assert ids(ORY.iterate(other.with_timeout(0.5).list_identities)) == [1]
        assert ids(ORY.iterate(other.with_http_info.list_identities)) == [1]  # type: ignore[call-overload]
    assert given == [pytest.approx(seconds, abs=0.1) for seconds in (9, 0.5, 9)]


@pytest.mark.parametrize("value", ["x", -1, 1.5, b"2"])
@pytest.mark.parametrize("name", ["page_size", "page", "per_page"])
@responses.activate
def test_invalid_number_of_rows_is_rejected(name: str, value: Any) -> None:
    with pytest.raises(OryUsageError, match=f"{name} must be an integer"):
        list(ORY.iterate(ORY.admin_list_identity_sessions, "x", **{name: value}))
    assert not responses.calls


@pytest.mark.parametrize(
    ("link", "following"),
    [
        ("", NextLink()),
        ("nonsense", NextLink()),
        ('</x?page_token=a>; rel="first"', NextLink()),
        ('</x?page_token=a>; rel="next"', NextLink("a")),
        ("</x?page_token=a%3D%2B>;rel=next", NextLink("a=+")),
        ('</x?page_token=a>; title="b" ; REL = "last NEXT"', NextLink("a")),
        ('<https://h/x?page=2&per_page=3>; rel="next"', NextLink("", 2, 3)),
        ('<https://h/x?page=2&page_size=3&page_token=a>; rel="next"', NextLink("a", 2, 3)),
        ('</x?page=1>; rel="prev",</x?page=3>; title="a"; rel="next"', NextLink("", 3)),
        ('</x?page=-1>; rel="next"', NextLink()),
        ('</x?page=²>; rel="next"', NextLink()),
        (f'</x?page={"9" * 5000}>; rel="next"', NextLink()),
        ('<http://[x?page=1>; rel="next"', NextLink()),
        ('</x>; rel="next"', NextLink()),
        ('</x?page=4>; rel="nextish"', NextLink()),
        ('</x?page=4>; rev="next"', NextLink()),
    ],
)
def test_next_page_is_read_from_the_link_header(link: str, following: NextLink) -> None:
    assert next_link({"Link": link}) == following


@pytest.mark.parametrize(
    "link",
    ["<x>;" + "rel=" * 16_000, "<" * 65_000, "<a" * 32_000, "<x>;" * 16_000, "<x>" + ' ;"' * 20_000],
    ids=lambda link: link[:6],
)
def test_hostile_link_header_is_parsed_fast(link: str) -> None:
    started = time.process_time()
    assert next_link({"Link": link}) == NextLink()
    assert time.process_time() - started < 0.5


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        *("", "opaque", "e30", "W10", "bnVsbA", "eyJvZmZzZXQiOm51bGx9", "é", "="),
        encoded("[" * 40_000),
        encoded('{"offset":Infinity,"v":2}'),
        encoded('{"offset":"%s","v":2}' % ("9" * 5000)),
    ],
    ids=lambda token: token[:20],
)
def test_other_token_has_no_offset(token: str) -> None:
    assert token_offset(token) is None


def test_row_token_has_an_offset() -> None:
    assert row_token(2) == "eyJvZmZzZXQiOiIyIiwidiI6Mn0"
    assert token_offset(row_token(500)) == 500


@responses.activate
def test_listing_continues_after_a_page_by_the_token_of_the_page() -> None:
    def answer(query: Query) -> tuple[str, str]:
        page = int(query.get("page_token", "0"))
        return rows([page]), f'</x?page_token={page + 1}>; rel="next"' if page < 3 else ""

    listen(IDENTITIES, answer, headers={"X-RateLimit-Remaining": "8"})
    pages = list(ORY.iterate_pages(ORY.admin_list_identities, page_size=1))
    assert [page.next_token for page in pages] == ["1", "2", "3", ""]
    assert pages[0].headers["x-ratelimit-remaining"] == "8"
    assert repr(pages[0]) == "<ListedPage of 1>"
    token = pages[1].next_token
    assert ids(ORY.iterate(ORY.admin_list_identities, page_size=1, page_token=token)) == [2, 3]


@responses.activate
def test_repeated_token_is_no_token_of_a_next_page() -> None:
    listen(IDENTITIES, lambda query: (rows([len(query)]), '</x?page_token=same>; rel="next"'))
    assert [page.next_token for page in ORY.iterate_pages(ORY.admin_list_identities)] == ["same", ""]


@responses.activate
def test_numbered_pages_have_no_token() -> None:
    listen(SESSIONS, lambda query: (rows([int(query["page"])] * 2 if query["page"] < "3" else []), ""))
    pages = list(ORY.iterate_pages(ORY.admin_list_identity_sessions, "x", per_page=2))
    assert [(len(page.items), page.next_token) for page in pages] == [(2, ""), (2, "")]
