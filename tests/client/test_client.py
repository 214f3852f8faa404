from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
import responses
from urllib3 import HTTPHeaderDict

from django_ory.client import HTTPInfo, OryClient, OryUsageError, Timeout
from django_ory.client.transport import Reply

from .answers import SESSION

WHOAMI = "http://kratos.test/sessions/whoami"


@pytest.mark.parametrize(
    "timeout", [0, -1, float("nan"), float("inf"), Timeout(1, 0), Timeout(float("nan"), 1)]
)
def test_invalid_timeout_is_rejected(timeout: float | Timeout) -> None:
    with pytest.raises(OryUsageError, match="timeout"):
        OryClient(timeout=timeout)


@pytest.mark.parametrize("name", ["pool_size", "max_response_bytes"])
@pytest.mark.parametrize("value", [None, 0, -5, "5", 1.5, True, float("inf")])
def test_limit_that_is_not_positive_is_rejected(name: str, value: Any) -> None:
    with pytest.raises(OryUsageError, match=f"{name} must be a positive integer"):
        OryClient(kratos_public_url="http://kratos.test", **{name: value})


@pytest.mark.parametrize("timeout", [None, "3", (1, 2), (1, 2, 3), True])
def test_timeout_of_another_type_is_rejected(timeout: Any) -> None:
    with pytest.raises(OryUsageError, match="timeout"):
        OryClient(timeout=timeout)


@responses.activate
def test_number_sets_both_timeouts() -> None:
    responses.get(WHOAMI, json=SESSION)
    assert OryClient(kratos_public_url="http://kratos.test", timeout=3).to_session().active


@responses.activate
def test_with_timeout_changes_the_timeout() -> None:
    given: list[Any] = []

    def note(request: Any) -> tuple[int, dict[str, str], str]:
        given.append(request.req_kwargs["timeout"].total)
        return 200, {}, json.dumps(SESSION)

    responses.add_callback(responses.GET, WHOAMI, note)
    client = OryClient(kratos_public_url="http://kratos.test", timeout=3)
    short = client.with_timeout(0.5)
    for each in (client, short, client.with_http_info, short.with_http_info):
        each.to_session()
    assert given == [pytest.approx(seconds, abs=0.1) for seconds in (3, 0.5, 3, 0.5)]
    with pytest.raises(OryUsageError, match="timeout"):
        client.with_timeout(0)


def test_parameters_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        OryClient("http://kratos.test")  # type: ignore[call-arg]


@responses.activate
def test_sdk_url_is_not_used_for_the_console() -> None:
    responses.get("https://slug.test/sessions/whoami", json=SESSION)
    responses.get("https://slug.test/admin/clients", json=[])
    responses.get("https://own.test/admin/identities", json=[])
    ory = OryClient(sdk_url="https://slug.test", kratos_admin_url="https://own.test", api_key="key")
    ory.to_session()
    ory.admin_list_o_auth2_clients()
    ory.admin_list_identities()
    with pytest.raises(OryUsageError, match="console_url"):
        ory.list_projects()


@responses.activate
def test_with_http_info() -> None:
    responses.get(WHOAMI, json=SESSION, headers={"X-Request-Id": "r1"})
    with OryClient(kratos_public_url="http://kratos.test") as ory:
        info = ory.with_http_info.to_session(cookie="a=b")
    assert isinstance(info, HTTPInfo)
    assert info.data == ory.to_session(cookie="a=b")
    assert info.status == 200
    assert info.headers["x-request-id"] == "r1"
    assert info.set_cookies == []
    assert repr(info) == "<HTTPInfo 200>"


@responses.activate
def test_headers_are_not_in_the_repr() -> None:
    responses.get(WHOAMI, json=SESSION, headers={"Set-Cookie": "a=planted", "X-Session-Token": "planted"})
    info = OryClient(kratos_public_url="http://kratos.test").with_http_info.to_session()
    assert repr(info.headers) == "<Headers Content-Type, Set-Cookie, X-Session-Token>"
    assert "planted" not in f"{info} {info.headers}"
    assert dict(info.headers) == {
        "Content-Type": "application/json",
        "Set-Cookie": "a=planted",
        "X-Session-Token": "planted",
    }
    assert len(info.headers) == 3
    assert "planted" not in repr(Reply(200, HTTPHeaderDict({"Set-Cookie": "planted"}), b"planted"))


@responses.activate
def test_set_cookie_lines_are_unchanged() -> None:
    lines = ["a=b; Path=/; HttpOnly", "c=d; Expires=Wed, 09 Jun 2027 10:18:14 GMT"]
    answer = responses.Response("GET", WHOAMI, json=SESSION)
    answer.headers = HTTPHeaderDict([("Set-Cookie", line) for line in lines])
    responses.add(answer)
    info = OryClient(kratos_public_url="http://kratos.test").with_http_info.to_session()
    assert info.set_cookies == lines


@responses.activate
def test_closed_client_opens_again() -> None:
    responses.get(WHOAMI, json=SESSION)
    ory = OryClient(kratos_public_url="http://kratos.test")
    ory.close()
    with ory:
        ory.to_session()
    ory.close()
    assert ory.to_session().active


@responses.activate
def test_models_and_infos_are_data() -> None:
    responses.get(WHOAMI, json=SESSION)
    ory = OryClient(kratos_public_url="http://kratos.test")
    session = ory.to_session()
    assert pickle.loads(pickle.dumps(session)) == session
    assert session.model_validate_json(session.model_dump_json()) == session
