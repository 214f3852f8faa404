"""The admin pages of invitations: list, add, revoke, send again. Their links are shown only once."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_ory.admin.display import display_field
from django_ory.admin.rows import RowAdmin, select_aliases
from django_ory.conf import DEFAULT_ALIAS
from django_ory.invitations.invitations import (
    DEFAULT_LIFETIME,
    build_link,
    create_invitation,
    is_signup_closed,
    renew_invitation,
    revoke_invitation,
    send_invitation,
)
from django_ory.models import Invitation

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Invitation]
else:
    ModelForm = forms.ModelForm

logger = logging.getLogger("django_ory.invitations")

MAX_DAYS = 365


def list_closed_aliases() -> list[str]:
    """Return the projects with closed sign-up."""
    return select_aliases(is_signup_closed)


class InvitationForm(ModelForm):
    """An invitation to create. A mail is sent if there is an address."""

    days = forms.IntegerField(
        label=gettext_lazy("Valid for (days)"),
        min_value=1,
        max_value=MAX_DAYS,
        initial=DEFAULT_LIFETIME.days,
    )

    class Meta:
        model = Invitation
        fields = ("alias", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(alias, alias) for alias in list_closed_aliases()]
        self.fields["alias"] = forms.ChoiceField(label=_("Ory project"), choices=choices)
        if len(choices) == 1:
            self.fields["alias"].widget = forms.HiddenInput()
            self.fields["alias"].initial = choices[0][0]


class StatusFilter(admin.SimpleListFilter):
    """Filters by the state of an invitation."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Invitation.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> QuerySet[Invitation]:
        not_revoked = queryset.filter(revoked_at=None)
        unused, now = not_revoked.filter(signup_digest=""), timezone.now()
        return {
            Invitation.Status.REVOKED.value: queryset.exclude(revoked_at=None),
            Invitation.Status.USED.value: not_revoked.exclude(signup_digest=""),
            Invitation.Status.EXPIRED.value: unused.filter(expires_at__lte=now),
            Invitation.Status.OPEN.value: unused.filter(expires_at__gt=now),
        }.get(self.value() or "", queryset)


@admin.register(Invitation)
class InvitationAdmin(RowAdmin):
    """Creates, revokes and sends invitations. Shown while the sign-up of a project is closed."""

    form = InvitationForm
    list_display = ("name", "status", "expires_at", "sent_at", "used_by", "created_by")
    list_filter = (StatusFilter, "alias")
    list_select_related = ("created_by",)
    search_fields = ("email", "used_by")
    actions = ("send_again", "revoke")
    readonly_fields = (
        *("name", "status", "expires_at", "created_at", "created_by", "sent_at", "used_at", "used_by"),
        "revoked_at",
    )

    name = display_field(gettext_lazy("invitation"), str, ordering="email")
    status = display_field(gettext_lazy("status"), lambda row: row.status.label)

    def configured(self) -> list[str]:
        """Return the projects with closed sign-up."""
        return list_closed_aliases()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.configured()) and super().has_add_permission(request)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may revoke invitations and send them again."""
        return bool(request.user.has_perm("django_ory.revoke_invitation"))

    def get_fieldsets(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        """Return the fields of the form to add, or of the read-only page."""
        fields = ("alias", "email", "days") if obj is None else ("alias", *self.readonly_fields)
        return [(None, {"fields": fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        """Return no fields for the form to add."""
        return () if obj is None else super().get_readonly_fields(request, obj)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one button: each invitation has its own page with the link."""
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**buttons, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """Create the invitation, and send the mail if there is an address."""
        row, token = create_invitation(
            email=obj.email,
            lifetime=timedelta(days=form.cleaned_data["days"]),
            created_by=request.user if request.user.is_authenticated else None,
            alias=obj.alias or DEFAULT_ALIAS,
        )
        obj.__dict__.update(row.__dict__)
        request.ory_invitation_token = token  # type: ignore[attr-defined]
        if row.email:
            self._send(request, row, token)
            obj.sent_at = row.sent_at

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Return the page with the link, which is in no other response, no message and no session."""
        token = request.ory_invitation_token  # type: ignore[attr-defined]
        return self.render_page(
            request,
            obj,
            "invitation/link.html",
            title=_("Invitation created"),
            link=build_link(token, site_url=request.build_absolute_uri("/")),
            url=self.url("changelist"),
        )

    @admin.action(permissions=["revoke"], description=gettext_lazy("Revoke selected invitations"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Revoke open and expired invitations."""
        rows = list(queryset)
        revoked = [row for row in rows if revoke_invitation(row)]
        for row in revoked:
            self.log_change(request, row, "Revoked.")
        if revoked:
            text = ngettext(
                "%(count)d invitation was revoked.", "%(count)d invitations were revoked.", len(revoked)
            )
            messages.success(request, text % {"count": len(revoked)})
        self._report_skipped(request, len(rows) - len(revoked))

    @admin.action(permissions=["revoke"], description=gettext_lazy("Send selected invitations again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Mail new links to the addresses of open and expired invitations. Earlier links end."""
        rows, sent = list(queryset), 0
        failed = 0
        for row in rows:
            token = renew_invitation(row) if row.email else None
            if token is None:
                continue
            self.log_change(request, row, "Sent again.")
            if self._send(request, row, token):
                sent += 1
            else:
                failed += 1
        if sent:
            text = ngettext("%(count)d invitation was sent.", "%(count)d invitations were sent.", sent)
            messages.success(request, text % {"count": sent})
        self._report_skipped(request, len(rows) - sent - failed)

    def _report_skipped(self, request: HttpRequest, count: int) -> None:
        if count:
            text = ngettext(
                "%(count)d was skipped: used, revoked, or without an address.",
                "%(count)d were skipped: used, revoked, or without an address.",
                count,
            )
            messages.warning(request, text % {"count": count})

    def _send(self, request: HttpRequest, row: Invitation, token: str) -> bool:
        try:
            send_invitation(row, token, site_url=request.build_absolute_uri("/"))
        except Exception as error:  # noqa: BLE001 (mail backends raise anything; their texts have the address)
            logger.warning("Invitation %s not sent: %s.", row.log_name, type(error).__name__)
            messages.error(request, _("The mail to %(email)s could not be sent.") % {"email": row.email})
            return False
        return True
