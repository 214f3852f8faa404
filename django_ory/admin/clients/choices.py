"""The values that the forms of OAuth2 clients offer. Hydra accepts more, which the forms keep."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from django_ory.tokens.grant_types import CLIENT_CREDENTIALS, DEVICE_CODE, JWT_BEARER, REFRESH_TOKEN

GRANT_TYPES = (
    ("authorization_code", gettext_lazy("authorization_code: users sign in")),
    (REFRESH_TOKEN, gettext_lazy("refresh_token: users stay signed in (needs the scope offline_access)")),
    (CLIENT_CREDENTIALS, gettext_lazy("client_credentials: the client acts on its own behalf")),
    ("implicit", gettext_lazy("implicit: tokens in the redirect (not recommended)")),
    (JWT_BEARER, gettext_lazy("jwt-bearer: tokens for assertions")),
    (DEVICE_CODE, gettext_lazy("device_code: devices without a keyboard")),
)
RESPONSE_TYPES = tuple(
    (response, response)
    for response in (
        "code",
        "id_token",
        "token",
        "code id_token",
        "code token",
        "id_token token",
        "code id_token token",
    )
)
AUTH_METHODS = (
    ("client_secret_basic", gettext_lazy("client_secret_basic: secret in the Authorization header")),
    ("client_secret_post", gettext_lazy("client_secret_post: secret in the request body")),
    ("private_key_jwt", gettext_lazy("private_key_jwt: signed with a key of the client")),
    ("none", gettext_lazy("none: a public client, such as a browser or mobile app")),
)
#: Authentication methods with a client secret.
SECRET_METHODS = frozenset({"client_secret_basic", "client_secret_post"})

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
ASSERTION_ALGORITHMS = (("", gettext_lazy("RS256 (default)")), *((name, name) for name in _ALGORITHMS[1:]))
REQUEST_OBJECT_ALGORITHMS = (
    ("", gettext_lazy("any (default)")),
    ("none", gettext_lazy("none: not signed")),
    *((name, name) for name in _ALGORITHMS),
)
USERINFO_ALGORITHMS = (
    ("none", gettext_lazy("none: plain JSON")),
    ("RS256", gettext_lazy("RS256: a signed JWT")),
)
ACCESS_TOKEN_STRATEGIES = (
    ("", gettext_lazy("Default of the server")),
    ("opaque", gettext_lazy("opaque: can be revoked at once")),
    ("jwt", gettext_lazy("jwt: verified without Ory, valid until they expire")),
)
SUBJECT_TYPES = (
    ("public", gettext_lazy("public: all clients get the same id of a user")),
    ("pairwise", gettext_lazy("pairwise: each client gets another id of a user")),
)
LOGOUT_CONSENT = (
    ("", gettext_lazy("Default: ask")),
    ("true", gettext_lazy("Yes: sign out at once")),
    ("false", gettext_lazy("No: ask")),
)
