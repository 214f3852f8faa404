"""One scenario for each operation of Kratos that ends in its success: identities, sessions, mails, logout."""

from __future__ import annotations

from datetime import UTC, datetime

from .world import World, proves


@proves("admin_create_identity")
def creates_an_identity(world: World) -> None:
    identity = world.person(metadata_public={"color": "blue"}, state="active")
    assert identity.traits == {"email": world.email()}
    assert identity.metadata_public == {"color": "blue"}
    assert identity.created_at is not None
    assert identity.created_at.tzinfo is not None


@proves("admin_get_identity")
def reads_an_identity(world: World) -> None:
    made = world.person()
    identity = world.client.admin_get_identity(made.id, include_credential=["password", "oidc"])
    assert identity.id == made.id
    assert identity.credentials is not None
    assert identity.credentials["password"].identifiers == [world.email()]


@proves("admin_list_identities")
def lists_identities(world: World) -> None:
    made = {world.person(name).id for name in ("eva", "tom", "kim")}
    assert made <= {
        identity.id for identity in world.client.iterate(world.client.admin_list_identities, page_size=2)
    }
    [found] = world.client.admin_list_identities(credentials_identifier=world.email("tom"))
    assert found.id in made
    assert {identity.id for identity in world.client.admin_list_identities(ids=sorted(made))} == made


@proves("admin_update_identity")
def replaces_an_identity(world: World) -> None:
    made = world.person()
    changed = world.client.admin_update_identity(
        made.id, body={"schema_id": "person", "state": "inactive", "traits": {"email": world.email("new")}}
    )
    assert (changed.state, changed.traits) == ("inactive", {"email": world.email("new")})


@proves("admin_patch_identity")
def patches_an_identity(world: World) -> None:
    made = world.person()
    changed = world.client.admin_patch_identity(
        made.id, body=[{"op": "replace", "path": "/state", "value": "inactive"}]
    )
    assert changed.state == "inactive"


@proves("batch_patch_identities")
def creates_identities_in_a_batch(world: World) -> None:
    answer = world.client.batch_patch_identities(
        body={
            "identities": [
                {"create": {"schema_id": "person", "traits": {"email": world.email(name)}}}
                for name in ("eva", "tom")
            ]
        }
    )
    assert [item.action for item in answer.identities] == ["create", "create"]


@proves("admin_delete_identity")
def deletes_an_identity(world: World) -> None:
    made = world.person()
    world.client.admin_delete_identity(made.id)
    assert world.client.admin_list_identities(ids=[made.id]) == []


@proves("delete_identity_credentials")
def deletes_a_second_factor(world: World) -> None:
    made = world.person(
        credentials={"password": {"config": {"password": "correct horse battery"}}},
    )
    flow = world.client.create_native_settings_flow(x_session_token=world.token())
    codes = world.client.update_settings_flow(
        flow=flow.id,
        x_session_token=world.token(),
        body={"method": "lookup_secret", "lookup_secret_regenerate": True},
    )
    world.client.update_settings_flow(
        flow=codes.id,
        x_session_token=world.token(),
        body={"method": "lookup_secret", "lookup_secret_confirm": True},
    )
    world.client.delete_identity_credentials(made.id, "lookup_secret")
    identity = world.client.admin_get_identity(made.id, include_credential=["lookup_secret"])
    assert "lookup_secret" not in (identity.credentials or {})


@proves("get_identity_schema")
def reads_a_schema(world: World) -> None:
    schema = world.client.get_identity_schema("person")
    assert "traits" in schema["properties"]


@proves("list_identity_schemas")
def lists_schemas(world: World) -> None:
    assert [schema.id for schema in world.client.iterate(world.client.list_identity_schemas)] == ["person"]


@proves("admin_create_self_service_recovery_code")
def creates_a_recovery_code(world: World) -> None:
    recovery = world.client.admin_create_self_service_recovery_code(
        body={"identity_id": world.person().id, "expires_in": "10m"}
    )
    assert recovery.recovery_code
    assert recovery.recovery_code not in repr(recovery)
    assert recovery.recovery_link.startswith(world.stack.site_url)


@proves("admin_create_self_service_recovery_link")
def creates_a_recovery_link(world: World) -> None:
    recovery = world.client.admin_create_self_service_recovery_link(
        body={"identity_id": world.person().id}, return_to=f"{world.stack.site_url}/hello/"
    )
    assert "token=" in recovery.recovery_link
    assert recovery.expires_at is not None
    assert recovery.expires_at > datetime.now(UTC)


@proves("admin_list_identity_sessions")
def lists_the_sessions_of_an_identity(world: World) -> None:
    made = world.person()
    made_sessions = {world.sign_in().session.id for _ in range(5)}
    listed = list(
        world.client.iterate(world.client.admin_list_identity_sessions, made.id, per_page=2, active=True)
    )
    assert len(listed) == 5
    assert {session.id for session in listed} == made_sessions


@proves("admin_delete_identity_sessions")
def deletes_the_sessions_of_an_identity(world: World) -> None:
    made = world.person()
    world.token()
    world.client.admin_delete_identity_sessions(made.id)
    assert world.client.admin_list_identity_sessions(made.id) == []


@proves("admin_extend_session")
def extends_a_session(world: World) -> None:
    world.person()
    session = world.sign_in().session
    extended = world.client.admin_extend_session(session.id)
    assert extended is None or extended.id == session.id


@proves("admin_list_sessions")
def lists_all_sessions(world: World) -> None:
    world.person()
    session = world.sign_in().session
    every = world.client.iterate(world.client.admin_list_sessions, page_size=250, expand=["identity"])
    assert session.id in {item.id for item in every}


@proves("get_session")
def reads_a_session(world: World) -> None:
    made = world.person()
    session = world.client.get_session(world.sign_in().session.id, expand=["identity", "devices"])
    assert session.identity is not None
    assert session.identity.id == made.id


@proves("disable_session")
def disables_a_session(world: World) -> None:
    world.person()
    session = world.sign_in().session
    world.client.disable_session(session.id)
    assert world.client.get_session(session.id).active is False


@proves("admin_list_courier_messages", "get_courier_message")
def lists_mails(world: World) -> None:
    world.person()
    flow = world.client.create_native_recovery_flow()
    world.client.update_recovery_flow(flow=flow.id, body={"method": "code", "email": world.email()})
    [message] = world.client.admin_list_courier_messages(recipient=world.email(), page_size=10)
    assert message.recipient == world.email()
    assert world.client.get_courier_message(message.id).subject == message.subject


@proves("to_session")
def returns_the_current_session(world: World) -> None:
    made = world.person()
    by_token = world.client.to_session(x_session_token=world.token())
    by_cookie = world.client.to_session(cookie=world.browser().cookie)
    assert by_token.identity is not None
    assert by_cookie.identity is not None
    assert by_token.identity.id == by_cookie.identity.id == made.id
    assert by_token.authenticator_assurance_level == "aal1"


@proves("list_sessions")
def lists_my_other_sessions(world: World) -> None:
    world.person()
    others = {world.sign_in().session.id for _ in range(3)}
    token = world.token()
    listed = list(world.client.iterate(world.client.list_sessions, x_session_token=token, per_page=2))
    again = list(world.client.iterate(world.client.list_sessions, x_session_token=token, page_size=2))
    assert again == listed
    assert sorted(session.id for session in listed) == sorted(others)


@proves("revoke_session")
def revokes_one_of_my_sessions(world: World) -> None:
    world.person()
    other = world.sign_in().session.id
    token = world.token()
    world.client.revoke_session(other, x_session_token=token)
    assert other not in {session.id for session in world.client.list_sessions(x_session_token=token)}


@proves("revoke_sessions")
def revokes_my_other_sessions(world: World) -> None:
    world.person()
    world.token()
    world.token()
    assert world.client.revoke_sessions(x_session_token=world.token()).count == 2


@proves("create_self_service_logout_flow_url_for_browsers", "submit_self_service_logout_flow")
def signs_out_in_a_browser(world: World) -> None:
    world.person()
    browser = world.browser()
    logout = world.client.create_self_service_logout_flow_url_for_browsers(cookie=browser.cookie)
    assert logout.logout_url.startswith(world.stack.kratos_public_url)
    browser.take(
        world.client.with_http_info.submit_self_service_logout_flow(
            token=logout.logout_token, cookie=browser.cookie
        )
    )
    assert "ory_kratos_session" not in browser.cookies


@proves("submit_self_service_logout_flow_without_browser")
def signs_out_in_an_app(world: World) -> None:
    made = world.person()
    world.client.submit_self_service_logout_flow_without_browser(body={"session_token": world.token()})
    assert world.client.admin_list_identity_sessions(made.id, active=True) == []


@proves("get_self_service_error")
def reads_an_error(world: World) -> None:
    assert world.client.get_self_service_error(id="stub:500").error


@proves("get_web_authn_java_script")
def returns_the_script(world: World) -> None:
    assert "function" in world.client.get_web_authn_java_script()


@proves("is_alive", "is_ready", "get_version")
def returns_health_and_version(world: World) -> None:
    for service in ("kratos_admin", "hydra_admin"):
        assert world.client.is_alive(service=service).status == "ok"
        assert world.client.is_ready(service=service).status == "ok"
        assert world.client.get_version(service=service).version.startswith("v")
