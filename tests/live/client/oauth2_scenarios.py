"""One scenario for each operation of Hydra on requests, clients, sessions and tokens."""

from __future__ import annotations

from .oauth2_authorization import REDIRECT, SCOPE, Authorization, get_parameter, new_app, new_authorization
from .world import World, proves


@proves("perform_o_auth2_authorization_flow", "admin_get_o_auth2_login_request")
def starts_an_authorization(world: World) -> None:
    authorization = new_authorization(world)
    location = authorization.open()
    assert location.startswith(world.stack.site_url)
    challenge = get_parameter(location, "login_challenge")
    request = world.client.admin_get_o_auth2_login_request(login_challenge=challenge)
    assert request.client.client_id == authorization.app.client_id
    assert request.requested_scope == SCOPE.split()
    assert request.skip is False
    assert request.challenge not in repr(request)


@proves("admin_accept_o_auth2_login_request", "admin_get_o_auth2_consent_request")
def accepts_a_login(world: World) -> None:
    authorization = new_authorization(world)
    challenge = authorization.get_consent_challenge()
    request = world.client.admin_get_o_auth2_consent_request(consent_challenge=challenge)
    assert (request.subject, request.acr, request.amr) == (authorization.subject, "aal1", ["pwd"])


@proves("admin_reject_o_auth2_login_request")
def rejects_a_login(world: World) -> None:
    authorization = new_authorization(world)
    rejected = world.client.admin_reject_o_auth2_login_request(
        login_challenge=authorization.get_login_challenge(),
        body={"error": "access_denied", "error_description": "Not today."},
    )
    location = authorization.open(rejected.redirect_to)
    assert location.startswith(REDIRECT)
    assert get_parameter(location, "error") == "access_denied"


@proves("admin_accept_o_auth2_consent_request", "perform_o_auth2_token_flow")
def grants_and_exchanges_a_code(world: World) -> None:
    authorization = new_authorization(world)
    tokens = authorization.get_tokens()
    assert tokens.access_token
    assert tokens.refresh_token
    assert tokens.id_token
    assert tokens.access_token not in repr(tokens)
    assert authorization.app.client_id
    assert authorization.app.client_secret
    again = world.client.perform_o_auth2_token_flow(
        grant_type="refresh_token",
        refresh_token=tokens.refresh_token,
        basic_auth=(authorization.app.client_id, authorization.app.client_secret),
    )
    assert again.access_token != tokens.access_token


@proves("admin_reject_o_auth2_consent_request")
def rejects_consent(world: World) -> None:
    authorization = new_authorization(world)
    rejected = world.client.admin_reject_o_auth2_consent_request(
        consent_challenge=authorization.get_consent_challenge(), body={"error": "access_denied"}
    )
    assert get_parameter(authorization.open(rejected.redirect_to), "error") == "access_denied"


def start_logout(world: World) -> tuple[Authorization, str]:
    """Sign in at an app and start a logout. Returns the authorization and the logout challenge."""
    authorization = new_authorization(world)
    tokens = authorization.get_tokens()
    leave = world.client.with_http_info.perform_oidc_front_or_back_channel_logout
    location = authorization.browser.take(
        leave(
            id_token_hint=tokens.id_token,
            post_logout_redirect_uri="https://app.example.com/bye",
            state="12345678",
            cookie=authorization.browser.cookie,
        )
    )
    return authorization, get_parameter(location, "logout_challenge")


@proves(
    "perform_oidc_front_or_back_channel_logout",
    "admin_get_o_auth2_logout_request",
    "admin_accept_o_auth2_logout_request",
)
def logs_out(world: World) -> None:
    authorization, challenge = start_logout(world)
    request = world.client.admin_get_o_auth2_logout_request(logout_challenge=challenge)
    assert (request.subject, request.rp_initiated) == (authorization.subject, True)
    accepted = world.client.admin_accept_o_auth2_logout_request(logout_challenge=challenge)
    location = world.client.perform_oidc_front_or_back_channel_logout(
        logout_verifier=get_parameter(accepted.redirect_to, "logout_verifier"),
        cookie=authorization.browser.cookie,
    )
    assert location == "https://app.example.com/bye?state=12345678"


@proves("admin_reject_o_auth2_logout_request")
def rejects_a_logout(world: World) -> None:
    _, challenge = start_logout(world)
    world.client.admin_reject_o_auth2_logout_request(logout_challenge=challenge)


@proves("admin_create_o_auth2_client", "admin_get_o_auth2_client")
def creates_a_client(world: World) -> None:
    app = new_app(world)
    assert app.client_id
    assert app.client_secret
    assert app.registration_access_token
    assert app.client_secret not in repr(app)
    read = world.client.admin_get_o_auth2_client(app.client_id)
    assert read.client_secret is None
    assert read.client_name == f"App {world.mark}"


@proves("admin_list_o_auth2_clients")
def lists_clients(world: World) -> None:
    made = {new_app(world).client_id for _ in range(5)}
    listed = list(
        world.client.iterate(world.client.admin_list_o_auth2_clients, owner=world.mark, page_size=2)
    )
    assert sorted(str(app.client_id) for app in listed) == sorted(map(str, made))


@proves("admin_update_o_auth2_client")
def replaces_a_client(world: World) -> None:
    app = new_app(world)
    assert app.client_id
    whole = world.client.admin_get_o_auth2_client(app.client_id)
    whole.client_name = "Renamed"
    changed = world.client.admin_update_o_auth2_client(app.client_id, body=whole)
    assert (changed.client_name, changed.owner) == ("Renamed", world.mark)
    assert changed.created_at == whole.created_at


@proves("admin_patch_o_auth2_client")
def patches_a_client(world: World) -> None:
    app = new_app(world)
    assert app.client_id
    changed = world.client.admin_patch_o_auth2_client(
        app.client_id, body=[{"op": "replace", "path": "/client_name", "value": "Patched"}]
    )
    assert (changed.client_name, changed.owner) == ("Patched", world.mark)


@proves("set_o_auth2_client_lifespans")
def sets_lifespans(world: World) -> None:
    app = new_app(world)
    assert app.client_id
    changed = world.client.set_o_auth2_client_lifespans(
        app.client_id, body={"client_credentials_grant_access_token_lifespan": "90m"}
    )
    assert changed.client_credentials_grant_access_token_lifespan == "1h30m0s"


@proves("admin_delete_o_auth2_client")
def deletes_a_client(world: World) -> None:
    app = new_app(world)
    assert app.client_id
    world.client.admin_delete_o_auth2_client(app.client_id)
    assert world.client.admin_list_o_auth2_clients(owner=world.mark) == []


@proves("admin_list_o_auth2_subject_consent_sessions")
def lists_consents(world: World) -> None:
    authorizations = [new_authorization(world) for _ in range(5)]
    for authorization in authorizations:
        authorization.get_tokens()
    listed = list(
        world.client.iterate(
            world.client.admin_list_o_auth2_subject_consent_sessions,
            subject=authorizations[0].subject,
            page_size=2,
        )
    )
    clients = [session.consent_request.client.client_id for session in listed if session.consent_request]
    assert sorted(map(str, clients)) == sorted(
        str(authorization.app.client_id) for authorization in authorizations
    )
    assert listed[0].grant_scope == SCOPE.split()


@proves("admin_revoke_o_auth2_consent_sessions")
def revokes_consent(world: World) -> None:
    authorization = new_authorization(world)
    tokens = authorization.get_tokens()
    world.client.admin_revoke_o_auth2_consent_sessions(
        subject=authorization.subject, client=authorization.app.client_id
    )
    assert world.client.admin_list_o_auth2_subject_consent_sessions(subject=authorization.subject) == []
    assert tokens.access_token
    assert world.client.admin_introspect_o_auth2_token(token=tokens.access_token).active is False
    world.client.admin_revoke_o_auth2_consent_sessions(subject=authorization.subject, all=True)


@proves("admin_revoke_o_auth2_login_sessions")
def revokes_the_hydra_session(world: World) -> None:
    authorization = new_authorization(world)
    authorization.get_tokens()
    again = Authorization(world, authorization.app, authorization.subject, browser=authorization.browser)
    assert (
        world.client.admin_get_o_auth2_login_request(login_challenge=again.get_login_challenge()).skip is True
    )
    world.client.admin_revoke_o_auth2_login_sessions(subject=authorization.subject)
    assert (
        world.client.admin_get_o_auth2_login_request(login_challenge=again.get_login_challenge()).skip
        is False
    )


@proves("admin_delete_o_auth2_token")
def deletes_the_tokens_of_a_client(world: World) -> None:
    authorization = new_authorization(world)
    tokens = authorization.get_tokens()
    assert authorization.app.client_id
    assert tokens.access_token
    world.client.admin_delete_o_auth2_token(client_id=authorization.app.client_id)
    assert world.client.admin_introspect_o_auth2_token(token=tokens.access_token).active is False


@proves("admin_introspect_o_auth2_token")
def introspects_a_token(world: World) -> None:
    authorization = new_authorization(world)
    tokens = authorization.get_tokens()
    assert tokens.access_token
    seen = world.client.admin_introspect_o_auth2_token(token=tokens.access_token)
    assert (seen.active, seen.sub, seen.client_id, seen.token_use) == (
        True,
        authorization.subject,
        authorization.app.client_id,
        "access_token",
    )
    assert seen.ext == {"color": "blue"}
    assert (
        world.client.admin_introspect_o_auth2_token(token=tokens.access_token, scope="email").active is False
    )


@proves("revoke_o_auth2_token")
def revokes_a_token(world: World) -> None:
    authorization = new_authorization(world)
    tokens = authorization.get_tokens()
    assert authorization.app.client_id
    assert authorization.app.client_secret
    assert tokens.refresh_token
    assert tokens.access_token
    world.client.revoke_o_auth2_token(
        token=tokens.refresh_token, basic_auth=(authorization.app.client_id, authorization.app.client_secret)
    )
    assert world.client.admin_introspect_o_auth2_token(token=tokens.access_token).active is False
    posting = new_app(world, token_endpoint_auth_method="client_secret_post")
    world.client.revoke_o_auth2_token(
        token="unknown", client_id=posting.client_id, client_secret=posting.client_secret
    )
