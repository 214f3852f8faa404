"""The table of the pages of one identity, in the order of their tabs."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy

from django_ory.admin.live.consents import IdentityConsentList
from django_ory.admin.live.messages import IdentityMessageList, MessagePage
from django_ory.admin.live.sessions import IdentitySessionList
from django_ory.admin.row_pages import RowPage
from django_ory.models import Identity

from .addresses import show_addresses
from .credentials import confirm_removal, confirm_reset, show_credentials
from .passwords import show_password_form
from .raw import show_json
from .recovery import show_recovery

IDENTITY_PAGES: Final = (
    RowPage[Identity](
        name="credentials",
        title=gettext_lazy("Credentials"),
        permission="view_identity",
        view=show_credentials,
    ),
    RowPage[Identity](
        name="set-password",
        title=gettext_lazy("Set a password"),
        permission="change_credentials",
        view=show_password_form,
        parent="credentials",
    ),
    RowPage[Identity](
        name="remove-credential",
        title=gettext_lazy("Remove a credential"),
        permission="change_credentials",
        view=confirm_removal,
        parent="credentials",
    ),
    RowPage[Identity](
        name="reset-second-factor",
        title=gettext_lazy("Reset the second factor"),
        permission="change_credentials",
        view=confirm_reset,
        parent="credentials",
    ),
    IdentitySessionList.build_row_page(),
    IdentityConsentList.build_row_page(),
    IdentityMessageList.build_row_page(),
    MessagePage.build_row_page(parent=IdentityMessageList.name),
    RowPage[Identity](
        name="addresses",
        title=gettext_lazy("Addresses"),
        permission="view_personal_data",
        view=show_addresses,
    ),
    RowPage[Identity](
        name="recovery",
        title=gettext_lazy("Recovery"),
        permission="create_recovery",
        view=show_recovery,
    ),
    RowPage[Identity](
        name="link",
        title=gettext_lazy("Linked user"),
        permission="link_identity",
        view=lambda admin, request, row: admin.link_view(request, row),
    ),
    RowPage[Identity](
        name="json",
        title=gettext_lazy("JSON"),
        permission="view_personal_data",
        view=show_json,
    ),
)
