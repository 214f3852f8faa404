"""``OryAdapter``: one method for each extension point.

Subclass ``OryAdapter`` and set ``ORY["default"]["ADAPTER"]`` to the path of the subclass.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http.request import split_domain_port, validate_host
from django.shortcuts import resolve_url
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from .conf import DEFAULT_ALIAS, PerAlias, aliases, get_settings
from .exceptions import MessageRefused
from .provider_adapter import ProviderAdapter
from .traits import emails_equal, find_identifier, find_text, get_address, get_trait, is_address_verified
from .user_closing import deactivate_user
from .user_fields import build_traits, set_user_fields
from .user_names import build_username, is_user_found_by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.core.mail import EmailMultiAlternatives
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

    from .client.models import Identity
    from .courier.messages import CourierMessage
    from .selfservice.forms.fields import Field

__all__ = ["OryAdapter", "get_adapter"]


class OryAdapter(ProviderAdapter):
    """The extension points of one Ory project, with their defaults.

    ``self.alias`` and ``self.settings`` are those of the project.
    """

    def __init__(self, alias: str = DEFAULT_ALIAS) -> None:
        self.alias = alias
        self.settings = get_settings(alias)

    def resolve_alias(self, request: HttpRequest) -> str:
        """Return the alias for a request: the first one with a matching entry in HOSTS, else ``"default"``.

        Hosts match as in ALLOWED_HOSTS: ``.example.org`` includes all subdomains, case does not matter.
        """
        host, _port = split_domain_port(request.get_host())
        for alias in aliases():
            if validate_host(host, get_settings(alias).hosts):
                return alias
        return DEFAULT_ALIAS

    # The Django user of an identity.

    def is_open_for_signup(self, identity: Identity) -> bool:
        """Return whether an identity without a Django user may get a new one. Called before ``new_user``."""
        return self.settings.create_users

    def find_user(self, identity: Identity) -> AbstractBaseUser | None:
        """Return an existing Django user to link a new identity to, or None.

        Default with ``LINK_BY_VERIFIED_EMAIL``: the only user with an address that Kratos has verified, among
        the users without an identity that ``allow_link`` accepts. The owner of the identity is signed in as
        the returned user, so return None if in doubt. Called again under a lock on the user's row, so the
        result must depend only on the argument and the database.
        """
        return self._find_by_email(identity, verified=True)

    def needs_verified_email(self, identity: Identity) -> bool:
        """Return whether an identity without a Django user must verify its e-mail address first.

        Default with ``LINK_BY_VERIFIED_EMAIL``: True if ``find_user`` will return an existing user as soon as
        the address is verified. A user created before that would be a second one.
        """
        return self._find_by_email(identity, verified=False) is not None

    def allow_link(self, user: AbstractBaseUser, identity: Identity) -> bool:
        """Return whether ``find_user`` may link a user by e-mail. Default: not staff, not superusers.

        A single access to the user's mailbox is enough to take over the user. To allow staff, return True for
        them, preferably only for identities with a second factor. Staff can also be linked in the admin.
        """
        return not (getattr(user, "is_staff", False) or getattr(user, "is_superuser", False))

    def has_verified_email(self, user: AbstractBaseUser) -> bool:
        """Return whether your site has verified the e-mail address of an existing user to link.

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
        """Return an unsaved user without a usable password, for a new identity.

        A user name that no trait fills is the identity's label, changed as necessary to be valid and unique;
        the identity's id without a label, and if ``RemoteUserBackend`` finds users by name.
        User names that must be e-mail addresses are not set.
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
        """Set a user's fields from the identity, for a new user and after each change in Kratos. Do not save.

        Default: as in ``USER_FIELDS``, and never staff, superuser, active, password or groups. Invalid values
        are ignored. Before the call, fields are cleared if their trait was removed.
        """
        set_user_fields(user, identity.traits, self.settings.user_fields)

    def grant(self, user: AbstractBaseUser, identity: Identity) -> None:
        """Grant rights to a saved user, e.g. groups from ``identity.metadata_public``.

        Called after ``populate_user``. Default: does nothing. Never use traits, because users edit their own.
        """

    # The forms of the pages.

    def is_field_shown(self, field: Field, *, flow_name: str) -> bool:
        """Return whether a form shows a field. Default: True.

        The form sends the value of a field that is not shown, so that Kratos keeps it. Do not hide required
        traits of a sign-up. A field with an error is always shown.

        Args:
            field: an input, button, text or image, as the elements get it: ``field.group`` is the group of
                Kratos' node ("password", "oidc"), ``field.name`` its name ("traits.email") if it has one.
            flow_name: "login", "registration", "recovery", "verification" or "settings".

        """
        return True

    def get_field_texts(self, field: Field, *, flow_name: str) -> Mapping[str, _StrOrPromise]:
        """Return texts to replace: ``label`` and ``hint``. Default: none. Arguments of ``is_field_shown``."""
        return {}

    def get_field_position(self, field: Field, *, flow_name: str) -> float:
        """Return the position of a field. Default: 0, which keeps the order of Kratos and the schema.

        Fields with smaller positions are first, also inside groups; the primary button is always the first
        button. Arguments of ``is_field_shown``.
        """
        return 0

    def get_field_group(self, field: Field, *, flow_name: str) -> _StrOrPromise:
        """Return the title of the group that shows an input, or "" (default) for no group.

        Inputs of one form with the same title are together. Arguments of ``is_field_shown``.
        """
        return ""

    def get_success_url(self, request: HttpRequest, *, flow_name: str) -> str | None:
        """Return the page to open after a flow without ``return_to``, or None for Kratos' setting.

        Default: ``LOGIN_REDIRECT_URL`` after login and registration, ``LOGOUT_REDIRECT_URL`` after logout.
        URLs that ``return_to`` may not have are ignored. The settings link to the page.

        Args:
            request: the request that starts the flow. The user is not signed in yet.
            flow_name: as for ``is_field_shown``, or "logout".

        """
        if flow_name == "logout" and settings.LOGOUT_REDIRECT_URL:
            return resolve_url(settings.LOGOUT_REDIRECT_URL)
        is_set = settings.is_overridden("LOGIN_REDIRECT_URL")  # type: ignore[misc]
        if flow_name in ("login", "registration") and is_set:
            return resolve_url(settings.LOGIN_REDIRECT_URL)
        return None

    # Sign-ups and changes of profiles, with WEBHOOK_SECRETS.

    def validate_registration(self, identity: Identity) -> None:
        """Reject a sign-up before Kratos creates the account, by Django's ``ValidationError``. Default: none.

        The error of ``ValidationError({"name.first": "..."})`` is shown at this trait, that of
        ``ValidationError("...")`` above the form. Any other exception also rejects the sign-up; its class is
        logged. Kratos waits for the answer. Accounts that staff or imports create are not validated.

        Args:
            identity: the identity without an id: ``identity.traits`` and ``identity.schema_id``. The traits
                are valid by the identity schema; an e-mail address is not verified.

        """

    def validate_settings(self, identity: Identity) -> None:
        """Reject a changed profile before Kratos stores it, as ``validate_registration`` does for sign-ups.

        ``identity`` has the new traits. The row with ``identity.id`` has the former ones.
        """

    # Mails and SMS of Kratos, with COURIER_SECRETS.

    def allow_message(self, message: CourierMessage) -> bool:
        """Return whether a mail or SMS is sent. Default: True.

        Kratos counts a message that is not allowed as sent.
        """
        return True

    def send_mail(self, mail: EmailMultiAlternatives, message: CourierMessage) -> None:
        """Send a mail. Default: by Django's mail backend.

        Change the mail before the default, e.g. ``mail.reply_to``. Raise ``MessageRefused`` if it can never
        be delivered. After any other exception Kratos sends the message again. Never log the mail: it
        contains a code or a link that signs in.
        """
        mail.send()

    def send_sms(self, phone: str, text: str, *, message: CourierMessage) -> None:
        """Send an SMS. Without an override every SMS is refused. Errors are handled as for ``send_mail``.

        Args:
            phone: the number as Kratos has it, usually ``+`` and digits (E.164).
            text: the text of the template.
            message: the message of Kratos.
        """
        raise MessageRefused(
            "no SMS provider: override send_sms in your subclass of OryAdapter and call your provider there"
        )

    # The end of an account, with ACCOUNT_DELETION and DATA_DOWNLOAD.

    def get_deletion_denial(self, identity: Identity, user: AbstractBaseUser | None) -> _StrOrPromise:
        """Return the reason why this account cannot be deleted now, for the user; "" to allow it.

        Default: staff and superusers cannot delete their accounts, because other accounts depend on theirs.
        Override it for open orders and the like. Called before the form and again before the deletion.
        """
        if getattr(user, "is_staff", False) or getattr(user, "is_superuser", False):
            return _(
                "Your account is managed by the staff of this site. Ask another administrator to delete it."
            )
        return ""

    def get_deletion_grace(self, identity: Identity, user: AbstractBaseUser | None) -> timedelta:
        """Return how long a deletion waits. Default: no time.

        The account is deactivated at once in any case. During this time, the link in a mail to the verified
        address of the user cancels the deletion.
        """
        return timedelta(0)

    def close_user(self, user: AbstractBaseUser) -> None:
        """Close the Django user of a deleted account, in a transaction. Default: ``deactivate_user``.

        ``anonymize_user`` of ``django_ory.user_closing`` clears the names, ``user.delete()`` deletes the
        user. Not called for a user with an account in another project of ``settings.ORY``. Called again
        after a failure.
        """
        deactivate_user(user)

    def export_user(self, user: AbstractBaseUser) -> Mapping[str, Any]:
        """Return what this site stores about a user, as values for JSON, for the download of a user's data.

        Default: the fields of the user, without the password. Add the data of your apps.
        """
        return {
            field.name: field.value_from_object(user)
            for field in user._meta.concrete_fields
            if field.name != "password" and not field.is_relation
        }

    # The import of users, with ory_import_users.

    def get_import_traits(self, user: AbstractBaseUser) -> Mapping[str, Any]:
        """Return the traits of the new identity of a Django user, as values for JSON.

        Default: the fields of ``USER_FIELDS`` that have a value, each at the path of its trait. Traits that
        the identity schema does not have are left out. Users edit their own traits, so never add rights or
        notes of staff: staff status and groups are imported as ``metadata_admin``.
        """
        return build_traits(user, self.settings.user_fields)

    # The identity.

    def get_identity_label(self, identity: Identity) -> str:
        """Return the name of an identity for lists and as the default user name, or "".

        Default: its own e-mail address, else a user name, a phone number or another identifier. They are read
        from traits with a usual name, credentials (if Kratos returned them) and addresses.
        """
        return find_text(identity.traits, self._email_paths()) or find_identifier(identity)

    def get_email(self, identity: Identity) -> str:
        """Return the identity's own e-mail address, verified or not, or "".

        Default: the trait that ``USER_FIELDS`` maps to the user's e-mail field, the trait ``email``, or the
        first e-mail address that Kratos can verify.
        """
        return find_text(identity.traits, self._email_paths()) or get_address(identity, "email")

    def is_verified(self, identity: Identity) -> bool:
        """Return whether the identity meets ``verified=True`` of the decorators and mixins.

        Default: Kratos has verified the e-mail address that ``user.email`` is filled from. Another address
        does not count. Override this method if users sign in by phone.
        """
        mapped = self.settings.user_fields.get(get_user_model().get_email_field_name())
        email = get_trait(identity.traits, mapped) if mapped else self.get_email(identity)
        return isinstance(email, str) and is_address_verified(identity, email.strip(), via="email")

    def _email_paths(self) -> tuple[str, str]:
        return self.settings.user_fields.get(get_user_model().get_email_field_name(), "email"), "email"


@PerAlias
def get_adapter(alias: str) -> OryAdapter:
    """Return the adapter of one Ory project. There is one object per process."""
    cls = cast("type[Any]", import_string(get_settings(alias).adapter))
    return cast("OryAdapter", cls(alias))
