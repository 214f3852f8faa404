from __future__ import annotations

import datetime
import email.utils
import inspect
import pickle
from typing import Any

import pytest
import responses
from urllib3 import HTTPHeaderDict

from django_ory.client import (
    AAL2Required,
    BrowserLocationChangeRequired,
    ChallengeGone,
    CSRFViolation,
    FlowGone,
    OryAPIError,
    OryBadRequest,
    OryClient,
    OryConflict,
    OryConnectionError,
    OryDecodeError,
    OryError,
    OryForbidden,
    OryGone,
    OryNotFound,
    OryRateLimited,
    OryResponseTooLarge,
    OryServerError,
    OryTimeout,
    OryTransportError,
    OryUnauthorized,
    OryUnexpectedRedirect,
    RouteNotFound,
    SessionRefreshRequired,
    errors,
    models,
)

from .answers import FLOW

ORY = OryClient(
    kratos_public_url="http://kratos.test",
    kratos_admin_url="http://kratos.test",
    hydra_admin_url="http://hydra.test",
)
LOGIN = "http://kratos.test/self-service/login"


def kratos(status: int, error_id: str = "", **siblings: Any) -> dict[str, Any]:
    error = {
        "code": status,
        "status": "Some Status",
        "message": "A message",
        "reason": "A reason",
        "request": "r2",
    }
    return {
        "error": {**error, **({"id": error_id} if error_id else {}), "details": {"docs": "https://ory.sh"}},
        **siblings,
    }


def raised(status: int, headers: dict[str, str] | None = None, **answer: Any) -> OryAPIError:
    """Return the error of a call with this response."""
    with responses.RequestsMock() as mock:
        mock.post(LOGIN, status=status, headers=headers, **answer)
        with pytest.raises(OryAPIError) as caught:
            ORY.update_login_flow(
                flow="planted-flow", body={"password": "planted-password"}, cookie="planted=1"
            )
    return caught.value


TABLE: list[tuple[int, Any, type[OryAPIError]]] = [
    (400, kratos(400), OryBadRequest),
    (400, FLOW, OryBadRequest),
    (401, kratos(401), OryUnauthorized),
    (403, kratos(403), OryForbidden),
    (403, kratos(403, "session_aal2_required", redirect_browser_to="http://next.test"), AAL2Required),
    (
        403,
        kratos(403, "session_refresh_required", redirect_browser_to="http://next.test"),
        SessionRefreshRequired,
    ),
    (403, kratos(403, "security_csrf_violation"), CSRFViolation),
    (403, kratos(403, "security_identity_mismatch"), OryForbidden),
    (404, kratos(404), OryNotFound),
    (404, {"error": "Unable to locate the resource", "error_description": ""}, OryNotFound),
    (404, {"error": {"reason": "The requested route does not exist. Make sure"}}, RouteNotFound),
    (404, {"detail": "Not Found"}, RouteNotFound),
    (404, "404 page not found", RouteNotFound),
    (404, ["list"], RouteNotFound),
    (409, kratos(409), OryConflict),
    (410, kratos(410, "self_service_flow_expired", use_flow_id="new"), FlowGone),
    (410, kratos(410, "self_service_flow_replaced", use_flow_id="new"), FlowGone),
    (410, kratos(410), FlowGone),
    (410, {"redirect_to": "http://next.test"}, ChallengeGone),
    (410, {"anything": "else"}, OryGone),
    (410, ["list"], OryGone),
    (
        422,
        kratos(422, "browser_location_change_required", redirect_browser_to="http://next.test"),
        BrowserLocationChangeRequired,
    ),
    (429, kratos(429), OryRateLimited),
    (500, kratos(500), OryServerError),
    (503, {"errors": {"database": "planted"}}, OryServerError),
    (301, kratos(301), OryUnexpectedRedirect),
    (418, kratos(418), OryAPIError),
    (599, kratos(599), OryServerError),
]


@pytest.mark.parametrize(("status", "body", "kind"), TABLE)
def test_status_and_id_select_the_class(status: int, body: Any, kind: type[OryAPIError]) -> None:
    error = raised(status, json=body)
    assert type(error) is kind
    assert error.status == status
    assert error.body == body
    assert error.operation == "POST /self-service/login"


def test_kratos_fields() -> None:
    error = raised(403, json=kratos(403, "session_aal2_required", redirect_browser_to="http://next.test"))
    assert isinstance(error, AAL2Required)
    assert (error.id, error.reason, error.message) == ("session_aal2_required", "A reason", "A message")
    assert (error.details, error.request_id) == ({"docs": "https://ory.sh"}, "r2")
    assert error.redirect_browser_to == "http://next.test"
    assert str(error) == (
        "POST /self-service/login: 403 Forbidden [session_aal2_required]: A message A reason (request r2)"
    )


def test_redirect_url_is_found_in_the_details() -> None:
    error = raised(
        410,
        json={"error": {"details": {"redirect_to": "http://next.test", "return_to": "http://back.test"}}},
    )
    assert isinstance(error, FlowGone)
    assert (error.redirect_to, error.return_to, error.use_flow_id) == (
        "http://next.test",
        "http://back.test",
        "",
    )


def test_hydra_fields() -> None:
    with responses.RequestsMock() as mock:
        mock.get(
            "http://hydra.test/admin/clients/x",
            status=401,
            headers={"X-Request-Id": "r3"},
            json={"error": "invalid_client", "error_description": "Unknown client.", "error_hint": "Look."},
        )
        with pytest.raises(OryUnauthorized) as caught:
            ORY.admin_get_o_auth2_client("x")
    error = caught.value
    assert (error.id, error.reason, error.request_id) == ("invalid_client", "Unknown client. Look.", "r3")


def test_answered_challenge_is_gone() -> None:
    with responses.RequestsMock() as mock:
        mock.get(
            "http://hydra.test/admin/oauth2/auth/requests/login",
            status=410,
            json={"redirect_to": "http://next.test"},
        )
        with pytest.raises(ChallengeGone) as caught:
            ORY.admin_get_o_auth2_login_request(login_challenge="planted")
    assert caught.value.redirect_to == "http://next.test"
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("login", models.LoginFlow),
        ("registration", models.RegistrationFlow),
        ("recovery", models.RecoveryFlow),
        ("verification", models.VerificationFlow),
        ("settings", models.SettingsFlow),
    ],
)
def test_bad_request_contains_the_flow(path: str, kind: type[models.Flow]) -> None:
    with responses.RequestsMock() as mock:
        mock.post(f"http://kratos.test/self-service/{path}", status=400, json=FLOW)
        with pytest.raises(OryBadRequest) as caught:
            getattr(ORY, f"update_{path}_flow")(flow="x", body={})
    flow = caught.value.flow
    assert type(flow) is kind
    assert flow.ui.messages[0].id == 4000006
    assert caught.value.id == ""


@pytest.mark.parametrize(
    "body", [kratos(400), {"id": "x"}, {"ui": []}, {"ui": {}, "id": None}, [1], "text", None, 7]
)
def test_bad_request_without_flow_has_none(body: Any) -> None:
    error = raised(400, json=body)
    assert isinstance(error, OryBadRequest)
    assert error.flow is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><h1>502</h1></html>",
        b"\xff\xfe\x00",
        b"[1]",
        b'"text"',
        b"7",
        b"null",
        b'{"error": null}',
        b'{"error": ["a"]}',
        b'{"error": {"id": 7, "message": ["x"], "reason": {}, "details": [], "request": 1}}',
        b'{"id": {}, "message": 1}',
        b'{"error": "a sentence", "error_description": 7}',
        b'{"error": {"id": "a\\nb\\u0000c", "message": "x\\u2028y"}}',
        b"[" * 100_000,
        b'{"redirect_browser_to": 7, "use_flow_id": [], "redirect_to": {}}',
    ],
)
def test_any_body_makes_an_error(body: bytes, subtests: pytest.Subtests) -> None:
    for status in (400, 403, 410, 422, 429, 500):
        with subtests.test(status=status):
            error = raised(status, body=body)
            assert error.status == status
            assert str(error).isprintable()
            for name, _ in inspect.getmembers(type(error), lambda member: isinstance(member, property)):
                getattr(error, name)


def test_user_input_is_not_in_the_text() -> None:
    body = kratos(400)
    body["error"]["reason"] = (
        'I[#/traits/email] "planted value" is not valid; planted@example.org; '
        "planted-0123456789-0123456789 'planted' `planted`"
    )
    body["error"]["id"] = "planted-" + "x" * 60
    error = raised(400, json=body)
    assert "planted" not in str(error) + repr(error)
    assert "planted" in error.reason


@pytest.mark.parametrize("number", ["123456", "+4915112345678", "+49 151 1234 5678", "0151-1234567"])
def test_code_and_phone_number_are_not_in_the_text(number: str) -> None:
    body = kratos(400)
    body["error"]["reason"] = f"The code {number} was sent 5 minutes ago."
    assert "The code … was sent 5 minutes ago." in str(raised(400, json=body))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 5000, 999999999.0),
        ("²", None),
    ],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    error = raised(429, headers={"Retry-After": value})
    assert isinstance(error, OryRateLimited)
    assert error.retry_after == seconds


def test_retry_after_as_a_date() -> None:
    when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60)
    error = raised(429, headers={"Retry-After": email.utils.format_datetime(when, usegmt=True)})
    assert isinstance(error, OryRateLimited)
    assert 55 < (error.retry_after or 0) <= 60
    past = raised(429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
    assert isinstance(past, OryRateLimited)
    assert past.retry_after == 0


@pytest.mark.parametrize(
    "value", ["Wed, 21 Oct 99999 07:28:00 GMT", "Wed, 99 Oct 2015 07:28:00 GMT", "Mon, , ,"]
)
def test_retry_after_as_nonsense(value: str) -> None:
    error = raised(429, headers={"Retry-After": value})
    assert isinstance(error, OryRateLimited)
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://other.test/x?token=1", "other.test"),
        ("//other.test:8080", "other.test:8080"),
        ("/relative", ""),
        ("", ""),
        ("https://user:pass@other.test/", "other.test"),
    ],
)
def test_location_host_of_a_redirect(location: str, host: str) -> None:
    error = raised(302, headers={"Location": location})
    assert isinstance(error, OryUnexpectedRedirect)
    assert error.location_host == host
    assert "token" not in str(error)
    assert "pass" not in str(error)


@pytest.mark.parametrize("status", [302, 400, 403, 410, 422])
def test_repeated_headers_and_set_cookie_lines(status: int) -> None:
    lines = ["a=b; Path=/; HttpOnly", "c=d; Expires=Wed, 09 Jun 2027 10:18:14 GMT"]
    answer = responses.Response("POST", LOGIN, json=kratos(status), status=status)
    answer.headers = HTTPHeaderDict(
        [*(("Set-Cookie", line) for line in lines), ("Vary", "Cookie"), ("Vary", "Origin")]
    )
    with responses.RequestsMock() as mock:
        mock.add(answer)
        with pytest.raises(OryAPIError) as caught:
            ORY.update_login_flow(flow="x", body={})
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.set_cookies == caught.value.set_cookies == lines
    assert error.headers["vary"] == "Cookie, Origin"
    assert "a=b" not in repr(error) + str(error)


@pytest.mark.parametrize(
    ("said", "error_id"),
    [
        ("invalid_client", "invalid_client"),
        ("Not Found", ""),
        ("Unable to insert or update resource because a resource with that value exists already", ""),
    ],
)
def test_hydras_error_is_an_id_or_a_sentence(said: str, error_id: str) -> None:
    error = raised(409, json={"error": said, "error_description": "The id is taken."})
    assert (error.id, error.message, error.reason) == (error_id, said, "The id is taken.")
    assert f"[{said}]" not in str(error) or error_id


@pytest.mark.parametrize("headers", [None, {}, {"Vary": "x"}, {"set-cookie": "a=b"}])
def test_error_without_response_can_be_created(headers: dict[str, str] | None) -> None:
    error = OryAPIError(status=418, headers=headers)
    assert error.set_cookies == [value for value in (headers or {}).values() if value == "a=b"]


@pytest.mark.parametrize(("status", "body", "kind"), TABLE)
def test_api_error_can_be_pickled(status: int, body: Any, kind: type[OryAPIError]) -> None:
    error = raised(status, json=body)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (str(again), again.status, again.body) == (str(error), status, body)


@pytest.mark.parametrize(
    "error",
    [
        OryTimeout("late", operation="GET /x"),
        OryConnectionError("gone"),
        OryDecodeError("not JSON", operation="GET /x", status=200, request_id="r"),
        OryResponseTooLarge("large", status=200),
    ],
)
def test_other_errors_can_be_pickled(error: OryError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_docstring_shows_the_class_tree() -> None:
    drawing = inspect.getdoc(errors) or ""
    for name in errors.__all__:
        assert name in drawing
    assert issubclass(OryTimeout, OryTransportError)
    assert issubclass(OryTransportError, OryError)
    assert not issubclass(errors.OryUsageError, OryError)
    assert issubclass(errors.OryUsageError, ValueError)


def test_public_names_are_the_documented_ones() -> None:
    import django_ory.client as package

    own = {"HTTPInfo", "ListedPage", "OryClient", "RateLimit", "Timeout"}
    assert sorted(package.__all__) == sorted(own | {*errors.__all__})
    assert all(hasattr(package, name) for name in package.__all__)
