"""Valid and invalid calls for mypy. Checked by ``tox -e types``, never executed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

from django_ory.client import HTTPInfo, OryAPIError, OryBadRequest, OryClient, Timeout, models


def sample(client: OryClient, error: OryAPIError) -> None:
    session = client.to_session(cookie="a=b", x_session_token=None, tokenize_as="jwt")
    assert_type(session, models.Session)
    assert_type(session.identity, models.Identity | None)
    assert_type(session.devices, list[models.SessionDevice])
    assert_type(client.list_sessions(page=1), list[models.Session])
    assert_type(client.revoke_sessions(), models.DeleteMySessionsCount)
    assert_type(client.get_login_flow(id="x"), models.LoginFlow)
    assert_type(client.create_browser_registration_flow(return_to="/"), models.RegistrationFlow)
    assert_type(client.get_settings_flow(id="x", cookie="a=b"), models.SettingsFlow)
    assert_type(
        client.update_login_flow(
            flow="x",
            body=models.UpdateLoginFlowWithPasswordMethod(method="password", identifier="a", password="b"),
        ),
        models.SuccessfulNativeLogin,
    )
    assert_type(client.get_identity_schema("x"), dict[str, Any])
    assert_type(client.get_web_authn_java_script(), str)
    assert_type(client.admin_create_identity(body={"schema_id": "x", "traits": {}}), models.Identity)
    assert_type(client.patch_identity("x", body=[{"op": "remove", "path": "/traits/a"}]), models.Identity)
    assert_type(client.admin_list_identities(ids=["x"]), list[models.Identity])
    assert_type(client.admin_extend_session("x"), models.Session | None)
    assert_type(client.admin_list_courier_messages(page_size=10), list[models.Message])
    assert_type(client.admin_get_o_auth2_login_request(login_challenge="x"), models.OAuth2LoginRequest)
    assert_type(
        client.accept_o_auth2_consent_request(consent_challenge="x", body={"grant_scope": ["openid"]}),
        models.OAuth2RedirectTo,
    )
    assert_type(client.create_o_auth2_client(body=models.OAuth2Client(client_name="x")), models.OAuth2Client)
    assert_type(client.admin_introspect_o_auth2_token(token="x"), models.IntrospectedOAuth2Token)
    assert_type(client.discover_json_web_keys(), models.JsonWebKeySet)
    assert_type(client.is_alive(service="hydra_admin"), models.HealthStatus)

    info = client.with_http_info.to_session(cookie="a=b")
    assert_type(info, HTTPInfo[models.Session])
    assert_type(info.set_cookies, list[str])
    assert_type(client.with_http_info.list_identities(page_size=3), HTTPInfo[list[models.Identity]])
    assert_type(client.with_http_info.get_web_authn_java_script().data, str)

    assert_type(client.iterate(client.admin_list_identities, page_size=250), Iterator[models.Identity])
    assert_type(client.iterate(client.list_identity_sessions, "x", active=True), Iterator[models.Session])
    assert_type(client.iterate(client.get_relationships, namespace="x"), Iterator[models.Relationship])

    if isinstance(error, OryBadRequest):
        assert_type(error.flow, models.Flow | None)


def wrong(client: OryClient) -> None:
    OryClient("http://kratos.test")  # type: ignore[call-arg]
    OryClient(timeout=Timeout(1, 2), retries=3)  # type: ignore[call-arg]
    client.to_session("a=b")  # type: ignore[call-arg]
    client.to_session(token="x")  # type: ignore[call-arg]
    client.get_login_flow()  # type: ignore[call-arg]
    client.with_http_info.get_login_flow()  # type: ignore[call-arg]
    client.admin_update_identity("x")  # type: ignore[call-arg]
    client.iterate(client.admin_list_identities, cookie="a=b")  # type: ignore[call-overload]
    client.iterate(client.to_session)  # type: ignore[call-overload]
