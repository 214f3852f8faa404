from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("django_ory", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "alias",
                    models.CharField(
                        default="default",
                        help_text="The key in settings.ORY.",
                        max_length=64,
                        verbose_name="Ory project",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        help_text="Only this address can sign up. Empty: any address.",
                        max_length=320,
                        verbose_name="email address",
                    ),
                ),
                (
                    "token_hash",
                    models.CharField(
                        editable=False, max_length=64, unique=True, verbose_name="hash of the token"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "sent_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="sent at"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="revoked at"),
                ),
                (
                    "used_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="used at"),
                ),
                (
                    "used_by",
                    models.CharField(blank=True, editable=False, max_length=320, verbose_name="used by"),
                ),
                (
                    "signup_digest",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Keyed hash of the identifiers, to recognize a sign-up that is sent twice.",
                        max_length=64,
                        verbose_name="digest of the sign-up",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-created_at"],
                "permissions": [("revoke_invitation", "Can revoke invitations and send them again")],
            },
        ),
        migrations.CreateModel(
            name="AccountDeletion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "alias",
                    models.CharField(
                        default="default",
                        help_text="The key in settings.ORY.",
                        max_length=64,
                        verbose_name="Ory project",
                    ),
                ),
                ("identity_id", models.UUIDField(verbose_name="identity id")),
                (
                    "requested_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="requested at"),
                ),
                ("due_at", models.DateTimeField(db_index=True, verbose_name="due at")),
                (
                    "deactivated_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the identity was deactivated and all sessions had ended.",
                        null=True,
                        verbose_name="deactivated at",
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the deletion began. From then on it cannot be canceled.",
                        null=True,
                        verbose_name="started at",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "account deletion",
                "verbose_name_plural": "account deletions",
                "ordering": ["due_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("alias", "identity_id"), name="django_ory_deletion_unique"
                    )
                ],
            },
        ),
    ]
