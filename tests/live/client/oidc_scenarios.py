"""One scenario for each operation of Hydra on OpenID Connect, keys and trusted issuers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django_ory.client import models

from .oauth2_authorization import REDIRECT, new_authorization
from .world import World, proves


@proves("discover_oidc_configuration")
def discovers_the_issuer(world: World) -> None:
    configuration = world.client.discover_oidc_configuration()
    assert str(configuration.issuer).rstrip("/") == world.stack.hydra_public_url
    assert configuration.token_endpoint == f"{world.stack.hydra_public_url}/oauth2/token"


@proves("discover_json_web_keys")
def discovers_keys(world: World) -> None:
    keys = world.client.discover_json_web_keys().keys
    assert keys
    assert all(key.kid and key.d is None for key in keys)


@proves("get_oidc_user_info")
def reads_userinfo(world: World) -> None:
    authorization = new_authorization(world)
    claims = world.client.get_oidc_user_info(access_token=authorization.get_tokens().access_token)
    assert isinstance(claims, models.OidcUserInfo)
    assert claims.sub == authorization.subject
    assert (claims.model_extra or {})["color"] == "blue"
    signed = new_authorization(world, userinfo_signed_response_alg="RS256")
    jwt = world.client.get_oidc_user_info(access_token=signed.get_tokens().access_token)
    assert isinstance(jwt, str)
    assert jwt.count(".") == 2


@proves("admin_create_json_web_key_set", "admin_get_json_web_key_set")
def creates_a_key(world: World) -> None:
    made = new_key(world)
    assert made.d
    assert made.d not in repr(made)
    [read] = world.client.admin_get_json_web_key_set(f"set {world.mark}").keys
    assert read.kid == made.kid


@proves("admin_get_json_web_key")
def reads_a_key(world: World) -> None:
    made = new_key(world)
    [read] = world.client.admin_get_json_web_key(f"set {world.mark}", str(made.kid)).keys
    assert read == made


@proves("admin_update_json_web_key")
def replaces_a_key(world: World) -> None:
    made = new_key(world)
    made.use = "enc"
    assert world.client.admin_update_json_web_key(f"set {world.mark}", str(made.kid), body=made).use == "enc"


@proves("admin_update_json_web_key_set")
def replaces_a_set(world: World) -> None:
    keys = [new_key(world, kid=f"key-{number}") for number in range(2)]
    replaced = world.client.admin_update_json_web_key_set(
        f"set {world.mark}", body=models.JsonWebKeySet(keys=keys[1:])
    )
    assert [key.kid for key in replaced.keys] == ["key-1"]
    assert len(world.client.admin_get_json_web_key_set(f"set {world.mark}").keys) == 1


@proves("admin_delete_json_web_key")
def deletes_a_key(world: World) -> None:
    new_key(world, kid="old")
    new_key(world, kid="new")
    world.client.admin_delete_json_web_key(f"set {world.mark}", "old")
    assert [key.kid for key in world.client.admin_get_json_web_key_set(f"set {world.mark}").keys] == ["new"]


@proves("admin_delete_json_web_key_set")
def deletes_a_set(world: World) -> None:
    new_key(world)
    world.client.admin_delete_json_web_key_set(f"set {world.mark}")


def new_key(world: World, kid: str = "first") -> models.JsonWebKey:
    """Create a key in the set of this test. The name of the set needs quoting (Hydra 2.3 rejects slashes)."""
    made = world.client.admin_create_json_web_key_set(
        f"set {world.mark}", body=models.CreateJsonWebKeySet(alg="ES256", kid=kid, use="sig")
    )
    return made.keys[0]


@proves("admin_trust_o_auth2_jwt_grant_issuer", "admin_get_trusted_o_auth2_jwt_grant_issuer")
def trusts_an_issuer(world: World) -> None:
    made = new_issuer(world)
    read = world.client.admin_get_trusted_o_auth2_jwt_grant_issuer(str(made.id))
    assert read == made
    assert read.issuer == f"https://{world.mark}.example.com"
    assert read.expires_at is not None
    assert read.expires_at > datetime.now(UTC)


@proves("admin_list_trusted_o_auth2_jwt_grant_issuers")
def lists_issuers(world: World) -> None:
    made = [new_issuer(world, subject=f"subject-{number}").id for number in range(3)]
    listed = world.client.admin_list_trusted_o_auth2_jwt_grant_issuers(
        issuer=f"https://{world.mark}.example.com"
    )
    assert sorted(str(issuer.id) for issuer in listed) == sorted(map(str, made))
    every = world.client.iterate(world.client.admin_list_trusted_o_auth2_jwt_grant_issuers, page_size=2)
    assert set(made) <= {issuer.id for issuer in every}


@proves("admin_delete_trusted_o_auth2_jwt_grant_issuer")
def trusts_an_issuer_no_more(world: World) -> None:
    made = new_issuer(world)
    world.client.admin_delete_trusted_o_auth2_jwt_grant_issuer(str(made.id))
    issuer = f"https://{world.mark}.example.com"
    assert world.client.admin_list_trusted_o_auth2_jwt_grant_issuers(issuer=issuer) == []


def new_issuer(world: World, subject: str = "eva") -> models.TrustedOAuth2JwtGrantIssuer:
    """Create a trusted issuer with a new public key."""
    key = new_key(world, kid=f"key of {subject}")
    public: dict[str, Any] = {
        name: getattr(key, name) for name in ("kty", "crv", "x", "y", "kid", "alg", "use")
    }
    return world.client.admin_trust_o_auth2_jwt_grant_issuer(
        body={
            "issuer": f"https://{world.mark}.example.com",
            "subject": subject,
            "scope": ["openid"],
            "jwk": public,
            "expires_at": datetime.now(UTC) + timedelta(days=1),
        }
    )


@proves(
    "dynamic_client_registration_create_o_auth2_client",
    "dynamic_client_registration_get_o_auth2_client",
    "dynamic_client_registration_update_o_auth2_client",
    "dynamic_client_registration_delete_o_auth2_client",
)
def registers_a_client(world: World) -> None:
    """Only for a Hydra that allows it."""
    made = world.client.dynamic_client_registration_create_o_auth2_client(
        body={"client_name": f"Dynamic {world.mark}", "redirect_uris": [REDIRECT]}
    )
    token = made.registration_access_token
    assert made.client_id
    assert token
    read = world.client.dynamic_client_registration_get_o_auth2_client(
        made.client_id, registration_access_token=token
    )
    assert read.client_name == f"Dynamic {world.mark}"
    changed = world.client.dynamic_client_registration_update_o_auth2_client(
        made.client_id,
        registration_access_token=token,
        body={"client_name": "Changed", "redirect_uris": [REDIRECT]},
    )
    assert changed.client_name == "Changed"
    assert changed.registration_access_token != token
    world.client.dynamic_client_registration_delete_o_auth2_client(
        made.client_id, registration_access_token=changed.registration_access_token
    )
