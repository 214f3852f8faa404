"""Documented errors that no caller can cause on these servers, with the reasons."""

from __future__ import annotations

__all__ = ["REASONS"]

NO_AUTHENTICATION = "The admin API of these servers has no authentication; a proxy or Ory Network adds it."
EMPTY = "An identity that does not exist has no sessions: an empty list with 200."
LENIENT = "Kratos treats an invalid page as the first one."
AT_LEAST_ONE = "The caller has a session, so the call succeeds; the number of revoked sessions may be 0."
NO_INPUT = "The call has no input that could be wrong."
PROVIDER = "Kratos returns this only for a redirect to social sign-in, which needs an identity provider."
REDIRECTED = "Kratos 1.3 redirects (303) to a new flow, which raises OryUnexpectedRedirect."
STATELESS = "Hydra 2.3 stores the state of a request in the challenge and does not detect a second use."
IDEMPOTENT = "Deleting a missing object succeeds in Hydra."
READS_ANYTHING = "Hydra accepts any input and returns the matching objects."
IN_THE_BROWSER = (
    "Hydra sends the browser to the error page, with a redirect that is this operation's success."
)

#: (operation, documented status) -> reason. Status 500 is omitted: it is a failure of the server.
REASONS = {
    ("admin_create_self_service_recovery_link", "404"): "An unknown identity is answered with 400.",
    ("admin_delete_identity_sessions", "401"): NO_AUTHENTICATION,
    ("admin_list_identity_sessions", "401"): NO_AUTHENTICATION,
    ("admin_list_identity_sessions", "404"): EMPTY,
    ("get_self_service_error", "403"): "Kratos no longer binds an error to a browser.",
    ("initialize_self_service_recovery_flow_without_browser", "400"): NO_INPUT,
    ("initialize_self_service_settings_flow_without_browser", "400"): NO_INPUT,
    ("list_sessions", "400"): LENIENT,
    ("list_sessions", "404"): "A caller without other sessions gets an empty list with 200.",
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
