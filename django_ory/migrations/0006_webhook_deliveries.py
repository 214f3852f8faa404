from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("django_ory", "0005_sync_progress"),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookDelivery",
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
                    "event",
                    models.CharField(
                        help_text="The flow that Kratos has completed.", max_length=32, verbose_name="event"
                    ),
                ),
                ("identity_id", models.UUIDField(verbose_name="identity id")),
                (
                    "received_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="received at"),
                ),
                (
                    "posts",
                    models.PositiveIntegerField(
                        default=1, help_text="Posts within a minute are one delivery.", verbose_name="posts"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "pending"), ("done", "processed"), ("failed", "failed")],
                        default="pending",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="While pending.",
                        verbose_name="next attempt at",
                    ),
                ),
                (
                    "lock",
                    models.UUIDField(
                        editable=False,
                        help_text="Of the process that works on the delivery, until the next attempt.",
                        null=True,
                        verbose_name="lock",
                    ),
                ),
                ("processed_at", models.DateTimeField(blank=True, null=True, verbose_name="processed at")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="error")),
            ],
            options={
                "verbose_name": "web hook delivery",
                "verbose_name_plural": "web hook deliveries",
                "ordering": ["-received_at"],
                "permissions": [("process_webhookdelivery", "Can process web hook deliveries again")],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["status", "next_attempt_at"], name="django_ory_delivery_due"),
                    models.Index(fields=["alias", "identity_id"], name="django_ory_delivery_identity"),
                ],
            },
        ),
    ]
