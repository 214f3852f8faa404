"""One scenario for each operation of Hydra on requests, clients, sessions and tokens."""

from __future__ import annotations

from .oauth2_walk import REDIRECT, SCOPE, Walk, new_app, new_walk, parameter
from .world import World, proves


@proves("perform_o_auth2_authorization_flow", "admin_get_o_auth2_login_request")
def starts_an_authorization(world: World) -> None:
    walk = new_walk(world)
    location = walk.open()
    assert location.startswith(world.stack.site_url)
    challenge = parameter(location, "login_challenge")
    request = world.client.admin_get_o_auth2_login_request(login_challenge=challenge)
    assert request.client.client_id == walk.app.client_id
    assert request.requested_scope == SCOPE.split()
    assert request.skip is False
    assert request.challenge not in repr(request)


@proves("admin_accept_o_auth2_login_request", "admin_get_o_auth2_consent_request")
def accepts_a_login(world: World) -> None:
    walk = new_walk(world)
    challenge = walk.to_consent()
    request = world.client.admin_get_o_auth2_consent_request(consent_challenge=challenge)
    assert (request.subject, request.acr, request.amr) == (walk.subject, "aal1", ["pwd"])


@proves("admin_reject_o_auth2_login_request")
def rejects_a_login(world: World) -> None:
    walk = new_walk(world)
    rejected = world.client.admin_reject_o_auth2_login_request(
        login_challenge=walk.to_login(), body={"error": "access_denied", "error_description": "Not today."}
    )
    location = walk.open(rejected.redirect_to)
    assert location.startswith(REDIRECT)
    assert parameter(location, "error") == "access_denied"


@proves("admin_accept_o_auth2_consent_request", "perform_o_auth2_token_flow")
def grants_and_exchanges_a_code(world: World) -> None:
    walk = new_walk(world)
    tokens = walk.to_tokens()
    assert tokens.access_token
    assert tokens.refresh_token
    assert tokens.id_token
    assert tokens.access_token not in repr(tokens)
    assert walk.app.client_id
    assert walk.app.client_secret
    again = world.client.perform_o_auth2_token_flow(
        grant_type="refresh_token",
        refresh_token=tokens.refresh_token,
        basic_auth=(walk.app.client_id, walk.app.client_secret),
    )
    assert again.access_token != tokens.access_token


@proves("admin_reject_o_auth2_consent_request")
def rejects_consent(world: World) -> None:
    walk = new_walk(world)
    rejected = world.client.admin_reject_o_auth2_consent_request(
        consent_challenge=walk.to_consent(), body={"error": "access_denied"}
    )
    assert parameter(walk.open(rejected.redirect_to), "error") == "access_denied"


def to_logout(world: World) -> tuple[Walk, str]:
    """Sign in at an app and start to log out from it; the walk and the logout challenge."""
    walk = new_walk(world)
    tokens = walk.to_tokens()
    leave = world.client.with_http_info.perform_oidc_front_or_back_channel_logout
    location = walk.browser.take(
        leave(
            id_token_hint=tokens.id_token,
            post_logout_redirect_uri="https://app.example.com/bye",
            state="12345678",
            cookie=walk.browser.cookie,
        )
    )
    return walk, parameter(location, "logout_challenge")


@proves(
    "perform_oidc_front_or_back_channel_logout",
    "admin_get_o_auth2_logout_request",
    "admin_accept_o_auth2_logout_request",
)
def logs_out(world: World) -> None:
    walk, challenge = to_logout(world)
    request = world.client.admin_get_o_auth2_logout_request(logout_challenge=challenge)
    assert (request.subject, request.rp_initiated) == (walk.subject, True)
    accepted = world.client.admin_accept_o_auth2_logout_request(logout_challenge=challenge)
    location = world.client.perform_oidc_front_or_back_channel_logout(
        logout_verifier=parameter(accepted.redirect_to, "logout_verifier"), cookie=walk.browser.cookie
    )
    assert location == "https://app.example.com/bye?state=12345678"


@proves("admin_reject_o_auth2_logout_request")
def refuses_a_logout(world: World) -> None:
    _, challenge = to_logout(world)
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
    walks = [new_walk(world) for _ in range(5)]
    for walk in walks:
        walk.to_tokens()
    listed = list(
        world.client.iterate(
            world.client.admin_list_o_auth2_subject_consent_sessions, subject=walks[0].subject, page_size=2
        )
    )
    clients = [session.consent_request.client.client_id for session in listed if session.consent_request]
    assert sorted(map(str, clients)) == sorted(str(walk.app.client_id) for walk in walks)
    assert listed[0].grant_scope == SCOPE.split()


@proves("admin_revoke_o_auth2_consent_sessions")
def takes_a_consent_back(world: World) -> None:
    walk = new_walk(world)
    tokens = walk.to_tokens()
    world.client.admin_revoke_o_auth2_consent_sessions(subject=walk.subject, client=walk.app.client_id)
    assert world.client.admin_list_o_auth2_subject_consent_sessions(subject=walk.subject) == []
    assert tokens.access_token
    assert world.client.admin_introspect_o_auth2_token(token=tokens.access_token).active is False
    world.client.admin_revoke_o_auth2_consent_sessions(subject=walk.subject, all=True)


@proves("admin_revoke_o_auth2_login_sessions")
def ends_hydras_session(world: World) -> None:
    walk = new_walk(world)
    walk.to_tokens()
    again = Walk(world, walk.app, walk.subject, browser=walk.browser)
    assert world.client.admin_get_o_auth2_login_request(login_challenge=again.to_login()).skip is True
    world.client.admin_revoke_o_auth2_login_sessions(subject=walk.subject)
    assert world.client.admin_get_o_auth2_login_request(login_challenge=again.to_login()).skip is False


@proves("admin_delete_o_auth2_token")
def deletes_the_tokens_of_a_client(world: World) -> None:
    walk = new_walk(world)
    tokens = walk.to_tokens()
    assert walk.app.client_id
    assert tokens.access_token
    world.client.admin_delete_o_auth2_token(client_id=walk.app.client_id)
    assert world.client.admin_introspect_o_auth2_token(token=tokens.access_token).active is False


@proves("admin_introspect_o_auth2_token")
def introspects_a_token(world: World) -> None:
    walk = new_walk(world)
    tokens = walk.to_tokens()
    assert tokens.access_token
    seen = world.client.admin_introspect_o_auth2_token(token=tokens.access_token)
    assert (seen.active, seen.sub, seen.client_id, seen.token_use) == (
        True,
        walk.subject,
        walk.app.client_id,
        "access_token",
    )
    assert seen.ext == {"color": "blue"}
    assert (
        world.client.admin_introspect_o_auth2_token(token=tokens.access_token, scope="email").active is False
    )


@proves("revoke_o_auth2_token")
def revokes_a_token(world: World) -> None:
    walk = new_walk(world)
    tokens = walk.to_tokens()
    assert walk.app.client_id
    assert walk.app.client_secret
    assert tokens.refresh_token
    assert tokens.access_token
    world.client.revoke_o_auth2_token(
        token=tokens.refresh_token, basic_auth=(walk.app.client_id, walk.app.client_secret)
    )
    assert world.client.admin_introspect_o_auth2_token(token=tokens.access_token).active is False
    posting = new_app(world, token_endpoint_auth_method="client_secret_post")
    world.client.revoke_o_auth2_token(
        token="unknown", client_id=posting.client_id, client_secret=posting.client_secret
    )
