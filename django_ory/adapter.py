"""Every extension point is one method of ``OryAdapter``: subclass it and name it in
``ORY["default"]["ADAPTER"]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import get_user_model
from django.http.request import split_domain_port, validate_host
from django.utils.module_loading import import_string

from .conf import DEFAULT_ALIAS, PerAlias, aliases, get_settings
from .traits import emails_equal, find_identifier, find_text, get_address, get_trait, is_address_verified
from .user_fields import set_user_fields
from .user_names import build_username, is_user_found_by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

    from .client.models import Identity

__all__ = ["OryAdapter", "get_adapter"]


class OryAdapter:
    """The defaults. Each method says what it is given and what it must return."""

    def __init__(self, alias: str = DEFAULT_ALIAS) -> None:
        self.alias = alias
        self.settings = get_settings(alias)

    def resolve_alias(self, request: HttpRequest) -> str:
        """Which Ory project serves this request: the first alias whose HOSTS match, else ``"default"``.

        They match as in ALLOWED_HOSTS: a dot in front stands for all below, capitals do not count.
        """
        host, _port = split_domain_port(request.get_host())
        for alias in aliases():
            if validate_host(host, get_settings(alias).hosts):
                return alias
        return DEFAULT_ALIAS

    # The Django user of an identity. ``self.settings`` are those of the alias.

    def is_open_for_signup(self, identity: Identity) -> bool:
        """Whether an identity that has no Django user yet may get one. Asked before ``new_user``."""
        return self.settings.create_users

    def find_user(self, identity: Identity) -> AbstractBaseUser | None:
        """An existing Django user to link a new identity to, or None.

        With ``LINK_BY_VERIFIED_EMAIL``: the only user with an address that Kratos has verified, among those
        without an identity that ``allow_link`` accepts. The owner of the identity is signed in as the
        returned user, so return None if in doubt. Called again under a lock on the user's row, so it must not
        depend on anything but its argument and the database.
        """
        return self._find_by_email(identity, verified=True)

    def needs_verified_email(self, identity: Identity) -> bool:
        """Whether an identity without a Django user must verify its e-mail address before it gets one.

        With ``LINK_BY_VERIFIED_EMAIL``: ``find_user`` would return an existing user once the address is
        verified. A user created now would be a second one.
        """
        return self._find_by_email(identity, verified=False) is not None

    def allow_link(self, user: AbstractBaseUser, identity: Identity) -> bool:
        """Whether ``find_user`` may link a user by e-mail. Default: neither staff nor superusers.

        A single access to the user's mailbox is enough to take over the user. To allow staff, return True for
        them too, preferably only for sessions with a second factor. Staff can also be linked in the admin.
        """
        return not (getattr(user, "is_staff", False) or getattr(user, "is_superuser", False))

    def has_verified_email(self, user: AbstractBaseUser) -> bool:
        """Whether your site has verified the e-mail address of an existing user that is about to be linked.

        Default: False. Then linking disables the user's password and ends its Django sessions, because
        another person may have registered the address and know the password.
        """
        return False

    def _find_by_email(self, identity: Identity, *, verified: bool) -> AbstractBaseUser | None:
        if not self.settings.link_by_verified_email:
            return None
        users, field = get_user_model()._default_manager, get_user_model().get_email_field_name()
        for address in identity.verifiable_addresses:
            if address.via != "email" or address.verified is not verified or not address.value:
                continue
            found = users.filter(**{f"{field}__iexact": address.value, "ory_identities": None})
            candidates = [
                user
                for user in found
                if emails_equal(getattr(user, field), address.value) and self.allow_link(user, identity)
            ]
            if len(candidates) == 1:
                return candidates[0]
        return None

    def new_user(self, identity: Identity) -> AbstractBaseUser:
        """A user for a new identity, not saved yet, without a usable password.

        A user name that no trait fills is the identity's label, changed as far as needed to be valid and
        unique; the identity's id if there is no label, or if ``RemoteUserBackend`` finds users by name. User
        names that must be e-mail addresses are not set.
        """
        user = get_user_model()()
        user.set_unusable_password()
        self.populate_user(user, identity)
        if not user.get_username():
            label = "" if is_user_found_by_name() else self.get_identity_label(identity)
            name = build_username(user, label=label, identity_id=identity.id)
            setattr(user, user.USERNAME_FIELD, name)
        return user

    def populate_user(self, user: AbstractBaseUser, identity: Identity) -> None:
        """Set a user's fields from the identity; called for a new user and after each change in Kratos. Does
        not save.

        The default follows ``USER_FIELDS`` and never sets staff, superuser, active, password or groups. A
        value that a field cannot hold is ignored. Fields whose trait was removed are cleared before the call.
        """
        set_user_fields(user, identity.traits, self.settings.user_fields)

    def grant(self, user: AbstractBaseUser, identity: Identity) -> None:
        """Give a saved user rights, e.g. groups by ``identity.metadata_public``; called as ``populate_user``
        is.

        Does nothing by default. Never decide by traits: people edit them themselves.
        """

    # OAuth2.

    def get_subject(self, identity_id: str) -> str:
        """The OAuth2 subject of an identity. Stable and never reassigned; the identity id unless you must
        keep another.
        """
        return identity_id

    def get_identity_id(self, subject: str) -> str:
        """The identity of an OAuth2 subject: the way back from ``get_subject``, so override both or none."""
        return subject

    def get_acr_values(self) -> Mapping[str, str]:
        """The ``acr`` claim for each of Kratos' levels, one to one, e.g. ``{"aal2":
        "https://refeds.org/profile/mfa"}``.
        """
        return {"aal1": "aal1", "aal2": "aal2"}

    def describe_scope(self, scope: str) -> tuple[_StrOrPromise, _StrOrPromise] | None:
        """Title and description of an OAuth2 scope for the consent page; None for the built-in text or the
        bare name.
        """
        return None

    def get_claims(
        self,
        *,
        identity: Identity,
        user: AbstractBaseUser | None,
        scopes: frozenset[str],
        claims: dict[str, Any],
    ) -> Mapping[str, Any]:
        """The claims of an ID token and of userinfo, for the granted ``scopes``. ``claims`` are the standard
        ones.

        Groups go here, and only here: ``if "groups" in scopes: claims["groups"] = [...]``. Keep it small: the
        claims travel in a URL.
        """
        return claims

    # The identity itself.

    def get_identity_label(self, identity: Identity) -> str:
        """The name of an identity in lists and as the default user name; "" if it has none.

        Its own e-mail address, else a user name, a phone number or another identifier, from traits with a
        usual name, credentials (where Kratos returned them) and addresses.
        """
        return find_text(identity.traits, self._email_paths()) or find_identifier(identity)

    def get_email(self, identity: Identity) -> str:
        """The identity's own e-mail address, verified or not; "" if it has none.

        The trait that ``USER_FIELDS`` maps to the user's e-mail field, else the trait ``email``, else the
        first e-mail address that Kratos can verify.
        """
        return find_text(identity.traits, self._email_paths()) or get_address(identity, "email")

    def is_verified(self, identity: Identity) -> bool:
        """Whether the identity meets ``verified=True`` of the decorators and mixins.

        The default: Kratos has verified the e-mail address that ``user.email`` is filled from, not only
        another address of the identity. Override it on a site whose users sign in by phone.
        """
        mapped = self.settings.user_fields.get(get_user_model().get_email_field_name())
        email = get_trait(identity.traits, mapped) if mapped else self.get_email(identity)
        return isinstance(email, str) and is_address_verified(identity, email.strip(), via="email")

    def _email_paths(self) -> tuple[str, str]:
        return self.settings.user_fields.get(get_user_model().get_email_field_name(), "email"), "email"


@PerAlias
def get_adapter(alias: str) -> OryAdapter:
    """The adapter of one Ory project, made once."""
    cls = cast("type[Any]", import_string(get_settings(alias).adapter))
    return cast("OryAdapter", cls(alias))
