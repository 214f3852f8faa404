"""Attempts that a real Hydra rejects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django_ory.client import (
    ChallengeGone,
    OryAPIError,
    OryBadRequest,
    OryConflict,
    OryNotFound,
    OryServerError,
    OryUnauthorized,
)

from .attempts import UNKNOWN_ID, fails, table
from .oauth2_authorization import REDIRECT, get_parameter, new_app, new_authorization
from .oauth2_scenarios import start_logout

if TYPE_CHECKING:
    from .world import World

table(
    OryNotFound,
    404,
    {
        "admin_get_o_auth2_login_request": lambda w: w.client.admin_get_o_auth2_login_request(
            login_challenge="x"
        ),
        "admin_accept_o_auth2_login_request": lambda w: w.client.admin_accept_o_auth2_login_request(
            login_challenge="x", body={"subject": "eva"}
        ),
        "admin_reject_o_auth2_login_request": lambda w: w.client.admin_reject_o_auth2_login_request(
            login_challenge="x", body={"error": "access_denied"}
        ),
        "admin_reject_o_auth2_logout_request": lambda w: w.client.admin_reject_o_auth2_logout_request(
            logout_challenge="x"
        ),
        "admin_get_o_auth2_consent_request": lambda w: w.client.admin_get_o_auth2_consent_request(
            consent_challenge="x"
        ),
        "admin_accept_o_auth2_consent_request": lambda w: w.client.admin_accept_o_auth2_consent_request(
            consent_challenge="x", body={"grant_scope": []}
        ),
        "admin_reject_o_auth2_consent_request": lambda w: w.client.admin_reject_o_auth2_consent_request(
            consent_challenge="x", body={"error": "access_denied"}
        ),
        "admin_get_o_auth2_logout_request": lambda w: w.client.admin_get_o_auth2_logout_request(
            logout_challenge="x"
        ),
        "admin_accept_o_auth2_logout_request": lambda w: w.client.admin_accept_o_auth2_logout_request(
            logout_challenge="x"
        ),
        "admin_get_o_auth2_client": lambda w: w.client.admin_get_o_auth2_client("nobody"),
        "admin_update_o_auth2_client": lambda w: w.client.admin_update_o_auth2_client("nobody", body={}),
        "admin_patch_o_auth2_client": lambda w: w.client.admin_patch_o_auth2_client("nobody", body=[]),
        "admin_delete_o_auth2_client": lambda w: w.client.admin_delete_o_auth2_client("nobody"),
        "admin_get_json_web_key_set": lambda w: w.client.admin_get_json_web_key_set("nothing"),
        "admin_get_json_web_key": lambda w: w.client.admin_get_json_web_key("nothing", "nothing"),
        "admin_get_trusted_o_auth2_jwt_grant_issuer": lambda w: (
            w.client.admin_get_trusted_o_auth2_jwt_grant_issuer(UNKNOWN_ID)
        ),
        "admin_delete_trusted_o_auth2_jwt_grant_issuer": lambda w: (
            w.client.admin_delete_trusted_o_auth2_jwt_grant_issuer(UNKNOWN_ID)
        ),
        "dynamic_client_registration_create_o_auth2_client": lambda w: (
            w.client.dynamic_client_registration_create_o_auth2_client(body={"redirect_uris": [REDIRECT]})
        ),
    },
)
table(
    OryBadRequest,
    400,
    {
        "admin_create_o_auth2_client": lambda w: new_app(
            w, redirect_uris=["https://app.example.com/#fragment"]
        ),
        "admin_create_json_web_key_set": lambda w: w.client.admin_create_json_web_key_set(
            w.mark, body={"alg": "none", "kid": "x", "use": "sig"}
        ),
        "admin_revoke_o_auth2_consent_sessions": lambda w: w.client.admin_revoke_o_auth2_consent_sessions(
            subject="eva"
        ),
        "admin_revoke_o_auth2_login_sessions": lambda w: w.client.admin_revoke_o_auth2_login_sessions(),
        "admin_delete_o_auth2_token": lambda w: w.client.admin_delete_o_auth2_token(client_id=""),
        "admin_list_o_auth2_subject_consent_sessions": lambda w: (
            w.client.admin_list_o_auth2_subject_consent_sessions(subject="")
        ),
        "admin_update_json_web_key": lambda w: w.client.admin_update_json_web_key(
            w.mark, "x", body={"kid": "x", "kty": "none"}
        ),
        "admin_update_json_web_key_set": lambda w: w.client.admin_update_json_web_key_set(
            w.mark, body={"keys": [{"kid": "x", "kty": "none"}]}
        ),
        "admin_trust_o_auth2_jwt_grant_issuer": lambda w: w.client.admin_trust_o_auth2_jwt_grant_issuer(
            body={"issuer": "https://x.example.com", "expires_at": datetime.now(UTC) + timedelta(days=1)}
        ),
        "perform_o_auth2_token_flow": lambda w: w.client.perform_o_auth2_token_flow(grant_type="unheard-of"),
    },
)
table(
    OryUnauthorized,
    401,
    {
        "get_oidc_user_info": lambda w: w.client.get_oidc_user_info(access_token="ory_at_nothing"),
        "perform_o_auth2_token_flow": lambda w: w.client.perform_o_auth2_token_flow(
            grant_type="client_credentials", basic_auth=(str(new_app(w).client_id), "wrong")
        ),
        "revoke_o_auth2_token": lambda w: w.client.revoke_o_auth2_token(
            token="x", basic_auth=(str(new_app(w).client_id), "wrong")
        ),
    },
)


@fails("admin_accept_o_auth2_login_request", OryBadRequest, 400)
def login_accepted_with_an_unknown_key(world: World) -> None:
    challenge = new_authorization(world).get_login_challenge()
    world.client.admin_accept_o_auth2_login_request(
        login_challenge=challenge, body={"subject": "eva", "handled_at": "2026-01-01T00:00:00Z"}
    )


@fails("admin_accept_o_auth2_consent_request", OryBadRequest, 400)
def consent_accepted_with_a_string_for_a_list(world: World) -> None:
    challenge = new_authorization(world).get_consent_challenge()
    world.client.admin_accept_o_auth2_consent_request(
        consent_challenge=challenge, body={"grant_scope": "openid"}
    )


def check_logout_redirect(error: OryAPIError) -> None:
    assert isinstance(error, ChallengeGone)
    assert error.redirect_to.startswith("/oauth2/sessions/logout")


@fails("admin_get_o_auth2_logout_request", ChallengeGone, 410, check=check_logout_redirect)
def logout_that_is_complete(world: World) -> None:
    authorization, challenge = start_logout(world)
    accepted = world.client.admin_accept_o_auth2_logout_request(logout_challenge=challenge)
    world.client.perform_oidc_front_or_back_channel_logout(
        logout_verifier=get_parameter(accepted.redirect_to, "logout_verifier"),
        cookie=authorization.browser.cookie,
    )
    world.client.admin_get_o_auth2_logout_request(logout_challenge=challenge)


@fails("admin_create_o_auth2_client", OryConflict, 409)
def client_id_in_use(world: World) -> None:
    new_app(world, client_id=world.mark)
    new_app(world, client_id=world.mark)


@fails("admin_create_json_web_key_set", OryConflict, 409)
def key_id_in_use(world: World) -> None:
    for _ in range(2):
        world.client.admin_create_json_web_key_set(
            world.mark, body={"alg": "ES256", "kid": "x", "use": "sig"}
        )


@fails("admin_patch_o_auth2_client", OryServerError, 500)
def patch_with_an_unsupported_operation(world: World) -> None:
    app = new_app(world)
    world.client.admin_patch_o_auth2_client(
        str(app.client_id), body=[{"op": "test", "path": "/owner", "value": "x"}]
    )


@fails("perform_o_auth2_token_flow", OryBadRequest, 400)
def code_used_twice(world: World) -> None:
    authorization = new_authorization(world)
    code = authorization.get_code()
    for _ in range(2):
        world.client.perform_o_auth2_token_flow(
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT,
            code_verifier=authorization.verifier,
            basic_auth=(str(authorization.app.client_id), str(authorization.app.client_secret)),
        )
