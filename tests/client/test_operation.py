from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import responses

from django_ory.client import OryClient, OryUsageError, models

from .answers import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

URL = "http://kratos.test"
ORY = OryClient(kratos_public_url=URL, kratos_admin_url=URL, hydra_admin_url=URL, keto_read_url=URL)


@pytest.fixture(autouse=True)
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def body(mock: responses.RequestsMock) -> Any:
    return json.loads(mock.calls[-1].request.body or b"null")


@pytest.mark.parametrize("value", [None, "", ".", "..", b"bytes", True, "\ud800"])
@pytest.mark.parametrize("operation", ["admin_get_identity", "admin_delete_identity", "admin_extend_session"])
def test_invalid_path_parameter_is_rejected(mock: responses.RequestsMock, value: Any, operation: str) -> None:
    with pytest.raises(OryUsageError, match="id "):
        getattr(ORY, operation)(value)
    assert not mock.calls


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("a/b", "a%2Fb"),
        ("../admin", "..%2Fadmin"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a%2Fb", "a%252Fb"),
        ("a#b c", "a%23b%20c"),
        ("ä", "%C3%A4"),
        ("a\r\nb", "a%0D%0Ab"),
        (7, "7"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ("{id}", "%7Bid%7D"),
    ],
)
def test_path_parameter_is_quoted(mock: responses.RequestsMock, value: Any, quoted: str) -> None:
    mock.get(f"{URL}/admin/identities/{quoted}", json=IDENTITY)
    ORY.admin_get_identity(value)
    assert mock.calls[0].request.url == f"{URL}/admin/identities/{quoted}"
    assert mock.calls[0].request.path_url == f"/admin/identities/{quoted}"


def test_path_parameters_by_name(mock: responses.RequestsMock) -> None:
    mock.delete(f"{URL}/admin/identities/x/credentials/oidc", status=204)
    ORY.delete_identity_credentials(type="oidc", id="x", identifier="github:1&2")
    assert mock.calls[0].request.url == f"{URL}/admin/identities/x/credentials/oidc?identifier=github%3A1%262"


def test_query_parameters(mock: responses.RequestsMock) -> None:
    mock.get(f"{URL}/admin/sessions", json=[])
    ORY.admin_list_sessions(active=False, expand=["identity", "devices"], page_size=3)
    assert mock.calls[0].request.path_url == (
        "/admin/sessions?page_size=3&active=false&expand=identity&expand=devices"
    )
    ORY.admin_list_sessions(expand=())
    assert mock.calls[1].request.path_url == "/admin/sessions"


def test_times_and_any_collection_in_a_query(mock: responses.RequestsMock) -> None:
    mock.get(f"{URL}/admin/sessions", json=[])
    ORY.admin_list_sessions(expand=iter(["devices"]), page_token=datetime(2026, 1, 2, tzinfo=UTC))  # type: ignore[arg-type]
    assert mock.calls[0].request.path_url == (
        "/admin/sessions?page_token=2026-01-02T00%3A00%3A00%2B00%3A00&expand=devices"
    )


def test_query_with_invalid_unicode_is_rejected(mock: responses.RequestsMock) -> None:
    with pytest.raises(OryUsageError, match="not valid Unicode"):
        ORY.get_login_flow(id="\ud800")
    assert not mock.calls


def test_only_set_fields_of_a_model_are_sent(mock: responses.RequestsMock) -> None:
    mock.put(f"{URL}/admin/identities/x", json=IDENTITY)
    ORY.admin_update_identity(
        "x",
        body=models.UpdateIdentityBody(
            schema_id="s", state="active", traits={"a": None}, metadata_public=None
        ),
    )
    assert body(mock) == {"schema_id": "s", "state": "active", "traits": {"a": None}, "metadata_public": None}
    headers = mock.calls[0].request.headers
    assert headers["Content-Type"] == "application/json"
    assert headers["Content-Length"] == str(len(mock.calls[0].request.body or b""))


def test_dictionary_is_sent_as_it_is(mock: responses.RequestsMock) -> None:
    mock.post(f"{URL}/admin/identities", json=IDENTITY, status=201)
    ORY.create_identity(
        body={
            "traits": {"born": datetime(2026, 1, 2, tzinfo=UTC), "id": uuid.UUID(int=7), "name": "ä☃"},
            "verifiable_addresses": [models.VerifiableIdentityAddress(value="a@b.test", via="email")],
            "unheard_of": None,
        }
    )
    assert body(mock) == {
        "traits": {
            "born": "2026-01-02T00:00:00+00:00",
            "id": "00000000-0000-0000-0000-000000000007",
            "name": "ä☃",
        },
        "verifiable_addresses": [{"value": "a@b.test", "via": "email"}],
        "unheard_of": None,
    }


def test_patch_is_a_list(mock: responses.RequestsMock) -> None:
    mock.patch(f"{URL}/admin/identities/x", json=IDENTITY)
    ORY.patch_identity(
        "x",
        body=[
            models.JsonPatch(op="replace", path="/state", value="inactive"),
            {"op": "remove", "path": "/metadata_public/a"},
        ],
    )
    assert body(mock) == [
        {"op": "replace", "path": "/state", "value": "inactive"},
        {"op": "remove", "path": "/metadata_public/a"},
    ]


def deep() -> Any:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def circular() -> Any:
    value: dict[str, Any] = {}
    value["value"] = value
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"traits": {"a": object()}},
        {"a": float("nan")},
        {"a": {1, 2}},
        {(1, 2): 3},
        deep(),
        circular(),
        {"a": "\ud800"},
    ],
    ids=["object", "nan", "set", "key", "deep", "circular", "surrogate"],
)
def test_body_that_is_not_json_serializable_is_rejected(mock: responses.RequestsMock, value: Any) -> None:
    mock.post(f"{URL}/admin/identities", json=IDENTITY)
    if value == {"a": "\ud800"}:
        ORY.admin_create_identity(body=value)
        assert mock.calls[0].request.body == b'{"a":"\\ud800"}'
        return
    with pytest.raises(OryUsageError, match="the body cannot be written as JSON"):
        ORY.admin_create_identity(body=value)
    assert not mock.calls


def test_delete_with_body_sends_the_body(mock: responses.RequestsMock) -> None:
    mock.delete(f"{URL}/self-service/logout/api", status=204)
    ORY.perform_native_logout(body={"session_token": "t"})
    assert body(mock) == {"session_token": "t"}


def test_unknown_argument_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="no_such"):
        ORY.to_session(no_such=1)  # type: ignore[call-arg]


@pytest.mark.parametrize("service", ["kratos_admin", "kratos_public", "hydra_admin", "network_public"])
def test_paths_of_ory_network_are_those_of_the_documentation(
    mock: responses.RequestsMock, service: str
) -> None:
    mock.get("https://slug.test/version", json={"version": "v26.2.0"})
    mock.get("https://slug.test/health/alive", json={"status": "ok"})
    with OryClient(sdk_url="https://slug.test") as ory:
        assert ory.get_version(service=service).version == "v26.2.0"
        assert ory.is_alive(service=service).status == "ok"


@pytest.mark.parametrize("value", [["a"], ("a",), {"a": 1}, {"a"}, bytearray(b"a"), frozenset({"a"})])
def test_collection_as_path_parameter_is_rejected(mock: responses.RequestsMock, value: Any) -> None:
    with pytest.raises(OryUsageError, match="id must be text"):
        ORY.admin_get_identity(value)
    assert not mock.calls


@pytest.mark.parametrize("value", [b"abc", bytearray(b"abc"), {"a": 1}, [b"abc"], [None], [["a"]]])
@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda value: ORY.get_login_flow(id=value), id="query"),
        pytest.param(lambda value: ORY.introspect_o_auth2_token(token=value), id="form"),
    ],
)
def test_parameter_of_a_wrong_type_is_rejected(
    mock: responses.RequestsMock, call: Callable[[Any], object], value: Any
) -> None:
    with pytest.raises(OryUsageError, match=r"(id|token) must be text, a number, a time, or several of them"):
        call(value)
    assert not mock.calls


@pytest.mark.parametrize("value", [b"a=b", 5, ["a=b"], {"a": "b"}])
def test_header_that_is_not_text_is_rejected(mock: responses.RequestsMock, value: Any) -> None:
    with pytest.raises(OryUsageError, match="the header Cookie must be text"):
        ORY.to_session(cookie=value)
    assert not mock.calls


@pytest.mark.parametrize("value", [None, b"class", 5, "\ud800", {"a": 1}])
def test_body_that_is_not_text_is_rejected(mock: responses.RequestsMock, value: Any) -> None:
    with pytest.raises(OryUsageError, match=r"the body (must be text|is not valid Unicode)"):
        ORY.check_opl_syntax(body=value)
    assert not mock.calls


@pytest.mark.parametrize("value", [["kratos_admin"], None, 5])
def test_unknown_service_name_is_rejected(mock: responses.RequestsMock, value: Any) -> None:
    with pytest.raises(OryUsageError, match="service must be one of"):
        ORY.is_alive(service=value)


def test_service_is_selected_by_name(mock: responses.RequestsMock) -> None:
    mock.get(f"{URL}/admin/version", json={"version": "v1.3.1"})  # the port redirects /version there
    assert ORY.get_version(service="kratos_admin").version == "v1.3.1"
    with pytest.raises(OryUsageError, match="service must be one of kratos_public, kratos_admin"):
        ORY.get_version(service="oathkeeper")
