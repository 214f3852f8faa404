"""A model with a history in django-simple-history and in django-auditlog."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models
from simple_history.models import HistoricalRecords


class Note(models.Model):
    """A text."""

    text = models.CharField(max_length=20)
    history = HistoricalRecords()

    class Meta:
        app_label = "third_party"

    def __str__(self) -> str:
        return self.text


auditlog.register(Note)
