"""The requests for which FakeOry answers like Kratos v1.3.1 and Hydra v2.3.0."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django_ory.client import OryAPIError

from .worlds import PASSWORD

if TYPE_CHECKING:
    from django_ory.client import models

    from .worlds import World

__all__ = ["SCENARIOS", "Scenario"]

Scenario = Callable[["World"], None]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """Add a scenario to the suite."""
    SCENARIOS.append(function)
    return function


def attempt(operation: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Make a call that may be rejected. The recorder stores the answer."""
    try:
        operation(*args, **kwargs)
    except OryAPIError:
        pass


def new_identity(world: World, **fields: Any) -> models.Identity:
    """An identity with a password."""
    return world.client.create_identity(
        body={
            "schema_id": "person",
            "traits": {"email": f"u{uuid.uuid4().hex[:10]}@example.com"},
            "credentials": {"password": {"config": {"password": PASSWORD}}},
            **fields,
        }
    )


#: The public point of a key on the curve P-256.
POINT = {
    "x": "6SJCPnuu4qqXJ9g3UKStaDzwYtV-k9VJabWNJ-7F1oo",
    "y": "sp8T5pnlZ5S7ELdTCmBp05aYMkFksj0QdxNZsTx-k9Y",
}


def new_oauth2_client(world: World, **fields: Any) -> models.OAuth2Client:
    """A client of every grant that FakeOry issues tokens for."""
    return world.client.create_o_auth2_client(
        body={
            "client_name": "Shop",
            "redirect_uris": ["https://shop.example/callback"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "scope": "openid offline email",
            "token_endpoint_auth_method": "client_secret_post",
            **fields,
        }
    )


@scenario
def identities_are_created_and_refused(world: World) -> None:
    client, identity = world.client, new_identity(world)
    verified = {"value": "v1@example.com", "verified": True, "via": "email", "status": "completed"}
    body: dict[str, Any] = {"schema_id": "person", "traits": {"email": identity.traits["email"]}}
    client.get_identity(identity.id)
    attempt(
        client.create_identity, body={**body, "credentials": {"password": {"config": {"password": PASSWORD}}}}
    )
    attempt(client.create_identity, body={**body, "traits": {"email": "no address"}})
    attempt(client.create_identity, body={**body, "traits": {}})
    attempt(client.create_identity, body={**body, "traits": {**body["traits"], "shoe_size": 43}})
    attempt(client.create_identity, body={**body, "schema_id": "unknown"})
    attempt(client.get_identity, str(uuid.uuid4()))
    made = client.create_identity(
        body={
            "schema_id": "person",
            "traits": {"email": "v1@example.com", "name": {"first": "Vera"}},
            "verifiable_addresses": [verified],
            "metadata_public": {"plan": "free"},
            "metadata_admin": {"note": 1},
            "state": "inactive",
        }
    )
    client.get_identity(made.id)
    client.delete_identity(made.id)
    attempt(client.delete_identity, made.id)


@scenario
def identities_are_listed_and_searched(world: World) -> None:
    client = world.client
    made = [new_identity(world) for _ in range(3)]
    client.list_identities(ids=[made[0].id])
    client.list_identities(ids=[str(uuid.uuid4())])
    client.list_identities(credentials_identifier=made[1].traits["email"].upper())
    client.list_identities(credentials_identifier="nobody@example.com")
    listed = [each.id for each in world.unrecorded.iterate(world.unrecorded.list_identities, page_size=2)]
    assert {each.id for each in made} <= set(listed)
    assert listed == sorted(set(listed))


@scenario
def identities_are_changed(world: World) -> None:
    client, identity = world.client, new_identity(world, metadata_public={"plan": "free"})
    client.patch_identity(identity.id, body=[{"op": "replace", "path": "/state", "value": "inactive"}])
    client.patch_identity(
        identity.id, body=[{"op": "add", "path": "/metadata_admin", "value": {"note": "vip"}}]
    )
    client.patch_identity(
        identity.id, body=[{"op": "add", "path": "/traits/name", "value": {"first": "Eva", "last": "Lee"}}]
    )
    attempt(client.patch_identity, identity.id, body=[{"op": "remove", "path": "/traits/email"}])
    attempt(
        client.patch_identity, str(uuid.uuid4()), body=[{"op": "add", "path": "/state", "value": "active"}]
    )
    client.update_identity(
        identity.id,
        body={"schema_id": "person", "state": "active", "traits": {"email": identity.traits["email"]}},
    )
    attempt(client.delete_identity_credentials, identity.id, "password")
    attempt(client.delete_identity_credentials, identity.id, "totp")


@scenario
def single_values_are_patched(world: World) -> None:
    client, identity = world.client, new_identity(world, metadata_public={"plan": "free"})
    other = new_identity(world)

    def patch(op: str, path: str, *value: Any) -> None:
        step = {"op": op, "path": path, **dict(zip(["value"], value, strict=False))}
        attempt(client.patch_identity, identity.id, body=[step])

    patch("add", "/traits/name/first", "Eva")  # without the object around
    patch("replace", "/traits/name/last", "Lee")
    patch("remove", "/traits/name/first")
    patch("remove", "/traits/name/first")
    patch("remove", "/traits/shoes/left")
    patch("add", "/traits/name", 5)
    patch("add", "/metadata_public/a~1b~0c", [1])
    patch("add", "/metadata_public/", None)
    patch("remove", "/metadata_public/a~1b~0c")
    patch("remove", "/metadata_public")  # has no effect
    patch("add", "/metadata_public", None)
    patch("add", "/unknown", 1)  # has no effect
    patch("replace", "/state", "frozen")
    patch("replace", "/traits/email", other.traits["email"])


@scenario
def credentials_are_removed_and_replaced(world: World) -> None:
    client = world.client
    accounts = [{"provider": provider, "subject": uuid.uuid4().hex} for provider in ("github", "google")]
    password = {"config": {"password": PASSWORD}}
    oidc = {"config": {"providers": accounts}}
    identity = new_identity(world, credentials={"password": password, "oidc": oidc}, metadata_public={"a": 1})
    world.add_totp(identity, world.sign_in(identity))
    known = client.get_identity(identity.id).credentials or {}
    assert {"oidc", "password", "totp"} <= known.keys()
    for kind in ("password", "code", "passkey", "lookup_secret", "oidc", "totp", "totp", "webauthn"):
        attempt(client.delete_identity_credentials, identity.id, kind)
    for identifier in ("github:unknown", *(f"{each['provider']}:{each['subject']}" for each in accounts)):
        attempt(client.delete_identity_credentials, identity.id, "oidc", identifier=identifier)
    client.get_identity(identity.id)
    attempt(client.delete_identity_credentials, str(uuid.uuid4()), "totp")
    client.update_identity(
        identity.id,
        body={
            "schema_id": "person",
            "state": "active",
            "traits": identity.traits,
            "metadata_public": {"a": 1},
            "credentials": {"password": password},
        },
    )
    client.get_identity(identity.id)
    world.sign_in(identity)


@scenario
def addresses_are_verified_by_staff(world: World) -> None:
    client, identity = world.client, new_identity(world)
    addresses = identity.model_dump(mode="json", exclude_unset=True)["verifiable_addresses"]
    for verified, status in ((True, "completed"), (True, "completed"), (False, "pending")):
        changed = [{**each, "verified": verified, "status": status} for each in addresses]
        patch = [{"op": "replace", "path": "/verifiable_addresses", "value": changed}]
        client.patch_identity(identity.id, body=patch)
        client.get_identity(identity.id)


@scenario
def schemas_are_read(world: World) -> None:
    client = world.client
    client.list_identity_schemas()
    attempt(client.get_identity_schema, "person")
    attempt(client.get_identity_schema, "unknown")


@scenario
def sessions_are_checked(world: World) -> None:
    client, identity = world.client, new_identity(world)
    session = world.sign_in(identity)
    client.to_session(x_session_token=session.token)
    client.to_session(cookie=session.cookie)
    attempt(client.to_session)
    attempt(client.to_session, x_session_token="ory_st_" + "x" * 32)
    attempt(client.to_session, cookie="ory_kratos_session=made-up")
    client.patch_identity(identity.id, body=[{"op": "replace", "path": "/state", "value": "inactive"}])
    attempt(client.to_session, x_session_token=session.token)
    client.patch_identity(identity.id, body=[{"op": "replace", "path": "/state", "value": "active"}])
    client.to_session(x_session_token=session.token)
    client.delete_identity_sessions(identity.id)
    attempt(client.to_session, x_session_token=session.token)


@scenario
def sessions_are_listed_and_revoked(world: World) -> None:
    client, identity = world.client, new_identity(world)
    session = world.sign_in(identity)
    own = client.to_session(x_session_token=session.token)
    other = client.to_session(cookie=session.cookie)
    client.list_my_sessions(x_session_token=session.token)
    for page in (0, 1, 2):
        client.list_my_sessions(x_session_token=session.token, page=page, per_page=1)
    attempt(client.list_my_sessions, x_session_token="ory_st_unknown")
    client.list_identity_sessions(identity.id)
    client.list_identity_sessions(identity.id, active=True)
    client.get_session(own.id)
    client.get_session(own.id, expand=["identity", "devices"])
    attempt(client.get_session, str(uuid.uuid4()))
    client.extend_session(own.id)
    attempt(client.disable_my_session, own.id, x_session_token=session.token)
    client.disable_my_session(other.id, x_session_token=session.token)
    attempt(client.to_session, cookie=session.cookie)
    client.disable_session(own.id)
    attempt(client.to_session, x_session_token=session.token)
    attempt(client.disable_session, str(uuid.uuid4()))


@scenario
def other_sessions_are_revoked(world: World) -> None:
    client, identity = world.client, new_identity(world)
    session = world.sign_in(identity)
    client.disable_my_other_sessions(x_session_token=session.token)
    attempt(client.to_session, cookie=session.cookie)
    client.to_session(x_session_token=session.token)


@scenario
def users_sign_out(world: World) -> None:
    client, identity = world.client, new_identity(world)
    session = world.sign_in(identity)
    attempt(client.create_browser_logout_flow)
    flow = client.create_browser_logout_flow(cookie=session.cookie)
    attempt(client.update_logout_flow, token="ory_lo_unknown", cookie=session.cookie)
    attempt(client.update_logout_flow, token=flow.logout_token, cookie=session.cookie)
    attempt(client.to_session, cookie=session.cookie)
    client.perform_native_logout(body={"session_token": session.token})
    attempt(client.to_session, x_session_token=session.token)


@scenario
def flows_are_created_and_fetched(world: World) -> None:
    client, unknown = world.client, str(uuid.uuid4())
    for create, get in (
        (client.with_http_info.create_browser_login_flow, client.get_login_flow),
        (client.with_http_info.create_browser_registration_flow, client.get_registration_flow),
        (client.with_http_info.create_browser_recovery_flow, client.get_recovery_flow),
        (client.with_http_info.create_browser_verification_flow, client.get_verification_flow),
    ):
        info: Any = create(return_to=f"{world.site_url}/hello/")
        cookie = "; ".join(line.partition(";")[0] for line in info.set_cookies)
        get(id=info.data.id, cookie=cookie)
        attempt(get, id=info.data.id)
        attempt(get, id=unknown, cookie=cookie)
        attempt(create, return_to="https://elsewhere.example/")


@scenario
def flows_of_signed_in_users(world: World) -> None:
    client, identity = world.client, new_identity(world)
    session = world.sign_in(identity)
    attempt(client.create_browser_settings_flow)
    attempt(client.create_browser_login_flow, aal="aal2")
    attempt(client.create_browser_login_flow, cookie=session.cookie)
    client.create_browser_login_flow(cookie=session.cookie, refresh=True)
    flow = client.create_browser_settings_flow(cookie=session.cookie)
    client.get_settings_flow(id=flow.id, cookie=session.cookie)
    attempt(client.get_settings_flow, id=flow.id)


@scenario
def authenticator_app_is_set_up(world: World) -> None:
    client, identity = world.client, new_identity(world)
    session = world.sign_in(identity)
    world.add_totp(identity, session)
    flow = client.create_browser_settings_flow(cookie=session.cookie)
    client.get_settings_flow(id=flow.id, cookie=session.cookie)
    client.to_session(cookie=session.cookie)
    attempt(client.to_session, x_session_token=session.token)


@scenario
def error_pages_are_read(world: World) -> None:
    world.client.get_flow_error(id="stub:500")
    attempt(world.client.get_flow_error, id=str(uuid.uuid4()))


@scenario
def staff_recover_an_account(world: World) -> None:
    client, identity = world.client, new_identity(world)
    client.create_recovery_code_for_identity(body={"identity_id": identity.id})
    client.create_recovery_link_for_identity(body={"identity_id": identity.id})
    attempt(client.create_recovery_code_for_identity, body={"identity_id": str(uuid.uuid4())})
    attempt(client.create_recovery_link_for_identity, body={"identity_id": str(uuid.uuid4())})
    for operation in (client.create_recovery_code_for_identity, client.create_recovery_link_for_identity):
        attempt(operation, body={"identity_id": identity.id, "expires_in": "90s"})
        attempt(operation, body={"identity_id": identity.id, "expires_in": "0s"})
        attempt(operation, body={"identity_id": identity.id, "expires_in": "soon"})


@scenario
def oauth2_clients_are_managed(world: World) -> None:
    client, app = world.client, new_oauth2_client(world)
    client_id = app.client_id or ""
    client.get_o_auth2_client(client_id)
    attempt(client.get_o_auth2_client, "unknown")
    attempt(client.create_o_auth2_client, body={"client_id": client_id})
    attempt(client.create_o_auth2_client, body={"redirect_uris": ["no address"]})
    client.patch_o_auth2_client(
        client_id, body=[{"op": "replace", "path": "/client_name", "value": "Shop 2"}]
    )
    client.patch_o_auth2_client(
        client_id, body=[{"op": "replace", "path": "/client_secret", "value": "s" * 20}]
    )
    attempt(
        client.patch_o_auth2_client, "unknown", body=[{"op": "replace", "path": "/client_name", "value": "x"}]
    )
    client.set_o_auth2_client_lifespans(
        client_id, body={"authorization_code_grant_access_token_lifespan": "1h0m0s"}
    )
    client.set_o_auth2_client(client_id, body={"client_name": "Shop 3"})
    client.list_o_auth2_clients(client_name="no such name")
    client.delete_o_auth2_client(client_id)
    attempt(client.delete_o_auth2_client, client_id)


@scenario
def oauth2_clients_with_a_url_as_id_are_created_and_have_no_route(world: World) -> None:
    url = f"https://agent.example/{uuid.uuid4()}"
    client, change = world.client, [{"op": "replace", "path": "/client_name", "value": "x"}]
    new_oauth2_client(world, client_id=url, token_endpoint_auth_method="none")
    attempt(client.create_o_auth2_client, body={"client_id": url})
    attempt(client.get_o_auth2_client, url)
    attempt(client.patch_o_auth2_client, url, body=change)
    attempt(client.set_o_auth2_client, url, body={"client_name": "x"})
    attempt(client.delete_o_auth2_client, url)


@scenario
def members_of_oauth2_clients_are_set_and_cleared(world: World) -> None:
    client, app = world.client, new_oauth2_client(world)
    client_id = app.client_id or ""
    lifespan = "implicit_grant_id_token_lifespan"
    uri, key = "https://shop.example/x", {"kty": "EC", "kid": "1", "crv": "P-256", **POINT}
    values: dict[str, tuple[Any, Any]] = {
        "access_token_strategy": ("jwt", ""),
        "backchannel_logout_session_required": (True, False),
        "backchannel_logout_uri": (uri, ""),
        "frontchannel_logout_session_required": (True, False),
        "frontchannel_logout_uri": (uri, ""),
        "request_uris": ([uri], []),
        "request_object_signing_alg": ("RS256", ""),
        "post_logout_redirect_uris": ([uri], []),
        "jwks": ({"keys": [key]}, None),
        "metadata": ({"team": ["x"]}, {}),
        "skip_logout_consent": (True, None),
        "contacts": (["eva"], []),
        lifespan: ("90m", None),  # up to 2.3 a lifespan cannot be cleared so
    }
    for step in (0, 1):
        for name, pair in values.items():
            steps = [{"op": "replace", "path": f"/{name}", "value": pair[step]}]
            client.patch_o_auth2_client(client_id, body=steps)
    client.set_o_auth2_client_lifespans(client_id, body={lifespan: "1h0m0.5s"})
    client.set_o_auth2_client_lifespans(client_id, body={})
    for text in ("1d", "90", ""):
        attempt(client.set_o_auth2_client_lifespans, client_id, body={lifespan: text})
    both = {"jwks_uri": uri, "jwks": {"keys": [key]}}
    for changes in (both, {"client_secret": "12345"}, {"redirect_uris": ["no address"]}):
        body = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in changes.items()]
        attempt(client.patch_o_auth2_client, client_id, body=body)
    attempt(client.rotate_o_auth2_client_secret, client_id)
    attempt(client.delete_rotated_o_auth2_client_secrets, client_id)
    client.delete_o_auth2_token(client_id=client_id)
    client.get_o_auth2_client(client_id)


@scenario
def authorizations_are_granted(world: World) -> None:
    client, app, subject = world.client, new_oauth2_client(world), f"s-{uuid.uuid4()}"
    client_id = app.client_id or ""
    for challenge_name in ("login", "consent", "logout"):
        get = getattr(client, f"get_o_auth2_{challenge_name}_request")
        attempt(get, **{f"{challenge_name}_challenge": "unknown"})
    challenge = world.start_authorization(client_id, "openid offline email")
    client.get_o_auth2_login_request(login_challenge=challenge)
    attempt(client.accept_o_auth2_login_request, login_challenge=challenge, body={"subject": ""})
    login = client.accept_o_auth2_login_request(
        login_challenge=challenge,
        body={"subject": subject, "remember": True, "acr": "aal1", "amr": ["pwd"], "context": {"sid": "k"}},
    )
    consent_challenge = world.continue_authorization(login.redirect_to)
    client.get_o_auth2_consent_request(consent_challenge=consent_challenge)
    consent = client.accept_o_auth2_consent_request(
        consent_challenge=consent_challenge,
        body={
            "grant_scope": ["openid", "offline", "email"],
            "remember": True,
            "remember_for": 0,
            "session": {"id_token": {"email": "a@example.com"}, "access_token": {"role": "buyer"}},
        },
    )
    code = world.continue_authorization(consent.redirect_to)
    secret: dict[str, Any] = {"client_id": client_id, "client_secret": app.client_secret or ""}
    tokens = client.perform_o_auth2_token_flow(
        grant_type="authorization_code", code=code, redirect_uri="https://shop.example/callback", **secret
    )
    client.introspect_o_auth2_token(token=tokens.access_token or "")
    client.introspect_o_auth2_token(token=tokens.refresh_token or "")
    client.list_o_auth2_consent_sessions(subject=subject)
    attempt(client.revoke_o_auth2_consent_sessions, subject=subject)
    client.revoke_o_auth2_consent_sessions(subject=subject, client=client_id)
    client.introspect_o_auth2_token(token=tokens.access_token or "")
    client.list_o_auth2_consent_sessions(subject=subject)
    client.revoke_o_auth2_login_sessions(subject=subject)
    attempt(client.revoke_o_auth2_login_sessions)


@scenario
def authorizations_are_rejected(world: World) -> None:
    client, app = world.client, new_oauth2_client(world)
    challenge = world.start_authorization(app.client_id or "", "openid")
    rejection = {"error": "access_denied", "error_description": "No."}
    rejected = client.reject_o_auth2_login_request(login_challenge=challenge, body=rejection)
    assert world.continue_authorization(rejected.redirect_to) == "access_denied"
    challenge = world.start_authorization(app.client_id or "", "openid")
    login = client.accept_o_auth2_login_request(login_challenge=challenge, body={"subject": "s"})
    challenge = world.continue_authorization(login.redirect_to)
    rejected = client.reject_o_auth2_consent_request(consent_challenge=challenge, body=rejection)
    assert world.continue_authorization(rejected.redirect_to) == "access_denied"


@scenario
def key_sets_are_managed(world: World) -> None:
    client, name = world.client, f"set-{uuid.uuid4()}"
    attempt(client.get_json_web_key_set, name)
    attempt(client.get_json_web_key, name, "first")
    client.create_json_web_key_set(name, body={"alg": "ES256", "use": "sig", "kid": "first"})
    attempt(client.create_json_web_key_set, name, body={"alg": "ES256", "use": "sig", "kid": "first"})
    attempt(client.create_json_web_key_set, name, body={"alg": "HS256", "use": "sig", "kid": "second"})
    client.create_json_web_key_set(name, body={"alg": "EdDSA", "use": "enc", "kid": "second"})
    client.create_json_web_key_set(name, body={"alg": "ES384", "use": "", "kid": ""})
    client.get_json_web_key_set(name)
    client.get_json_web_key(name, "second")
    client.delete_json_web_key(name, "second")
    client.delete_json_web_key(name, "second")
    attempt(client.get_json_web_key, name, "second")
    client.delete_json_web_key_set(name)
    client.delete_json_web_key_set(name)
    attempt(client.get_json_web_key_set, name)


@scenario
def issuers_are_trusted(world: World) -> None:
    client, name = world.client, f"https://issuer-{uuid.uuid4()}.example"
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "kid": "first",
        "use": "sig",
        "alg": "ES256",
        "x": "jlM7b6C_e0YluzBmfAH7YH75-LioD-9bMAYocDGHsqM",
        "y": "c-sdveAzGDZtBp-DpvWQAFPHNjPLBBshxV4ahsH0ALQ",
    }
    body = {"issuer": name, "subject": "s", "scope": ["a"], "expires_at": "2099-01-01T00:00:00Z", "jwk": jwk}
    trust = client.trust_o_auth2_jwt_grant_issuer
    issuer = trust(body=body)
    attempt(trust, body=body)
    attempt(trust, body={**body, "allow_any_subject": True})
    attempt(trust, body={**body, "expires_at": None})
    attempt(trust, body={**body, "jwk": {**jwk, "kid": ""}})
    other = trust(body={**body, "subject": "", "allow_any_subject": True, "jwk": {**jwk, "kid": "second"}})
    client.get_trusted_o_auth2_jwt_grant_issuer(issuer.id or "")
    for each in (issuer, other):
        client.delete_trusted_o_auth2_jwt_grant_issuer(each.id or "")
        attempt(client.delete_trusted_o_auth2_jwt_grant_issuer, each.id or "")
    attempt(client.get_trusted_o_auth2_jwt_grant_issuer, issuer.id or "")


@scenario
def messages_are_read(world: World) -> None:
    client = world.client
    attempt(client.list_courier_messages, status="unknown")
    attempt(client.list_courier_messages, page_token="unknown")
    attempt(client.admin_list_sessions, page_token="unknown")
    client.list_courier_messages(recipient=f"{uuid.uuid4()}@example.com", page_size=1)
    attempt(client.get_courier_message, str(uuid.uuid4()))
