"""The pages of the credentials of an identity: list, remove one, reset the second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ory.admin.personal_data import can_view_personal_data
from django_ory.admin.takeover import get_takeover_denial
from django_ory.mirror.credentials import (
    PROVIDER_TYPES,
    SECOND_FACTOR_TYPES,
    StoredCredential,
    list_credentials,
    remove_credential,
    reset_second_factor,
)
from django_ory.mirror.identities import fetch_identity

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase
    from django.utils.functional import _StrPromise

    from django_ory.admin.row_pages import RowPagesAdmin
    from django_ory.models import Identity

CHANGE_CREDENTIALS = "django_ory.change_credentials"
TITLES: dict[str, _StrPromise] = {
    "code": gettext_lazy("Codes by mail or SMS"),
    "lookup_secret": gettext_lazy("Backup codes"),
    "oidc": gettext_lazy("Social sign-in"),
    "passkey": gettext_lazy("Passkeys"),
    "password": gettext_lazy("Password"),
    "saml": gettext_lazy("SAML"),
    "totp": gettext_lazy("Authenticator app"),
    "webauthn": gettext_lazy("Security keys"),
}
#: Why a type cannot be removed, in any version of Kratos.
REASONS_TO_KEEP: dict[str, _StrPromise] = {
    "code": gettext_lazy("Belongs to the addresses, so Kratos does not remove it."),
}
#: First factors of which Kratos returns an entry only if there is one.
CERTAIN_FIRST_FACTORS = frozenset({"oidc", "passkey", "saml"})
REMOVABLE_FIRST_FACTORS = CERTAIN_FIRST_FACTORS | {"password"}


def describe_credential(
    request: HttpRequest, row: Identity, credential: StoredCredential, others: list[StoredCredential]
) -> dict[str, Any]:
    """Return the values of a credential for the templates.

    ``key`` stands for the identifier in forms: the identifier itself may be hidden from the user.
    """
    kind = credential.type
    identifiers = tuple(each for each in credential.identifiers if each != str(row.identity_id))
    if not can_view_personal_data(request):  # the provider of "provider:subject" is no personal data
        identifiers = tuple(each.partition(":")[0] for each in identifiers if kind in PROVIDER_TYPES)
    has_other = any(each.type in CERTAIN_FIRST_FACTORS for each in others)
    return {
        "type": kind,
        "title": TITLES.get(kind, kind),
        "identifiers": identifiers,
        "created_at": credential.created_at,
        "updated_at": credential.updated_at,
        "key": _build_key(row, credential),
        "reason_to_keep": REASONS_TO_KEEP.get(kind, ""),
        "is_last": kind in REMOVABLE_FIRST_FACTORS and not has_other,
    }


def show_credentials(admin: RowPagesAdmin, request: HttpRequest, row: Identity) -> HttpResponseBase:
    """Show types, identifiers and times of all credentials."""
    identity = fetch_identity(row.alias, row.identity_id)
    stored = list_credentials(identity)
    can_change = request.user.has_perm(CHANGE_CREDENTIALS)
    denial = get_takeover_denial(request, row, identity) if can_change else ""
    return admin.render_row_page(
        request,
        row,
        "credentials",
        "identity/credentials.html",
        credentials=[
            describe_credential(request, row, each, [other for other in stored if other is not each])
            for each in stored
        ],
        can_change=can_change and not denial,
        denial=denial,
        has_second_factor=any(each.type in SECOND_FACTOR_TYPES for each in stored),
        remove_url=admin.url("remove-credential", row.pk),
        reset_url=admin.url("reset-second-factor", row.pk),
        password_url=admin.url("set-password", row.pk),
    )


def confirm_removal(admin: RowPagesAdmin, request: HttpRequest, row: Identity) -> HttpResponseBase:
    """Show the confirmation for one credential, then remove the credential."""
    if request.method != "POST":
        return admin.redirect_to_page(request, row, "credentials")
    identity = fetch_identity(row.alias, row.identity_id)
    if denial := get_takeover_denial(request, row, identity):
        raise PermissionDenied(denial)
    stored = list_credentials(identity)
    key = request.POST.get("key", "")
    credential = next((each for each in stored if constant_time_compare(_build_key(row, each), key)), None)
    if credential is None:
        messages.warning(request, _("The identity no longer has this credential."))
        return admin.redirect_to_page(request, row, "credentials")
    others = [each for each in stored if each is not credential]
    described = describe_credential(request, row, credential, others)
    is_confirmed = "confirm" in request.POST and (not described["is_last"] or "confirm_last" in request.POST)
    if not is_confirmed:
        return admin.render_row_page(
            request,
            row,
            "remove-credential",
            "identity/remove_credential.html",
            credential=described,
            is_unconfirmed_last="confirm" in request.POST,
            back_url=admin.url("credentials", row.pk),
        )
    identifier = credential.identifiers[0] if credential.type in PROVIDER_TYPES else ""
    change = remove_credential(row.alias, row.identity_id, credential.type, identifier=identifier)
    admin.log_change(request, row, f"Credential removed in Ory: {credential.type}.")
    text = _("The credential was removed: %(title)s.") % {"title": described["title"]}
    return admin.finish_change(request, row, "credentials", text, problems=change.problems)


def confirm_reset(admin: RowPagesAdmin, request: HttpRequest, row: Identity) -> HttpResponseBase:
    """Show the confirmation, then remove all credentials of the second factor."""
    identity = fetch_identity(row.alias, row.identity_id)
    if denial := get_takeover_denial(request, row, identity):
        raise PermissionDenied(denial)
    if request.method != "POST":
        kinds = [each.type for each in list_credentials(identity) if each.type in SECOND_FACTOR_TYPES]
        return admin.render_row_page(
            request,
            row,
            "reset-second-factor",
            "identity/reset_second_factor.html",
            titles=[TITLES[kind] for kind in kinds],
            back_url=admin.url("credentials", row.pk),
        )
    change = reset_second_factor(row.alias, row.identity_id)
    admin.log_change(request, row, "Second factor reset in Ory.")
    text = _("The second factor was reset.")
    return admin.finish_change(request, row, "credentials", text, problems=change.problems)


def _build_key(row: Identity, credential: StoredCredential) -> str:
    value = "\n".join([str(row.identity_id), credential.type, *credential.identifiers])
    return salted_hmac("django_ory.credential", value, algorithm="sha256").hexdigest()
