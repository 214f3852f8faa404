"""Errors that the specification documents and that no caller can bring these servers to, and why."""

from __future__ import annotations

__all__ = ["REASONS"]

EVERYBODY = (
    "These servers ask nobody who calls their admin API; that is for a proxy in front, or Ory Network."
)
EMPTY = "An identity that does not exist has no sessions: an empty list with 200."
LENIENT = "Kratos reads a page that makes no sense as the first one."
AT_LEAST_ONE = "Whoever asks has a session, so there is something to end; the number may be 0."
NO_INPUT = "The call has no input that could be wrong."
PROVIDER = "Kratos answers so only to lead a browser to a social sign-in, which needs an identity provider."
REDIRECTED = "Kratos 1.3 answers with a redirect (303) to a new flow; that is OryUnexpectedRedirect."
STATELESS = (
    "Hydra 2.3 keeps the state of a request in the challenge itself and does not see that it was used."
)
IDEMPOTENT = "Hydra deletes what is not there without complaint."
READS_ANYTHING = "Hydra takes any input, and answers with what it finds."
IN_THE_BROWSER = (
    "Hydra sends the browser to the error page, with a redirect that is this operation's success."
)

#: (operation, documented status) -> reason. A 500 is the server's own failure and is left out altogether.
REASONS = {
    ("admin_create_self_service_recovery_link", "404"): "An unknown identity is answered with 400.",
    ("admin_delete_identity_sessions", "401"): EVERYBODY,
    ("admin_list_identity_sessions", "401"): EVERYBODY,
    ("admin_list_identity_sessions", "404"): EMPTY,
    ("get_self_service_error", "403"): "Kratos no longer binds an error to the browser that saw it.",
    ("initialize_self_service_recovery_flow_without_browser", "400"): NO_INPUT,
    ("initialize_self_service_settings_flow_without_browser", "400"): NO_INPUT,
    ("list_sessions", "400"): LENIENT,
    ("list_sessions", "404"): "Nobody else's sessions is an empty list with 200.",
    ("revoke_sessions", "400"): NO_INPUT,
    ("revoke_sessions", "404"): AT_LEAST_ONE,
    ("submit_self_service_registration_flow", "422"): PROVIDER,
    ("submit_self_service_settings_flow", "422"): PROVIDER,
    ("submit_self_service_recovery_flow", "410"): REDIRECTED,
    ("submit_self_service_verification_flow", "410"): REDIRECTED,
    ("admin_get_o_auth2_consent_request", "410"): STATELESS,
    ("admin_get_o_auth2_login_request", "410"): STATELESS,
    ("admin_delete_json_web_key", "default"): IDEMPOTENT,
    ("admin_delete_json_web_key_set", "default"): IDEMPOTENT,
    ("admin_introspect_o_auth2_token", "default"): READS_ANYTHING,
    ("admin_list_o_auth2_clients", "default"): READS_ANYTHING,
    ("admin_list_trusted_o_auth2_jwt_grant_issuers", "default"): READS_ANYTHING,
    ("discover_json_web_keys", "default"): NO_INPUT,
    ("discover_oidc_configuration", "default"): NO_INPUT,
    ("perform_o_auth2_authorization_flow", "default"): IN_THE_BROWSER,
}
