from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("django_ory", "0003_admin_permissions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("site", models.CharField(editable=False, max_length=100, verbose_name="admin site")),
                ("model", models.CharField(editable=False, max_length=100, verbose_name="model")),
                ("action", models.CharField(editable=False, max_length=100, verbose_name="action")),
                ("language", models.CharField(editable=False, max_length=16, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "not confirmed"),
                            ("open", "in progress"),
                            ("done", "finished"),
                            ("stopped", "stopped"),
                            ("canceled", "canceled"),
                        ],
                        default="draft",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.TextField(
                        blank=True,
                        editable=False,
                        help_text="Why the job stopped or waits.",
                        verbose_name="reason",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                ("finished_at", models.DateTimeField(editable=False, null=True, verbose_name="finished at")),
                (
                    "failures",
                    models.PositiveSmallIntegerField(
                        default=0,
                        editable=False,
                        help_text="Failed attempts in a row to reach Ory.",
                        verbose_name="failures",
                    ),
                ),
                ("retry_at", models.DateTimeField(editable=False, null=True, verbose_name="next attempt at")),
                ("lock", models.UUIDField(editable=False, null=True, verbose_name="lock")),
                (
                    "locked_until",
                    models.DateTimeField(editable=False, null=True, verbose_name="locked until"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk action",
                "verbose_name_plural": "bulk actions",
                "ordering": ["-pk"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="BulkJobRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_id", models.CharField(max_length=64, verbose_name="row")),
                (
                    "name",
                    models.CharField(
                        help_text="The name of the row in logs.", max_length=200, verbose_name="name"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("pending", "not done yet"),
                            ("started", "started"),
                            ("done", "done"),
                            ("incomplete", "incomplete"),
                            ("failed", "failed"),
                        ],
                        default="pending",
                        max_length=16,
                        verbose_name="result",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="django_ory.bulkjob",
                        verbose_name="bulk action",
                    ),
                ),
            ],
            options={
                "verbose_name": "result of a bulk action",
                "verbose_name_plural": "results of bulk actions",
                "ordering": ["pk"],
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="bulkjob",
            index=models.Index(fields=["state", "retry_at"], name="django_ory_job_state"),
        ),
        migrations.AddIndex(
            model_name="bulkjobrow",
            index=models.Index(fields=["job", "outcome"], name="django_ory_job_outcome"),
        ),
        migrations.AddConstraint(
            model_name="bulkjobrow",
            constraint=models.UniqueConstraint(fields=("job", "object_id"), name="django_ory_job_row_unique"),
        ),
    ]
