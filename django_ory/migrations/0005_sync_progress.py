from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("django_ory", "0004_bulk_jobs"),
    ]

    operations = [
        migrations.CreateModel(
            name="SyncProgress",
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
                    "kind",
                    models.CharField(
                        help_text="The model of the rows, in lower case.", max_length=32, verbose_name="kind"
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                (
                    "last_row",
                    models.BigIntegerField(
                        help_text="The newest row at the start. Later rows are never marked as missing.",
                        verbose_name="last row",
                    ),
                ),
                ("page_size", models.PositiveIntegerField(verbose_name="page size")),
                (
                    "page_token",
                    models.TextField(help_text="The token of the next page.", verbose_name="page token"),
                ),
            ],
            options={
                "verbose_name": "sync progress",
                "verbose_name_plural": "sync progress",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("alias", "kind"), name="django_ory_sync_progress_unique")
                ],
            },
        ),
    ]
