"""The endpoint of Hydra's token hooks. Off until ``TOKEN_HOOK_SECRETS`` is set.

Hydra keeps the claims after 204, replaces them after 200, and issues no token after 403. Any other status,
and no answer, is a server error for the client, which can try the same refresh token again.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.http import HttpResponse, JsonResponse

from django_ory.adapter import get_adapter
from django_ory.client import OryError, OryUsageError
from django_ory.conf import OryConfigurationError
from django_ory.http.server_posts import RejectedPost, ServerPostView
from django_ory.provider.audit import record_event
from django_ory.provider.openid.claims import build_grant_claims

from . import TOKEN_HOOK_SECRET_HEADER
from .accounts import find_token_account, is_account_subject, read_token_client
from .decision import (
    DenyToken,
    KeepClaims,
    ReplaceClaims,
    TokenOutcome,
    decide_token,
    needs_account,
    needs_claims,
)
from .documents import InvalidTokenRequest, TokenRequest

__all__ = ["TokenHookView"]

#: Hydra's session contains the claims of both tokens.
MAX_TOKEN_REQUEST_BYTES = 1024 * 1024


class TokenHookView(ServerPostView):
    """Answers ``oauth2.token_hook`` and ``oauth2.refresh_token_hook``. Claims are never logged."""

    secrets_settings = ("token_hook_secrets",)
    networks_setting = "hydra_networks"
    secret_header = TOKEN_HOOK_SECRET_HEADER
    max_bytes = MAX_TOKEN_REQUEST_BYTES
    invalid_document = InvalidTokenRequest
    logger = logging.getLogger("django_ory.provider")
    rejection_log = "Post to ory:token_hook rejected (project %s, status %d), and the token with it: %s."
    rejection_error = ("token_rejected", "The token was not checked.")

    def accept(self, document: Any, *, alias: str) -> HttpResponse:
        token = TokenRequest.from_json(document)
        try:
            outcome = self._decide(token, alias=alias)
        except (OryError, OryUsageError, OryConfigurationError) as error:
            self.logger.warning("Token hook failed (project %s): %s", alias, error)
            raise RejectedPost(503, "Ory failed or a setting is invalid, see the log before") from error
        match outcome:
            case KeepClaims():
                return HttpResponse(status=204)
            case ReplaceClaims(body=body):
                return JsonResponse(body)
            case DenyToken(reason=reason):
                record_event(
                    "token.denied",
                    alias=alias,
                    client_id=token.client_id,
                    subject=token.subject,
                    scope=token.scope,
                    reason=reason,
                )
                return JsonResponse({"error": "access_denied"}, status=403)

    def _decide(self, token: TokenRequest, *, alias: str) -> TokenOutcome:
        if not needs_account(token, is_account_subject=partial(is_account_subject, alias=alias)):
            return KeepClaims()
        account = find_token_account(token.subject, alias=alias)
        claims, adapter = None, get_adapter(alias)
        if account.is_active and needs_claims(token):
            claims = build_grant_claims(
                identity=account.identity,
                user=account.user,
                client=read_token_client(token.client_id, alias=alias),
                scopes=token.scope,
                adapter=adapter,
            )
        return decide_token(token, is_active=account.is_active, claims=claims, kept=adapter.get_kept_claims())
